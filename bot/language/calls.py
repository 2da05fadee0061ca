"""Which open call a reading can mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from bot.language.reading import Call, Reading
from bot.language.times import find_when
from bot.message import Refused

_KINDS: dict[str, frozenset[str]] = {
    "attend": frozenset({"activity", "shift"}),
    "leave": frozenset({"activity", "shift"}),
    "signup": frozenset({"activity", "shift"}),
    "withdraw": frozenset({"activity", "shift"}),
    "checkin": frozenset({"activity", "shift"}),
    "checkout": frozenset({"shift", "activity"}),
    "makeup": frozenset({"makeup"}),
    "dues_paid": frozenset({"dues"}),
    "wish_claim": frozenset({"wish"}),
    "wish_done": frozenset({"wish"}),
}
_COMMON = re.compile(r"支部|本月|本周|\d+月(?:份)?|专题|的|活动|[#\s]")


def which(reading: Reading, calls: Sequence[Call], now: datetime) -> tuple[Call, ...]:
    """The calls that number, words or time of a reading can mean; all of its kind when it names nothing, () if it
    names something that is not open."""
    kinds = _KINDS.get(reading.intent)
    if reading.slots.get("object") == "wish":
        kinds = frozenset({"wish"})
    left = [call for call in calls if kinds is None or call.what in kinds]
    if not reading.slots:
        return tuple(left)
    number = _number(reading)
    if number is not None:
        exact = tuple(call for call in left if call.number == number)
        by_day = (call for call in left if call.starts_at and call.starts_at.astimezone(now.tzinfo).day == number)
        return exact or (tuple(by_day) if reading.intent in ("attend", "leave") else ())
    name = reading.slots.get("activity")
    if name:
        left = _by_title(str(name), left)
    moment = reading.slots.get("when")
    return tuple(_by_time(str(moment), left, now)) if moment else tuple(left)


def _number(reading: Reading) -> int | None:
    item = reading.slots.get("number", reading.slots.get("item"))
    if item is not None and str(item).isdigit():
        return int(item)
    shift = re.match(r"(\d+)", str(reading.slots.get("shift", "")))
    return int(shift.group(1)) if shift else None


def _by_title(name: str, calls: list[Call]) -> list[Call]:
    wanted = _COMMON.sub("", name) or name
    exact = [call for call in calls if wanted in (_COMMON.sub("", call.title), _COMMON.sub("", call.kind))]
    return exact or [
        call for call in calls if wanted in call.title or wanted in call.kind or (call.kind and call.kind in name)
    ]


def _by_time(words: str, calls: list[Call], now: datetime) -> list[Call]:
    out: list[Call] = []
    days = set()
    for piece in re.split(r"[、和]", words):
        try:
            found = find_when(piece, now)
        except Refused:
            return []
        if found is not None and found.day:
            days |= {found.start.date(), *(one.date() for one in found.ambiguous)}
    if not days:
        return calls
    for call in calls:
        if call.starts_at is None or call.starts_at.astimezone(now.tzinfo).date() in days:
            out.append(call)
    return out
