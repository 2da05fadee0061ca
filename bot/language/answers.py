"""Turns the deciding act of a text into a reading with its slots: one small function per act."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.language import spans
from bot.language.acts import Found
from bot.language.numerals import number
from bot.language.reading import Reading
from bot.language.reasons import known_kind
from bot.language.tokens import Token

Slots = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A text cut up: everything that the builders below look at."""

    text: str
    tokens: list[Token]
    parts: list[list[Token]]
    code: str
    acts: list[Found]
    quoted: bool


_ONLINE = re.compile(r"线上|网上|视频|腾讯会议|云端|远程|在线|钉钉会议|直播")
_ONSITE = re.compile(r"现场|线下")
_LATE_MINUTES = re.compile(r"(?:[晚迟])\D{0,5}?(\d+|[一二两三四五六七八九十半]+)(?:多)?(?:个)?(分钟|小时|钟头|刻钟)")
_PAST = re.compile(r"昨|前天|上次|上周|上回|上个|上一次|前两天|大前天")
_SUBJECT = re.compile(r"(?:病人|患者|家属|孩子|小孩|老人|人|车|员|妈|爸|药|机|标本|设备|东西|货|师傅|客人|领导|主任|老师|他们|她|爱人|老公|老婆|谁|狗|猫|水|电|菜|饭)$")
_OTHERS = re.compile(r"^(?:我|那个|这个|有个|几个|\d+床|\d+号|孩子|我们)?的?(?:病人|患者|家属|他们|同事|学生|老师|医生|护工|司机|保姆|护士(?!长))|床")
_UNTIL = re.compile(r"(?:到|至|直到)\s?$")
_SURELY = re.compile(r"估计|应该|恐怕|怕是|大概率")
_MANY = re.compile(r"这几次|几次|都请假|这段时间|这个月|期间|接下来|以后都|这几个月|全年|近期|长期|一直")
_PART = re.compile(r"^(?:上午|下午|晚上|中午|早上)$")


def _context(said: Said, slots: Slots, name: str = "open_call") -> Slots:
    return slots | {"context": "quoted" if said.quoted else name}


_LEADING_NUMBER = re.compile(r"^#?\d{1,5}\s+")
_INNER = re.compile(r"^(?:请假|参加|报名|退出)\s(\d{1,5})(?=\s)")
_BARE = re.compile(r"(?<=[\s\u4e00-\u9fff])(\d{1,5})$")


def _numbered(said: Said) -> str | None:
    """The number of an open call: #12, 12号活动, or a bare number at the end (报名 12; 参加1 is no number)."""
    token = next((one for one in said.tokens if one.kind == "3"), None)
    if token is not None:
        return spans.items([token], said.text)[0]
    bare = _BARE.search(said.text) or _INNER.search(said.text)
    glued = bare and bare[1] == "1" and said.text[bare.start() - 1] != " "
    return str(int(bare[1])) if bare and not glued and any(one.kind == "1" for one in said.tokens) else None


def _named(said: Said, slots: Slots, tokens: list[Token] | None = None, name: str = "open_call") -> Slots:
    """With activity and time; without an activity or a number something must be open."""
    used = said.tokens if tokens is None else tokens
    item = _numbered(said)
    if item is not None and name == "open_call":
        slots["item"] = item
    found = spans.activity(used)
    moment = spans.when(used, said.text)
    if moment:
        slots["when"] = moment
    if found:
        return slots | {"activity": found}
    return slots if "item" in slots else _context(said, slots, name)


def _mode(text: str) -> Slots:
    return {"mode": "online"} if _ONLINE.search(text) else {"mode": "offline"} if _ONSITE.search(text) else {}


def _late(text: str, code: str) -> Slots:
    if "E" not in code:
        return {}
    found = _LATE_MINUTES.search(text)
    if not found:
        return {"late": True}
    amount = 0.5 if found[1] == "半" else float(number(found[1]) or 0)
    return {"late": True, "late_minutes": int(amount * {"分钟": 1, "刻钟": 15}.get(found[2], 60))}


def _words(said: Said, act: Found) -> str:
    part = said.parts[act.clause]
    return said.text[part[act.at].start : part[act.end - 1].end]


