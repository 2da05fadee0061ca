"""Turns the deciding act of a text into a reading with its slots: one small function per act."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.language import spans
from bot.language.acts import Found
from bot.language.leaves import backdated, leave
from bot.language.numerals import number
from bot.language.reading import Reading
from bot.language.reasons import known_kind
from bot.language.said import (
    PAST,
    Said,
    Slots,
    deciding,
    named,
    numbered,
    only_counted,
    other_half,
    own_time,
    waiting,
    who,
)
from bot.language.service import checkout, clock_span, hours_alone
from bot.language.tokens import Token, letters

_ONLINE = re.compile(r"线上|网上|视频|腾讯会议|云端|远程|在线|钉钉会议|直播")

_ONSITE = re.compile(r"现场|线下")

_LATE_MINUTES = re.compile(r"(?:[晚迟])\D{0,5}?(\d+|[一二两三四五六七八九十半]+)(?:多)?(?:个)?(分钟|小时|钟头|刻钟)")


_MANY = frozenset("Gs2")
_PLANNED = re.compile(
    r"(?:明天|明早|明晚|后天|下周|下次|周[一二三四五六日天])\S{0,4}(?:签到|打卡)|(?:上午|下午|晚上|中午|等|再|这就|马上|现在|正|赶紧|一会儿?|待会儿?|就)\S{0,3}去(?:签到|打卡)"
)
_ABOUT_STUDY = re.compile(
    r"补课(?:的)?(?:老师|班|机构|费|教室)|补学(?:的)?(?:名单|安排|通知|链接|计划|时间|通道|要求)|补学(?:的)?(?:材料|资料|视频|课件)(?!.*(?:看|学|听|读)[完过了])"
)
_TO_STUDY = re.compile(r"^(?!.*[已了])(?=.*(?:明[天早晚]|后天|下周|周末|今晚|回头|改天|抽空))")
_GIVEN_TO = re.compile(r"(?:名额|岗位?|班|位置|位子)\S{0,6}(?:让|给|让给|转给|留给)(?:了)?(?!我)[\u4e00-\u9fff]{2,4}")
_ARRIVED = re.compile(r"(?:都|全|全部|全员|也|已经?)[来到]了")
_AFTERWARDS = re.compile(
    r"再(?:来|去|过来|过去|回来|补)?(?:签到|签退|打卡|签)(?!一[遍次下]|了)|(?:完|后|回来|下班)再签"
)
_DAY_ALONE = re.compile(r"(?:[本这下]?(?:周|星期|礼拜)[一二三四五六日天]|[今明后]天|(?:\d{1,2}月)?\d{1,2}[日号])")
_OVER = re.compile(r"去年|前年|昨|前天|上次|上回|上周|上个?月|那次|[来去到]了[。.!~]*$")


def _mode(text: str) -> Slots:
    return {"mode": "online"} if _ONLINE.search(text) else {"mode": "offline"} if _ONSITE.search(text) else {}


def _late(text: str, code: str) -> Slots:
    if "E" not in code or re.search("n[dm]*E", code):
        return {}
    found = _LATE_MINUTES.search(text)
    if not found:
        return {"late": True}
    amount = 0.5 if found[1] == "半" else float(number(found[1]) or 0)
    return {"late": True, "late_minutes": int(amount * {"分钟": 1, "刻钟": 15}.get(found[2], 60))}


def attend(said: Said, act: Found) -> Reading | None:
    """Will come; tentative, late, online, for others, or instead of an earlier leave. A guess about others is none."""
    if "t" in act.code and "P" in act.code and "S" not in act.code:
        return None
    if only_counted(act, act.code):
        return Reading("unclear", {}, "只有人数，没有姓名", said.text)
    if frozenset("Gs").intersection(act.code) and "P" not in act.code and _ARRIVED.search(said.text):
        return Reading("unclear", {"flag": "needs_clerk"}, "几个人的签到要写出姓名", said.text)
    if "t" in act.code and frozenset("Gs").intersection(act.code) and not frozenset("SP").intersection(act.code):
        return Reading("unclear", {}, "别人去不去还没定", said.text)
    half, part = other_half(said, act)
    slots: Slots = {**half, **who(said, act), **_mode(said.text), **_late(said.text, said.code)}
    if "t" in act.code:
        slots["tentative"] = True
    if _takes_back_leave(said):
        slots["replaces"] = "leave"
    elif PAST.search(spans.when(own_time(said, act, said.tokens), said.text) or ""):
        slots["flag"] = "needs_clerk"
    tokens = [token for token in said.tokens if not (part and token.kind == "T")]
    return Reading("attend", named(said, slots, own_time(said, act, tokens)), act.says, deciding(said, act))


def _takes_back_leave(said: Said) -> bool:
    before = [one.act for one in said.acts if one.act in ("unleave", "stay", "leave")]
    freed = re.search(
        r"请[了过].?假|(?:班|手术|差|会|假).{0,3}(?:换了|调了|取消|不用|推了|改了|调开|换好|换开|调好|推迟)|(?:换|调)(?:好|开)?了?班|有人(?:替|顶)|又(?:能|可以)|不(?:出差|值班|用值班|用出差|请假)了|替班的",
        said.text,
    )
    if "v" in said.code and "leave" in before:
        return True
    return (
        bool(before and "unleave" in before)
        or "g" in said.code
        or bool(freed)
        or ("stay" in before and len(said.parts) > 1)
    )


def stay(said: Said, act: Found) -> Reading:
    """我不请假: weak, means coming; 不请假了 takes a leave back."""
    slots: Slots = who(said, act)
    if re.search(r"假(?:条)?了", said.text):
        slots["replaces"] = "leave"
    return Reading("attend", named(said, slots), act.says, deciding(said, act))


def late(said: Said, act: Found) -> Reading | None:
    """晚到20分钟 is coming, late; a bare 迟到了 says nothing sure."""
    if not _LATE_MINUTES.search(said.text) and (
        re.search(r"迟到了|来晚了|又|总|老是|^迟到\W*$", said.text) or "P" in said.code
    ):
        return None
    slots: Slots = {"tentative": True} if "t" in act.code else {}
    return Reading(
        "attend",
        named(said, {**slots, **who(said, act), **_late(said.text, said.code)}),
        act.says,
        deciding(said, act),
    )


def unleave(said: Said, act: Found) -> Reading:
    """Takes a leave back; whether one comes is asked, unless it is said (请假撤销，我去)."""
    after = (letters(clause, ".|d") for clause in said.parts[act.clause + 1 :])
    if any(code in ("Sa", "Sma") for code in after):
        slots: Slots = {**who(said, act), "replaces": "leave"}
        return Reading("attend", named(said, slots), act.says, deciding(said, act))
    return _take_back(said, act, "leave")


def unattend(said: Said, act: Found) -> Reading:
    """Takes 参加 or 签到 back."""
    return _take_back(said, act, "checkin" if "I" in act.code else "attend")


def _take_back(said: Said, act: Found, what: str) -> Reading:
    slots: Slots = {**who(said, act), "replaces": what}
    return Reading("cancel", waiting(said, slots, "previous_message"), act.says, deciding(said, act))


def _of_something_else(part: list[Token]) -> bool:
    """航班又取消了: what was taken back has a name of its own, and it is none of ours."""
    words = [one for one in part if one.text.strip() and one.kind != "|"]
    return len(words) > 1 and words[0].kind in ".Z" and len(words[0].text) > 1 and words[-1].kind in "Kd"


def cancel(said: Said, act: Found) -> Reading | None:
    """上一条作废: the previous message is taken back."""
    leaving = any(one.act == "leave" and "L" not in one.code and {"W", "H"} & set(one.code) for one in said.acts)
    if leaving or (frozenset("NbWJH").intersection(said.code) and "S" in act.code):
        return withdraw(said, act)  # 报了名又去不了，帮我取消
    if any(_of_something_else(part) for part in said.parts):
        return None
    item = numbered(said)
    slots: Slots = {"item": item} if item else waiting(said, {}, "previous_message")
    if "P" in act.code:
        slots = {**who(said, act), **slots, "flag": "needs_clerk"}
    return Reading("cancel", slots, "收回上一条", deciding(said, act))


def _seat(said: Said, slots: Slots, span: tuple[str, str]) -> Slots:
    """文明劝导我报晚上6点到8点那班: the shift is told by its hours."""
    found = spans.activity(said.tokens)
    day = next((token.text for token in said.tokens if token.kind == "T" and _DAY_ALONE.fullmatch(token.text)), "")
    slots = slots | {"start": span[0], "end": span[1]} | ({"when": day} if day else {})
    return slots | {"activity": found} if found else waiting(said, slots)


def signup(said: Said, act: Found) -> Reading | None:
    """Joins something limited: a shift, a clinic, the waiting list; what is over (去年义诊我去了) is none."""
    if _OVER.search(said.text) and "N" not in act.code:
        return None
    if only_counted(act, said.code):
        return None
    if "r" in act.code and "P" not in act.code and not re.search(r"r[dm.]*S", act.code):
        return None
    slots: Slots = who(said, act)
    if "候补" in said.text or "补位" in said.text:
        slots["waitlist"] = True
    shift = next((token.text for token in said.tokens if token.kind == "H"), None)
    seat = hours_alone(said.tokens) if shift is None and frozenset("JW").intersection(said.code) else None
    if seat is not None and not frozenset("GsP23").intersection(said.code):
        return Reading("signup", _seat(said, slots, seat), act.says, deciding(said, act))
    if shift is None:
        return Reading("signup", named(said, slots), act.says, deciding(said, act))
    slots["shift"] = shift
    span = clock_span(said.tokens)
    if span is not None:
        slots |= {"start": span[0], "end": span[1]}
        day = next((token.text for token in said.tokens if token.kind == "T" and _DAY_ALONE.fullmatch(token.text)), "")
        slots |= {"when": day} if day else {}
    elif spans.when(said.tokens, said.text):
        slots["when"] = spans.when(said.tokens, said.text)
    if spans.activity(said.tokens):
        slots["activity"] = spans.activity(said.tokens)
    return Reading("signup", slots, act.says, deciding(said, act))


def withdraw(said: Said, act: Found) -> Reading | None:
    """Leaves a shift or a list, or gives a wish back."""
    if "z" in act.code and "N" in act.code and "我" not in said.text:
        return None  # 不用报名了: advice, nobody's act
    slots: Slots = {} if _GIVEN_TO.search(said.text) else who(said, act)
    for index, clause in enumerate(said.parts):
        told = None if index == act.clause else spans.reason_of_clause(clause, said.text)
        if told and known_kind(told):
            slots |= spans.typed(told)
    if "w" in said.code:
        numbers = spans.items(said.tokens, said.text)
        return Reading(
            "withdraw",
            slots | ({"item": numbers[0]} if numbers else {}) | {"object": "wish"},
            act.says,
            deciding(said, act),
        )
    shift = next((token.text for token in said.tokens if token.kind == "H"), None)
    if shift:
        return Reading("withdraw", slots | {"shift": shift}, act.says, deciding(said, act))
    numbers = spans.items(said.tokens, said.text)
    if numbers:
        return Reading("withdraw", slots | {"item": numbers[0]}, act.says, deciding(said, act))
    if "persons" in slots:
        found, moment = spans.activity(said.tokens), spans.when(said.tokens, said.text)
        slots |= ({"activity": found} if found else {}) | ({"when": moment} if moment else {})
        return Reading("withdraw", slots, act.says, deciding(said, act))
    return Reading("withdraw", named(said, slots), act.says, deciding(said, act))


def checkin(said: Said, act: Found) -> Reading | None:
    """Present now. For somebody else, or after the event, only the clerk may enter it; what is planned is none."""
    if _PLANNED.search(said.text) or _AFTERWARDS.search(said.text):
        return None
    slots: Slots = {**_mode(said.text)}
    if "E" in said.code:
        slots |= _late(said.text, said.code)
    part = said.parts[act.clause]
    if act.at and part[act.at - 1].text == "的" and "S" not in act.code:
        return None  # 送药的到了
    present = spans.persons(said.tokens)
    if not present and (
        _MANY.intersection(act.code) or "到齐" in said.text or re.search(r"全员|全部|全科|全组", said.text)
    ):
        return Reading("unclear", {"flag": "needs_clerk"}, "几个人的签到要写出姓名", deciding(said, act))
    if "代签" in said.text and present:
        slots |= {"proxy": True, "flag": "needs_clerk"}
    if not present and ("代签" in said.text or re.search(r"r[dm]*S", act.code)):
        return Reading("unclear", {"flag": "needs_clerk"}, "不能请别人代签到", deciding(said, act))
    if present:
        slots["persons"] = present
        if "r" in said.code:
            slots |= {"proxy": True, "flag": "needs_clerk"}
        elif re.search(r"S&P|P&S", act.code):
            slots |= {"include_self": True, "flag": "needs_clerk"}
        elif len(present) > 1:
            slots |= {"flag": "needs_clerk"}
    moment = spans.when(said.tokens, said.text)
    if moment and PAST.search(moment):
        slots["flag"] = "needs_clerk"
    made = named(said, slots)
    if "item" in made:
        made = waiting(said, {key: value for key, value in made.items() if key != "item"} | {"code": made["item"]})
    return Reading("checkin", made, act.says, deciding(said, act))


def resign(said: Said, act: Found) -> Reading:
    """补签: a check-in after the event."""
    slots: Slots = {**who(said, act), "flag": "needs_clerk"}
    return Reading("checkin", named(said, slots), act.says, deciding(said, act))


def makeup(said: Said, act: Found) -> Reading | None:
    """已补学: a fact, not a plan."""
    if _ABOUT_STUDY.search(said.text):
        return None
    first = min(one.clause for one in said.acts if one.act == "makeup")
    done = "c" in act.code or bool(re.search(r"已|了|完|过|上门", said.text[said.parts[first][0].start :]))
    done = done or bool(re.search(r"(?:看|学|听|读)(?:完|过)?了[,。]", said.text))
    if not done or "f" in act.code or "j" in act.code or _TO_STUDY.search(said.text):
        return None
    slots: Slots = {k: v for k, v in spans.who(said.tokens, said.code).items() if k != "count"}
    month = next((token.text for token in said.tokens if token.text in ("上月", "上个月", "本月", "这个月")), "")
    slots |= {"when": month} if month else {}
    return Reading("makeup", named(said, slots, None, "open_makeup"), act.says, deciding(said, act))


BUILDERS: dict[str, Callable[[Said, Found], Reading | None]] = {
    "attend": attend,
    "stay": stay,
    "late": late,
    "leave": leave,
    "backdated": backdated,
    "unleave": unleave,
    "unattend": unattend,
    "cancel": cancel,
    "signup": signup,
    "withdraw": withdraw,
    "checkin": checkin,
    "resign": resign,
    "checkout": checkout,
    "makeup": makeup,
}
