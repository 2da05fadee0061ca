"""收到 in all its forms: texts whose every clause says "read", "understood" or "will do as told", and nothing else.

Such a text is never attendance (rule of precedence: `ack` marks a notice as read, no more).
"""

from __future__ import annotations

import re

from bot.language.names import people
from bot.language.patterns import alternatives
from bot.language.reading import Reading
from bot.language.shapes import GROUP

_OF_WHOM = (
    r"(?:我们?|俺们?|咱们?|本人|我自己|(?:我们|咱|俺|本|我)?[\u4e00-\u9fff\d]{0,6}"
    r"(?:科室?|组|站|班组?|支部|院区?|科里|室|部)(?:人员|同志|党员|全员|全体)?)?"
)
_HAVE = r"(?:也|我|已经?|都|全部?|全员|全体|均|刚|早就?|这边|这就|好像|完全)*"
_GOT = alternatives(
    """
    悉知 接收
    收到 收倒 收道 手到 看到 看见 看过 看完 看 瞧见 听到 听见 知道 知晓 知悉 晓得 明白 明了 清楚 了解 懂得? 记下 记住
    记着 记得 记心里 记牢 阅 阅悉
    阅知 学习过 学习 领会 收悉 悉 获悉 敬悉 听明白 看明白 弄明白 get 领悟 接到 接悉 读完 读 得知
    """
)
_WHAT = (
    r"(?:上级|您的|会议|活动|学习|开会|党课)?"
    r"(?:群公告|公告|群通知|通知|消息|时间|内容|精神|文件|要求|地点|提醒|指示|安排|材料|信息|群消息)*"
)
_DONE = r"[了啦咧喽咯哒呢哈啊呀的过完好嘞哟~]*"
_RIGHT = alternatives(
    """
    遵照办理 按要求办
    诺 喏喏 心里有数 心里有底 有数 记心上 好 好的 好嘞 好滴 好哒 好叻 好勒 好咧 好吧 好呀 好哦 中 中嘞 要得 得令 得嘞
    妥 妥了 妥妥的 行 行嘞 成 可以 没毛病 没问题 没意见 无异议 无意见 遵命
    是 是的 喏 嗯 嗯嗯 嗯呐 昂 欧克 okk? okay ok got copy roger yes noted 收 领命 照办 对 明 阅 悉 1 同意 没说的 晓得
    坚决拥护 支持 okok 得 好的哟 好滴呢 ojbk 👌 👍 🫡 🆗
    晓得嘞 知道嘞 明白嘞 遵照执行 坚决照办 坚决服从 服从安排 听安排 听组织安排 听招呼 没得问题 要的 巴适 木问题
    莫得问题
    """
)
_WILL = (
    r"(?:我们?|俺|咱|本科室|我科|全科|科里)?(?:一定|坚决|会|将|马上|立即|立刻|抓紧|认真|严格|按要求|按时|按照要求|保证|这就|随后|稍后|会后|尽快|及时|仔细|好好|继续|去|再)+"
    r"(?:落实|照办|执行|对照|检查|学习|传达|转达|通知|配合|准备|办|办理|贯彻|完成|转发|看看?|安排|领会|遵守|整改|做好|到位|按要求办|转告|告知|研读|学|布置|转)"
    r"(?:一下|到位|好|下去)?(?:[\u4e00-\u9fff]{0,8})"
)
_PASSED = (
    r"(?:我|俺)?(?:已经?|都|也|均|全部?|刚)*(?:传达|转达|通知|转发|转告|告知|传阅|知会|转(?!院|诊|科了?$|到\S{0,6}(?:病房|病区|床)))(?:给|到|至)?"
    r"(?:[\u4e00-\u9fff\d]{0,10}(?:位|个)?"
    r"(?:同志|人员|党员|同事|科室?|组|班组|群|位|人|站|部|护士|医生|大夫|师傅|夜班)|[^他她我参请报签去来,。]{1,8})?"
)
_CLAUSE = re.compile(
    rf"(?:(?:刚|才|刚刚|刚才)[\u4e00-\u9fff]{{0,6}}?(?:看到|看见|看了|瞧见|注意到)(?:消息|通知|信息|群里?|手机)?|我?(?:把)?(?:时间|地点|通知|日子)?(?:都)?(?:记|抄|写)(?:在|到)[\u4e00-\u9fff]{{1,6}}"
    rf"|我?(?:{_RIGHT}){{1,3}}|(?:好的?|嗯|行|ok)?(?:\d{{1,2}}[日号]的?)?{_OF_WHOM}{_WHAT}{_HAVE}(?:已?(?:{_GOT})){{1,3}}{_WHAT}|{_OF_WHOM}{_PASSED}(?:到位)?){_DONE}",
    re.I,
)
_KEPT = r"(?:材料|文件|课件|资料|链接|通知)?(?:已经?|都|也)*(?:下载|保存|打印|收藏|转存|存)(?:好|下来|完)?"
_LATER = (
    r"(?:学习)?(?:材料|文件|资料|内容|课件)(?:我)?(?:回头|会后|晚上|抽空|随后|下班|回家|再|慢慢|认真|好好)+"
    r"(?:学|看|学习|研读)"
)
_PROMISE = re.compile(
    rf"(?:{_WILL}|{_LATER}|{_KEPT}|我?(?:学习|看看?|研究|领会)(?:一下|下)?(?:材料|文件|内容|精神)?){_DONE}"
)
_SURE = re.compile(
    r"收到|收倒|收道|手到|知道|知晓|知悉|晓得|明白|清楚|了解|懂|记[下住得着]|阅|已读|心里|诺|抄|写|悉|看[到见完过]|通知|传达|转达|转发|转到|转至|告知|遵照|接收|得令|遵命|领命|无异议|收$|ok|roger|copy|noted|照办|服从|领会|传阅",
    re.I,
)
_BESIDE = re.compile(
    r"(?:刚|才|刚才|刚刚|一直|今天|昨天|昨晚|早上|上午|下午|晚上|在|手机|没|群里?|消息)[^,。参请报签交缴认领补]{0,12}"
    r"(?:看手机|看群|看消息|看到消息|才看到|才看见|看到|没看|没看到|没看见|没注意到?|回晚了?|回复晚了?|没电|静音|没信号|不在线|没顾上回?|没及时回复?)[了啦的]?|"
    r"(?:回|回复)(?:得)?(?:有点)?(?:晚|迟|慢)了|我?(?:刚|才|刚才|刚刚|一直)[^,。参请报签交缴认领补来去到班假转]{1,8}|"
    r"(?:刚|才|刚刚|刚才)[\u4e00-\u9fff]{0,4}(?:完|下|出来|忙|醒|到家)[\u4e00-\u9fff]{0,3}|(?:辛苦|谢谢|感谢|有劳)[^的,。]{0,6}"
)
_CUT = re.compile(r"[^\w]+")
# Words that make a promise an answer after all, or a plan of something else: left to the other rules.
_ANSWERS = re.compile(
    r"参加|参会|到会|到场|出席|请假|报名|签到|签退|[交缴]|认领|补学|补课|[来去]|值班|[一二三四五六七八九十\d]+号"
)
_LONGEST = 60

