"""积分: reckoned anew from the rows each time, so every entry has the row it comes from and a correction corrects it.

Off by default. No row, no points: none for using the bot, none for speed, none for dues (a duty, and they tell of
hardship), none for private life. Retired and 流动 members are not scored. Nothing here compares members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from bot.config import PointRule, Points
from bot.db import Tx, micros
from bot.sql import p, sql
from handlers.attendance.known import ALWAYS
from handlers.attendance.record import Record, complete_meetings
from handlers.registers.books import AWARD, STUDY
from handlers.registers.hours import LECTURE
from handlers.registers.rows import LISTED
from handlers.registers_tables import wish_events, wishes
from handlers.shifts.hours import served
from handlers.tables import members, shifts

NOT_SCORED = ("离休", "退休", "离退休", "流动")  # two of three published schemes leave them out
TENTHS = 10

PEOPLE = sql(
    select(members.c.id, members.c.name, members.c.status)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0)
    .order_by(members.c.id)
)
FULFILLED = sql(
    select(wish_events.c.member_id, wish_events.c.on_date, wishes.c.number, wishes.c.kind)
    .join(wishes, wishes.c.id == wish_events.c.wish_id)
    .where(wishes.c.branch_id == p("branch"), wishes.c.state == "done", wish_events.c.action == "done")
    .where(wish_events.c.on_date.between(p("first"), p("last")))
    .order_by(wish_events.c.on_date, wish_events.c.id)
)


SHIFTS = sql(select(shifts.c.id, shifts.c.number).where(shifts.c.branch_id == p("branch")))


@dataclass(frozen=True, slots=True)
class Entry:
    """Points for one thing that a row tells of: `tenths` of a point, `source` names the row, `day` is ISO text."""

    member: int
    day: str
    rule: str
    tenths: int
    source: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One member's points of a year in tenths: `base` and the entries, never below the floor."""

    member: int
    name: str
    base: int
    total: int
    entries: tuple[Entry, ...]


class Told(NamedTuple):
    """What a row tells of: whom, on which day, of which kind (several with 、), the row, and its minutes."""

    member: int
    day: str
    kind: str
    source: str
    minutes: int = 0


Found = Iterator[Told]
Source = Callable[[Tx, int, int], Found]


def standings(tx: Tx, branch: int, year: int, rules: Points) -> list[Standing]:
    """Every member who is scored, in the register's order. For the committee's eyes, and never sorted by points."""
    scored = [row for row in tx.all(PEOPLE, branch=branch) if row.status not in NOT_SCORED]
    found: dict[int, list[Entry]] = {row.id: [] for row in scored}
    for rule in rules.rules:
        for entry in _entries(tx, branch, year, rule):
            if entry.member in found:
                found[entry.member].append(entry)
    return [_standing(row, found[row.id], rules) for row in scored]


def standing(tx: Tx, branch: int, member: int, year: int, rules: Points) -> Standing | None:
    """One member's points; None for who is not scored."""
    return next((one for one in standings(tx, branch, year, rules) if one.member == member), None)


def _standing(row: Any, entries: list[Entry], rules: Points) -> Standing:
    kept = sorted(_capped(entries, {rule.name: _tenths(rule.cap) for rule in rules.rules}), key=lambda one: one.day)
    base, floor = _tenths(rules.base), _tenths(rules.floor)
    return Standing(row.id, row.name, base, max(floor, base + sum(one.tenths for one in kept)), tuple(kept))


def _capped(entries: Iterable[Entry], caps: Mapping[str, int]) -> Iterator[Entry]:
    """Cut off where a rule's points of the year reach its cap; what gives nothing more still stands, with 0."""
    sums: dict[str, int] = {}
    for one in sorted(entries, key=lambda entry: entry.day):
        before, cap = sums.get(one.rule, 0), caps.get(one.rule, 0)
        tenths = min(one.tenths, cap - before) if cap and one.tenths > 0 else one.tenths
        sums[one.rule] = before + tenths
        yield replace(one, tenths=tenths)


def _tenths(points: float) -> int:
    return round(points * TENTHS)


def _entries(tx: Tx, branch: int, year: int, rule: PointRule) -> Iterator[Entry]:
    for told in SOURCES[rule.source](tx, branch, year):
        if not rule.kinds or set(told.kind.split("、")) & set(rule.kinds):
            times = told.minutes / 60 if rule.per == "hour" else 1
            yield Entry(told.member, told.day, rule.name, int(_tenths(rule.points) * times), told.source)


def _meetings(tx: Tx, branch: int, year: int) -> list[Record]:
    first, last = (micros(datetime(one, 1, 1, tzinfo=tx.now.tzinfo)) for one in (year, year + 1))
    return complete_meetings(tx, branch, first, last, ALWAYS)


def _attended(tx: Tx, branch: int, year: int) -> Found:
    for record in _meetings(tx, branch, year):
        for one in record.present:
            yield _session(tx, record, one.member)


def _absent(tx: Tx, branch: int, year: int) -> Found:
    """Who was due, was not there and had not asked for leave; a leave that waits for its yes is none of it."""
    for record in _meetings(tx, branch, year):
        for one in record.absent:
            if not one.on_leave:
                yield _session(tx, record, one.member)


def _session(tx: Tx, record: Record, member: int) -> Told:
    held = record.held
    day = tx.moment(held.starts_at).date().isoformat()
    return Told(member, day, "、".join(held.kinds), f"活动 #{held.number} {held.kinds[0]}")


def _lectured(tx: Tx, branch: int, year: int) -> Found:
    for row in _book(tx, branch, year, STUDY.name):
        if row.kind == LECTURE:
            yield Told(row.member_id, row.on_date, row.kind, f"学时 #{row.number}", row.quantity)


def _awarded(tx: Tx, branch: int, year: int) -> Found:
    for row in _book(tx, branch, year, AWARD.name):
        if row.member_id and row.state != AWARD.done_state:
            yield Told(row.member_id, row.on_date, row.kind, f"表彰 #{row.number}")


def _book(tx: Tx, branch: int, year: int, register: str) -> list[Any]:
    return tx.all(LISTED["on_date"], branch=branch, register=register, at=ALWAYS, **_days(year))


def _fulfilled(tx: Tx, branch: int, year: int) -> Found:
    for row in tx.all(FULFILLED, branch=branch, **_days(year)):
        yield Told(row.member_id, row.on_date, row.kind, f"微心愿 #{row.number}")


def _served(tx: Tx, branch: int, year: int) -> Found:
    """Hours that the secretary has said yes to."""
    numbers = {row.id: row.number for row in tx.all(SHIFTS, branch=branch)}
    for one in served(tx, branch, date(year, 1, 1), date(year, 12, 31)):
        number = numbers.get(one.shift)
        yield Told(one.member, one.on, one.what, f"班次 #{number}" if number else f"服务：{one.what}", one.minutes)


def _days(year: int) -> dict[str, str]:
    return {"first": f"{year}-01-01", "last": f"{year}-12-31"}


SOURCES: Mapping[str, Source] = {
    "attend": _attended,
    "absent": _absent,
    "lecture": _lectured,
    "volunteer": _served,
    "wish": _fulfilled,
    "award": _awarded,
}
