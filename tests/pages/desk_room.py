"""A desk on either engine, and somebody who sits at it with a browser of his own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession
from aiohttp.test_utils import TestServer

from bot import delivery
from bot.cli.demo import furnish
from bot.cli.place import Clock, opened
from bot.config import load
from bot.pages import console
from bot.pages import site as pages
from bot.platforms import KINDS
from bot.web import application
from scheduler.runner import tick
from tests.pages.conftest import TODAY, Desk
from tests.pages.test_links import asked
from tests.pages.test_links import browser as client

TOKEN = re.compile(r'name="token" value="(\w+)"')
SAID = re.compile(r'id="said"[^>]*>([^<]*)<')
TAGS = re.compile(r"<[^>]+>")


@asynccontextmanager
async def opened_room(url: str, folder: Path) -> AsyncIterator[Desk]:
    """The demonstration branch on a database, with the door, the console and the pages."""
    file = folder / "config.toml"
    file.write_text(f'[bot]\ndatabase = "{url}"\ndata_dir = "{folder}"\n', encoding="utf-8")
    settings = load(file, KINDS)
    clock = Clock(settings)
    clock.ahead = TODAY - clock()
    async with opened(settings, clock) as place:
        await furnish(place)
        app = application(place.database, place.platforms, place.house, place.ready)
        console.add_to(app, place)
        pages.add_to(app, place)
        async with TestServer(app) as server, ClientSession() as own:
            yield Desk(place, server, own)


class Sitting:
    """A browser at a desk."""

    def __init__(self, desk: Desk, session: ClientSession) -> None:
        self.desk, self.session, self.token = desk, session, ""

    async def get(self, path: str = "") -> ClientResponse:
        return await self.session.get(self.desk.server.make_url(f"/desk{path}"))

    async def text(self, path: str = "") -> str:
        """What a page says, without its markup."""
        response = await self.get(path)
        text = await response.text()
        assert response.status == 200, text
        found = TOKEN.search(text)
        self.token = found[1] if found else self.token
        return unescape(re.sub(r"\s+", " ", TAGS.sub(" ", text)))

    async def post(self, act: str, values: dict[str, Any], **headers: str) -> ClientResponse:
        data = [
            (name, str(one))
            for name, value in values.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        url = self.desk.server.make_url(f"/desk/do/{act}")
        return await self.session.post(url, data=data, headers=headers)

    async def does(self, act: str, **values: Any) -> str:
        """The line that the desk shows after an act."""
        if not self.token:
            await self.text()
        response = await self.post(act, {"token": self.token, **values})
        text = await response.text()
        assert (response.status, response.url.path[:5]) == (200, "/desk"), text
        found = SAID.search(text)
        assert found
        return unescape(found[1])


@asynccontextmanager
async def sitting(desk: Desk, who: str = "zhoumin") -> AsyncIterator[Sitting]:
    """Somebody who asked for the link and opened it."""
    async with client() as session:
        response = await session.post(await asked(desk, who, "/desk"))
        assert (response.status, response.url.path) == (200, "/desk"), await response.text()
        yield Sitting(desk, session)


async def settle(desk: Desk) -> None:
    """Ticks the calendar and empties the outbox."""
    place = desk.place
    await tick(place.database, place.setting)
    while await delivery.deliver(place.database, place.platforms, place.coordination.window, place.lost):
        pass
