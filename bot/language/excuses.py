"""What is told as the reason of a leave: the words around it in its own clause, and the clauses beside it."""

from __future__ import annotations

import re

from bot.language import spans
from bot.language.acts import Found
from bot.language.patterns import any_of
from bot.language.reasons import known_kind
from bot.language.said import Said
from bot.language.tokens import Token

_SUBJECT = any_of(
    r"""
    (?:病人|患者|家属|孩子|小孩|老人|人|车|员|妈|爸|药|机|标本|设备|东西|货)$
    (?:师傅|陪护|护工|保姆|司机|客人|领导|主任|老师|他们|她|爱人|老公|老婆|谁|狗|猫|水|电|菜|饭)$
    """
)

_OTHERS = any_of(
    r"""
    ^(?:我|那个|这个|有个|几个|\d+床|\d+号|孩子|我们)?的?(?:病人|患者|家属|他们|同事|学生)
    ^(?:我|那个|这个|有个|几个|\d+床|\d+号|孩子|我们)?的?(?:老师|医生|护工|司机|保姆|护士(?!长)) 床
    """
)

# 实习生来不了, 检查组请假了: a word of why in the name of who; 在手术室来不了 says why.
_SOMEBODY = re.compile(
    r"(?!.*(?:[在去到来值有做陪送接看因忙打带管]|照顾|护理|上[班课台夜手]))[\u4e00-\u9fff\d]{0,5}(?:生|师|员|组|局|室|站|所|院|队|处|委|中心|公司|厂|卫健委?|[一二三]线|护士|大夫"
    r"|医生|干部|领导|上级|人|患者|司机|代表|对象|结果|车|疫苗|[省市县区乡镇村局院科]里)(?:的?人)?"
)
_TAKES_OBJECT = re.compile(r"参加|出席|去")  # 不参加年会了: what follows is no reason

_RELATIVE = any_of(
    r"""
    (?:我?家?的?(?:孩子|小孩|儿子|女儿|老人|爱人|老公|老婆|媳妇|妈妈?|爸爸?|父亲|母亲|奶奶|爷爷|姐|弟|哥|妹|亲戚)的?)$
    我?家?的?(?:孩子|小孩|儿子|女儿|闺女|老人|爱人|老公|老婆|媳妇|孙子|孙女|娃)(?:今天|明天|昨天|上午|下午|这周)?(?:在)?(?:学校|幼儿园|托班|单位|公司|厂里|班上)?$
    (?:学校|幼儿园|托班|公司|厂里)$ (?:救护车|班车|病人|患者|家属|同事|病房|医院|科里|科室)$
    """
)

_SOME_MATTER = re.compile(
    r"(?:我|俺)?(?:这边|那天|当天|临时|突然|正好|刚好|还|另|另外)*(?:有|有点|有些|有个|有了)(?:点|个|些|别的|其他|急|要紧|重要|私|一点|一些|大|小|其它|另外的)*(?:的)?(?:事|事儿|事情|情况|安排|任务|会|约)"
    r"|(?:我|俺)?(?:人|还|正|现)*在?(?:外地|外面|外边|外省|国外|省外|老家|乡下|村里|北京|上海|省城|市里|高速上?|火车上|飞机上|高铁上)[^,。]{0,4}"
    r"|(?:个人|自己|私人|自身|一点|一些)?(?:私事|急事|杂事|琐事|要事|公事|有事)|时间(?:冲突|不允许|不凑巧|对不上|错不开|撞了)|(?:与|和|跟)?[\u4e00-\u9fff]{0,8}(?:冲突|撞车|撞期|撞了)"
)

_ROAD = re.compile(
    r"(?:航班|飞机|火车|高铁|动车|班车|大巴|公交|车|车票|路|路上|高速|桥|轮渡|雪|雨|雾|台风|洪水|沙尘)[^,。]{0,4}"
    r"(?:取消|停运|晚点|延误|坏|封|堵|大|误|没票|不通|抛锚|爆胎|断|停飞|停开|限行|没了|没赶上)"
)

# 婚礼我去不了, 培训我去不了: what one can't come to is none of ours.
_OTHER_COURSE = re.compile(
    r"(?![在去有要正外])[\u4e00-\u9fff]{0,4}(?:培训|考试|查房|会议|例会|会诊|比武|竞赛|规培|网课|疫苗)"
)
_OTHER_EVENT = re.compile(
    r"^[\u4e00-\u9fff]{0,4}(?:婚礼|家长会|年会|体检|面试|宴|酒席|聚会|聚餐|团建|旅游|比赛|爬山|球赛|相亲|驾校|饭局|典礼|同学会|年夜饭|运动会)(?:我|俺|我们)?$"
)