_OFFICE = re.compile(rf"(?:{GROUP.pattern})?", re.X)


def _signed(clause: str) -> bool:
    """明白。手术室孙丽: the name of who writes."""
    office = _OFFICE.match(clause)
    name = clause[office.end() :] if office else clause
    return people(name) == [name]


def read_ack(text: str, quoted: bool = False) -> Reading | None:
    """`ack` where every clause of a text says no more than that a notice was read; None for all else."""
    if len(text) > _LONGEST or "?" in text or text.endswith("吗"):
        return None
    clauses = [one for one in _CUT.split(text) if one and not _BESIDE.fullmatch(one) and not _signed(one)]
    told = [one for one in clauses if _CLAUSE.fullmatch(one)]
    rest = [one for one in clauses if one not in told]
    if not any(_SURE.search(one) for one in told) or (len(told) == 1 == len(clauses) and _WEAK.fullmatch(text)):
        return None
    if all(_PROMISE.fullmatch(one) and not _ANSWERS.search(one) for one in rest):
        return Reading("ack", {"context": "quoted"} if quoted else {}, "只是表示知道，不算参加", text)
    return None


_WEAK = re.compile(r"(?:看|学习|听|读|学习过|看过|看完|对|同意|1|支持|已?通知|转)[了过完的]*")
