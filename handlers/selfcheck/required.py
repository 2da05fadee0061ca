"""Required meetings, done or not done: of one branch or of three hundred in one reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import exists, or_, select

from bot.config import Config
from bot.db import Tx, micros
from bot.rules import Frequency, parse_frequency
from bot.sql import p, sql
from handlers.activities import PRESENT
from handlers.activities.due import Of, due_by_list, due_in_branch
from handlers.attendance.known import as_held
from handlers.attendance.record import missing_of
from handlers.meetings_tables import record_lines
from handlers.selfcheck.item import Item, State, Window, due_state
from handlers.selfcheck.offices import does_not_apply, stays
from handlers.tables import activities, branches, memberships, presences

EVERY = {"month": "每月", "quarter": "每季度", "year": "每年"}

_a, _p, _l = activities, presences, record_lines
_later = presences.alias("later")
# What a year's window asks for is looked for in the whole year, all else in the windows near the period.
_wanted = (
    _a.c.branch_id.between(p("low"), p("high")),
    _a.c.starts_at >= p("since"),
    _a.c.starts_at < p("until"),
    _a.c.opened_at <= p("known"),
    or_((_a.c.starts_at >= p("near")) & (_a.c.starts_at < p("far")), _a.c.also != "", p("yearly").contains(_a.c.kind)),
)
SESSIONS = sql(select(_a).where(*_wanted).order_by(_a.c.starts_at, _a.c.number))
LINES = sql(
    select(_l.c.activity_id, _l.c.field, _l.c.words)
    .join_from(_a, _l, _l.c.activity_id == _a.c.id)
    .where(*_wanted, _l.c.at <= p("known"))
    .order_by(_l.c.id)
)
_changed = exists(
    select(_later.c.id).where(
        _later.c.activity_id == _p.c.activity_id,
        _later.c.member_id == _p.c.member_id,
        _later.c.id > _p.c.id,
        _later.c.at <= p("known"),
    )
)
_of = Of(_a.c.branch_id, _a.c.starts_at, _a.c.id)


def _was_due(people: Any) -> Any:
    """Whether the one of a presence was due at its meeting."""
    return exists(people.where(memberships.c.member_id == _p.c.member_id).correlate(_a, _p))


_due = or_(
    (_a.c.audience == "") & _was_due(due_in_branch(as_known=True, of=_of)),
    (_a.c.audience != "") & _was_due(due_by_list(as_known=True, of=_of)),
)
_there = exists(
    select(_p.c.id)
    .where(_p.c.activity_id == _a.c.id, _p.c.at <= p("known"), _p.c.state.in_(PRESENT), ~_changed, _due)
    .correlate(_a)
)
ATTENDED = sql(select(_a.c.id).where(*_wanted, _there))
BRANCHES = sql(select(branches.c.id, branches.c.name, branches.c.bound_at).order_by(branches.c.id))
BRANCH = sql(select(branches.c.id, branches.c.name, branches.c.bound_at).where(branches.c.id == p("branch")))


class Met(NamedTuple):
    """A meeting that has begun, and what its record lacks (() = it counts)."""

    number: int
    kinds: tuple[str, ...]
    starts_at: int
    missing: tuple[str, ...]


def required(
    tx: Tx, asked: Sequence[Any], first: date, last: date, config: Config, known: int
) -> dict[int, list[Item]]:
    """Branch -> an item for each kind of meeting, as known at an instant (UTC microseconds, not in the future).

    `asked` are rows of BRANCHES that follow each other; windows that have not begun are left out, and those at whose
    end the branch had no committee or no groups, but where enough was done all the same.
    """
    if not asked:
        return {}
    rules, today = frequencies(config), tx.moment(known).date()
    met = _met(tx, asked, first, min(last, today), rules, known)
    people = stays(tx, asked[0].id, asked[-1].id, known)
    spans = {
        kind: [(span, _end(tx, span, known)) for span in windows(rule, first, min(last, today))] for kind, rule in rules
    }
    found: dict[int, list[Item]] = {}
    for branch in asked:
        items = found[branch.id] = []
        for kind, rule in rules:
            mine = [one for one in met[branch.id] if kind in one.kinds]
            here, why, each = people.get(branch.id, []), "", list[Window]()
            for span, ends in spans[kind]:
                why = does_not_apply(here, kind, *ends)
                one = _window(tx, branch.bound_at, rule, span, mine, today)
                each += [one] if one and (one.state == "done" or not why) else []
            items.append(Item(kind, asked_for(rule), tuple(each), "" if each else why))
    return found


def frequencies(config: Config) -> list[tuple[str, Frequency]]:
    """The kinds of meetings that [standards] asks for, in its order."""
    rules = ((kind, parse_frequency(rule)) for kind, rule in config.standards.items())
    return [(kind, rule) for kind, rule in rules if rule]


def asked_for(frequency: Frequency) -> str:
    """每月至少 1 次"""
    return f"{EVERY[frequency.every]}至少 {frequency.times} 次"


def _met(
    tx: Tx, asked: Sequence[Any], first: date, last: date, rules: Sequence[tuple[str, Frequency]], known: int
) -> Mapping[int, list[Met]]:
    """Branch -> its meetings that have begun, of every window that the period touches, called off ones left out."""
    since, until = instants(tx, first.replace(month=1, day=1), last.replace(month=12, day=31))
    quarter = list(windows(Frequency("quarter", 1), first, last)) or [("", first, last)]
    near, far = instants(tx, quarter[0][1], quarter[-1][2])
    values = {"low": asked[0].id, "high": asked[-1].id, "since": since, "until": min(until, known), "known": known}
    values |= {"near": near, "far": far, "yearly": "、".join(kind for kind, rule in rules if rule.every == "year")}
    lines: dict[int, dict[str, str]] = defaultdict(dict)
    for row in tx.all(LINES, **values):
        lines[row.activity_id][row.field] = row.words
    attended = {row.id for row in tx.all(ATTENDED, **values)}
    met: dict[int, list[Met]] = defaultdict(list)
    for row in tx.all(SESSIONS, **values):
        one = as_held(row, known)
        if one.state != "cancelled":
            missing = tuple(missing_of(one, row.id in attended, lines.get(row.id, {})))
            met[row.branch_id].append(Met(one.number, one.kinds, one.starts_at, missing))
    return met


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
    tx: Tx, bound: int, frequency: Frequency, span: tuple[str, date, date], met: list[Met], today: date
) -> Window | None:
    name, first, last = span
    start, end = instants(tx, first, last)
    here = [one for one in met if start <= one.starts_at < end]
    if not here and before(tx, bound, last):
        return None
    whole = tuple(f"#{one.number}" for one in here if not one.missing)
    lacking = tuple(f"#{one.number} 缺 {'、'.join(one.missing)}" for one in here if one.missing)
    enough = len(whole) >= frequency.times
    state: State = "done" if enough else due_state(today, first, last)
    return Window(name, frequency.times, state, whole, lacking)


def _end(tx: Tx, span: tuple[str, date, date], known: int) -> tuple[int, str]:
    """The last instant of a window, or of what is known of it (UTC microseconds), and the day it lies in."""
    at = min(instants(tx, span[1], span[2])[1] - 1, known)
    return at, tx.moment(at).date().isoformat()


def instants(tx: Tx, first: date, last: date) -> tuple[int, int]:
    """When a day begins, and when another one ends (excluded), in UTC microseconds."""
    zone = tx.now.tzinfo
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    end = datetime(last.year, last.month, last.day, tzinfo=zone) + timedelta(days=1)
    return micros(start), micros(end)


def before(tx: Tx, bound: int, last: date) -> bool:
    """Whether a day lies before a branch's first group was bound (`bound`, 0 = it has none)."""
    return bound == 0 or last < tx.moment(bound).date()
