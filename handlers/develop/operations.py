"""The way into the Party: who is on it, the days of the steps, what is due. Dates only, nothing else of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import exists, func, select, update

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.develop.steps import LAST, STEPS, impossible, months_after, window
from handlers.registers_tables import candidate_steps, candidates
from handlers.tables import branches

ENDED = 0  # the step number of a way that has ended before its time
AHEAD_DAYS = 14
ALWAYS = 1 << 62  # UTC microseconds: later than anything is recorded

_s = candidate_steps
_later = candidate_steps.alias("later")
LOCK = sql(
    update(branches)
    .where(branches.c.id == p("branch"))
    .values(last_number=branches.c.last_number)
    .returning(branches.c.id)
)
LAST_NUMBER = sql(select(func.max(candidates.c.number)).where(candidates.c.branch_id == p("branch")))
ADD = insert_row(candidates, "branch_id", "number", "name", "recorded_at", "recorded_by", returning=candidates.c.id)
ALL = sql(select(candidates).where(candidates.c.branch_id == p("branch")).order_by(candidates.c.number))
STEP = insert_row(
    candidate_steps,
    *("candidate_id", "step", "on_date", "replaces", "reason", "recorded_at", "recorded_by", "by_member"),
)
_replaced = exists(select(_later.c.id).where(_later.c.replaces == _s.c.id, _later.c.recorded_at <= p("at")))
KNOWN = sql(
    select(_s)
    .join(candidates, candidates.c.id == _s.c.candidate_id)
    .where(candidates.c.branch_id == p("branch"), _s.c.recorded_at <= p("at"), _s.c.on_date != "", ~_replaced)
    .order_by(_s.c.candidate_id, _s.c.step, _s.c.on_date, _s.c.id)
)


@dataclass(frozen=True, slots=True)
class Way:
    """A person on the way: the first day of each step, the newest of those that repeat, and when it ended (or None)."""

    id: int
    number: int
    name: str
    dates: dict[int, date]
    newest: dict[int, date]
    rows: dict[int, Any]
    ended: date | None

    @property
    def over(self) -> bool:
        """Whether nothing more is to come."""
        return self.ended is not None or LAST in self.dates

    @property
    def last(self) -> int:
        """The highest step that has a day; 0 for none."""
        return max(self.dates, default=0)

    @property
    def next(self) -> int:
        """The first step without a day behind the last one; 0 where there is none."""
        return next((step for step in STEPS if step > self.last), 0)


@dataclass(frozen=True, slots=True)
class Due:
    """A step with a day by which it should be done (`late`: that day is over), or from which it may be done."""

    name: str
    step: int
    on: date
    what: str  # "latest" or "earliest"
    late: bool = False


def add(tx: Tx, branch: int, name: str, by: Who) -> Way:
    """Puts somebody on the way. Raises Refused for a name that is on it already."""
    tx.value(LOCK, branch=branch)
    if any(way.name == name and not way.over for way in ways(tx, branch)):
        raise Refused(f"「{name}」已经在发展名单里。同名的请加科室，如：{name}(护理部)")
    number = int(tx.value(LAST_NUMBER, branch=branch) or 0) + 1
    made = tx.value(ADD, branch_id=branch, number=number, name=name, recorded_at=tx.at, recorded_by=by.label)
    note(tx, branch, by.label, by.member, "develop_add", f"candidate:{made}", number=number)
    return found(tx, branch, f"#{number}")


def step(tx: Tx, branch: int, way: Way, number: int, day: date, by: Who, reason: str = "") -> Way:
    """Gives a step its day; with a `reason` it replaces the day it had. Raises Refused for a day that can't be.

    A step that repeats takes another day each time.
    """
    way = _locked(tx, branch, way)
    old = way.rows.get(number)
    _check_order(way, number, day, old, reason)
    return _record(tx, branch, way, number, day.isoformat(), by, old.id if old and reason else 0, reason)


def take_back(tx: Tx, branch: int, way: Way, number: int, by: Who, reason: str) -> Way:
    """Takes a step's day back (of one that repeats, the newest). Raises Refused where it has none."""
    way = _locked(tx, branch, way)
    old = way.rows.get(number)
    if old is None:
        raise Refused(f"第{number}步还没有登记，不用更正。")
    return _record(tx, branch, way, number, "", by, old.id, reason)


