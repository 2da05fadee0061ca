"""Sessions (次), attendances (人次) and people (人) of meetings: who really was there, not who said he would come.

A session counts once per kind, as soon as it has ended and its record is complete; one that isn't is listed as not
sound. 人次 are the people who were there as it was known then; 补学 is none. What was recorded of a year is read once
for all figures, month by month; that the newest row counts is decided here, since a database asks that row by row.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import and_, case, or_, select

from bot.sql import p, sql
from handlers.activities import PRESENT
from handlers.activities.kinds import DECIDING, LESSON
from handlers.attendance.record import NEEDED
from handlers.figures.rows import Reading, Rows, Tally, in_scope
from handlers.meetings_tables import exclusions, record_lines
from handlers.tables import activities, invited, memberships, presences

_a, _p, _l, _m, _x = activities, presences, record_lines, memberships, exclusions
_held = and_(
    _a.c.starts_at >= p("since"),
    _a.c.starts_at < p("until"),
    _a.c.opened_at <= p("at"),
    or_(_a.c.state != "cancelled", _a.c.ended_at > p("at")),
    in_scope(_a.c.branch_id),
)
SESSIONS = sql(
    select(
        *(_a.c.id, _a.c.branch_id, _a.c.kind, _a.c.also, _a.c.starts_at, _a.c.ends_at, _a.c.place, _a.c.audience),
        and_(_a.c.state == "closed", _a.c.ended_at <= p("at")).label("closed"),
    )
    .where(_held)
    .order_by(_a.c.branch_id, _a.c.starts_at, _a.c.id)
)
# A row's number and whether he was there in one whole number: the greatest of a member is the newest, odd = there.
SEEN = sql(
    select(_p.c.activity_id, _p.c.member_id, (_p.c.id * 2 + case((_p.c.state.in_(PRESENT), 1), else_=0)).label("said"))
    .join_from(_a, _p, _p.c.activity_id == _a.c.id)
    .where(_held, _p.c.at <= p("at"))
)
LINES = sql(
    select(_l.c.id, _l.c.activity_id, _l.c.field, _l.c.words)
    .join_from(_a, _l, _l.c.activity_id == _a.c.id)
    .where(_held, _l.c.at <= p("at"))
)
NAMED = sql(select(invited.c.activity_id, invited.c.member_id).join_from(_a, invited).where(_held))
SPANS = sql(select(_m.c.branch_id, _m.c.member_id, _m.c.from_at, _m.c.to_at).where(in_scope(_m.c.branch_id)))
EXCLUDED = sql(
    select(_x.c.id, _x.c.branch_id, _x.c.member_id, _x.c.from_at, _x.c.to_at, _x.c.replaces).where(
        in_scope(_x.c.branch_id), _x.c.recorded_at <= p("at")
    )
)


@dataclass(slots=True)
class Session:
    """A meeting that began: what its record has, and who was there."""

    id: int
    branch_id: int
    kinds: tuple[str, ...]
    moment: int
    ends_at: int
    place: str
    listed: bool
    closed: bool
    lines: dict[str, str] = field(default_factory=dict)
    there: array[int] = field(default_factory=lambda: array("q"))

    @property
    def sound(self) -> bool:
        """Whether it counts: ended, with a complete record (see handlers/attendance/record.py)."""
        needed = [*NEEDED]
        needed += ["lecturer"] if LESSON in self.kinds else []
        needed += ["resolution"] if not set(DECIDING).isdisjoint(self.kinds) else []
        placed = bool(self.place or self.lines.get("place"))
        return self.closed and placed and bool(self.there) and all(self.lines.get(one) for one in needed)


class Row(NamedTuple):
    """A row behind a figure of meetings: a session, or (with `member_id`) somebody at one."""

    key: int
    branch_id: int
    moment: int
    what: str
    member_id: int = 0
    sound: int = 1
    quantity: int = 1
    day: str = ""


def held(reading: Reading) -> list[Session]:
    """The sessions of the cut-off's year up to it, called off ones left out; read once."""
    if "sessions" not in reading.kept:
        reading.kept["sessions"] = list(_read(reading, reading.asked.values()["year_start"]))
    found: list[Session] = reading.kept["sessions"]
    return found


def begun(reading: Reading) -> list[Session]:
    """Those of them that began within the period; the rest of the year is not read for them."""
    if "begun" not in reading.kept:
        values = reading.asked.values()
        whole = values["start"] == values["year_start"] or "sessions" in reading.kept
        year = held(reading) if whole else _read(reading, values["start"])
        reading.kept["begun"] = [one for one in year if one.moment >= values["start"]]
    found: list[Session] = reading.kept["begun"]
    return found


def _read(reading: Reading, start: int) -> Iterator[Session]:
    values = reading.asked.values()
    bounds = [start, *(one for one in reading.asked.month_starts() if start < one < values["end"]), values["end"]]
    for since, until in pairwise(bounds):
        found = {one.id: one for one in _sessions(reading, {**values, "since": since, "until": until})}
        yield from found.values()


def _sessions(reading: Reading, values: dict[str, Any]) -> Iterator[Session]:
    tx = reading.tx
    lines: dict[int, dict[str, tuple[int, str]]] = {}
    for number, activity, name, words in tx.all(LINES, **values):
        known = lines.setdefault(activity, {})
        if number > known.get(name, (0, ""))[0]:
            known[name] = number, words
    newest: dict[int, dict[int, int]] = {}
    for activity, member, said in tx.all(SEEN, **values):
        people = newest.get(activity)
        if people is None:
            people = newest[activity] = {}
        if said > people.get(member, 0):
            people[member] = said
    there = {one: array("q", (who for who, said in people.items() if said & 1)) for one, people in newest.items()}
    for row in tx.all(SESSIONS, **values):
        kinds = (row.kind, *filter(None, row.also.split("、")))
        kept = {name: words for name, (_, words) in lines.get(row.id, {}).items()}
        shown = (
            row.id,
            row.branch_id,
            kinds,
            row.starts_at,
            row.ends_at,
            row.place,
            bool(row.audience),
            bool(row.closed),
        )
        yield Session(*shown, kept, there.get(row.id, array("q")))