def _other_half(said: Said, act: Found) -> tuple[Slots, str | None]:
    """上午参加，下午请假: the part of the day that this act is for, and the other act beside it."""
    parts = {found.clause: next((t.text for t in said.parts[found.clause] if t.kind == "T" and _PART.match(t.text)), None) for found in said.acts}
    mine = parts.get(act.clause)
    other = next((one for one in said.acts if one.clause != act.clause and parts[one.clause] and one.act in ("attend", "leave")), None)
    if not mine or other is None or other.act == act.act:
        return {}, None
    return {"part": mine, "also": f"{other.act}:{parts[other.clause]}"}, mine


def attend(said: Said, act: Found) -> Reading:
    """Will come; tentative, late, online, for others, or instead of an earlier leave."""
    half, part = _other_half(said, act)
    slots: Slots = {**half, **spans.who(said.tokens, said.code), **_mode(said.text), **_late(said.text, said.code)}
    if "t" in act.code:
        slots["tentative"] = True
    if _takes_back_leave(said):
        slots["replaces"] = "leave"
    tokens = [token for token in said.tokens if not (part and token.kind == "T")]
    return Reading("attend", _named(said, slots, tokens), act.says, _words(said, act))


def _takes_back_leave(said: Said) -> bool:
    before = [one.act for one in said.acts if one.act in ("unleave", "stay", "leave")]
    freed = re.search(r"(?:班|手术|差|会|假).{0,3}(?:换了|调了|取消|不用|推了|改了|调开|换好|换开|调好|推迟)|(?:换|调)(?:好|开)?了?班|有人(?:替|顶)|又(?:能|可以)|不(?:出差|值班|用值班|用出差|请假)了|替班的", said.text)
    if "v" in said.code and "leave" in before:
        return True
    return bool(before and "unleave" in before) or "g" in said.code or bool(freed) or ("stay" in before and len(said.parts) > 1)


def stay(said: Said, act: Found) -> Reading:
    """我不请假: weak, means coming; 不请假了 takes a leave back."""
    slots: Slots = spans.who(said.tokens, said.code)
    if re.search(r"假(?:条)?了", said.text):
        slots["replaces"] = "leave"
    return Reading("attend", _named(said, slots), act.says, _words(said, act))


def late(said: Said, act: Found) -> Reading | None:
    """晚到20分钟 is coming, late; a bare 迟到了 says nothing sure."""
    if not _LATE_MINUTES.search(said.text) and (re.search(r"迟到了|来晚了|又|总|老是|^迟到\W*$", said.text) or "P" in said.code):
        return None
    slots: Slots = {"tentative": True} if "t" in act.code else {}
    return Reading("attend", _named(said, {**slots, **spans.who(said.tokens, said.code), **_late(said.text, said.code)}), act.says, _words(said, act))


def leave(said: Said, act: Found) -> Reading | None:
    """Asks for leave: reason and its kind, for whom, instead of what; None where too much is unexplained."""
    part = said.parts[act.clause]
    by_name = part[act.at].kind == "L" or part[act.end - 1].kind == "L"
    reasons, used = _reasons(said, act)
    if reasons is None:
        return None
    if re.search(r"[fzn][mdrS]*L", act.code) or ("P" in act.code and re.search(r"又|总是|老是|经常|天天", said.text)):
        return None
    if "t" in act.code and ("P" in act.code or not _SURELY.search(said.text)):
        return None
    if not by_name and "Z" in said.code and any(known_kind(one) is None for one in reasons):
        return None
    half, mine = _other_half(said, act)
    rest = [token for index, clause in enumerate(said.parts) for token in clause if index not in used]
    rest = [token for token in rest if not (mine and token.kind == "T") and token.kind != "W" or (token.kind == "W" and not _inside(reasons, token))]
    slots: Slots = {**half, **_who_leaves(said, rest)}
    slots |= spans.typed("，".join(reasons))
    slots |= _replaced(said, act)
    slots |= {"tentative": True} if "t" in act.code else {}
    slots |= _study(said)
    until = _until(said, slots)
    if until:
        return Reading("leave", until, "几次活动一起请假，得由书记定起止", _words(said, act))
    slots = _named(said, slots, rest)
    if _PAST.search(str(slots.get("when", ""))) and "replaces" not in slots:
        slots["flag"] = "needs_clerk"
    return Reading("leave", slots, act.says if by_name else "去不了就是请假", _words(said, act))


