"""Stream mode: the robot opens the connection itself, so it hears without a public address; it speaks as in HTTP mode.

A message is recorded, then acknowledged, then answered through the outbox. What could not be recorded is not
acknowledged, and DingTalk delivers it again after about a minute, under another frame id and the same msgId.

A trap: DingTalk gives each message to one connection of the application, chosen at random. Replicas on one database
may share an app_key, that is what it is for. But any other process with it (a developer's laptop, an old server) takes
its share of the messages, and nobody else ever learns of them; give each its own application. It shows only where the
other one does not acknowledge: the message then comes here, late and for the first time; the third of those is told in
`trouble`.
Source: open.dingtalk.com, "Stream mode protocol".
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import aiohttp

from bot.message import Ear, Incoming, NotOurs, TokenKeeper
from bot.platforms.dingtalk import DingTalk
from bot.platforms.dingtalk_card import drawn
from bot.platforms.dingtalk_page import encode
from bot.platforms.dingtalk_press import ANSWER_WITHIN, press_id, read_press
from bot.platforms.dingtalk_settings import DingTalkSettings
from bot.platforms.dingtalk_stream_frames import CARDS, EVENT_TAKEN, MESSAGES, NOTHING_TO_SAY, Frame
from bot.platforms.dingtalk_stream_gate import SLOWLY, NoConnection, admitted, connect, pause
from bot.platforms.dingtalk_stream_link import PING_SECONDS, Link, Say
from bot.platforms.dingtalk_stream_thief import Thief
from bot.platforms.dingtalk_wire import Line

log = logging.getLogger(__name__)

AT_ONCE = 256  # frames in hand: enough for one commit of many, far below what the database lets wait
STEADY_SECONDS = 30.0  # a connection that lived as long was a good one: the next attempt comes at once
GAP_SECONDS = 5.0  # without any connection, and somebody is told

Sleep = Callable[[float], Awaitable[None]]


class DingTalkStream(DingTalk):
    """A Platform and a Listener."""

    def __init__(
        self,
        name: str,
        settings: DingTalkSettings,
        token: TokenKeeper,
        *,
        clock: Callable[[], float] = time.time,
        line: Line | None = None,
        sleep: Sleep = asyncio.sleep,
        ping: float = PING_SECONDS,
    ) -> None:
        """`clock` gives unix seconds; `ping` is the silence in seconds after which the connection is tried."""
        super().__init__(name, settings, token, clock=clock, line=line)
        self._sleep, self._ping = sleep, ping
        self._connection = self.trouble = "not connected yet"
        self._failures = 0
        self._thief = Thief(clock)

    def _troubles(self) -> tuple[str, ...]:
        return self._connection, *super()._troubles(), self._thief.trouble()

    async def greet(self) -> str:
        """Fetches an access token and asks the gateway for a ticket: "", or what is wrong and the fix."""
        return await super().greet() or await admitted(self._line, self._settings)

    async def listen(self, ear: Ear) -> None:
        """Connects, hears and connects again, until it is cancelled; the next one opens before the old one closes."""
        slots, take = asyncio.Semaphore(AT_ONCE), partial(self._take, ear)
        links: set[Link] = set()
        retiring: set[asyncio.Task[None]] = set()
        old: Link | None = None
        async with aiohttp.ClientSession(trust_env=False) as http:
            try:
                while True:
                    link = await self._open(http, partial(Link, take=take, slots=slots, clock=self._clock))
                    links.add(link)
                    await self._replaced(ear, old, link)
                    if old:
                        links.discard(old)
                        task = asyncio.create_task(old.retire())
                        retiring.add(task)
                        task.add_done_callback(retiring.discard)
                    old = link
                    await link.leaving.wait()
                    self._left(link)
            finally:
                await asyncio.gather(*retiring, *(link.retire() for link in links), return_exceptions=True)

    async def _open(self, http: aiohttp.ClientSession, make: Callable[..., Link]) -> Link:
        """A new connection, however long it takes."""
        while True:
            await self._sleep(pause(self._failures))
            try:
                return make(await connect(http, self._line, self._settings), ping=self._ping)
            except NoConnection as error:
                self._failures += 1
                self._complain(str(error))
                if error.settings:
                    await self._sleep(SLOWLY)
            except Exception as error:  # a bug must not end the listening for good
                log.exception("DingTalk %s: connecting met a bug", self.name)
                self._failures += 1
                self._complain(f"connecting met a bug ({type(error).__name__}), see the log")

    def _complain(self, reason: str) -> None:
        if reason != self._connection:
            log.warning("DingTalk %s: %s", self.name, reason)
        self._connection = reason
        self._tell()

    def _left(self, link: Link) -> None:
        """A connection that was no good makes the next attempt wait."""
        steady = self._clock() - link.since >= STEADY_SECONDS
        self._failures = 0 if steady else self._failures + 1
        if link.ended:
            self._connection = "the connection ended, opening another"
            self._tell()

    async def _replaced(self, ear: Ear, old: Link | None, link: Link) -> None:
        """There is a connection; where there was none for a while, somebody is told."""
        log.info("DingTalk %s: connected", self.name)
        self._connection = ""
        self._tell()
        if old is None or link.since - old.heard_until <= GAP_SECONDS:
            return
        self._thief.deaf_until(link.since)
        try:
            await ear.missed(old.silent_since(), datetime.fromtimestamp(link.since, UTC))
        except Exception:
            log.exception("DingTalk %s: a gap could not be told", self.name)

    async def _take(self, ear: Ear, frame: Frame, say: Say) -> None:
        """Hears one frame and acknowledges it, but for what could not be recorded."""
        if frame.type != "CALLBACK" or frame.topic not in (MESSAGES, CARDS):
            await say(EVENT_TAKEN if frame.type == "EVENT" else NOTHING_TO_SAY)
            return
        try:
            heard = self._heard(frame)
        except NotOurs as error:
            log.warning("DingTalk %s: a frame of %s was left aside (%s)", self.name, frame.topic, error)
            heard = None
        if heard is None:
            await say(NOTHING_TO_SAY)  # or it would come again and again
            return
        try:
            await (self._press(ear, heard, say) if heard.kind == "press" else self._message(ear, heard, say))
        except Exception as error:  # whatever it was: nothing is recorded, so it must come again
            self._thief.deaf_until(self._clock())
            log.warning("DingTalk %s: not recorded, so not acknowledged (%s)", self.name, error, exc_info=error)

    def _heard(self, frame: Frame) -> Incoming | None:
        if frame.topic == CARDS:
            self.usage.count("message")
            message_id = press_id(frame.message_id.encode(errors="replace"), str(frame.pushed).encode())
            return read_press(frame.data, self.name, message_id, round(self._clock() * 1_000_000))
        incoming = self._read(frame.data.encode(errors="replace"))
        if incoming:
            self._thief.watch(frame, incoming.message_id)
        self._tell()
        return incoming

    async def _message(self, ear: Ear, incoming: Incoming, say: Say) -> None:
        await ear.hear(incoming)
        await say(NOTHING_TO_SAY)

    async def _press(self, ear: Ear, incoming: Incoming, say: Say) -> None:
        """The acknowledgement carries the card's new state, where that is known in time."""
        until = asyncio.get_running_loop().time() + ANSWER_WITHIN
        with self._presses.waiting(incoming.message_id) as (answer, gone):
            reply = await ear.hear(incoming)
            change: dict[str, Any] | None = drawn(reply) if reply else None
            if reply is None:
                await asyncio.wait([answer], timeout=max(0.0, until - asyncio.get_running_loop().time()))
                change = answer.result() if answer.done() else None
            handed_over = answer.done()
            went_out = await say(encode({"response": change or {}}).decode())
            gone.set_result(went_out and handed_over)


def make_dingtalk(name: str, settings: DingTalkSettings, token: TokenKeeper) -> DingTalk:
    """The robot in the mode of its settings; only in mode stream it has `listen`."""
    return (DingTalkStream if settings.mode == "stream" else DingTalk)(name, settings, token)
