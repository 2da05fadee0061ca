"""双百分考核, the countable half: done or not done against how often it is asked for, with the records behind it.

What nobody can count from rows stays blank for people to fill in. Nothing here is about a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select

from bot.config import Config
from bot.db import Tx, micros
from bot.rules import Frequency, parse_frequency
from bot.sql import p, sql
from handlers import dues
from handlers.activities.kinds import COMMITTEE_MEETING, GROUP_MEETING
from handlers.attendance.known import held
from handlers.attendance.record import Record, record_of
from handlers.people.history import Standing, register_at
from handlers.people.who import roles_of
from handlers.selfcheck.item import Item, State, Window, due_state
from handlers.selfcheck.yearly import yearly
from handlers.tables import branches

DUES = "党费按月收齐"
# What an appraisal asks for and no row can tell: the cells stay empty.
BLANK = ("业务工作（百分）", "党建与业务融合", "群众满意度", "星级评定")
BRANCHES = sql(select(branches.c.id, branches.c.name, branches.c.bound_at).order_by(branches.c.id))
BOUND = sql(select(branches.c.bound_at).where(branches.c.id == p("branch")))


def selfcheck(tx: Tx, branch: int, first: date, last: date, config: Config, known: int | None = None) -> list[Item]:
    """What a branch has and has not done in a period; windows that have not begun are left out.

    A meeting counts when it was held, closed and its record is complete. Before the branch's first group was bound
    nothing is asked for, unless there are records. `known` asks what was recorded by another instant (UTC
    microseconds; None = by now), and it is that day for everything.
    """
    known = tx.at if known is None else min(known, tx.at)
    needed = required(tx, branch, first, last, config, known)
    years = range(first.year, min(last.year, tx.moment(known).year) + 1)
    items = yearly(tx, branch, years, config.registers, partial(_before_us, tx, branch), known)
    blank = (Item(name, "", why="由人填写") for name in BLANK)
    return [*needed, *items, _dues(tx, branch, first, last, known), *blank]


def required(tx: Tx, branch: int, first: date, last: date, config: Config, known: int) -> list[Item]:
    """The meetings alone, as often as [standards] asks for each kind."""
    records = _records(tx, branch, first, last, known)
    people, today = register_at(tx, branch, known), tx.moment(known).date()
    items = []
    for kind, frequency in frequencies(config):
        mine = [one for one in records if kind in one.held.kinds]
        spans = windows(frequency, first, min(last, today))
        found = (_window(tx, branch, frequency, span, mine, today) for span in spans)
        why = does_not_apply(people, kind)
        items.append(Item(kind, asked_for(frequency), () if why else tuple(one for one in found if one), why))
    return items


def frequencies(config: Config) -> list[tuple[str, Frequency]]:
    """The kinds of meetings that [standards] asks for, in its order."""
    rules = ((kind, parse_frequency(rule)) for kind, rule in config.standards.items())
    return [(kind, rule) for kind, rule in rules if rule]


def asked_for(frequency: Frequency) -> str:
    """每月至少 1 次"""
    return f"{ {'month': '每月', 'quarter': '每季度', 'year': '每年'}[frequency.every] }至少 {frequency.times} 次"


def _records(tx: Tx, branch: int, first: date, last: date, known: int) -> list[Record]:
    """The meetings that have begun, of every window that a period touches, each with its record."""
    start, _ = _instants(tx, first.replace(month=1, day=1), first)
    _, end = _instants(tx, last, last.replace(month=12, day=31))
    begun = (one for one in held(tx, branch, start, min(end, known), known) if one.state != "cancelled")
    return [record_of(tx, one, known) for one in begun]


def does_not_apply(people: Iterable[Standing], kind: str) -> str:
    """支委会 needs a committee, 党小组会 needs groups (支部工作条例 ch. 6, Art. 13); "" where it applies."""
    if kind == COMMITTEE_MEETING and sum(bool(roles_of(one.duty) & {"secretary", "committee"}) for one in people) < 3:
        return "没有支委会"
    if kind == GROUP_MEETING and not any(one.party_group for one in people):
        return "没有党小组"
    return ""


def windows(frequency: Frequency, first: date, last: date) -> Iterator[tuple[str, date, date]]:
    """(name, first day, last day) of the calendar's windows that lie within a period or are cut by its ends."""
    month = first.replace(day=1, month=(first.month - 1) // frequency.months * frequency.months + 1)
    while month <= last:
        after = _months_later(month, frequency.months)
        yield _name(month, frequency), month, after - timedelta(days=1)
        month = after


def _months_later(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _name(month: date, frequency: Frequency) -> str:
    if frequency.every == "quarter":
        return f"{(month.month - 1) // 3 + 1}季度"
    return f"{month.month}月" if frequency.every == "month" else f"{month.year}年"


def _window(
    tx: Tx, branch: int, frequency: Frequency, span: tuple[str, date, date], records: list[Record], today: date
) -> Window | None:
    name, first, last = span
    start, end = _instants(tx, first, last)
    here = [one for one in records if start <= one.held.starts_at < end]
    if not here and _before_us(tx, branch, last):
        return None
    whole = tuple(f"#{one.held.number}" for one in here if not one.missing)
    lacking = tuple(f"#{one.held.number} 缺 {'、'.join(one.missing)}" for one in here if one.missing)
    enough = len(whole) >= frequency.times
    state: State = "done" if enough else due_state(today, first, last)
    return Window(name, frequency.times, state, whole, lacking)


def _instants(tx: Tx, first: date, last: date) -> tuple[int, int]:
    zone = tx.now.tzinfo
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    end = datetime(last.year, last.month, last.day, tzinfo=zone) + timedelta(days=1)
    return micros(start), micros(end)


def _before_us(tx: Tx, branch: int, last: date) -> bool:
    bound = int(tx.value(BOUND, branch=branch) or 0)
    return bound == 0 or last < tx.moment(bound).date()


def _dues(tx: Tx, branch: int, first: date, last: date, known: int) -> Item:
    """A month's dues are in when nobody owes for it; who owes is not said here."""
    found, today = [], tx.moment(known).date()
    for _, start, end in windows(Frequency("month", 1), first, min(last, today)):
        if _before_us(tx, branch, end):
            continue
        state = dues.owing(tx, branch, f"{start:%Y-%m}", known if known < tx.at else None)
        if not state.owed:  # nothing was determined yet: blank
            continue
        done = not state.unpaid
        open_still: State = "missing" if today > end else "running"
        proof = (f"{start:%Y-%m} 台账",) if done else ()
        found.append(Window(f"{start.month}月", 1, "done" if done else open_still, proof))
    return Item(DUES, "每月", tuple(found))


def everywhere(tx: Tx, first: date, last: date, config: Config) -> Iterator[tuple[str, list[Item]]]:
    """(name, items) of every branch that has a group, for the circular (通报): in the order of the branches."""
    for row in tx.all(BRANCHES):
        if row.bound_at:
            yield row.name, selfcheck(tx, row.id, first, last, config)
