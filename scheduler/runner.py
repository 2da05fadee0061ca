"""APScheduler is the heartbeat only: it wakes, the rows say what is still to be done. A missed beat loses nothing."""

from __future__ import annotations

import logging
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.db import Database, DatabaseDown, Tx
from handlers import merging, quota, shifts
from handlers.admins import tell_alarms
from scheduler import jobs
from scheduler.jobs import Branch, Coming, Setting

log = logging.getLogger(__name__)

BEAT_SECONDS = 15
TIDY_HOURS = 6
WEIGH_SECONDS = 60
PLENTY: frozenset[str] = frozenset()


async def tick(database: Database, setting: Setting, short: frozenset[str] = PLENTY) -> int:
    """Does everything that is due by now, each in its own transaction; how many this process did.

    `short` are the platforms whose monthly quota won't hold: they say a day's reminders of a group together.
    """
    done = 0
    if await database.read(shifts.offers_due):
        done += await database.write(shifts.expire_offers)
    for branch, one in await database.read(partial(_due, setting=setting, short=short)):
        try:
            outcome = await database.write(partial(_run, setting=setting, branch=branch, one=one, short=short))
        except DatabaseDown:
            raise
        except Exception:
            log.exception("job %s %s met a bug; it is tried again at the next beat", one.job, one.period)
            continue
        done += bool(outcome)
    if short:
        await database.write(partial(merging.merge, platforms=short))
    return done


def _due(tx: Tx, setting: Setting, short: frozenset[str]) -> list[tuple[Branch, Coming]]:
    """What is due; for branches that are heard on short platforms alone, with the rest of the day."""
    found = jobs.due(tx, setting)
    if not short:
        return found
    branches = {branch for branch, one in found if one.until > tx.now}
    thrifty = [one for one in branches if quota.speakers(tx, one.id) <= short]
    return found + [(branch, one) for branch in thrifty for one in jobs.later_today(tx, setting, branch)]


def _run(tx: Tx, setting: Setting, branch: Branch, one: Coming, short: frozenset[str]) -> str:
    outcome = jobs.run(tx, setting, branch, one)
    merging.hold(tx, short)
    return outcome


async def write_usage(database: Database, setting: Setting) -> None:
    """Adds what this process has used of each monthly quota to the rows. Raises DatabaseDown; then nothing is lost."""
    for meter in setting.meters:
        for platform, counter in meter.counters.items():
            if taken := counter.take():
                try:
                    await database.write(partial(quota.add, platform=platform, taken=taken))
                except DatabaseDown:
                    counter.give_back(taken)
                    raise


async def weigh(database: Database, setting: Setting) -> frozenset[str]:
    """Writes down what was used, tells the admins at four fifths and of alarms, and says which platforms run short."""
    if alarms := setting.alarms():
        await database.write(partial(tell_alarms, admins=setting.admins, alarms=alarms))
    if not setting.meters:
        return PLENTY
    await write_usage(database, setting)
    seen = partial(quota.outlook, meters=setting.meters, coming=jobs.coming_for(setting))
    outlooks = await database.read(seen)
    if any(one.near for one in outlooks):
        await database.write(partial(quota.warn, outlooks=outlooks, admins=setting.admins))
    return quota.short_of(outlooks, setting.meters)


def heartbeat(database: Database, setting: Setting) -> AsyncIOScheduler:
    """A started scheduler that ticks every 15 seconds, once at once, and never two ticks at a time."""
    scheduler = AsyncIOScheduler(timezone=database.zone)

    short = PLENTY

    async def measure() -> None:
        nonlocal short
        try:
            short = await weigh(database, setting)
        except DatabaseDown as error:
            log.warning("the month's figures wait: %s", error)

    async def beat() -> None:
        try:
            await tick(database, setting, short)
        except DatabaseDown as error:
            log.warning("the calendar waits: %s", error)

    async def clean() -> None:
        try:
            await database.write(jobs.tidy)
        except DatabaseDown as error:
            log.warning("tidying waits: %s", error)

    once = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    scheduler.add_job(beat, "interval", seconds=BEAT_SECONDS, next_run_time=database.now(), **once)
    scheduler.add_job(measure, "interval", seconds=WEIGH_SECONDS, next_run_time=database.now(), **once)
    scheduler.add_job(clean, "interval", hours=TIDY_HOURS, **once)
    scheduler.start()
    return scheduler