def _inside(reasons: list[str], token: Token) -> bool:
    return any(token.text in reason for reason in reasons)


def _reasons(said: Said, act: Found) -> tuple[list[str] | None, set[int]]:
    """The reasons in all clauses, and the clauses they fill; None where the act's clause has unexplained words."""
    part = said.parts[act.clause]
    lead = spans.before_act(part, act.at, said.text)
    after = part[act.end :]
    tail = said.text[after[0].start : after[-1].end].strip(" 了吧哈啊的,。.+-~_/的一下呢哦嗯呀") if after else ""
    tail = spans.clean(_LEADING_NUMBER.sub("", tail)) if any(token.kind not in ".VTJlGSPOdCLU913" for token in after) else ""
    by_cause = any(token.text in ("因", "因为", "由于") or re.match("因.", token.text) for token in part[: act.at])
    is_leave = any(token.kind == "L" for token in part[act.at : act.end])
    if not by_cause and _OTHERS.search(lead):
        return None, set()
    for words in (lead, tail):
        if words and not by_cause and known_kind(words) is None:
            return None, set()
    if lead and not is_leave and not by_cause and _SUBJECT.search(lead):
        return None, set()
    reasons = [lead] if lead else []
    used: set[int] = set()
    acting = {one.clause for one in said.acts if one.clean and one.act not in ("leave", "checkin", "makeup", "withdraw", "correct", "signup", "late") or one.clause == act.clause}
    also = {one.clause: one for one in said.acts if one.act == "leave" and one.clause != act.clause}
    for index, clause in enumerate(said.parts):
        told = None if index in acting else spans.reason_of_clause(clause, said.text)
        if index in also:
            told = (spans.before_act(clause, also[index].at, said.text) if "L" in also[index].code else told) or None
        if told and not re.search(r"材料|资料|课件|发我|销假|参加\S*说|说参加|刚才说", told):
            reasons.append(told)
            if not _lead_names(clause):
                used.add(index)
    return ([*reasons, tail] if tail else reasons), used


def _lead_names(clause: list[Token]) -> bool:
    return any(token.kind in "VT" for token in clause) and not any(token.kind == "|" and token.text == "(" for token in clause)


def _who_leaves(said: Said, rest: list[Token]) -> Slots:
    asked = [
        token
        for at, token in enumerate(rest)
        if not (token.kind == "P" and at and rest[at - 1].text in ("跟", "和", "与") and (at < 2 or rest[at - 2].kind not in "PS"))
    ]
    asked = [token for at, token in enumerate(asked) if not (token.kind == "P" and re.search(rf"(?:向|跟){re.escape(token.text)}", said.text))]
    return spans.who(asked, "".join(token.kind for token in asked if token.kind != "."))


def _replaced(said: Said, act: Found) -> Slots:
    before = [one for one in said.acts if one.clause < act.clause and one.act in ("attend", "signup")]
    if "g" in act.code or ("v" in said.code and before):
        return {"replaces": "attend"}
    return {}


def _study(said: Said) -> Slots:
    if re.search(r"(?:补学|学习|补课)?(?:材料|资料|课件|视频|录像|内容).{0,4}(?:发|给|共享|留)|(?:发|给)我.{0,4}(?:材料|资料|课件)", said.text):
        return {"also": "query:makeup_material"}
    if re.search(r"(?:会后|回来|之后|下来|过后|事后|随后|我会|自行|再|及时|后|自己|保证|一定|线上).{0,3}(?:补学|补课|自学|补上|补看)|补学补上", said.text):
        return {"will_makeup": True}
    return {}


def _until(said: Said, slots: Slots) -> Slots | None:
    if not _MANY.search(said.text):
        return None
    out = dict(slots)
    end = next((token for token in said.tokens if token.kind == "T" and _UNTIL.search(said.text[: token.start])), None)
    if end is None:
        return None
    out["until"] = end.text
    if "reason" in out:
        out |= spans.typed(re.sub(rf"(?:到|至|直到)\s?{re.escape(end.text)}.*$", "", out["reason"]).strip())
    return out | {"flag": "needs_clerk"}


