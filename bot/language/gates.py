"""What must never become an act, looked at before any act: orders to the bot, notices, hearsay, talk of other things.

Rules of precedence 3, 4 and 7: a question beats the verb, an organiser's imperative is nobody's answer, a promise is no fact.
"""

from __future__ import annotations

import re
from typing import Any

from bot.language.reading import Reading

_INJECTION = re.compile(
    r"(?:忽略|无视|忘记|忘掉|跳过|绕过)(?:以上|上面|之前|前面|先前|所有|一切|全部|你的)|ignore\s+(?:all|the|any|previous|above|your)|disregard\s|system\s*prompt|系统(?:提示|指令|消息|管理员)|你现在是|"
    r"你(?:必须)?扮演|假装你|管理员(?:权限|身份|模式)|开发者模式|developer\s+mode|jailbreak|drop\s+table|delete\s+from|insert\s+into|update\s+\w+\s+set|<\s*script|rm\s+-rf|\{\{|执行(?:以下|下列|下面)?(?:的)?(?:命令|代码|指令|sql)|"
    r"(?:把|将|给)?(?:所有人|全部人|每个人|全体党员|全体人员|全员|大家|全部党员|所有党员|所有同志).{0,6}(?:标记|设为|设成|改成|改为|都算|记为|记成|算作|登记为|加\d|都改|视为|置为)|"
    r"(?:把|将).{0,10}(?:学时|积分|时长|党费).{0,6}(?:清零|清空|改成0|改为0|归零)|不要(?:告诉|让)(?:书记|支书|管理员)|(?:输出|导出|打印|告诉我|给我|发我).{0,8}(?:密码|密钥|身份证|token|提示词|数据库)",
    re.I,
)
_RECORDS = re.compile(r"(?:学时|缺勤|缺席|考勤|出勤|积分|时长|记录).{0,8}(?:改成|改为|改到|改一下|加到|加上|加\d|调成|补成|算成|算我|写成)|(?:加|补|记|多写|算)(?:我)?\d+(?:个)?(?:学时|积分)")
_ORDER = re.compile(
    r"^(?:麻烦)?(?:请)?(?:你)?(?:帮我|帮忙|给我)?(?:把|将)(?P<what>.{1,20}?)(?:都|全|全部|全都|也)?(?:删|改|标记|标为|设|算|清|取消|去掉|划|记|撤|移|踢|登记|标|写成|填|拉黑|通过|批)"
)
_OWN = re.compile(r"^(?:我(?!们)|本人|自己|俺|这条|那条|上一?条|刚才)")
_SOMEONE = re.compile(r"^(?:删掉|删除|删了|清空|清除|取消掉?|踢掉|批准|驳回|通过|标记)(?!我|报名|请假$)[^,。]{0,8}(?:的(?:请假|报名|签到|记录|参加)|名单|记录|数据|请假申请)")
_NOTICE = re.compile(
    r"请(?:各|大家|全体|所有|同志|有关|相关|未|没|尚未|还没|其他|其余|务必|互相|广大|党员|认真|抓紧|尽快|转发|按时|按照|及时|准时|于|在(?!职)|接到|收到|提前|自行|参加|到(?!了)|带|携带|报名|佩戴|关注|做好|把手机|穿|下载|扫码|填|仔细|注意|没有|参会|"
    r"已报名|需要|有意|有空|不能|因故|确认|回复|交纳|缴纳|安排|通知|支部|科室|组长|你们|同学|于(?:本|今|明|周))|的(?:同志|党员(?!大会|活动|学习|会|民主)|人员|同事|朋友|老师)(?!好)|(?:请假|参加|报名|签到)的(?:人|还|挺|真|可|越来越)|的(?:请(?!假)|扣|举手|回复|回个|报个|报数|接龙|打\d|接个|说一声|吱|私|找我|联系|来找|跟我|在群|在下面|速度|赶紧|抓紧|举个|麻烦|报一?下)|"
    r"同志们|各(?:支部|科室|党小组|小组|位(?:党员|同志|老师|同事)|部门|单位)|全体(?:党员|人员|职工)(?!参加)|【[^】]{0,8}(?:通知|提醒|公告)】|\[通知\]|通知[::]|通知如下|温馨提示|特此通知|会议通知|(?:接|收)到(?:后)?请|请回复|务必|"
    r"(?:提醒|希望|欢迎|号召|要求|动员|通知|组织)(?:大家|各|全体|所有|广大|党员|同志)|大家(?:记得|注意|不要|别|按时|准时|都要|都来|都去|抓紧|及时|尽量|积极|一起来|踊跃|可以|明天|请|快|速|还是|要|赶紧|都)|踊跃|积极(?:报名|参加|参与)|"
    r"(?:开始|正在|现在|已经|即将)(?:收缴|报名|接龙|签到|征集)(?:啦|了|,|。|!|$)?(?=.)|(?:报名|签到|接龙|收缴|请假|认领)(?:已?(?:开始|截止|截至|结束)|通道|链接|入口|二维码|时间为|时间[::]|方式[::]|条件)|没(?:交|报|签|来|回)的|未(?:交|报|签|回)的|还没(?:交|报|签|来)的|记得|别忘|不要忘|"
    r"不要再|请勿|一律|应当|不得(?!不)|望(?:大家|各|按时|准时|周知|相互|互相)|现将|定于|兹定|按要求(?:参加|报名)的|欢迎.{0,8}(?:报名|参加|认领)|(?:参加|报名|能?来|能?去|请假|去不了|来不了|同意|不参加|到了|想去|想来|认领)的(?:扣|回|举|报(?!名)|请|在|打|接|说|同|都|先|自|找|速|来|填|补|写|,?下班|1|一|私|今|把|发|留|就|尽)|"
    r"(?:参加|报名|同意|来)(?:请)?(?:扣|回复|打|按)\s?[1一二2]|(?:扣|回复?)\s?1.{0,10}(?:扣|回复?)\s?2|有没有(?:人|谁|想|愿|同志|要)|谁(?:要|想|愿意|能)|还差\d+(?:个)?人|还缺\d+|缺\d+(?:个)?人|差\d+个|需要\d+(?:名|人|个人)|招募|(?:名额|人数)(?:有限|还剩|剩|\d)|先到先得|"
    r"会后(?:记得|要|请)|原则上|不能代|(?<!说)不准(?!时)|禁止|严禁|应到|以(?:支部|党小组|科室)为单位|由.{1,8}(?:负责|组织|统计)|统一(?:收|报|组织|交)|(?:下列|以下|如下)(?:同志|人员|党员)|党员(?:同志)?(?:们|要|都要|须|应|必须|们要)|凡(?:是)?|今年要求|规定"
)
_WORK_LEAVE = re.compile(r"(?:跟|向|和|找|给|同|与|问)(?:我们|我)?(?:的)?(?:科主任|主任|护士长|院长|科长|单位|科里|科室|医院|领导|班主任|老师|学校|老板|公司|人事科|局长|队长|教练|幼儿园|医务科|教练|站长|部门|同事|园长)\S{0,4}(?:请|告|销)\S{0,3}假")
_CHILD_LEAVE = re.compile(r"(?:给|帮|替)(?:孩子|娃|儿子|女儿|闺女|小孩|小朋友|宝宝)(?:在?(?:学校|幼儿园))?请\S{0,3}假|孩子(?:学校|幼儿园)?(?:请假了|请了)|(?:请假|签到|报名|党费|考勤)(?:制度|条例|规定|表|条|单|系统|流程|审批|软件|app|小程序|册|簿|处|台|率|费|办法|截图|同志|人数|情况|太|难|也太|真|的话题|的事|这事|啥的|什么的)", re.I)
_SENSITIVE = re.compile(r"离婚|出轨|入党了|不想入党|怀孕了|小三|举报|被抓|被查|双规|喝醉|KTV|打架|吵架|借钱|欠钱|离职|辞职|跳槽|抑郁", re.I)
_COMPLAINT = re.compile(r"也得|谁(?:不|愿)|哪有|又不是|总是|天天|老是|凭什么|烦死|累死|无语|算了吧|有啥用|没意思|形式主义|何必|至于吗|又要|又得|怎么又|还不如|太多了|好累|哪里有空|都快|早知道|真想|好想|恨不得")
_HEDGE = re.compile(
    r"看情况|不一定|再看看?|再说|到时候?(?:再)?(?:看|定)|(?:还)?没(?:定|想好|确定)|说不(?:准|好|定)|没准|待定|不确定|不好说|不知道(?:能|去|来|要)|不清楚(?:能|去|来)|拿不准|犹豫|考虑(?:一下|考虑)?|看看(?:排班|班|时间|再|能|情况)|看.{0,4}安排|看(?:排班|班表|时间|天气|心情|能不能|安排)|"
    r"能不能(?:来|去|参加)?还|(?:参加|来|去|请假|报名)还是|还是(?:参加|请假|报名|去|来)(?:吧)?|要么|或者|纠结|二选一|等(?:通知|排班|班表|消息)|商量|暂定|随便|都行|都可以|无所谓|不能不(?:参加|去|来)|不得不|不好不|假如|万一|除非|如果|要是|(?<!名额满了)(?<!满了)的话(?!题)|前提是|取决于|先(?:不|别)(?:报|记|登|算)"
)
_COPY = re.compile(r"^(?:我)?(?:也是|同上|\+\s?上|一样|同|跟上|跟楼上一样|同楼上|我也(?:一样|同样|如此)|附议|同前|照旧|和(?:楼上|上面|他|她)一样|跟(?:他|她)一样|ditto|复议|\^+|上同|同样)(?:了|吧|哈|的)?$", re.I)
_UNREADABLE = re.compile(r"^(?:\[[^\[\]\n]{1,8}\]\s*(?:\d{1,3}\s*[\"'″]?|[^\s\u4e00-\u9fff]{0,40})\s*)+$")


