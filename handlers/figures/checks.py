"""What is asked of every branch, done or not done: per month, quarter or year, as [standards] says.

A window counts once it is over at the cut-off, and where the branch was there from its first day. Branches stand in
the order of the register: this compares nobody with anybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from bot.rules import Frequency, parse_frequency
from bot.sql import sql
from handlers.figures import meetings
from handlers.figures.rows import Reading, Rows
from handlers.figures.span import Span, made
from handlers.tables import memberships

SINCE = sql(
    select(memberships.c.branch_id, func.min(memberships.c.from_at).label("from_at")).group_by(memberships.c.branch_id)
)


@dataclass(frozen=True, slots=True)
class Check:
    """What one branch did of one thing: the windows that are over and done, and those that are over and not done."""

    branch: int
    what: str
    done: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def written(self) -> str:
        """已完成 3/3; 未完成 2/3：2月; — where nothing was due yet."""
        due = len(self.done) + len(self.missing)
        if not due:
            return "—"
        if not self.missing:
            return f"已完成 {due}/{due}"
        return f"未完成 {len(self.done)}/{due}：{'、'.join(self.missing)}"


def checked(reading: Reading, standards: Mapping[str, str]) -> list[Check]:
    """Every branch against every standard, in the register's order."""
    since = {row.branch_id: row.from_at for row in reading.tx.all(SINCE)}
    asked = reading.asked
    branches = [one for one in sorted(since) if asked.branch in (0, one)]
    found = []
    for kind, rule in standards.items():
        frequency = parse_frequency(rule)
        if frequency is not None:
            counts = _held(reading, meetings.Sessions(kind), frequency)
            found += [_check(reading, one, kind, frequency, counts, since[one]) for one in branches]
    return sorted(found, key=lambda check: check.branch)


def _held(reading: Reading, rows: Rows, frequency: Frequency) -> Counter[tuple[int, str]]:
    """(branch, window) -> sessions with a complete record."""
    found: Counter[tuple[int, str]] = Counter()
    for row in reading.listed(rows):
        if row.sound:
            found[row.branch_id, _window(reading.tx.moment(row.moment).date(), frequency).code] += 1
    return found


def _check(
    reading: Reading, branch: int, kind: str, frequency: Frequency, counts: Counter[tuple[int, str]], from_at: int
) -> Check:
    start = reading.tx.moment(from_at).date() if from_at else date.min
    windows = [one for one in _windows(reading.asked.span, frequency) if one.last <= reading.asked.cutoff]
    windows = [one for one in windows if one.first >= start]
    done = [_short(one) for one in windows if counts[branch, one.code] >= frequency.times]
    return Check(branch, kind, tuple(done), tuple(one for one in map(_short, windows) if one not in done))


def _windows(span: Span, frequency: Frequency) -> list[Span]:
    """The windows that lie within a period."""
    found = dict.fromkeys(_window(month.first, frequency) for month in span.months())
    return [one for one in found if span.first <= one.first and one.last <= span.last]


def _window(day: date, frequency: Frequency) -> Span:
    if frequency.every == "month":
        return made(day.year, day.month, day.month)
    if frequency.every == "quarter":
        first = (day.month - 1) // 3 * 3 + 1
        return made(day.year, first, first + 2)
    return made(day.year, 1, 12)


def _short(one: Span) -> str:
    return one.name.partition("年")[2] or "全年"
