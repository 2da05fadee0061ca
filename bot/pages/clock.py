"""Moves the house's clock forward for the console, so that a month of reminders can be watched in a minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select

from bot import delivery
from bot.cli.place import Place
from bot.db import Tx
from bot.message import Refused
from bot.platforms.console import NAME
from bot.sql import p, sql
from bot.tables import outbox as promises
from scheduler import jobs
from scheduler.jobs import Books, Setting, looking
from scheduler.runner import tick

LOOKS_AHEAD = timedelta(days=62)
MOST_ROUNDS = 200  # of deliveries at one moment, and of moments in one move

NEXT_PROMISE = sql(
    select(func.min(promises.c.not_before)).where(promises.c.state == "planned", promises.c.not_before > p("at"))
)


def movable(place: Place) -> bool:
    """Only where nobody real listens: a moved clock would say tomorrow's reminders to real groups today."""
    return set(place.platforms) == {NAME}


def moment_of(place: Place, text: str) -> datetime:
    """The moment that a wall clock shows, as `2026-12-05T09:00`, if the clock may go there. Raises Refused."""
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=place.config.zone)
    except ValueError:
        raise Refused("时间请写成 2026-12-05T09:00 的样子。") from None
    now = place.clock()
    if moment <= now:
        raise Refused(f"时间只往前走，现在已经是 {now:%m-%d %H:%M}。")
    if moment > now + LOOKS_AHEAD:
        raise Refused(f"一次最多往前拨 {LOOKS_AHEAD.days} 天。")
    return moment


async def move(place: Place, end: datetime) -> datetime:
    """Goes to `end` and stops at every reminder on the way, so that each is said at its own time."""
    for _ in range(MOST_ROUNDS):
        coming = await place.database.read(partial(next_moment, setting=place.setting, everybody=True))
        if coming is None or coming > end:
            break
        await _arrive(place, coming)
    await _arrive(place, end)
    return place.clock()


async def upcoming(place: Place) -> datetime | None:
    """When the clock or a promise has something to say next; None where nothing is in sight."""
    return await place.database.read(partial(next_moment, setting=place.setting))


def next_moment(tx: Tx, setting: Setting, everybody: bool = False) -> datetime | None:
    """The earliest reminder for the group (or for `everybody`) of any bound branch, or promise, after now."""
    start, end = tx.now + timedelta(microseconds=1), tx.now + LOOKS_AHEAD
    books = Books(tx, setting, start, end)
    done = books.done(start)
    moments = [
        one.at
        for branch in jobs.branches_of(tx)
        if branch.bound_at
        for one in looking.coming(books, branch, start, end, jobs.JOBS)
        if (everybody or one.audience == "branch") and one.key not in done
    ]
    promised = tx.value(NEXT_PROMISE, at=tx.at)
    return min([*moments, tx.moment(promised)] if promised else moments, default=None)


async def _arrive(place: Place, moment: datetime) -> None:
    """The clock shows `moment` (it never goes back) and all that is due by then is said."""
    place.clock.ahead += max(moment - place.clock(), timedelta())
    for _ in range(MOST_ROUNDS):
        done = await tick(place.database, place.setting)
        said = await delivery.deliver(place.database, place.platforms, place.coordination.window, place.lost)
        if not done and not said:
            return


async def to_next(place: Place) -> datetime | None:
    """Goes to the next reminder and says it; None (and nothing moves) where none is in sight."""
    coming = await upcoming(place)
    if coming is None:
        return None
    await _arrive(place, coming)
    return place.clock()
