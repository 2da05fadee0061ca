"""APScheduler is the heartbeat only: it wakes, the rows say what is still to be done. A missed beat loses nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.db import Database, DatabaseDown
from scheduler import jobs
from scheduler.jobs import Branch, Coming, Setting

log = logging.getLogger(__name__)

BEAT_SECONDS = 15
TIDY_HOURS = 6
AT_ONCE = 32  # branches that stand in the writer's queue together: they share its commits


async def tick(database: Database, setting: Setting) -> int:
    """Does everything that is due by now, a branch at a time in its own transaction; how many this process did."""
    if await database.read(jobs.stopped):
        await database.write(partial(jobs.carry, setting=setting))
    await database.write(partial(jobs.pass_on, setting=setting))
    due = await database.read(partial(jobs.due, setting=setting))
    done = 0
    for first in range(0, len(due), AT_ONCE):
        some = due[first : first + AT_ONCE]
        done += sum(await asyncio.gather(*(_sit(database, setting, branch, items) for branch, items in some)))
    return done


async def _sit(database: Database, setting: Setting, branch: Branch, items: list[Coming]) -> int:
    """What is due for a branch, together; where that meets a bug, one by one, so that only the faulty one waits."""
    try:
        return len(await database.write(partial(jobs.sit, setting=setting, branch=branch, items=items)))
    except DatabaseDown:
        raise
    except Exception:
        if len(items) == 1:
            log.exception("job %s %s met a bug; it is tried again at the next beat", items[0].job, items[0].period)
            return 0
    return sum([await _sit(database, setting, branch, [one]) for one in items])


def heartbeat(
    database: Database, setting: Setting, nightly: Callable[[], Awaitable[None]] | None = None
) -> AsyncIOScheduler:
    """A started scheduler that ticks every 15 seconds, once at once, and never two ticks at a time.

    `nightly` is the house's own chore (the backup), looked after every hour; it knows itself whether it is due.
    """
    scheduler = AsyncIOScheduler(timezone=database.zone)

    async def beat() -> None:
        try:
            await tick(database, setting)
        except DatabaseDown as error:
            log.warning("the calendar waits: %s", error)

    async def clean() -> None:
        try:
            await database.write(partial(jobs.tidy, setting=setting))
        except DatabaseDown as error:
            log.warning("tidying waits: %s", error)

    once = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    scheduler.add_job(beat, "interval", seconds=BEAT_SECONDS, next_run_time=database.now(), **once)
    scheduler.add_job(clean, "interval", hours=TIDY_HOURS, **once)
    if nightly is not None:
        scheduler.add_job(nightly, "interval", hours=1, next_run_time=database.now(), **once)
    scheduler.start()
    return scheduler
