"""What the secretary's desk is made of: sections of entries, and acts that are asked for by a form.

An act on the desk is an operation of the chat: the same rules, the same refusals, the same line in the trail. A section
says what there is, and holds as many of its entries as fit on one page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from bot.commands import Who
from bot.db import Tx
from bot.dispatch import House
from bot.message import Refused
from handlers.looks import note_looks, note_names

LONGEST = 500  # characters of a field: the longest that any book takes
MOST_PICKED = 200  # rows of one form
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Seen:
    """Personal rows that a page shows: whose they are, by number or by name."""

    what: str
    members: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """Who sits at the desk (roles and branch as the register has them now), and the house.

    `lacking` names the meetings that the rules ask of a branch by now and that are neither held nor planned. What is
    shown of others' personal rows goes to `seen`: a page only reads, and the looks are noted when it is made.
    """

    who: Who
    house: House
    lacking: Callable[[Tx, int], list[str]] = lambda _tx, _branch: []
    seen: list[Seen] = field(default_factory=list)

    def shows(self, what: str, members: Iterable[int] = (), names: Iterable[str] = ()) -> None:
        """Keeps that somebody's personal rows stand on the page; nothing where there is nobody."""
        seen = Seen(what, tuple(members), tuple(names))
        if seen.members or seen.names:
            self.seen.append(seen)


def note_seen(tx: Tx, who: Who, seen: Sequence[Seen]) -> None:
    """Notes the looks of a page that was made, as the chat notes them."""
    for one in seen:
        note_looks(tx, who, one.members, one.what)
        note_names(tx, who, who.branch, one.names, one.what)


@dataclass(frozen=True, slots=True)
class Look:
    """Which entries are wanted: from `start` on, at most `most`; of the meeting `number` alone where it isn't 0."""

    start: int = 0
    most: int = 10
    number: int = 0
    alone: bool = False  # whether the section stands on a page of its own

    def of(self, rows: Sequence[Any]) -> Sequence[Any]:
        """The rows that are wanted."""
        return rows[self.start : self.start + self.most]


@dataclass(frozen=True, slots=True)
class Field:
    """What an act asks for, as a form shows it."""

    name: str
    called: str
    kind: Literal["text", "date", "datetime-local", "choice"] = "text"
    needed: bool = False
    value: str = ""
    options: tuple[str, ...] = ()
    longest: int = LONGEST


@dataclass(frozen=True, slots=True)
class Act:
    """A form: the act's name, its button, what goes with it unseen, and what is asked for."""

    name: str
    label: str
    of: Mapping[str, str] = field(default_factory=dict)
    asks: tuple[Field, ...] = ()
    primary: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a section with what can be done about it; `pick` is its value where several can be picked."""

    title: str
    notes: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    pick: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the desk: `count` entries, of which `entries` are shown.

    `bulk` acts on all that are picked; the form sends them as `picks`.
    """

    name: str
    heading: str
    count: int
    entries: tuple[Entry, ...]
    empty: str
    number: int = 0
    notes: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    bulk: Act | None = None
    picks: str = "number"

    @property
    def path(self) -> str:
        """Its address behind the desk's."""
        return f"{self.name}/{self.number}" if self.number else self.name


@dataclass(frozen=True, slots=True)
class Given:
    """What a form sent. Every reading raises Refused for what can't be read."""

    values: Mapping[str, Sequence[str]]

    def text(self, name: str, longest: int = LONGEST) -> str:
        """The words of a field on one line, "" for none."""
        words = " ".join((self.values.get(name) or [""])[0].split())
        if len(words) > longest:
            raise Refused(f"写得太长，最多 {longest} 字。没有登记。")
        return words

    def number(self, name: str) -> int:
        """A number that stands in the form unseen."""
        return _number(self.text(name))

    def numbers(self, name: str) -> list[int]:
        """The rows that were picked, each once."""
        found = list(dict.fromkeys(map(_number, self.values.get(name, ()))))
        if not found:
            raise Refused("没有选人或选项，没有登记。请先勾选。")
        if len(found) > MOST_PICKED:
            raise Refused(f"一次最多选 {MOST_PICKED} 项。没有登记。")
        return found

    def day(self, name: str) -> date:
        """A day of the calendar."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            raise Refused("日期没看懂，请写成 2026-11-20 这样。没有登记。") from None

    def moment(self, name: str, now: datetime) -> datetime:
        """An instant in the house's zone, to the minute."""
        try:
            found = datetime.fromisoformat(self.text(name).replace(" ", "T"))
        except ValueError:
            raise Refused("时间没看懂，请写成 2026-11-20 15:00 这样。没有登记。") from None
        return found.replace(tzinfo=now.tzinfo, second=0, microsecond=0)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise Refused("这一项不在了，请刷新页面。")
    return int(text)


# A section's maker says what stands there now: none, one, or one for each meeting.
Sections = Callable[[Tx, Bench, Look], list[Section]]
# An act does what its form asks for and says so in a line that the secretary alone reads. Raises Refused.
Do = Callable[[Tx, Bench, Given], str]
