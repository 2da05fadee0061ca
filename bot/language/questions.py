"""Questions: asked about the branch's matters they are `query` with a topic, else chatter (rule of precedence 3)."""

from __future__ import annotations

import re
from typing import Any

from bot.language.dues import amount_of
from bot.language.patterns import any_of
from bot.language.reading import Reading
from bot.language.spans import items
from bot.language.tokens import Token

_FORM = any_of(
    r"""
    (?:请假|参加|报名|签到|缺席|到会|党费|未交|未报).{0,3}(?:名单|人数|统计|汇总|记录)$ 统计一下 排名 排行 导出
    查(?!收|对).{0,4}(?:党费|学时|时长|考勤|记录|名额)
    ^(?:本月|近期|最近|下周|本周|支部|这个月)*活动(?:安排|计划|列表|一览|表)?$
    (?:给我|帮我|让我)看 看(?:一下|下|看)我的?(?:学时|党费|时长|记录) ^我学时$
    (?<!但)(?<!可)(?<!就)是(?!我还)[^,。]{1,10}还是 [?] 吗 提前几 过几[次回场个]
    (?<![这那好前近过请们])几(?!天假|分钟|个工作日|乎|位领导|次(?:会|活动|学习|党课)?都|个月都) 谁(?!都|也) 多少
    (?<!没)什么 (?<!没)啥
    哪(?!怕) 怎么 怎样
    如何 咋 是否 ([\u4e00-\u9fff])(?:不|没)\1(?!了) 有没有 何时 多久 多长 为何
    (?:人|时间|地点|我|学时|怎么办|党费|名额)呢$ 么$ 能否 可否
    想(?:问|知道|了解|查) (?:查|问)(?:一下|下|询) 请问 帮我查 ^查(?!完|房|体|岗|出) 交到.月
    ^我的(?:学时|党费|记录|考勤|活动|时长|志愿\S{0,4})$ [了过完]没(?:有)?(?=$|[,。!~]) [\u4e00-\u9fff]没$
    (?:上名|上|到|好|名|费|达标|够|齐|完|成|来|去|批|满|改|变|取消|认领|报|签|交|缴|退|补学|参加|领|办|发)了?没有[。!~]*$
    (?:到账|成功|登记|批准|记上|确认|收到|报上|签上|交上|交|开始|结束|审核|通过)没有?[呀啊呢]*[?。!]*$
    (?<=[\u4e00-\u9fff]{2})(?<!不)不[。!~]*$ (?<=[\u4e00-\u9fff]{2})(?:可以|能行|行|成)吧[。!~]*$
    (?:名单|材料|资料|通知|链接|流程|心愿清单)(?:再)?(?:发|给|共享|转)(?:我|一下|下|到群)
    还有(?:哪几位|哪些人|哪些|几位|几个人?)\S{0,4}没(?:回|报|答|签|交)
    (?:模板|地址|课件|照片|会议号|二维码|签到码)(?:再)?(?:发|给|共享|转)(?:我|一下|下|到群)
    (?:发|给)(?:我|一下|下)(?:一下|一份)?.{0,6}(?:名单|材料|资料|链接|流程|模板|课件)
    """
)
_LEAVES = re.compile(r"请假|[来去]不了|参加不了|不参加|不能参加|无法参加")
_REQUEST = any_of(
    r"""
    (?:材料|资料|课件|通知|照片|录像|视频|回放|笔记)\S{0,4}(?:发|给|共享|转)(?:我|一下|下|到群)(?:一份|一下)?
    (?:发|给)我\S{0,6}(?:材料|资料|课件|录像)
    """
)
_TAG = re.compile(
    r"[,。!\s](?:[^,。!]{0,8}?)(?:对吧|是吧|对吗|是吗|对不对|没错吧|是不是|没变吧|没改吧|(?:您|你|书记|组长|委员)(?:看到|看见|收到|查到)(?:了?没有?|了?吗))\s*[?]*$"
)
_SURE_TAG = re.compile(
    r"[,。!\s](?:应该|还|就|也)*(?:是|在|去|老地方|到|照旧|和上次|跟上次|地点|时间|材料|收据|集合)[^,。!?几谁哪啥么怎多少参请报签]{1,14}吧\s*[?]*$"
)
_SUM = re.compile(r"(?:一共|共)?\d+(?:\.\d+)?(?:元|块钱?)?")
_BIG = re.compile(r"大额党费|特殊党费")
_TOPICS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "big_dues",
        any_of(
            r"""
            大额党费 特殊党费
            """
        ),
    ),
    (
        "procedure",
        any_of(
            r"""
            党费\S{0,3}谁(?:来|在|负责)?收(?!到)
            (?:[交缴]|党费)(?:到|在|去)?(?:哪里|哪儿|哪)(?!几?个?月) (?:在|去|到|往)(?:哪里|哪儿|哪)(?:[交缴领]|补学)
            """
        ),
    ),
    (
        "receipt",
        any_of(
            r"""
            收据 发票 票据
            """
        ),
    ),
    (
        "dues_status",
        any_of(
            r"""
            ^(?:(?:帮我|给我)?查(?:一下|下|查)?(?:我的?)?|我的|我要查)党费$
            (?:党费|费).*(?:了吗|了没|没交|交没|到几月|到哪|欠|到账)
            (?:党费|费).*(?:收到|交清|补交|哪几个月|哪个月|记上|登记|确认|漏) (?:欠|漏).*党费 谁.*没交 交了吗
            """
        ),
    ),
    (
        "dues_due",
        any_of(
            r"""
            党费.*(?:多少|几|怎么算|标准|比例|基数|应交|金额|明细) 多少.*党费 交多少 应交
            """
        ),
    ),
    (
        "study_hours",
        any_of(
            r"""
            学时 学分 学习时间
            """
        ),
    ),
    (
        "volunteer_hours",
        any_of(
            r"""
            志愿服务?(?:了)?(?:多少|几) (?:服务|志愿|义诊).{0,6}(?:小时|时长) 时长
            """
        ),
    ),
    (
        "wish",
        any_of(
            r"""
            心愿 没人认领 可以认领 能认领
            """
        ),
    ),
    (
        "slots",
        any_of(
            r"""
            名额 位子 满(?:员)?了 报满 能报 还(?:可以|能)报名 几个岗 还有岗 空岗 还要人 还缺 差几个人
            候补.*(?:第几|几) 还收人
            """
        ),
    ),
    (
        "makeup_material",
        any_of(
            r"""
            补学.*(?:材料|资料|内容|视频|录像) (?:材料|资料|课件|录像|回放|视频).*(?:哪|发|有|吗)
            """
        ),
    ),
    (
        "procedure",
        any_of(
            r"""
            找谁 问谁 [交转]给谁 谁收(?!到) 谁在收
            谁批 跟谁 怎么(?!样) 如何 咋(?!样) 怎样 (?:能|可以|行|算|用|要|需要|得).{0,12}(?:吗|不\?)
            行不 要带 带什么 能不能 可不可以 可否 能否 穿什么 准备什么
            """
        ),
    ),
    (
        "missing",
        any_of(
            r"""
            (?:未交|未报|没交|没报|缺席|未到|未签).{0,6}(?:名单|人数|统计)
            (?:谁|哪些|哪几|哪个|还有人|几个人|多少人|名单).*(?:没|未|不参加|缺|欠) 没.*(?:有谁|是谁)
            """
        ),
    ),
    (
        "schedule",
        any_of(
            r"""
            开会吗 几点 什么时候 什么时间 何时 哪天 哪一天 几号(?!岗|心愿) 周几 星期几 [在去]哪 哪里 哪儿 地点
            哪个会议室 几楼 哪间 多久 多长 改时间 改期 取消了?吗 集合 啥时候 啥时间 时间(?:是|改|定|变)
            开(?:不开|吗) 什么内容 什么主题 截止 下次 会议号 安排 还开 还有.*吗$ 开始 有(?:什么|哪些|啥)活动
            老地方 哪个时间 活动(?:安排|计划|列表|一览|表)?$
            """
        ),
    ),
    (
        "attendance",
        any_of(
            r"""
            (?:几|多少)(?:个|名)?人 谁 哪些人 几次 多少次 出勤 考勤 名单 人数 到了多少 参加了(?:吗|没) 参会情况
            报名情况 算不算 缺了 统计 记(?:录|上) 几场 签上 签到成功 收到我 批了 批准 通过了
            我.*(?:报上|登记上|记上)
            """
        ),
    ),
    (
        "procedure",
        any_of(
            r"""
            参加 请假 报名 签到码 岗 还办 党费(?!证|本|收)
            (?:线上|视频|晚到|迟到|早退|提前走|补学|补签|签到|代签|认领).*(?:[吗不]|吧)[?。!]*$
            """
        ),
    ),
)
_PARTY = any_of(
    r"""
    号岗 的岗 岗位
    党 支部 组织(?:生活|关系|委员) 学时 请.{0,4}假 签到 签退 报名 参加 名额 补学 心愿 接龙 义诊 志愿 活动 双报到
    候补 会议 开会 例会 中心组 民主 积极分子 发展对象 预备 转正 时长 考勤 书记 主题 大会 支委 学习
    集合 带(?:笔记本|笔|党徽|证|东西|什么|身份证) 入口 着装 穿什么 迟到 停车 几楼 交到哪 这次会 提前走
    早退 换届 交哪些材料
    材料要
    会场 开课 名单 签上
    缺勤 缺了?几 几次会 几次课 讲课
    补签 代报 线上 缺席 退出 值守 宣讲 清雪 服务 补课 我的假 批了 大额 销假 谁.*(?:没|报|来|交|到) 交了(?:吗|没)
    没回(?:话|复|信|音)?[。!~啊呀]*$
    还能报 能报吗 来得及吗 怎么撤 代缴 应到 实到 晚到 收据 欠几个月 ^我欠 该交 几月没交 (?:材料|会议号|链接)发 补几次
    思想汇报 剖析材料 课件 主讲 还要人 还有位置 报满 送学 小时记上 被人领 交到几号 能补交 晚点交
    ^(?:大概|要|得)?开(?:会)?多久 开到?几点 ^地点 ^在哪[开里儿]?$ 多长时间$ 满了没 还差几个 几点结束
    ^(?:今天|明天|后天|周.|下午|上午|晚上|这次|大概)?几点(?:到|开|结束|开始|集合)?[啊呀呢]?[?]*$
    报了名 报过名 还没报 几个人 多少人 认领 补假 交到.?几?月 怎么算 报上 缺人 的会 会还?开 代签 代交
    """
)
_FOREIGN = any_of(
    r"""
    谁(?:又|偷偷|刚才?)*把 空调 暖气 插座 水杯
    份子 随礼
    押金 聚会 同学 查房 谁做的 驾 快递 外卖 职称 爬山 旅游 聚餐 吃饭 食堂 物业 病人 患者 床 挂号
    门诊(?!.*党)
    手术 标本 化验
    会诊 护理记录 停车 孩子 考研 考编 培训班 签到表 工资 奖金 绩效 全勤 报销 排班 体检 电影 打球 健身 跑步 婚礼
    医保 社保 公积金 系统 处方 药 血 检查结果 电脑 打印 医师 护士(?!长) 团建 家长 幼儿园
    兴趣 团购 机票 火车 高铁 酒店 天气 下雨 下雪 降温 股票 抖音 比赛 运动会 资格 执业 研究生 公务员 继续教育
    规培 进修(?!.*党) 电话 钥匙 伞 充电 饭卡 年会(?!.*党) 演出 节目 合唱 出院 入院 值班表 谁值班 谁的夜班 谁替
    疫苗 交班 亲子 考号 准考证 横幅 锦旗 海报 展板 帐篷 马甲 衣服 血压计 试纸 话筒 音响 药箱 保温杯 U盘
    (?<![党档挡当交缴付收免\s])费(?!用) (?:职代|药事|院周|院务|晨|早|科务?|质控|护士长)会 签约 签到\S{0,2}村 哪个村
    PPT ppt 球赛 填报 填志愿 录取 签到本 红包 来领$ 换班 替班 帮我签 帮签 扣钱 扣奖 带饭 拼车 顺路
    """
)
_WITH_FAMILY = re.compile(r"带(?:着|上)?(?:家属|孩子|娃|小孩|家人|老人)\S{0,4}(?:参加|去|来|报名)")
# 哪个捡到说一声, 村支书问啥时候再来, 王书记您在办公室吗: asked of people, or by others.
_OF_PEOPLE = any_of(
    r"""
    (?:谁|哪个|哪位)(?:有(?!空|名额|位)|捡|看[到见]|见[到过]|拿|借|认得|认识|派|帮|提醒|手上|那里?有|家)
    ^(?!.{0,4}[我俺请想]|问|帮|麻烦)[\u4e00-\u9fff]{1,6}问(?:我们?|咱们?|起|了)
    (?:啥时候|什么时候|几点|哪天)(?:方便)?(?:给|找|送)[您你]
    [您你](?:今天|明天|后天|上午|下午|晚上|现在|这会儿?|啥时候|什么时候|几点|多久|好久)*(?:在(?!线)|有空|有时间|方便|忙|回来|下班|上班)
    (?:^|,)你(?!好|们|知道|能|会|有|帮)[^,。]{0,6}(?:第几|几[次回])
    ^[你您]的?[^,。\s]{0,4}党费 (?:拿|挂|搁|丢)(?:到|在)?哪
    [骨内外儿眼妇产药剂放射检化验门诊口腔皮肤][科室房]在?(?:几楼|哪)
    派谁 谁[写做弄搞]好 (?:上|去)哪儿?去?找人 谁的(?!党费|名|假|心愿|学时)[^,。?没未]{1,5}[?。!]*$
    """
)
_PRIVATE = re.compile(r"所有人|全部人|每个人|大家的|排名|排行|倒数|谁最|名次")
_CALL_TOPICS = frozenset({"slots", "attendance"})


