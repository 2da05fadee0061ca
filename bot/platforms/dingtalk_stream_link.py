"""One WebSocket of stream mode, from its first frame to its last: frames are taken, acknowledged, and none kills it.

Frames are taken side by side, at most `slots` at once (then the socket is read no further, and the sender waits). Each
is a task of its own, started in the order of arrival: whoever hears them is a writer that commits what waits in one
batch and keeps a conversation's order by the order of the calls; one after the other would cost a commit each.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import aiohttp

from bot.platforms.dingtalk_stream_frames import Frame, ack, read_frame
from bot.platforms.dingtalk_stream_gate import Socket

log = logging.getLogger(__name__)

PING_SECONDS = (
    30.0  # of silence, then a ping; as long again, then the connection is dead (half-open sockets are common)
)
FRAMELESS_SECONDS = 1800.0  # alive but without a frame: a channel nobody pushes to; another one costs nothing
DRAIN_SECONDS = 3.0
OVER = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)

Say = Callable[[str], Awaitable[bool]]  # acknowledges with data; whether it went out
Take = Callable[[Frame, Say], Awaitable[None]]


class Link:
    """`leaving` is set when the next connection is wanted; `heard_until` is the last moment it surely heard."""

    def __init__(
        self,
        socket: Socket,
        take: Take,
        slots: asyncio.Semaphore,
        clock: Callable[[], float],
        ping: float = PING_SECONDS,
    ) -> None:
        """`clock` gives unix seconds, `ping` is in seconds."""
        self._socket, self._take, self._slots, self._clock, self._ping = socket, take, slots, clock, ping
        self.leaving = asyncio.Event()
        self.since = self.heard_until = self._last_frame = clock()
        self._asked = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._reading = asyncio.create_task(self._read())

    @property
    def ended(self) -> bool:
        """Whether nothing more can come."""
        return self._reading.done()

    def silent_since(self) -> datetime:
        """The last moment it surely heard, in UTC."""
        return datetime.fromtimestamp(self.heard_until, UTC)

    async def _read(self) -> None:
        try:
            while await self._step():
                pass
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            log.info("DingTalk: a connection broke (%s)", type(error).__name__)
        except Exception:
            log.exception("DingTalk: a connection met a bug")
        finally:
            self.leaving.set()

    async def _step(self) -> bool:
        """One WebSocket message; False where the connection is over."""
        try:
            message = await self._socket.receive(timeout=self._ping)
        except TimeoutError:
            return await self._still_there()
        self._asked = False
        self._note_life()
        if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            await self._frame(message.data)
        elif message.type is aiohttp.WSMsgType.PING:
            await self._socket.pong(message.data)
        return message.type not in OVER

    def _note_life(self) -> None:
        now = self._clock()
        if not self.leaving.is_set():
            self.heard_until = now
        if now - self._last_frame > FRAMELESS_SECONDS:
            self.leaving.set()

    async def _still_there(self) -> bool:
        """Pings after a silence; a second silence is the end."""
        asked, self._asked = self._asked, True
        if not asked:
            await self._socket.ping()
        return not asked

    async def _frame(self, raw: str | bytes) -> None:
        self._last_frame = self._clock()
        frame = read_frame(raw)
        if frame is None:
            log.warning("DingTalk: a frame that is none was left aside")
        elif frame.type == "SYSTEM":
            await self._system(frame)
        else:
            await self._slots.acquire()
            task = asyncio.create_task(self._handle(frame))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _system(self, frame: Frame) -> None:
        """A ping wants its own data back; what else there is (CONNECTED, KEEPALIVE, …) is merely acknowledged."""
        await self._acknowledge(frame, frame.data or "{}")
        if frame.topic == "disconnect":
            self.leaving.set()

    async def _handle(self, frame: Frame) -> None:
        try:
            await self._take(frame, partial(self._acknowledge, frame))
        except Exception:
            log.exception("DingTalk: a frame of %s met a bug", frame.topic)
        finally:
            self._slots.release()

    async def _acknowledge(self, frame: Frame, data: str) -> bool:
        try:
            await self._socket.send_str(ack(frame, data))
        except (aiohttp.ClientError, OSError, RuntimeError):
            return False
        return True

    async def retire(self) -> None:
        """Waits for what is in hand, so that it is acknowledged where it came from, then closes."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=DRAIN_SECONDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._socket.close()
        for task in (self._reading, *self._tasks):
            task.cancel()
        await asyncio.gather(self._reading, *self._tasks, return_exceptions=True)
