"""APScheduler is the heartbeat only: it wakes, the rows say what is still to be done. A missed beat loses nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.db import Database, DatabaseDown, Tx
from handlers import merging, quota
from handlers.admins import tell_alarms
from scheduler import jobs
from scheduler.jobs import Branch, Calm, Coming, Setting

log = logging.getLogger(__name__)

BEAT_SECONDS = 15
TIDY_HOURS = 6
SETTLED = timedelta(minutes=10)  # after the start: a bot that is started anew each day has its chores done, too
WEIGH_SECONDS = 60
AT_ONCE = 32  # branches that stand in the writer's queue together: they share its commits
PLENTY: frozenset[str] = frozenset()
Key = tuple[str, str, str]


async def tick(
    database: Database, setting: Setting, short: frozenset[str] = PLENTY, calm: dict[int, Calm] | None = None
) -> int:
    """Does everything that is due by now, a branch at a time in its own transaction; how many this process did.

    `short` are the platforms whose monthly quota won't hold: they say a day's reminders of a group together. `calm` is
    what the process remembers from tick to tick, so that it doesn't look where nothing can have come up.
    """
    if await database.read(jobs.stopped):
        await database.write(partial(jobs.carry, setting=setting))
    done = 0
    if await database.read(partial(jobs.to_pass_on, setting=setting)):
        done += await database.write(partial(jobs.pass_on, setting=setting))
    calm = {} if calm is None else calm
    due = await database.read(partial(jobs.due, setting=setting, calm=calm))
    for first in range(0, len(due), AT_ONCE):
        some = due[first : first + AT_ONCE]
        keys = await asyncio.gather(*(_sit(database, setting, one.branch, one.items, short) for one in some))
        calm |= {one.branch.id: one.then for one, did in zip(some, keys, strict=True) if did >= _keys(one.items)}
        done += sum(map(len, keys))
    if short:
        await database.write(partial(merging.merge, platforms=short))
    return done


async def _sit(
    database: Database, setting: Setting, branch: Branch, items: list[Coming], short: frozenset[str]
) -> set[Key]:
    """What is due for a branch, together; where that meets a bug, one by one, so that only the faulty one waits.

    Returns the keys of what this process did.
    """

    def work(tx: Tx) -> set[Key]:
        outcomes = jobs.sit(tx, setting, branch, items, short)
        merging.hold(tx, short)
        return set(outcomes)

    try:
        return await database.write(work)
    except DatabaseDown:
        raise
    except Exception:
        if len(items) == 1:
            log.exception("job %s %s met a bug; it is tried again at the next beat", items[0].job, items[0].period)
            return set()
    return set().union(*[await _sit(database, setting, branch, [one], short) for one in items])


def _keys(items: list[Coming]) -> set[Key]:
    return {one.key for one in items}


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


def heartbeat(
    database: Database, setting: Setting, nightly: Callable[[], Awaitable[None]] | None = None
) -> AsyncIOScheduler:
    """A started scheduler that ticks every 15 seconds, once at once, and never two ticks at a time.

    `nightly` is the house's own chore (the backup), looked after every hour; it knows itself whether it is due.
    """
    scheduler = AsyncIOScheduler(timezone=database.zone)

    short = PLENTY
    calm: dict[int, Calm] = {}

    async def measure() -> None:
        nonlocal short
        try:
            short = await weigh(database, setting)
        except DatabaseDown as error:
            log.warning("the month's figures wait: %s", error)

    async def beat() -> None:
        try:
            await tick(database, setting, short, calm)
        except DatabaseDown as error:
            log.warning("the calendar waits: %s", error)

    async def clean() -> None:
        try:
            await database.write(partial(jobs.tidy, setting=setting))
        except DatabaseDown as error:
            log.warning("tidying waits: %s", error)

    once = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    scheduler.add_job(beat, "interval", seconds=BEAT_SECONDS, next_run_time=database.now(), **once)
    scheduler.add_job(measure, "interval", seconds=WEIGH_SECONDS, next_run_time=database.now(), **once)
    scheduler.add_job(clean, "interval", hours=TIDY_HOURS, next_run_time=database.now() + SETTLED, **once)
    if nightly is not None:
        scheduler.add_job(nightly, "interval", hours=1, next_run_time=database.now(), **once)
    scheduler.start()
    return scheduler