def backdated(said: Said, act: Found) -> Reading:
    """补个假: after the event, so the clerk decides."""
    slots: Slots = {**spans.who(said.tokens, said.code), "flag": "needs_clerk"}
    reasons = [told for index, clause in enumerate(said.parts) if index != act.clause and (told := spans.reason_of_clause(clause, said.text)) and known_kind(told)]
    if reasons:
        slots |= spans.typed("，".join(reasons))
    return Reading("leave", _named(said, slots), act.says, _words(said, act))


def unleave(said: Said, act: Found) -> Reading:
    """Takes a leave back; whether one comes is asked."""
    return _take_back(said, act, "leave")


def unattend(said: Said, act: Found) -> Reading:
    """Takes 参加 or 签到 back."""
    return _take_back(said, act, "checkin" if "I" in act.code else "attend")


def _take_back(said: Said, act: Found, what: str) -> Reading:
    slots: Slots = {**spans.who(said.tokens, said.code), "replaces": what}
    return Reading("cancel", _context(said, slots, "previous_message"), act.says, _words(said, act))


def cancel(said: Said, act: Found) -> Reading | None:
    """上一条作废: the previous message is taken back."""
    item = _numbered(said)
    slots: Slots = {"item": item} if item else _context(said, {}, "previous_message")
    return Reading("cancel", slots, "收回上一条", _words(said, act))


def signup(said: Said, act: Found) -> Reading:
    """Joins something limited: a shift, a clinic, the waiting list."""
    slots: Slots = spans.who(said.tokens, said.code)
    if "候补" in said.text or "补位" in said.text:
        slots["waitlist"] = True
    shift = next((token.text for token in said.tokens if token.kind == "H"), None)
    if shift is None:
        return Reading("signup", _named(said, slots), act.says, _words(said, act))
    slots["shift"] = shift
    span = clock_span(said.tokens)
    if span is not None:
        slots |= {"start": span[0], "end": span[1]}
    elif spans.when(said.tokens, said.text):
        slots["when"] = spans.when(said.tokens, said.text)
    if spans.activity(said.tokens):
        slots["activity"] = spans.activity(said.tokens)
    return Reading("signup", slots, act.says, _words(said, act))


def withdraw(said: Said, act: Found) -> Reading:
    """Leaves a shift or a list, or gives a wish back."""
    slots: Slots = spans.who(said.tokens, said.code)
    for index, clause in enumerate(said.parts):
        told = None if index == act.clause else spans.reason_of_clause(clause, said.text)
        if told and known_kind(told):
            slots |= spans.typed(told)
    if "w" in said.code:
        numbers = spans.items(said.tokens, said.text)
        return Reading("withdraw", slots | ({"item": numbers[0]} if numbers else {}) | {"object": "wish"}, act.says, _words(said, act))
    shift = next((token.text for token in said.tokens if token.kind == "H"), None)
    if shift:
        return Reading("withdraw", slots | {"shift": shift}, act.says, _words(said, act))
    numbers = spans.items(said.tokens, said.text)
    if numbers:
        return Reading("withdraw", slots | {"item": numbers[0]}, act.says, _words(said, act))
    if "persons" in slots:
        found, moment = spans.activity(said.tokens), spans.when(said.tokens, said.text)
        slots |= ({"activity": found} if found else {}) | ({"when": moment} if moment else {})
        return Reading("withdraw", slots, act.says, _words(said, act))
    return Reading("withdraw", _named(said, slots), act.says, _words(said, act))


def checkin(said: Said, act: Found) -> Reading:
    """Present now. For somebody else, or after the event, only the clerk may enter it."""
    slots: Slots = {**_mode(said.text)}
    if "E" in said.code:
        slots |= _late(said.text, said.code)
    named = spans.persons(said.tokens)
    if named:
        slots["persons"] = named
        if "r" in said.code:
            slots |= {"proxy": True, "flag": "needs_clerk"}
        elif len(named) > 1:
            slots |= {"flag": "needs_clerk"}
    moment = spans.when(said.tokens, said.text)
    if moment and _PAST.search(moment):
        slots["flag"] = "needs_clerk"
    made = _named(said, slots)
    if "item" in made:
        made = _context(said, {key: value for key, value in made.items() if key != "item"} | {"code": made["item"]})
    return Reading("checkin", made, act.says, _words(said, act))