_NO_IDEA = re.compile(
    r"(?:没|不了)(?:来|去|到)?几(?:个人?|次|位)|(?:不|没)(?:晓得|知道|清楚|明白)(?:是|到底)?(?:啥|什么|咋个?|怎么)(?:情况|回事|意思|原因)"
)


def asks(text: str) -> bool:
    """Whether the text has the form of a question."""
    return _FORM.search(_NO_IDEA.sub("", text)) is not None


def without_tag(text: str) -> str | None:
    """The statement before a tag question (参加的，老地方对吧？ -> 参加的), None where there is none."""
    found = _TAG.search(text) or _SURE_TAG.search(text)
    if not found or not found.start():
        return None
    sum_told = _SUM.match(found.group().strip(" ,。!"))
    return text[: found.start()] + ("," + sum_told.group() if sum_told else "")


def read_question(text: str, tokens: list[Token], slots: dict[str, Any]) -> Reading | None:
    """`query`, or `none` for a question about other things; None where nothing is asked.

    `slots` are the activity and the time the text names.
    """
    big = _BIG.search(text)
    if _LEAVES.search(text) and not _FORM.search(_REQUEST.sub("", text)):
        return None
    if not asks(text) and not (big and re.search(r"想|要|打算|准备|申请", text)):
        return None
    if (_FOREIGN.search(text) and not _WITH_FAMILY.search(text)) or not _PARTY.search(text):
        return Reading("none", {}, "问的是别的事", text)
    if re.search(r"谁(?:来)?认领(?!了)|谁(?:要|想|愿意|能|可以)", text) or _OF_PEOPLE.search(text):
        return Reading("none", {}, "是在征求别人，不是答复", text)
    topic = next((topic for topic, pattern in _TOPICS if pattern.search(text)), "")
    if not topic:
        return Reading("none", {}, "问的是别的事", text)
    made: dict[str, Any] = {"topic": topic}
    if topic == "big_dues":
        amount = amount_of(tokens)
        made |= ({"amount": amount} if amount else {}) | {"flag": "needs_clerk"}
        return Reading("query", made, "大额党费另有手续，转收款人", big.group() if big else text)
    persons = [token.text for token in tokens if token.kind == "P"]
    if topic == "missing" or (topic == "dues_status" and "谁" in text):
        made = {"topic": "missing", "flag": "clerk_only"}
    elif (persons and topic.startswith("dues")) or (persons and re.search(r"为什么|为啥|为何|什么原因|啥原因", text)):
        made |= {"persons": persons, "flag": "refuse"}
    elif _PRIVATE.search(text):
        made["flag"] = "refuse"
    elif topic != "missing":
        made |= slots
    asked = [token for token in tokens if token.kind == "3"]
    if topic == "wish" and len(asked) == 1:
        made["item"] = items(asked, text)[0] if items(asked, text) else ""
    if topic in _CALL_TOPICS and "activity" not in made and not re.search(r"今年|上半年|去年|本月|年度|我参加", text):
        made["context"] = "open_call"
    return Reading("query", made, "是在提问，问句不当作答复", text)
