"""The cast that every dialog is played by: two branches, their secretaries and members, two console groups.

周敏 is the secretary of 第一党支部, 李红 its organiser (secretary and collector); 张三, 李四, 王芳 (two of them) are
members; 郑晓燕 is the secretary of 第二党支部 and must see nothing of the first.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot import delivery
from bot.cli.demo import PEOPLE, furnish
from bot.cli.place import Clock, Place, opened
from bot.config import Config, load
from bot.db import Tx
from bot.dispatch import handle
from bot.message import Card, Incoming, Reply
from bot.platforms import KINDS
from bot.platforms.console import NAME, Bubble
from bot.sql import sql
from bot.tables import jobs as rows_of_jobs
from bot.vault import Vault
from scheduler import jobs
from scheduler.jobs import Calm
from scheduler.runner import tick

ZONE = ZoneInfo("Asia/Shanghai")
SECRET = "always the same digits"
KEYS = Vault(lambda: [hashlib.sha256(SECRET.encode()).digest()])  # of every house of the tests, and of what has none
START = datetime(2026, 11, 21, 10, 0, tzinfo=ZONE)
ACCOUNTS = {person[0]: person[8] for person in reversed(PEOPLE)} | {"王芳(护理部)": "wangfang2", "admin": "admin"}


class Moved(Clock):
    """A clock that stands still at START plus what the test has added."""

    def __call__(self) -> datetime:
        return START + self.ahead


class Cast:
    """Speaks for everybody and remembers what was heard."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.serial = itertools.count(1)
        self.last: Incoming | None = None
        self.calm: dict[int, Calm] = {}

    async def reply(self, name: str, text: str, chat: str = "g1", kind: Any = "text") -> Reply | None:
        """What the bot answers to one message; chat "" is the private chat."""
        account = ACCOUNTS.get(name, name)
        self.last = Incoming(NAME, f"m{next(self.serial)}", chat or account, account, text, private=not chat, kind=kind)
        return await self.send(self.last)

    async def send(self, incoming: Incoming) -> Reply | None:
        """The same door as every platform's."""
        return await self.place.database.write(partial(handle, incoming=incoming, house=self.place.house))

    async def says(self, name: str, text: str, chat: str = "g1") -> str:
        """The text of the answer, "" for silence."""
        reply = await self.reply(name, text, chat)
        return reply.text if reply else ""

    async def taps(self, name: str, card: Card | None, label: str, chat: str = "g1") -> Reply:
        """Taps a button of a card."""
        assert card is not None
        command = next(button.command for button in card.buttons if button.label == label)
        reply = await self.reply(name, command, chat, "press")
        assert reply is not None
        return reply

    async def dialog(self, lines: Sequence[tuple[str, str, str]], chat: str = "g1") -> None:
        """Plays (who, says, hears): `hears` must stand in the answer; "" expects silence."""
        for name, text, hears in lines:
            heard = await self.says(name, text, chat)
            assert (hears in heard) if hears else heard == "", f"{name}: {text}\nexpected: {hears}\nheard: {heard}"

    async def pass_time(self, **delta: float) -> None:
        """Moves the clock and lets the calendar and the outbox do what is due."""
        self.place.clock.ahead += timedelta(**delta)
        await self.settle()

    async def until(self, moment: str) -> None:
        """Moves the clock to `YYYY-MM-DD HH:MM`."""
        target = datetime.strptime(moment, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
        await self.pass_time(seconds=(target - self.place.clock()).total_seconds())

    async def settle(self) -> None:
        """Ticks the calendar and empties the outbox; what it remembers of its last look hides nothing."""
        place = self.place
        assert await self._due({}) == await self._due(dict(self.calm))
        await tick(place.database, place.setting, calm=self.calm)
        while await delivery.deliver(place.database, place.platforms, place.coordination.window, place.lost):
            pass

    async def _due(self, calm: dict[int, Calm]) -> set[tuple[str, str, str]]:
        """The keys of what a look finds; less those of meetings that were moved after they were spoken of."""
        looks = await self.place.database.read(partial(jobs.due, setting=self.place.setting, calm=calm))
        done = await self.rows(select(rows_of_jobs.c.job, rows_of_jobs.c.period, rows_of_jobs.c.audience))
        return {one.key for look in looks for one in look.items} - {tuple(row) for row in done}

    def pushed(self, chat: str = "g1") -> list[Bubble]:
        """The pushes that a chat has seen."""
        return [bubble for bubble in self.place.console.bubbles if bubble.pushed and bubble.chat == chat]

    async def rows(self, statement: Any) -> list[Any]:
        """All rows of a Core statement."""
        prepared = sql(statement)

        def work(tx: Tx) -> list[Any]:
            return tx.all(prepared)

        return await self.place.database.read(work)


def configure(url: str, folder: Path, more: str = "") -> Config:
    """A configuration on a database of its own."""
    path = folder / "config.toml"
    free = "" if "questions_per_minute" in more else "questions_per_minute = 0\n"  # here a minute holds a whole dialog
    key = "" if "secret_key" in more else f'secret_key = "{SECRET}"\n'
    start = f'[bot]\ndatabase = "{url}"\ndata_dir = "{folder}"\n'
    path.write_text(f"{start}{free}{key}{more}", encoding="utf-8")
    return load(path, KINDS)


@asynccontextmanager
async def opened_cast(url: str, folder: Path, more: str = "") -> AsyncIterator[Cast]:
    """A furnished house on a database of its own."""
    config = configure(url, folder, more)
    async with opened(config, Moved(config)) as place:
        await furnish(place)
        yield Cast(place)