def resign(said: Said, act: Found) -> Reading:
    """补签: a check-in after the event."""
    slots: Slots = {**spans.who(said.tokens, said.code), "flag": "needs_clerk"}
    return Reading("checkin", _named(said, slots), act.says, _words(said, act))


_SPAN = re.compile(r"(\d{1,2}|[一二两三四五六七八九十]{1,3})(?::(\d{2})|[点时](?:(半)|([一三])刻|(\d{1,2}|[一二三四五六七八九十]{1,3})分?)?)")


def _times(text: str) -> list[tuple[str, str]]:
    """The clock readings of a token with the half of the day before each."""
    out: list[tuple[str, str]] = []
    half = ""
    for found in _SPAN.finditer(text):
        before = re.findall(r"凌晨|早上|上午|中午|下午|晚上|傍晚|晚|早", text[: found.start()])
        half = before[-1] if before else half
        hour = number(found[1]) or 0
        minute = int(found[2]) if found[2] else 30 if found[3] else 15 * (number(found[4]) or 0) if found[4] else number(found[5]) or 0 if found[5] else 0
        if half in ("下午", "晚上", "傍晚", "晚") and 1 <= hour < 12:
            hour += 12
        out.append((f"{hour % 24 if hour <= 24 else hour:02d}:{minute:02d}", half))
    return out


def clock_span(tokens: list[Token]) -> tuple[str, str] | None:
    """Start and end of day as HH:MM where one expression names both (9点到11点), else None."""
    joined = [token for token in tokens if token.kind == "T"]
    times = _times("".join(token.text for token in joined[:2])) if joined else []
    return (times[0][0], times[1][0]) if len(times) == 2 else None


_DURATION = re.compile(r"(\d+(?:\.\d+)?|[零一二两三四五六七八九十]+|半)?(?:个)?(半)?(小时|钟头|分钟|min|h)(半)?")


def duration(text: str) -> float | None:
    """Hours of a length of time: 2小时, 两个半小时, 半小时, 120分钟."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    amount = 0.5 if found[1] == "半" else 0.0 if found[1] is None else float(found[1]) if found[1][0].isdigit() else float(number(found[1]) or 0)
    amount += 0.5 if found[2] or found[4] else 0
    return round(amount / 60, 2) if found[3] in ("分钟", "min") else amount


def span_hours(start: str, end: str) -> float:
    """Hours between two times of day, over midnight where the end is earlier."""
    first, last = (int(one[:2]) * 60 + int(one[3:]) for one in (start, end))
    return round(((last - first) % 1440) / 60, 2)


def hours(said: Said) -> Slots:
    """start, end and hours as far as the text tells them."""
    span = clock_span(said.tokens)
    slots: Slots = {"start": span[0], "end": span[1], "hours": span_hours(*span)} if span else {}
    told = next((duration(token.text) for token in said.tokens if token.kind == "5"), None)
    return slots | ({"hours": told} if told is not None else {})


def checkout(said: Said, act: Found) -> Reading:
    """End of service; with hours where they are told."""
    slots: Slots = {**spans.who(said.tokens, said.code), **hours(said)}
    found = spans.activity(said.tokens)
    slots = slots | {"activity": found} if found else slots if "start" in slots else _context(said, slots)
    return Reading("checkout", slots, act.says, _words(said, act))


def makeup(said: Said, act: Found) -> Reading | None:
    """已补学: a fact, not a plan."""
    done = re.search(r"已|了|完|过|上门", said.text[said.parts[act.clause][0].start :]) or "c" in act.code
    if not done or "f" in act.code or "j" in act.code:
        return None
    slots: Slots = {k: v for k, v in spans.who(said.tokens, said.code).items() if k != "count"}
    return Reading("makeup", _named(said, slots, None, "open_makeup"), act.says, _words(said, act))


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
