"""Nobody is woken: what falls into quiet hours is said after them, or before where it would be too late.

And nothing is lost to them, also where the platform was away in the evening.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import delivery
from bot.message import Promise, Retry
from bot.platforms.console import Console
from bot.tables import outbox
from scheduler.runner import tick
from tests.cast import Cast, opened_cast

EVENING = '[reminders]\ntheme_day = ""\ndues_notice = ["day:25 20:50"]\n'


class Away(Console):
    """A console whose wire can be cut."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = False

    async def send(self, promise: Promise) -> None:
        if self.cut:
            raise Retry("no connection", after=60)
        await super().send(promise)


@pytest.fixture
async def evening(database_url: str, tmp_path: Path) -> AsyncIterator[Cast]:
    async with opened_cast(database_url, tmp_path, EVENING) as cast:
        away = Away()
        cast.place.platforms["console"] = away
        yield cast


async def step(cast: Cast, minutes: int) -> None:
    cast.place.clock.ahead += timedelta(minutes=minutes)
    await tick(cast.place.database, cast.place.setting)
    await delivery.deliver(cast.place.database, cast.place.platforms, cast.place.coordination.window)


def heard(cast: Cast) -> list[str]:
    away = cast.place.platforms["console"]
    assert isinstance(away, Away)
    return [bubble.text for bubble in away.bubbles if bubble.chat == "g1"]


async def test_what_could_not_be_said_in_the_evening_is_said_in_the_morning(evening: Cast) -> None:
    away = evening.place.platforms["console"]
    assert isinstance(away, Away)
    away.cut = True
    await evening.until("2026-11-25 20:49")
    for _ in range(20):
        await step(evening, 1)
    away.cut = False
    for _ in range(60):
        await step(evening, 10)
    assert heard(evening) == [], "until 07:09"
    for _ in range(4):
        await step(evening, 10)
    assert len(heard(evening)) == 1
    for _ in range(20):
        await step(evening, 60)
    assert len(heard(evening)) == 1
    rows = await evening.rows(select(outbox.c.state).where(outbox.c.key.startswith("dues_notice:1")))
    assert [row.state for row in rows] == ["sent"]


async def test_a_bot_that_wakes_at_night_says_it_in_the_morning(evening: Cast) -> None:
    evening.place.clock.ahead += timedelta(days=4, hours=13)  # 23:00 of the 25th
    for _ in range(8):
        await step(evening, 60)
    assert heard(evening) == []
    await step(evening, 30)
    assert [text[:4] for text in heard(evening)] == ["（补发）"]


async def test_a_meeting_in_the_early_morning_is_spoken_of_the_evening_before(sqlite: str, tmp_path: Path) -> None:
    more = '[reminders]\ntheme_day = ""\ndues_notice = []\nmeeting_notice = ["-1h"]\n'
    async with opened_cast(sqlite, tmp_path, more) as cast:
        await cast.dialog([("周敏", "/attendance open 集中学习 11月25日7:20", "#1")])
        await cast.until("2026-11-24 20:29")
        assert not cast.pushed()
        await cast.until("2026-11-24 20:30")
        assert len(cast.pushed()) == 1
        await cast.until("2026-11-25 12:00")
        assert len([one for one in cast.pushed() if "#1" in one.text]) == 1


async def test_three_replicas_carry_it_over_once(evening: Cast) -> None:
    away = evening.place.platforms["console"]
    assert isinstance(away, Away)
    away.cut = True
    await evening.until("2026-11-25 20:50")
    away.cut = False
    evening.place.clock.ahead += timedelta(hours=1)
    window = evening.place.coordination.window
    for _ in range(3):
        await delivery.deliver(evening.place.database, evening.place.platforms, window)
        await tick(evening.place.database, evening.place.setting)
    evening.place.clock.ahead += timedelta(hours=10)
    for _ in range(3):
        await tick(evening.place.database, evening.place.setting)
        await delivery.deliver(evening.place.database, evening.place.platforms, window)
    assert len(heard(evening)) == 1
