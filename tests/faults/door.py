"""A real bot at whose door a test knocks while something dies behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot.cli.place import opened
from bot.db import Database
from tests.cast import KEYS, ZONE, configure
from tests.core.post import post
from tests.core.process import WECOM, Served, call
from tests.core.snapshot import rows_of
from tests.rooms import furnish

HASTE = {
    "bot.engines.LOCK_MILLISECONDS": 600,
    "bot.engines.CONNECT_SECONDS": 2,
    "bot.writer.WRITE_SECONDS": 1.5,
    "bot.migrations.WRITE_SECONDS": 1.5,
    "bot.db.READ_SECONDS": 1.5,
    "bot.writer.HOPELESS_SECONDS": 0.5,
    "bot.writer.LATE_SECONDS": 0.7,
    "bot.writer.SICK_SECONDS": 0.05,
}


class Door:
    """`direct` is the database without the network in between; `heard` are the messages that heard 200."""

    def __init__(self, served: Served, http: httpx.AsyncClient, direct: str) -> None:
        self.served, self.http, self.direct = served, http, direct
        self.heard: set[str] = set()

    async def say(self, number: int, text: str = "帮助", sender: str = "zhangsan") -> int:
        """The status of the answer to a message."""
        path, body = post(number, sender, text)
        status = (await self.http.post(path, content=body)).status_code
        self.heard |= {f"m{number}"} if status == 200 else set()
        return status

    async def ready(self) -> tuple[int, str]:
        """What `/readyz` says."""
        response = await self.http.get("/readyz")
        return response.status_code, response.text

    async def until_heard(self, number: int, text: str = "帮助") -> None:
        """Says it again, as a platform would, until it is heard."""
        async with asyncio.timeout(30):
            while await self.say(number, text) != 200:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)

    def log(self) -> str:
        """What it has said so far on stderr."""
        return self.served.log.read_text(encoding="utf-8") if self.served.log.exists() else ""

    async def whole(self) -> None:
        """What heard 200 is in the rows, and the books are whole."""
        database = Database(self.direct, ZONE, keys=KEYS)
        kept = {row[1] for row in (await rows_of(database))["seen"]}
        await database.close()
        assert self.heard <= kept
        direct = self.served.config.with_name("direct")
        direct.mkdir()
        configure(self.direct, direct)
        checked = await asyncio.to_thread(call, direct / "config.toml", "verify")
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, "ok\n", "")


@asynccontextmanager
async def door(direct: str, served: str, folder: Path, **limits: float) -> AsyncIterator[Door]:
    """A furnished bot on the database `served`; `direct` is the same one. It must still live at the end."""
    async with opened(configure(direct, folder, WECOM)) as place:
        await furnish(place, "wecom", "企业微信账号", "g1")
    more = {name.replace("__", "."): value for name, value in limits.items()}
    bot = await asyncio.to_thread(lambda: Served(served, folder, limits={**HASTE, **more}))
    try:
        async with httpx.AsyncClient(base_url=bot.address, trust_env=False, timeout=30) as http:
            yield Door(bot, http, direct)
        assert bot.process.poll() is None
        assert "Traceback" not in bot.log.read_text(encoding="utf-8")
    finally:
        await asyncio.to_thread(bot.end, kill=True)
