"""The rows behind a figure, a page at a time, as far as the reader may know whom they are about.

As in `/report why`: whom a row is about is for the branch's secretary and the admins, who paid for the collector.
Others see how many rows each branch has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.figures import Figure, Reading, branch_names
from handlers.figures.explain import Line, behind
from handlers.overview.sight import Sight

PAGE = 50
COLLECTOR = "每人的交纳情况只有收缴人能看，这里只列各支部的条数。"
SECRETARY = "按人的明细由本支部书记看，这里只列各支部的条数。"


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of rows, or (`why` says why) how many rows each branch has; `count` is that of all rows."""

    count: int
    lines: Sequence[Line] = ()
    branches: Sequence[tuple[str, int]] = ()
    why: str = ""


def behind_figure(reading: Reading, figure: Figure, sight: Sight, first: int) -> Behind:
    """The rows from `first` (0-based) on."""
    branch = reading.asked.branch
    if figure.measure == "fen" and not sight.may_pay(branch):
        return _by_branch(reading, figure, first, COLLECTOR)
    if not sight.may_name(branch) and _about_people(reading, figure):
        return _by_branch(reading, figure, first, SECRETARY)
    lines, count = behind(reading, figure, PAGE, first)
    return Behind(count, lines)


def _about_people(reading: Reading, figure: Figure) -> bool:
    """Whether a row may tell of somebody: it names him, or is an entry of a book in a clerk's words."""
    return figure.rows.trace == "register" or any(row.member_id for row in figure.rows.each(reading))


def _by_branch(reading: Reading, figure: Figure, first: int, why: str) -> Behind:
    found = Counter(row.branch_id for row in figure.rows.each(reading))
    names = [(name, found[one]) for one, name in branch_names(reading.tx).items() if found[one]]
    return Behind(len(names), branches=names[first : first + PAGE], why=why)
