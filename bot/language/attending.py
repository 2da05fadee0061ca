"""Coming: sure or not, late, online, for others, or instead of an earlier leave."""

from __future__ import annotations

import re

from bot.language import spans
from bot.language.acts import Found
from bot.language.numerals import number
from bot.language.reading import Reading
from bot.language.said import PAST, Said, Slots, deciding, named, only_counted, other_half, own_time, who

_ONLINE = re.compile(r"线上|网上|视频|腾讯会议|云端|远程|在线|钉钉会议|直播")

_ONSITE = re.compile(r"现场|线下")

_LATE_MINUTES = re.compile(r"(?:[晚迟])\D{0,5}?(\d+|[一二两三四五六七八九十半]+)(?:多)?(?:个)?(分钟|小时|钟头|刻钟)")

_ARRIVED = re.compile(r"(?:都|全|全部|全员|也|已经?)[来到]了")


def mode(text: str) -> Slots:
    """Whether one comes online or in person, {} where it is not said."""
    return {"mode": "online"} if _ONLINE.search(text) else {"mode": "offline"} if _ONSITE.search(text) else {}


def lateness(text: str, code: str) -> Slots:
    """`late`, with `late_minutes` where they are told; {} for 不会迟到."""
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
    slots: Slots = {**half, **who(said, act), **mode(said.text), **lateness(said.text, said.code)}
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
    """晚到20分钟 and 可能晚到 are coming, late: what is unsure is the hour; a bare 迟到了 says nothing sure."""
    if not _LATE_MINUTES.search(said.text) and (
        re.search(r"迟到了|来晚了|又|总|老是|^迟到\W*$", said.text) or "P" in said.code
    ):
        return None
    slots = {**who(said, act), **lateness(said.text, said.code)}
    return Reading("attend", named(said, slots), act.says, deciding(said, act))
