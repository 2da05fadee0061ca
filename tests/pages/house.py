"""The generated year behind the pages, over a real socket, and an admin who asks for links."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from html import unescape
from pathlib import Path

from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import BaseTestServer, TestServer

from bot.cli.place import Place, opened
from bot.dispatch import handle
from bot.message import Incoming
from bot.pages import site
from bot.platforms.console import NAME
from bot.web import application
from tests.cast import Moved, configure

TAG = re.compile(r"<[^>]+>")
ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.S)
CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.S)


@dataclass
class House:
    """A running house."""

    place: Place
    server: BaseTestServer
    asks: int = 0

    def url(self, path: str) -> str:
        return str(self.server.make_url("/"))[:-1] + path

    async def link(self, account: str = "admin", text: str = "/report dashboard") -> str:
        """The address that the bot sends."""
        self.asks += 1
        asking = Incoming(NAME, f"link{self.asks}", account, account, text, private=True)
        reply = await self.place.database.write(partial(handle, incoming=asking, house=self.place.house))
        assert reply is not None
        found = re.search(r"(/open/\S+)", reply.text)
        assert found, reply.text
        return self.url(found[1])

    @asynccontextmanager
    async def reader(self, account: str = "admin") -> AsyncIterator[Reader]:
        """A browser that has opened its link."""
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
            assert (await client.post(await self.link(account))).status == 200
            yield Reader(self, client)


@dataclass
class Reader:
    """Somebody in front of the pages."""

    house: House
    client: ClientSession

    async def get(self, path: str, status: int = 200) -> str:
        """The text of a page of the overview, as HTML."""
        response = await self.client.get(self.house.url(f"/dashboard{path}"))
        text = await response.text()
        assert response.status == status, text
        return text

    async def table(self, path: str) -> list[list[str]]:
        """The cells of all tables of a page."""
        return cells(await self.get(path))

    async def bytes(self, path: str) -> bytes:
        """What a file of the overview holds."""
        response = await self.client.get(self.house.url(f"/dashboard{path}"))
        assert response.status == 200, await response.text()
        return await response.read()


def plain(html: str) -> str:
    """HTML as it is read."""
    return re.sub(r"\s+", " ", unescape(TAG.sub(" ", html))).strip()


def cells(html: str) -> list[list[str]]:
    """The cells of all table rows."""
    return [[plain(cell) for cell in CELL.findall(row)] for row in ROW.findall(html)]


@asynccontextmanager
async def running(url: str, folder: Path, more: str = "") -> AsyncIterator[House]:
    """A house on a database."""
    config = configure(url, folder, more)
    async with opened(config, Moved(config)) as place:
        app = application(place.database, place.platforms, place.house, place.ready)
        site.add_to(app, place)
        async with TestServer(app) as server:
            yield House(place, server)