class Sessions(Rows):
    """Meetings of some kinds (() = of any), each once; not sound where the record isn't complete."""

    __slots__ = ("kinds",)

    def __init__(self, *kinds: str) -> None:
        self.kinds, self.trace = frozenset(kinds), "session"

    def found(self, reading: Reading) -> list[Session]:
        """Those that began within the period."""
        return [one for one in begun(reading) if not self.kinds or not self.kinds.isdisjoint(one.kinds)]

    def listed(self, reading: Reading) -> Sequence[Any]:
        """In the order of branches and time."""
        found = self.found(reading)
        rows = [Row(one.id, one.branch_id, one.moment, one.kinds[0], sound=int(one.sound)) for one in found]
        return sorted(rows, key=lambda row: (row.branch_id, row.moment, row.key))

    def tally(self, reading: Reading) -> Tally:
        """How many there are."""
        return self.counting(reading)(self.found(reading))

    def counting(self, reading: Reading) -> Callable[[Sequence[Session]], Tally]:
        """Counts some of them: 次, and the branches that held one."""

        def count(found: Sequence[Session]) -> Tally:
            sound = [one for one in found if one.sound]
            branches = {one.branch_id for one in sound}
            return Tally(len(sound), 0, len(branches), len(sound), len(found) - len(sound))

        return count


class Attended(Sessions):
    """Who was at the sessions that count: a row for each person and session."""

    __slots__ = ()

    def __init__(self, *kinds: str) -> None:
        super().__init__(*kinds)
        self.trace = "presence"

    def listed(self, reading: Reading) -> Sequence[Any]:
        """In the order of branches and time."""
        return list(self.each(reading))

    def each(self, reading: Reading) -> Iterator[Row]:
        """The same one by one: a system's year has hundreds of thousands."""
        sound = sorted((one for one in self.found(reading) if one.sound), key=lambda one: (one.branch_id, one.moment))
        for one in sound:
            yield from (Row(one.id, one.branch_id, one.moment, one.kinds[0], who) for who in sorted(one.there))

    def counting(self, reading: Reading) -> Callable[[Sequence[Session]], Tally]:
        """Counts at some of them: 人次 and 人."""

        def count(found: Sequence[Session]) -> Tally:
            sound = [one for one in found if one.sound]
            times, people = sum(len(one.there) for one in sound), set[int]()
            for one in sound:
                people.update(one.there)
            return Tally(times, len(people), len({one.branch_id for one in sound}), times, 0)

        return count


class Due(Sessions):
    """应到: who belonged to the branch when a session that counts began, or was named for it, less who is 不计入."""

    __slots__ = ()

    def __init__(self, *kinds: str) -> None:
        super().__init__(*kinds)
        self.trace = ""

    def listed(self, reading: Reading) -> Sequence[Any]:
        """In the order of branches and time."""
        return list(self.each(reading))

    def each(self, reading: Reading) -> Iterator[Row]:
        """The same one by one."""
        sound = sorted((one for one in self.found(reading) if one.sound), key=lambda one: (one.branch_id, one.moment))
        due = _due_at(reading)
        for one in sound:
            yield from (Row(one.id, one.branch_id, one.moment, one.kinds[0], who) for who in due(one))

    def counting(self, reading: Reading) -> Callable[[Sequence[Session]], Tally]:
        """Counts of some of them: 应到人次."""
        due = _due_at(reading)

        def count(found: Sequence[Session]) -> Tally:
            sound = [one for one in found if one.sound]
            times = sum(len(due(one)) for one in sound)
            return Tally(times, 0, len({one.branch_id for one in sound}), times, 0)

        return count


def _due_at(reading: Reading) -> Any:
    """Session -> the members who were due at it."""
    values, tx = reading.asked.values(), reading.tx
    values |= {"since": values["start"], "until": values["end"]}
    belonged, excluded, named = dict[int, list[Any]](), dict[int, list[Any]](), dict[int, set[int]]()
    for row in tx.all(SPANS, **values):
        belonged.setdefault(row.branch_id, []).append(row)
    rows = tx.all(EXCLUDED, **values)
    replaced = {row.replaces for row in rows}
    for row in rows:
        if row.id not in replaced:
            excluded.setdefault(row.branch_id, []).append(row)
    for row in tx.all(NAMED, **values):
        named.setdefault(row.activity_id, set()).add(row.member_id)

    def due(one: Session) -> list[int]:
        people = _at(belonged.get(one.branch_id, ()), one.moment)
        gone = set(_at(excluded.get(one.branch_id, ()), one.moment))
        listed = named.get(one.id, set()) if one.listed else None
        return [who for who in people if who not in gone and (listed is None or who in listed)]

    return due


def _at(spans: Sequence[Any], moment: int) -> list[int]:
    """Whose span covers a moment."""
    return [row.member_id for row in spans if row.from_at <= moment and (not row.to_at or row.to_at > moment)]


def places(reading: Reading, *kinds: str) -> list[str]:
    """Where the sessions of some kinds that count were held, each once."""
    found = (one.place or one.lines["place"] for one in Sessions(*kinds).found(reading) if one.sound)
    return sorted(set(found))
