"""Whether this machine's clock can be trusted: reminders come by it, and DingTalk refuses whoever is an hour off.

It is held against the newest record, the clock of PostgreSQL and, online, the date in the platforms' answers.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sqlalchemy import func, select

from bot.cli.place import Place
from bot.db import Tx
from bot.message import Trouble
from bot.platforms.client import Client
from bot.sql import sql
from bot.tables import trail

FIX = "set this machine's clock (timedatectl set-ntp true)"
MOST = timedelta(minutes=2)
NEWEST = sql(select(func.max(trail.c.at)))
THEIRS = sql(select(func.extract("epoch", func.now())))


async def faults(place: Place, now: datetime, *, online: bool) -> list[str]:
    """A line for each clock that disagrees with `now`, what this machine says."""
    found = await place.database.read(lambda tx: _of_records(place, tx, now))
    if place.config.bot.database.startswith("postgresql"):
        epoch = await place.database.read(lambda tx: tx.value(THEIRS))
        found += _differs("bot.database: PostgreSQL's clock", datetime.fromtimestamp(float(epoch), UTC), now)
    if online:
        for name, settings in place.config.platforms.items():
            base = getattr(settings, "api_base", "")
            found += _differs(f"platforms.{name}: the clock of {base}", await _date_of(base) if base else None, now)
    return found


def _of_records(place: Place, tx: Tx, now: datetime) -> list[str]:
    """Records of days to come: the clock was set back, or the console (which may move it) had written them."""
    newest = tx.value(NEWEST)
    ahead = tx.moment(newest) - now if newest else timedelta()
    if ahead <= MOST or place.config.web.console:
        return []
    return [f"bot.database: the newest record is of {tx.moment(newest):%Y-%m-%d %H:%M}, which is to come: {FIX}"]


def _differs(what: str, theirs: datetime | None, now: datetime) -> list[str]:
    if theirs is None or abs(theirs - now) <= MOST:
        return []
    return [f"{what} is {abs(theirs - now).total_seconds():.0f} s {'ahead' if theirs > now else 'behind'}: {FIX}"]


async def _date_of(base: str) -> datetime | None:
    """The date in a server's answer; None where there is no answer (the platform's own check says so) or no date."""
    client = Client(8.0)
    try:
        answer = await client.ask("HEAD", base)
        return parsedate_to_datetime(answer.headers["date"])
    except (Trouble, KeyError, ValueError):
        return None
    finally:
        await client.close()