def _locked(tx: Tx, branch: int, way: Way) -> Way:
    """The person as he stands now that nobody else can change him."""
    tx.value(LOCK, branch=branch)
    return found(tx, branch, f"#{way.number}")


def _record(tx: Tx, branch: int, way: Way, number: int, day: str, by: Who, old: int, reason: str) -> Way:
    who = {"recorded_at": tx.at, "recorded_by": by.label, "by_member": by.member}
    tx.run(STEP, candidate_id=way.id, step=number, on_date=day, replaces=old, reason=reason, **who)
    note(tx, branch, by.label, by.member, "develop_step", f"candidate:{way.id}", step=number, corrected=bool(reason))
    return found(tx, branch, f"#{way.number}")


def _check_order(way: Way, number: int, day: date, old: Any, reason: str) -> None:
    if way.ended is not None:
        raise Refused(f"「{way.name}」的发展已于 {way.ended} 终止。")
    repeats = number in STEPS and STEPS[number].repeats
    if old is not None and not reason and not repeats:
        raise Refused(f"第{number}步已登记为 {old.on_date}。要改请发：/develop correct {way.name} {number} 日期 原因 …")
    if reason and old is None:
        raise Refused(f"第{number}步还没有登记，不用更正。")
    if number != ENDED:
        why = impossible(number, day, {one: on for one, on in way.dates.items() if one != number})
        if why:
            raise Refused(f"{why}。没有登记。")


def ways(tx: Tx, branch: int, at: int = ALWAYS) -> list[Way]:
    """Everybody who is or was on the way, in the order they were added, as known at an instant (UTC microseconds)."""
    steps: dict[int, list[Any]] = {}
    for row in tx.all(KNOWN, branch=branch, at=at):
        steps.setdefault(row.candidate_id, []).append(row)
    return [_way(row, steps.get(row.id, [])) for row in tx.all(ALL, branch=branch) if row.recorded_at <= at]


def _way(row: Any, steps: list[Any]) -> Way:
    dates: dict[int, date] = {}
    newest: dict[int, date] = {}
    rows: dict[int, Any] = {}
    for one in steps:
        day = date.fromisoformat(one.on_date)
        dates.setdefault(one.step, day)
        newest[one.step], rows[one.step] = day, one
    return Way(row.id, row.number, row.name, dates, newest, rows, dates.pop(ENDED, None))


def found(tx: Tx, branch: int, who: str) -> Way:
    """The person meant by a name or `#N`. Raises Refused."""
    number = int(who[1:]) if who.startswith("#") and who[1:].isdecimal() else 0
    fits = [way for way in ways(tx, branch) if way.number == number or way.name == who]
    going = [way for way in fits if not way.over] or fits
    if len(going) == 1:
        return going[0]
    if not going:
        raise Refused(f"发展名单里没有「{who[:20]}」。先登记：/develop add 姓名", private=True)
    numbers = "、".join(f"#{way.number}" for way in going)
    raise Refused(f"有 {len(going)} 位「{who[:20]}」，请写编号：{numbers}", private=True)


def dates_due(tx: Tx, branch: int, *days: date) -> list[Due]:
    """What the clerk should hear on each of some days: latest days within AHEAD_DAYS or over, and steps that may now
    be done."""
    going = [way for way in ways(tx, branch) if not way.over]
    return [one for day in days for way in going for step in STEPS if (one := _due(way, step, day))]


def _due(way: Way, step: int, day: date) -> Due | None:
    if STEPS[step].repeats:
        return _again(way, step, day)
    if step in way.dates or step < way.last:
        return None
    earliest, latest = window(step, way.dates)
    if latest is not None and latest <= day + timedelta(days=AHEAD_DAYS):
        return Due(way.name, step, latest, "latest", latest < day)
    rule = STEPS[step].earliest
    if rule and not rule.local and rule.base in way.dates and earliest == day:
        return Due(way.name, step, day, "earliest")
    return None


def _again(way: Way, step: int, day: date) -> Due | None:
    """A review is due some months after the last one, until the stage it belongs to is over."""
    start = way.newest.get(step) or way.dates.get(STEPS[step].after[0])
    finished = any(one in way.dates for one in STEPS if STEPS[one].stage > STEPS[step].stage) or 23 in way.dates
    if start is None or finished:
        return None
    on = months_after(start, STEPS[step].repeats)
    return Due(way.name, step, on, "latest", on < day) if on <= day + timedelta(days=AHEAD_DAYS) else None
