"""The kinds of field a book may have: each takes its words out of a line and gives the columns that it fills.

A cell of a sheet is read by the same functions: it becomes the words that would be typed in chat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.config import Registers
from bot.message import Refused
from handlers.registers.line import Line, plain

Values = dict[str, Any]
Take = Callable[[Line], Values]
Label = Callable[[int], str]  # a member's name as a sheet writes it, 姓名(科室) for namesakes

MOST_COUNT = 9999
MOST_MINUTES = 200 * 60  # one entry of 学时: a month away at a Party school
STEP_MINUTES = 30
_NUMBERS = {sign: Decimal(value) for value, sign in enumerate("零一二三四五六七八九十")} | {
    "两": Decimal(2),
    "半": Decimal("0.5"),
}
_UNITS = ("学时", "小时", "钟头", "全天", "半天", "天")
_HOURS = re.compile(rf"(-?[0-9.]{{1,16}}|[{''.join(_NUMBERS)}]?)个?({'|'.join(_UNITS)})")
_COUNT = re.compile(r"(-?[0-9.]{1,16})(?:人次|人|次|条|个|项|名|家|篇|处)")
_BARE = re.compile(r"-?[0-9.]{1,16}")
_MEDIA = re.compile(r".{1,20}(?:报|网|台|公众号|平台|客户端|频道|刊|杂志|微信|学习强国|简报)|学习强国")
_NUMBER = re.compile(r"[#＃]?(\d{1,6})号?")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a field is taken out of a line, what a cell shows of a row, and the words that a cell stands for.

    `options` are all that may stand there, where that is a list.
    """

    take: Take
    show: Callable[[Any, Label], str]
    words: Callable[[str], list[str]] = lambda cell: [cell]
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what it is called, its kind, whether an entry can be without it and what then stands there.

    `header` names its column in a sheet where that is not the name, `hint` explains what may stand there.
    """

    name: str
    kind: Kind
    needed: bool = False
    default: Values = field(default_factory=dict)
    header: str = ""
    hint: str = ""

    @property
    def column(self) -> str:
        """The header of its column."""
        return self.header or self.name


def _take_on_date(line: Line) -> Values:
    found = line.past()
    return {"on_date": found.isoformat()} if found else {}


def _take_due(line: Line) -> Values:
    found = line.due()
    return {"due_on": found.isoformat()} if found else {}


on_date = Kind(_take_on_date, lambda row, _label: str(row.on_date))  # the day it happened, never one to come
due = Kind(_take_due, lambda row, _label: str(row.due_on), lambda cell: ["期限", cell])  # 期限 and a day


def one_of(column: str, words: Mapping[str, tuple[str, ...]]) -> Kind:
    """One word of a list; it stands in the book under its first name."""
    known = {word: name for name, others in words.items() for word in (name, *others)}

    def take(line: Line) -> Values:
        found = line.first(known.get)
        return {column: found} if found else {}

    return Kind(take, lambda row, _label: str(getattr(row, column)), options=tuple(words))


def conversions(rules: Registers) -> dict[str, int]:
    """学时 of a word, in minutes (60 = 1 学时): local practice, so a setting."""
    one, half, day = (round(hours * 60) for hours in (rules.study_hour, rules.study_half_day, rules.study_full_day))
    return {"学时": 60, "小时": one, "钟头": one, "全天": day, "半天": half, "天": day}


def _take_hours(line: Line) -> Values:
    """2学时, 1.5小时, 半天, 3天: minutes, in halves of a 学时. Raises Refused for what is no such number."""
    units = conversions(line.rules)
    found = line.first(lambda word: _minutes(word, units))
    return {"quantity": found} if found else {}


def _minutes(word: str, units: Mapping[str, int]) -> int | None:
    found = _HOURS.fullmatch(word)
    if found is None:
        return None
    number, unit = ("", word) if word in units else found.groups()  # 半天 is a unit, not half of 天
    minutes = _decimal(number or "1") * units[unit]
    if minutes % STEP_MINUTES or not STEP_MINUTES <= minutes <= MOST_MINUTES:
        raise Refused(f"「{word}」不行：学时按 0.5 的倍数登记，一次 0.5 到 {MOST_MINUTES // 60}。")
    return int(minutes)


hours = Kind(
    _take_hours,
    lambda row, _label: f"{row.quantity / 60:g}",
    lambda cell: [f"{cell}学时" if _BARE.fullmatch(cell) else cell],
)


def _take_count(line: Line) -> Values:
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


count = Kind(
    _take_count,
    lambda row, _label: str(row.quantity),
    lambda cell: [f"{cell}个" if _BARE.fullmatch(cell) else cell],
)


def _decimal(text: str) -> Decimal:
    try:
        return _NUMBERS[text] if text in _NUMBERS else Decimal(text)
    except InvalidOperation:
        raise Refused(f"「{text}」不是数。") from None


def _take_members(line: Line) -> Values:
    """Any number of members: a row each."""
    found = line.people()
    return {"member_id": [row.id for row in found]} if found else {}


def _take_member(line: Line) -> Values:
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


def _take_pair(line: Line) -> Values:
    """Who and with whom: two members. Raises Refused for one or three."""
    found = line.people()
    if found and len(found) != 2:
        raise Refused("请写两位党员：谁和谁。")
    return {"member_id": found[0].id, "other_member_id": found[1].id} if found else {}


def _name(row: Any, label: Label) -> str:
    return label(row.member_id) if row.member_id else ""


members = Kind(_take_members, _name)
member = Kind(_take_member, _name)
pair = Kind(_take_pair, lambda row, label: f"{label(row.member_id)}、{label(row.other_member_id)}")
NAMED = (members, pair)  # kinds whose every word is a name


def _take_media(line: Line) -> Values:
    """Where it was published: `刊于 …`, or the last of several words if it names a paper, a site, a channel."""
    found = line.labelled(("媒体", "刊于", "发于"))
    if not found and len(line.words) > 1 and _MEDIA.fullmatch(line.words[-1]):
        found = line.words.pop()
    return {"place": plain(found, 30, "媒体")} if found else {}


media = Kind(_take_media, lambda row, _label: str(row.place), lambda cell: [f"媒体:{cell}"])


def _take_adopted(line: Line) -> Values:
    """采用: the article was taken."""
    return {"state": "adopted"} if line.first({"采用": 1, "已采用": 1, "录用": 1, "刊发": 1}.get) else {}


adopted = Kind(_take_adopted, lambda row, _label: "采用" if row.state == "adopted" else "", lambda cell: [cell])


def _take_of_number(line: Line) -> Values:
    """对应 #3: the entry of the same book that this one belongs to. Raises Refused for what is no number."""
    word = line.labelled(("对应", "针对"), lambda rest: rest[0] in "#＃" or rest[0].isdigit())
    if not word:
        return {}
    found = _NUMBER.fullmatch(word)
    if found is None:
        raise Refused(f"「对应」后面请写编号，如：对应 #3。「{word[:20]}」不是编号。")
    return {"of_number": int(found[1])}


of_number = Kind(
    _take_of_number, lambda row, _label: f"#{row.of_number}" if row.of_number else "", lambda cell: ["对应", cell]
)


def take_evidence(line: Line) -> Values:
    """依据 and all that stands behind it: where it can be looked up."""
    at = next((at for at, word in enumerate(line.words) if re.match(r"依据(?:$|[:：])", word)), None)
    if at is None:
        return {}
    rest = " ".join(line.words[at:]).removeprefix("依据").lstrip(":： ")
    del line.words[at:]
    if not rest:
        raise Refused("「依据」后面没有写。")
    return {"evidence": plain(rest, 60, "依据")}


evidence = Kind(take_evidence, lambda row, _label: str(row.evidence), lambda cell: ["依据", *cell.split()])


def title(most: int, what: str) -> Kind:
    """All that is left. Raises Refused for too much of it."""

    def take(line: Line) -> Values:
        found = plain(line.rest(), most, what)
        return {"title": found} if found else {}

    return Kind(take, lambda row, _label: str(row.title))
