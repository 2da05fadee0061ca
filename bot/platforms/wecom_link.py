"""One WebSocket of the smart robot, from subscription to its end: acknowledgements find who waits for them,
pings find out that nobody is there any more.

Source: WeCom doc 101463. How to connect again, and when, is decided in wecom_socket.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from bot.message import Retry, Unknown
from bot.platforms.wecom_frame import (
    EVENT,
    PING,
    UNSUBSCRIBED,
    Frame,
    Unsubscribed,
    judge_frame,
    read_frame,
    write_frame,
)

log = logging.getLogger(__name__)

PING_SECONDS = 30.0
UNANSWERED = 2  # pings without an answer after which the connection is dead
KICKED = "kicked"

Sleep = Callable[[float], Awaitable[None]]


class Link:
    """`name` tells this connection from others: a req_id lives no longer than the connection it came through."""

    def __init__(
        self,
        ws: aiohttp.ClientWebSocketResponse,
        hear: Callable[[Link, Frame], None],
        note: Callable[[], None],
        sleep: Sleep,
        timeout: float,
    ) -> None:
        """`hear(link, frame)` gets every callback, `note()` is told of every frame.

        `timeout` is for an acknowledgement, in seconds.
        """
        self._ws, self._hear, self._note, self._sleep, self._timeout = ws, hear, note, sleep, timeout
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._unanswered = 0
        self.name = uuid.uuid4().hex[:12]

    async def call(self, cmd: str, body: dict[str, Any], req_id: str = "") -> Frame:
        """Sends a frame and waits for its acknowledgement; one frame at a time for the same `req_id`.

        Raises Retry where nothing was sent, Unknown where no acknowledgement came, and what `judge_frame` raises.
        """
        req_id = req_id or f"{cmd}_{uuid.uuid4().hex}"
        while req_id in self._waiting:
            await asyncio.wait([self._waiting[req_id]])
            await asyncio.sleep(0)  # let the one who waited go first
        if self._ended.done() or self._ws.closed:
            raise Retry("the connection is gone", 1.0)
        self._waiting[req_id] = asyncio.get_running_loop().create_future()
        try:
            ack = await self._acknowledged(write_frame(cmd, req_id, body), self._waiting[req_id])
        finally:
            self._waiting.pop(req_id).cancel()
        return self._judged(ack)

    async def _acknowledged(self, text: str, ack: asyncio.Future[Frame]) -> Frame:
        either: set[asyncio.Future[Any]] = {ack, self._ended}
        try:
            async with asyncio.timeout(self._timeout):
                await self._ws.send_str(text)
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            raise Unknown("no acknowledgement") from None
        except (ConnectionError, aiohttp.ClientError):
            raise Unknown("the connection broke") from None
        if not ack.done():
            raise Unknown("the connection ended before the acknowledgement")
        return ack.result()

    def _judged(self, ack: Frame) -> Frame:
        try:
            judge_frame(ack)
        except Unsubscribed:
            self.end("the subscription was lost")
            raise
        return ack

    def end(self, why: str) -> None:
        """Lets go: whoever waits for an acknowledgement gets Unknown, and `run` returns `why`."""
        if not self._ended.done():
            self._ended.set_result(why)

    async def run(self, *besides: Awaitable[str]) -> str:
        """Pings, and runs what is given `besides`, until one of them ends or `end` is called; says why it ended."""
        tasks = [asyncio.ensure_future(one) for one in (self._beat(), *besides)]
        first: set[asyncio.Future[Any]] = {*tasks, self._ended}
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            said = await asyncio.gather(*tasks, return_exceptions=True)
        for one in said:
            if not isinstance(one, asyncio.CancelledError):
                self.end(one if isinstance(one, str) else f"a bug ({type(one).__name__})")
        return self._ended.result()

    async def read(self) -> None:
        """Reads until the connection ends, cleanly or not; then `end`s. What can't be read is passed over."""
        try:
            async for message in self._ws:
                if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    self._take(read_frame(message.data))
        finally:
            self.end(f"closed ({self._ws.close_code})")

    def _take(self, frame: Frame | None) -> None:
        self._note()
        if frame is None:
            return
        if frame.cmd:
            return self._called(frame)
        waiting = self._waiting.get(frame.req_id)
        if waiting and not waiting.done():
            waiting.set_result(frame)
        elif frame.req_id.startswith(PING):
            self._unanswered = 0
            if frame.errcode == UNSUBSCRIBED:
                self.end("the subscription was lost")

    def _called(self, frame: Frame) -> None:
        event = frame.body.get("event")
        if frame.cmd == EVENT and isinstance(event, dict) and event.get("eventtype") == "disconnected_event":
            return self.end(KICKED)
        try:
            self._hear(self, frame)
        except Exception:
            log.exception("a bug while hearing: one callback is lost, the connection is not")

    async def _beat(self) -> str:
        while True:
            await self._sleep(PING_SECONDS)
            if self._unanswered >= UNANSWERED:
                return f"{UNANSWERED} pings unanswered"
            self._unanswered += 1
            await self._ping()

    async def _ping(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._ws.send_str(write_frame(PING, f"{PING}_{uuid.uuid4().hex}"))
        except (TimeoutError, ConnectionError, aiohttp.ClientError):
            return  # it counts as unanswered
