"""Shorthands for a cast that is watched by the calendar."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import select

from bot.pages.clock import next_moment
from bot.platforms.console import Bubble
from bot.tables import jobs
from tests.cast import ACCOUNTS, ZONE, Cast


def whispered(cast: Cast, name: str) -> list[str]:
    """What somebody was told in private by the clock."""
    return [bubble.text for bubble in told(cast, name)]


def told(cast: Cast, name: str) -> list[Bubble]:
    """The same with the bubbles."""
    account = ACCOUNTS.get(name, name)
    return [one for one in cast.place.console.bubbles if one.pushed and one.private and one.chat == account]


async def outcomes(cast: Cast, job: str) -> dict[tuple[str, str], str]:
    """(period, audience) -> what a job came to."""
    found = await cast.rows(select(jobs).where(jobs.c.job == job))
    return {(row.period, row.audience): row.outcome for row in found}


async def live(cast: Cast, moment: str) -> None:
    """Lives until `YYYY-MM-DD HH:MM`, awake at every hour at which the calendar has something to do."""
    end = datetime.strptime(moment, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
    while True:
        at = await cast.place.database.read(partial(next_moment, setting=cast.place.setting, everybody=True))
        if at is None or at >= end:
            break
        cast.place.clock.ahead += at - cast.place.clock()
        await cast.settle()
    await cast.until(moment)
