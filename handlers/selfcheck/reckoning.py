"""双百分考核, the countable half: done or not done against how often it is asked for, with the records behind it.

What nobody can count from rows stays blank for people to fill in. Nothing here is about a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from bot.config import Config
from bot.db import Tx
from bot.rules import Frequency
from handlers import dues
from handlers.selfcheck.item import Item, State, Window
from handlers.selfcheck.required import BRANCH, BRANCHES, before, required, windows
from handlers.selfcheck.yearly import yearly

DUES = "党费按月收齐"
# What an appraisal asks for and no row can tell: the cells stay empty.
BLANK = ("业务工作（百分）", "党建与业务融合", "群众满意度", "星级评定")


def selfcheck(tx: Tx, branch: int, first: date, last: date, config: Config, known: int | None = None) -> list[Item]:
    """What a branch has and has not done in a period; windows that have not begun are left out.

    A meeting counts when it was held, closed and its record is complete. Before the branch's first group was bound
    nothing is asked for, unless there are records. `known` asks what was recorded by another instant (UTC
    microseconds; None = by now), and it is that day for everything.
    """
    known = tx.at if known is None else min(known, tx.at)
    row = tx.one(BRANCH, branch=branch)
    before_us = partial(before, tx, row.bound_at)
    years = range(first.year, min(last.year, tx.moment(known).year) + 1)
    meetings = required(tx, [row], first, last, config, known)[branch]
    items = yearly(tx, branch, years, config.registers, before_us, known)
    blank = (Item(name, "", why="由人填写") for name in BLANK)
    return [*meetings, *items, _dues(tx, branch, (first, last), before_us, known), *blank]


def _dues(tx: Tx, branch: int, period: tuple[date, date], before_us: Callable[[date], bool], known: int) -> Item:
    """A month's dues are in when nobody owes for it; who owes is not said here."""
    found, today = [], tx.moment(known).date()
    for _, start, end in windows(Frequency("month", 1), period[0], min(period[1], today)):
        if before_us(end):
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
