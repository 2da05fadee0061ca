"""APScheduler is the heartbeat only: it wakes, the rows say what is still to be done. A missed beat loses nothing."""

from __future__ import annotations

import logging
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.db import Database, DatabaseDown
from handlers import shifts
from scheduler import jobs
from scheduler.jobs import Setting

log = logging.getLogger(__name__)

BEAT_SECONDS = 15
TIDY_HOURS = 6


async def tick(database: Database, setting: Setting) -> int:
    """Does everything that is due by now, each in its own transaction; how many this process did."""
    done = 0
    if await database.read(shifts.offers_due):
        done += await database.write(shifts.expire_offers)
    for branch, one in await database.read(partial(jobs.due, setting=setting)):
        try:
            outcome = await database.write(partial(jobs.run, setting=setting, branch=branch, one=one))
        except DatabaseDown:
            raise
        except Exception:
            log.exception("job %s %s met a bug; it is tried again at the next beat", one.job, one.period)
            continue
        done += bool(outcome)
    return done


def heartbeat(database: Database, setting: Setting) -> AsyncIOScheduler:
    """A started scheduler that ticks every 15 seconds, once at once, and never two ticks at a time."""
    scheduler = AsyncIOScheduler(timezone=database.zone)

    async def beat() -> None:
        try:
            await tick(database, setting)
        except DatabaseDown as error:
            log.warning("the calendar waits: %s", error)

    async def clean() -> None:
        try:
            await database.write(jobs.tidy)
        except DatabaseDown as error:
            log.warning("tidying waits: %s", error)

    once = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    scheduler.add_job(beat, "interval", seconds=BEAT_SECONDS, next_run_time=database.now(), **once)
    scheduler.add_job(clean, "interval", hours=TIDY_HOURS, **once)
    scheduler.start()
    return scheduler
