"""The kinds of field a book may have: each takes its words out of the line and gives the columns that it fills."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.message import Refused
from handlers.registers.line import Line, plain

Values = dict[str, Any]
Take = Callable[[Line], Values]

MOST_COUNT = 9999
MOST_MINUTES = 200 * 60  # one entry of 学时: a month away at a Party school
STEP_MINUTES = 30
# 学时 of a word, in minutes (60 = 1 学时). Local practice: 8 a full day, 4 a half day, else 1 an hour.
CONVERSIONS: Mapping[str, int] = {"学时": 60, "小时": 60, "钟头": 60, "全天": 480, "半天": 240, "天": 480}
_NUMBERS = {sign: Decimal(value) for value, sign in enumerate("零一二三四五六七八九十")} | {
    "两": Decimal(2),
    "半": Decimal("0.5"),
}
_HOURS = re.compile(rf"(-?[0-9.]{{1,16}}|[{''.join(_NUMBERS)}]?)个?({'|'.join(CONVERSIONS)})")
_COUNT = re.compile(r"(-?[0-9.]{1,16})(?:人次|人|次|条|个|项|名|家|篇|处)")
_MEDIA = re.compile(r".{1,20}(?:报|网|台|公众号|平台|客户端|频道|刊|杂志|微信|学习强国|简报)|学习强国")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what it is called, how it is taken, whether an entry can be without it and what then stands there."""

    name: str
    take: Take
    needed: bool = False
    default: Values = field(default_factory=dict)


def on_date(line: Line) -> Values:
    """The day it happened, never one to come."""
    found = line.past()
    return {"on_date": found.isoformat()} if found else {}


def due(line: Line) -> Values:
    """期限 and a day."""
    found = line.due()
    return {"due_on": found.isoformat()} if found else {}


def one_of(column: str, words: Mapping[str, tuple[str, ...]]) -> Take:
    """One word of a list; it stands in the book under its first name."""
    known = {word: name for name, others in words.items() for word in (name, *others)}

    def take(line: Line) -> Values:
        found = line.first(known.get)
        return {column: found} if found else {}

    return take


def hours(line: Line) -> Values:
    """2学时, 1.5小时, 半天, 3天: minutes, in halves of a 学时. Raises Refused for what is no such number."""
    found = line.first(_minutes)
    return {"quantity": found} if found else {}


def _minutes(word: str) -> int | None:
    found = _HOURS.fullmatch(word)
    if found is None:
        return None
    minutes = _decimal(found[1] or "1") * CONVERSIONS[found[2]]
    if minutes % STEP_MINUTES or not STEP_MINUTES <= minutes <= MOST_MINUTES:
        raise Refused(f"「{word}」不行：学时按 0.5 的倍数登记，一次 0.5 到 {MOST_MINUTES // 60}。")
    return int(minutes)


def count(line: Line) -> Values:
    """3人次, 30条. Raises Refused for what is no whole number from 1 on."""
    found = line.first(_whole)
    return {"quantity": found} if found else {}


def _whole(word: str) -> int | None:
    found = _COUNT.fullmatch(word)
    if found is None:
        return None
    number = _decimal(found[1])
    if number % 1 or not 1 <= number <= MOST_COUNT:
        raise Refused(f"「{word}」不行：数量要是 1 到 {MOST_COUNT} 之间的整数。")
    return int(number)


def _decimal(text: str) -> Decimal:
    try:
        return _NUMBERS[text] if text in _NUMBERS else Decimal(text)
    except InvalidOperation:
        raise Refused(f"「{text}」不是数。") from None


def members(line: Line) -> Values:
    """Any number of members: a row each."""
    found = line.people()
    return {"member_id": [row.id for row in found]} if found else {}


def member(line: Line) -> Values:
    """One member, with a label or without. Raises Refused for several."""
    labelled = line.labelled(("负责人", "作者", "责任人"), line.named)
    if labelled:
        line.words.insert(0, labelled)
    found = line.people()
    if len(found) > 1:
        raise Refused("只能写一位党员。")
    if labelled and not found:
        raise Refused(f"本支部名册里没有「{labelled[:20]}」。不是党员的，不用写负责人或作者。")
    return {"member_id": found[0].id} if found else {}


def pair(line: Line) -> Values:
    """Who and with whom: two members. Raises Refused for one or three."""
    found = line.people()
    if found and len(found) != 2:
        raise Refused("请写两位党员：谁和谁。")
    return {"member_id": found[0].id, "other_member_id": found[1].id} if found else {}


def media(line: Line) -> Values:
    """Where it was published: `刊于 …`, or the last of several words if it names a paper, a site, a channel."""
    found = line.labelled(("媒体", "刊于", "发于"))
    if not found and len(line.words) > 1 and _MEDIA.fullmatch(line.words[-1]):
        found = line.words.pop()
    return {"place": plain(found, 30, "媒体")} if found else {}


def adopted(line: Line) -> Values:
    """采用: the article was taken."""
    return {"state": "adopted"} if line.first({"采用": 1, "已采用": 1, "录用": 1, "刊发": 1}.get) else {}


def title(most: int, what: str) -> Take:
    """All that is left. Raises Refused for too much of it."""

    def take(line: Line) -> Values:
        found = plain(line.rest(), most, what)
        return {"title": found} if found else {}

    return take
