"""A figure month by month, from one reading of the period; a month counts its rows as the figure of the month does."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from handlers.figures.catalogue import CATALOGUE, MEETINGS
from handlers.figures.figure import Figure, Value
from handlers.figures.meetings import Sessions
from handlers.figures.reckon import value_of
from handlers.figures.rows import Reading, Rows, Tally, tally_of
from handlers.figures.span import Span

# Rows that count in the month of their own day. What was done to an entry later, what holds at the cut-off, and dues,
# which stand in the book of another month than the day of the receipt, have no such day.
OF_THEIR_DAY = (
    *("志愿服务人次", "志愿服务时长", "志愿者", "办实事党员", "实事项目", "谈心谈话", "谈心谈话人次", "党内关怀"),
    *("问题", "意见建议", "整改措施", "先进单位", "先进个人", "示范单位", "党员名医", "稿件"),
    *("下派医护人员", "外训宣传骨干", "基层调研"),
)
MONTHLY = frozenset((*MEETINGS, *(CATALOGUE[name] for name in OF_THEIR_DAY)))


def months(reading: Reading, figure: Figure) -> list[tuple[Span, Value]]:
    """(month, its value) of each month of the period that has begun; [] for a figure that has no months."""
    asked = reading.asked
    if figure not in MONTHLY:
        return []
    spans = [one for one in asked.span.months() if one.first <= asked.cutoff]
    return [(one, value_of(figure, partial(_of_month, reading, one.first.month))) for one in spans]


def _of_month(reading: Reading, month: int, rows: Rows) -> Tally:
    return tallies(reading, rows)[month]


def tallies(reading: Reading, rows: Rows) -> dict[int, Tally]:
    """Month (1-12) of the cut-off's year -> its tally."""
    key = "months", rows
    if key not in reading.kept:
        reading.kept[key] = _tallies(reading, rows)
    found: dict[int, Tally] = reading.kept[key]
    return found


def _tallies(reading: Reading, rows: Rows) -> dict[int, Tally]:
    starts = reading.asked.month_starts()
    if isinstance(rows, Sessions):
        sessions: dict[int, list[Any]] = {month: [] for month in range(1, 13)}
        for one in rows.found(reading):
            sessions[bisect_right(starts, one.moment) + 1].append(one)
        count = rows.counting(reading)
        return {month: count(found) for month, found in sessions.items()}
    split: dict[int, list[Any]] = {month: [] for month in range(1, 13)}
    for row in rows.listed(reading):
        split[_month(row, starts)].append(row)
    return {month: tally_of(found) for month, found in split.items()}


def _month(row: Any, starts: Sequence[int]) -> int:
    return bisect_right(starts, row.moment) + 1 if row.moment else date.fromisoformat(row.day).month
