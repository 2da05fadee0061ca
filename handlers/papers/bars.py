"""Attendance and completion of each month, to be drawn: one's own months, never branches or people side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from bot.config import Config
from bot.db import Tx
from handlers import figures
from handlers.figures.months import months
from handlers.selfcheck import BRANCHES, required


@dataclass(frozen=True, slots=True)
class Bar:
    """A month: its share in per cent (None: nothing to count), and the two numbers that it is made of."""

    label: str
    percent: float | None
    told: str


def year_of(asked: figures.Question) -> figures.Question:
    """The question for the whole year of a period, up to the period's cut-off."""
    return replace(asked, span=figures.made(asked.span.first.year, 1, 12))


def attendance_bars(tx: Tx, asked: figures.Question) -> list[Bar]:
    """出勤率 of each month of the period's year up to the cut-off."""
    bars = []
    for month, found in months(figures.Reading(tx, year_of(asked)), figures.CATALOGUE["出勤率"]):
        part, whole = found.share or (0, 0)
        percent = None if found.number is None else float(found.number)
        bars.append(Bar(f"{month.first.month}月", percent, f"{part}/{whole}"))
    return bars


def completion_bars(tx: Tx, asked: figures.Question, config: Config) -> list[Bar]:
    """What [standards] asks for each month, and what was done of it; a month that isn't over has no share yet."""
    done, due = Counter[str](), Counter[str]()
    year = year_of(asked).span
    branches = [row for row in tx.all(BRANCHES) if asked.branch in (0, row.id)]
    for items in required(tx, branches, year.first, asked.cutoff, config, asked.known).values():
        for window in (one for item in items for one in item.windows):
            done[window.name] += window.state == "done"
            due[window.name] += window.state in ("done", "missing")
    today = tx.moment(min(asked.known, tx.at)).date()
    begun = [(f"{one.first.month}月", one.last < today) for one in year.months() if one.first <= asked.cutoff]
    return [
        Bar(name, done[name] * 100 / due[name] if over and due[name] else None, f"{done[name]}/{due[name]}")
        for name, over in begun
    ]