def injected(text: str) -> Reading | None:
    """An order to the bot itself, or one about other people's records: never executed."""
    found = _INJECTION.search(text)
    if found:
        return Reading("unclear", {"flag": "refuse"}, "像是给机器人的指令，不执行", found.group())
    found = _RECORDS.search(text)
    if found:
        return Reading("unclear", {"flag": "needs_clerk"}, "改记录只能由书记或组织委员办", found.group())
    order = _ORDER.match(text)
    if (order and not _OWN.match(order["what"])) or _SOMEONE.match(text):
        return Reading("unclear", {"flag": "needs_clerk"}, "要改别人的记录，只能由书记或组织委员办", text)
    return None


def silent(text: str) -> Reading | None:
    """Notices, talk about work leave, sensitive hearsay, complaints, stubs: chatter that must not be kept."""
    if _UNREADABLE.match(text):
        return Reading("none", {}, "图片、语音读不了", "")
    for pattern, rule in (
        (_NOTICE, "是组织者的通知，不是某个人的回复"),
        (_WORK_LEAVE, "是跟单位请假，不是向支部请假"),
        (_CHILD_LEAVE, "说的是别的事"),
        (_SENSITIVE, "别人的私事，不记"),
        (_COMPLAINT, "只是聊天"),
    ):
        found = pattern.search(text)
        if found:
            return Reading("none", {}, rule, found.group())
    return None


_UNDECIDED = re.compile(r"没(?:想|定|确定)好?|不确定|拿不准|再看看|看情况|不好说|说不[准好定]|不一定|待定")


def undecided(text: str) -> Reading | None:
    """Plainly no decision, even beside a question: 去不去还没想好."""
    found = _UNDECIDED.search(text)
    return Reading("unclear", {}, "没有拿定主意", found.group()) if found and not re.search(r"[?]$|吗$", text) else None


def hedged(text: str, quoted: bool) -> Reading | None:
    """Words that decide nothing: 看情况, 同上, 参加还是请假."""
    if _COPY.match(text.strip(" ,。.!~")):
        slots: dict[str, Any] = {"context": "quoted" if quoted else "previous_message"}
        return Reading("unclear", slots, "照抄别人的话，得问清楚", text)
    found = _HEDGE.search(text)
    return Reading("unclear", {}, "没有拿定主意", found.group()) if found else None