_NO_REASON = re.compile(r"^(?:代|替我|帮|委托|麻烦)|材料|资料|课件|发我|销假|参加\S*说|说参加|刚才说")

_ERRAND = re.compile(r"[去做办带看送接陪回搬修跑取拍考装查忙]|处理|照顾|参加|配合")  # 请假办户口

_WHERE = re.compile(r"^(?:线上|网上|视频|现场|线下)也?$")

_LEADING_NUMBER = re.compile(r"^#?\d{1,5}\s+")

_CARING = re.compile(r"(?:生|接|送|带|看|照顾|照看|陪|管)(?:孩子|小孩|老人|娃|爱人|老婆)$")


def keeps_away(reason: str) -> bool:
    """Whether a reason is one that keeps people away: a known kind, some matter, or the road."""
    return (
        known_kind(reason) is not None or _SOME_MATTER.fullmatch(reason) is not None or _ROAD.search(reason) is not None
    )


def _around(said: Said, act: Found) -> tuple[str, str] | None:
    """What stands before and behind the act in its own clause as reasons; None where that is about something else."""
    part = said.parts[act.clause]
    lead = spans.before_act(part, act.at, said.text)
    if "g" in act.code and all(token.kind in "AaNgvdSmV.9" for token in part[: act.at]):
        lead = ""
    after = part[act.end :]
    tail = said.text[after[0].start : after[-1].end].strip(" 了吧哈啊的,。.+-~_/一下呢哦嗯呀") if after else ""
    tail = (
        spans.clean(_LEADING_NUMBER.sub("", tail))
        if any(token.kind not in ".VTJlGSPOdCLU9138axo" for token in after)
        else ""
    )
    glued = bool(after) and after[0].kind in "XZ" and part[act.end - 1].end == after[0].start
    if glued and _TAKES_OBJECT.search(part[act.end - 1].text):
        return None
    by_cause = any(token.text in ("因", "因为", "由于") or re.match("因.", token.text) for token in part[: act.at])
    is_leave = any(token.kind == "L" for token in part[act.at : act.end])
    lead = _WHERE.sub("", lead)
    if (is_leave_of_child(lead) and not (by_cause and known_kind(lead))) or ("G" in act.code and "P" not in act.code):
        return None
    of_it = bool(act.at) and part[act.at - 1].kind == "S" and _OTHER_COURSE.fullmatch(lead)  # 培训我去不了
    if not is_leave and (_OTHER_EVENT.search(lead) or of_it):
        return None
    if by_cause:
        return lead, tail
    if _SOMEBODY.fullmatch(lead) and "S" not in act.code:
        return None
    if _OTHERS.search(lead) or (lead and not is_leave and _SUBJECT.search(lead) and not _CARING.search(lead)):
        return None
    if lead and not keeps_away(lead):
        return None
    if tail and known_kind(tail) is None and not (is_leave and _ERRAND.match(tail) and "Z" not in act.code):
        return None
    return lead, tail


def told_reasons(said: Said, act: Found) -> tuple[list[str] | None, set[int]]:
    """The reasons in all clauses, and the clauses they fill; None where the act's clause has unexplained words."""
    around = _around(said, act)
    if around is None:
        return None, set()
    lead, tail = around
    reasons = [lead] if lead else []
    used: set[int] = set()
    acting = {
        one.clause
        for one in said.acts
        if (one.clean and one.act not in ("leave", "checkin", "makeup", "withdraw", "correct", "signup", "late"))
        or one.clause == act.clause
    }
    also = {one.clause: one for one in said.acts if one.act == "leave" and one.clause != act.clause}
    for index, clause in enumerate(said.parts):
        told = None if index in acting else spans.reason_of_clause(clause, said.text)
        if index in also:
            told = (spans.before_act(clause, also[index].at, said.text) if "L" in also[index].code else told) or None
        if _asks_help(clause):
            told = None
        if told and not _NO_REASON.search(told):
            reasons.append(told)
            if not _lead_names(clause):
                used.add(index)
    return ([*reasons, tail] if tail else reasons), used


def is_leave_of_child(lead: str) -> bool:
    """孩子请假 is somebody else's leave; 孩子发烧请假 is one's own."""
    return _RELATIVE.match(lead) is not None


def _asks_help(clause: list[Token]) -> bool:
    """代我投一票: a request beside the leave, not its reason."""
    first = next((token for token in clause if token.kind not in ".|"), None)
    return first is not None and first.kind == "r"


def _lead_names(clause: list[Token]) -> bool:
    return any(token.kind in "VT" for token in clause) and not any(
        token.kind == "|" and token.text == "(" for token in clause
    )
