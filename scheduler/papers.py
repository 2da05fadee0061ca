"""Makes the papers that were ordered, one at a time, in a thread of its own: no answer waits for a long export."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial

from bot.config import Config
from bot.db import Database, DatabaseDown
from bot.message import Refused
from handlers import reports

log = logging.getLogger(__name__)

LOOK_SECONDS = 60  # an order whose maker died is found, too
BUG = "程序出错了，已记下，请联系管理员。"


async def make_one(database: Database, config: Config) -> bool:
    """Makes the oldest order and hands it over; False where none waits."""
    row = await database.write(reports.claim)
    if row is None:
        return False
    data, why = None, BUG
    try:
        data = await database.read_long(partial(reports.made, row=row, config=config))
    except Refused as refusal:
        why = refusal.text
    except DatabaseDown:
        raise
    except Exception:
        log.exception("order %s met a bug; who asked is told", row.id)
    await database.write(partial(reports.finished, row=row, data=data, why=why))
    return True


async def run(database: Database, config: Config) -> None:
    """Makes what is ordered until cancelled: at once when something is, else it looks once a minute."""
    woken, loop = asyncio.Event(), asyncio.get_running_loop()

    def hear(told: set[str]) -> None:
        if reports.TOLD in told:
            loop.call_soon_threadsafe(woken.set)

    database.listeners.append(hear)
    try:
        while True:
            woken.clear()
            try:
                while await make_one(database, config):
                    pass
            except DatabaseDown as error:
                log.warning("papers wait: %s", error)
            except Exception:  # one order must not end the making of all that come after it
                log.exception("the making of papers met a bug; it goes on with the next")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await woken.wait()
    finally:
        database.listeners.remove(hear)
