"""The console as `serve` offers it, over a real socket, on a fixed day, with the demonstration branch."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from aiohttp.test_utils import BaseTestServer, TestServer

from bot.cli.demo import furnish
from bot.cli.place import Clock, Place, opened
from bot.config import Config, load
from bot.pages import console
from bot.pages import site as pages
from bot.platforms import KINDS
from bot.web import application

TODAY = datetime.fromisoformat("2026-12-01T10:00:00+08:00")
OPEN = "/attendance open 主题党日 明天15:00 三楼会议室"


@dataclass
class Desk:
    """A running console and somebody in front of it."""

    place: Place
    server: BaseTestServer
    client: ClientSession

    def url(self, path: str = "") -> str:
        return str(self.server.make_url("/console")) + path

    async def get(self, path: str = "", **options: Any) -> ClientResponse:
        return await self.client.get(self.url(path), **options)

    async def post(self, path: str, data: Any, **headers: str) -> ClientResponse:
        body = data if isinstance(data, str | bytes) else json.dumps(data, ensure_ascii=False)
        return await self.client.post(
            self.url(path), data=body, headers={"Content-Type": "application/json", **headers}
        )

    async def state(self, after: int = 0) -> Any:
        return await (await self.get(f"/state?after={after}")).json()

    async def bubbles(self, chat: str = "g1", *, private: bool = False) -> list[Any]:
        return [one for one in (await self.state())["bubbles"] if (one["chat"], one["private"]) == (chat, private)]

    async def say(self, who: str, text: str, chat: str = "g1", *, private: bool = False) -> Any:
        response = await self.post("/say", {"as": who, "chat": chat, "private": private, "text": text})
        assert response.status == 200, await response.text()
        return await response.json()

    async def tap(self, who: str, bubble: int, command: str, chat: str = "g1") -> ClientResponse:
        data = {"as": who, "chat": chat, "private": False, "command": command, "bubble": bubble}
        return await self.post("/tap", data)


Made = Callable[..., AbstractAsyncContextManager[Desk]]


def config(folder: Path, more: str = "") -> Config:
    file = folder / "config.toml"
    file.write_text(f'[bot]\ndatabase = "sqlite:///{folder}/bot.db"\ndata_dir = "{folder}"\n{more}')
    return load(file, KINDS)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Opens a desk with more lines of configuration."""

    @asynccontextmanager
    async def desk(more: str = "") -> AsyncIterator[Desk]:
        settings = config(tmp_path, more)
        clock = Clock(settings)
        clock.ahead = TODAY - clock()
        async with opened(settings, clock) as place:
            await furnish(place)
            app = application(place.database, place.platforms, place.house, place.ready)
            console.add_to(app, place)
            pages.add_to(app, place)
            async with TestServer(app) as server, ClientSession() as client:
                yield Desk(place, server, client)

    return desk


@pytest.fixture
async def desk(made: Made) -> AsyncIterator[Desk]:
    async with made() as one:
        yield one
