"""The console's live wire: Server-Sent Events of a feed, for as long as somebody reads them."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from bot.pages.feed import Feed

BEAT_SECONDS = 15.0  # a comment that often shows both sides whether the other is still there
STUCK_SECONDS = 20.0  # a client that takes nothing for so long is let go
MOST_CLIENTS = 50


class Streams:
    """Hands a feed to each client from where it left off."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.clients = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Streams until the client leaves, stops reading, or the feed is closed."""
        if self.clients >= MOST_CLIENTS:
            return web.json_response({"error": "打开的页面太多，请关掉一些。"}, status=503)
        mark = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        self.clients += 1
        try:
            await response.prepare(request)
            await self._pour(response, mark)
        except (TimeoutError, ConnectionError):
            if request.transport is not None:
                request.transport.abort()
        finally:
            self.clients -= 1
        return response

    async def _pour(self, response: web.StreamResponse, mark: str) -> None:
        place = self.feed.place(mark) if mark else 0
        if place is None:
            place = self.feed.last()
            await write(response, f"id: {self.feed.mark(place)}\nevent: reset\ndata: {{}}\n\n")
        await write(response, "retry: 1000\n\n")
        while not self.feed.closed:
            for shown in self.feed.since(place):
                data = json.dumps(shown.json(), ensure_ascii=False)
                await write(response, f"id: {self.feed.mark(shown.change)}\nevent: bubble\ndata: {data}\n\n")
                place = shown.change
            await self._next(response, place)

    async def _next(self, response: web.StreamResponse, place: int) -> None:
        try:
            async with asyncio.timeout(BEAT_SECONDS):
                await self.feed.wait(place)
        except TimeoutError:
            await write(response, ": here\n\n")


async def write(response: web.StreamResponse, text: str) -> None:
    """Sends a piece of a stream. Raises TimeoutError where the client takes nothing."""
    async with asyncio.timeout(STUCK_SECONDS):
        await response.write(text.encode())
