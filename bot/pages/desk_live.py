"""The desk's live wire: one word when anything was recorded in the branch, so that nobody works on an old page.

One look at the trail serves all open desks, and none is taken while no desk is open.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from aiohttp import web

from bot.cli.place import Place
from bot.db import DatabaseDown, micros
from bot.pages.entry import HEADERS, Entry
from bot.pages.stream import BEAT_SECONDS, write
from bot.trail import newest
from handlers.desk_news import changed
from handlers.desk_page import mark_of
from handlers.links import Pass

LOOK_SECONDS = 2.0
MOST_DESKS = 200
RETRY_MILLISECONDS = 5000


class News:
    """Knows since when nothing has happened in the branches whose desks are open."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.closed = False
        self.looks = 0
        self.seats = 0
        self._marks: dict[int, int] = {}  # branch -> its newest row among those seen
        self._place = 0
        self._stir = asyncio.Event()
        self._door = asyncio.Lock()  # one sits down at a time, so that nobody clears what another has just read
        self._watching: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def seat(self, branch: int) -> AsyncIterator[None]:
        """Watches the trail for as long as somebody sits here."""
        async with self._door:
            if not self.seats:
                self._marks, self._place = {}, await self.place.database.read(newest)
            if branch not in self._marks:
                self._marks[branch] = await self.place.database.read(partial(mark_of, branch=branch))
            self.seats += 1
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self.seats -= 1

    def mark(self, branch: int) -> int:
        """The newest row of a branch that was seen."""
        return self._marks.get(branch, 0)

    async def wait(self) -> None:
        """Until anything happened anywhere."""
        await self._stir.wait()

    async def _watch(self) -> None:
        while self.seats and not self.closed:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except DatabaseDown:
                continue  # `/readyz` and the answering say so; the desks keep what they show

    async def look(self) -> None:
        """Reads what was recorded since the last look. Raises DatabaseDown."""
        self.looks += 1
        found = await self.place.database.read(partial(changed, after=self._place))
        if found:
            self._place = max(found.values())
            self._marks |= found
            self._wake()

    def _wake(self) -> None:
        stir, self._stir = self._stir, asyncio.Event()
        stir.set()

    def close(self) -> None:
        """Lets every desk go."""
        self.closed = True
        self._wake()
        if self._watching is not None:
            self._watching.cancel()


async def events(request: web.Request, entry: Entry, news: News) -> web.StreamResponse:
    """Says once that the page is old, or that its session is over, and ends. Raises Refused."""
    given = await entry.admitted(request, "desk")
    if news.seats >= MOST_DESKS:
        return web.Response(status=503, headers=HEADERS)
    text = request.query.get("after", "")
    after = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
    headers = {**HEADERS, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
    response = web.StreamResponse(headers=headers)
    try:
        async with news.seat(given.branch):
            await response.prepare(request)
            await _pour(response, news, given, after)
    except (TimeoutError, ConnectionError):
        if request.transport is not None:
            request.transport.abort()
    return response


async def _pour(response: web.StreamResponse, news: News, given: Pass, after: int) -> None:
    await write(response, f"retry: {RETRY_MILLISECONDS}\n\n")
    while not news.closed and micros(news.place.clock()) < given.until:
        if news.mark(given.branch) > after:
            await write(response, "event: news\ndata: {}\n\n")
            return
        try:
            async with asyncio.timeout(BEAT_SECONDS):
                await news.wait()
        except TimeoutError:
            await write(response, ": here\n\n")
    if not news.closed:
        await write(response, "event: over\ndata: {}\n\n")
