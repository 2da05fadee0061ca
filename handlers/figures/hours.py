"""学时 per member in the year of the cut-off: typed entries, and meetings for which nothing was typed.

The same rules as a member's own line (handlers/registers/hours.py), for everybody at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from bot.sql import p, sql
from handlers.figures import meetings
from handlers.figures.people import PEOPLE, Person
from handlers.figures.rows import ZERO, Chosen, Reading, Rows, Tally, counted, tally_of
from handlers.people.who import roles_of
from handlers.registers.hours import CONCENTRATED, counted_minutes, needed_by
from handlers.registers.meetings import length
from handlers.registers_tables import register_rows

_r = register_rows
TYPED = sql(
    select(_r.c.member_id, _r.c.kind, _r.c.on_date, _r.c.quantity).where(
        _r.c.register == "study", _r.c.on_date.between(p("year"), p("last")), _r.c.member_id > ZERO, counted(_r)
    )
)


class Studied(Rows):
    """Members who studied in the year; `quantity` is their minutes (60 = 1 学时), `what` names a 集中培训."""

    __slots__ = ()

    def __init__(self) -> None:
        self.trace = "study"

    def listed(self, reading: Reading) -> Sequence[Any]:
        """In the order of the branches and the register."""
        minutes, trained = _sums(reading)
        return [
            replace(one, quantity=minutes[one.key], what=CONCENTRATED if one.key in trained else "")
            for one in reading.shared(PEOPLE)
            if minutes.get(one.key) or one.key in trained
        ]

    def tally(self, reading: Reading) -> Tally:
        """How many there are."""
        return tally_of(reading.shared(self))


def _sums(reading: Reading) -> tuple[dict[int, int], set[int]]:
    """Minutes per member, and who took part in a concentrated training."""
    rules, minutes, trained = reading.asked.rules, dict[int, int](), set[int]()
    typed = reading.tx.all(TYPED, **reading.asked.values())
    entered = {(row.member_id, row.on_date, row.kind) for row in typed}
    for row in typed:
        found = counted_minutes(row.kind, int(row.quantity), rules)
        if found is not None:
            _add(minutes, trained, row.member_id, row.kind, found)
    for one in meetings.held(reading):
        kind = next((name for name in one.kinds if name in rules.study_kinds), "")
        if one.ends_at and kind:
            start, end = reading.tx.moment(one.moment), reading.tx.moment(one.ends_at)
            day, given = start.date().isoformat(), length(start, end, rules)
            for member in one.there:
                if (member, day, kind) not in entered:
                    _add(minutes, trained, member, kind, given)
    return minutes, trained


def _add(minutes: dict[int, int], trained: set[int], member: int, kind: str, length_of: int) -> None:
    minutes[member] = minutes.get(member, 0) + length_of
    if kind == CONCENTRATED:
        trained.add(member)


STUDIED = Studied()


def enough() -> Rows:
    """Members who have the hours that are asked of every member."""
    return Chosen(STUDIED, lambda one, asked: one.quantity >= needed_by("", asked["rules"]))


def enough_for_leaders() -> Rows:
    """Members of the committee who have the hours that are asked of them."""
    return Chosen(STUDIED, _leader_has_enough)


def _leader_has_enough(one: Person, asked: Any) -> bool:
    duty = one.facts.get("duty", "")
    return bool(roles_of(duty) & {"secretary", "committee"}) and one.quantity >= needed_by(duty, asked["rules"])


def trained() -> Rows:
    """Members who took part in a concentrated training."""
    return Chosen(STUDIED, lambda one, _asked: one.what == CONCENTRATED)
