"""补录: a meeting that was held and that nobody opened here. Nobody is asked or told of it; it is for the record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.commands import Who
from bot.db import Tx, micros
from bot.message import Refused
from handlers.activities.opening import BETWEEN, LONGEST, Plan, add, check_shape
from handlers.activities.standing import ENTERED, label
from handlers.phrases import span

LAST_YEAR_UNTIL = 1  # the month in which the papers of a year are made up; after it that year's figures stand
SUPPOSED = timedelta(hours=2)  # how long a meeting took whose end nobody said


def open_past(tx: Tx, branch: int, plan: Plan, by: Who) -> Any:
    """Puts down a meeting that was held: its row, still open for what is known of it, to be closed by who enters it.

    Raises Refused for one that isn't over, one of a year whose figures stand, and one that is here already.
    """
    end = plan.end or plan.start
    if end > tx.now:
        raise Refused(f"{span(plan.start, plan.end)} 还没到或还没结束，补录只记已经开过的。")
    if plan.start < earliest(tx.now):
        year = plan.start.year
        raise Refused(f"{year}年的活动不能再补录：一年的补录到次年 {LAST_YEAR_UNTIL} 月底为止，以后数字不再变。")
    check_shape(plan)
    _refuse_second(tx, branch, plan)
    return add(tx, branch, plan, by, ENTERED, "enter")


def earliest(now: datetime) -> datetime:
    """From when on a meeting may still be entered: this year, in January the year before too."""
    year = now.year - (now.month <= LAST_YEAR_UNTIL)
    return now.replace(year=year, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)


def _refuse_second(tx: Tx, branch: int, plan: Plan) -> None:
    """Two meetings of a kind, for the same people, at the same time are one that was entered twice."""
    first, last = micros(plan.start - LONGEST), micros(_end(plan.start, plan.end))
    for kind in (plan.kind, *plan.also):
        for row in tx.all(BETWEEN, branch=branch, kind=kind, between=f"、{kind}、", first=first, last=last):
            end = _end(tx.moment(row.starts_at), tx.moment(row.ends_at) if row.ends_at else None)
            if row.audience == plan.audience and end > plan.start:
                how = "mark" if row.state == "open" else "correct"
                raise Refused(f"已经有 {label(tx, row)}，不用补录。改到会请用 /attendance {how} #{row.number}")


def _end(start: datetime, end: datetime | None) -> datetime:
    return end or start + SUPPOSED
