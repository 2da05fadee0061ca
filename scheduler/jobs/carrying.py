"""What the night stopped goes on in the morning: a reminder is never said in quiet hours, and not lost to them either.

A promise of the clock expires when the quiet hours begin (`speaking`). Where its purpose goes on, it is planned again
for their end, once, by a conditional UPDATE; one that may have been sent is never touched.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from bot.db import Tx, micros
from bot.rules import parse_quiet
from bot.sql import p, sql
from bot.tables import outbox
from handlers.clock_tables import reminders
from scheduler.calendar import after_quiet, next_quiet
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import Branch, Setting
from scheduler.jobs.looking import MOMENT, branches_of

DAY = 86_400_000_000

STOPPED = sql(
    select(outbox.c.id, outbox.c.branch_id, outbox.c.expires_at, func.max(reminders.c.until_at).label("until_at"))
    .join(reminders, reminders.c.promise == outbox.c.key)
    .where(
        outbox.c.state == "failed",
        outbox.c.purpose == "reminder",
        outbox.c.settled_at > p("since"),
        outbox.c.settled_at >= outbox.c.expires_at,
    )
    .group_by(outbox.c.id, outbox.c.branch_id, outbox.c.expires_at)
    .having(func.max(reminders.c.until_at) > p("at"))
)
GOES_ON = sql(
    select(outbox.c.id)
    .join(reminders, reminders.c.promise == outbox.c.key)
    .where(outbox.c.key == p("key"), outbox.c.settled_at >= outbox.c.expires_at, reminders.c.until_at > p("at"))
    .limit(1)
)
GO_ON = sql(
    update(outbox)
    .where(outbox.c.id == p("promise"), outbox.c.state == "failed")
    .values(state="planned", due_at=p("morning"), not_before=p("morning"), expires_at=p("night"), settled_at=0)
)


def stopped(tx: Tx) -> list[Any]:
    """The promises that only the night has stopped."""
    return tx.all(STOPPED, since=tx.at - DAY, at=tx.at)


def unless_carried(tx: Tx, row: Any, told: str, *, tell: Callable[[Tx, Any, str], int]) -> int:
    """`tell`s of a promise that came to nothing, but not of one that only the night has stopped: it goes on."""
    return 0 if tx.one(GOES_ON, key=row.key, at=tx.at) else tell(tx, row, told)


def carry(tx: Tx, setting: Setting) -> int:
    """Plans again what only the night has stopped; how many."""
    rows = stopped(tx)
    books = Books(tx, setting, tx.now, tx.now + MOMENT)
    by_id = {branch.id: branch for branch in branches_of(tx)}
    return sum(_go_on(tx, books, by_id[row.branch_id], row) for row in rows if row.branch_id in by_id)


def _go_on(tx: Tx, books: Books, branch: Branch, row: Any) -> int:
    quiet = parse_quiet(books.rules(branch).quiet_hours)
    morning: datetime = after_quiet(tx.now, quiet)
    until = int(row.until_at)
    if micros(morning) >= until:
        return 0
    night = next_quiet(morning, quiet)
    expires = min(until, micros(night)) if night else until
    return tx.run(GO_ON, promise=row.id, morning=micros(morning), night=expires)
