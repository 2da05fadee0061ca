"""Staying on the line: one process per robot holds the long connection, and connects again when it breaks.

Source: WeCom doc 101463: a second subscription ends the first one, which is told so by `disconnected_event`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

import aiohttp

from bot.message import Ear, Retry, Undeliverable, Unknown
from bot.platforms.wecom_frame import OFTEN, SUBSCRIBE, Frame, Stale
from bot.platforms.wecom_hear import Crew, GivenUp, insist
from bot.platforms.wecom_link import KICKED, Link, Sleep
from bot.platforms.wecom_patience import Patience

log = logging.getLogger(__name__)

LEASE_SECONDS = 30.0  # at the longest back-off it runs out: who can't connect lets another replica try
RENEW_SECONDS = 10.0
FRAME_BYTES = 1024 * 1024
TROUBLES = (aiohttp.ClientError, OSError, TimeoutError)
CLOSING = aiohttp.ClientWSTimeout(ws_close=1.0)  # seconds that a dead peer may take to say goodbye

Hear = Callable[[Ear, Link, Frame], None]


class Line:
    """`link` is the subscribed connection or None; `trouble` is "" or one line for people who look after the bot."""

    def __init__(
        self,
        name: str,
        url: str,
        account: tuple[str, str],
        *,
        crew: Crew,
        clock: Callable[[], float],
        sleep: Sleep,
        patience: Patience,
        timeout: float,
    ) -> None:
        """`account` is (bot_id, secret); `clock` gives unix seconds, `sleep` and `timeout` are in seconds."""
        self._name, self._url, self._account = name, url, account
        self._crew, self._clock, self._sleep, self._patience, self._timeout = crew, clock, sleep, patience, timeout
        self._heard_until = 0.0  # unix seconds of the last frame; 0 where nothing was ever heard
        self.link: Link | None = None
        self.trouble = "not connected yet"

    async def greet(self) -> str:
        """Opens and closes the door without subscribing: "" or what to do."""
        try:
            async with aiohttp.ClientSession() as session, asyncio.timeout(2 * self._timeout):
                await (await session.ws_connect(self._url, timeout=CLOSING)).close()
        except TROUBLES as error:
            return f"ws_url can't be reached ({type(error).__name__}): allow outgoing connections to it"
        return ""

    async def stay(self, ear: Ear, hear: Hear) -> None:
        """Connects, hears and connects again, until it is cancelled."""
        while True:
            if await self._holds(ear):
                seconds, keep = await self._connection(ear, hear)
                await self._pause(ear, seconds, keep)
            else:  # another replica is on the line, and knows from the row until when this one was
                self.trouble = ""
                await self._sleep(RENEW_SECONDS)

    async def _holds(self, ear: Ear) -> bool:
        """A lease that can't be asked for is not held: two connections would kick each other."""
        try:
            return await ear.hold(f"wecom:{self._account[0]}", LEASE_SECONDS)
        except Exception:
            log.exception("%s: the lease can't be asked for", self._name)
            return False

    async def _pause(self, ear: Ear, seconds: float, keep: bool) -> None:
        """Waits; with `keep` the lease is kept, so that no other replica runs into the same wall."""
        while keep and seconds > RENEW_SECONDS:
            await self._sleep(RENEW_SECONDS)
            seconds -= RENEW_SECONDS
            await self._holds(ear)
        await self._sleep(seconds)

    async def _connection(self, ear: Ear, hear: Hear) -> tuple[float, bool]:
        """One connection from its beginning to its end; (seconds to wait now, whether to keep the lease)."""
        try:
            async with aiohttp.ClientSession() as session:
                async with asyncio.timeout(2 * self._timeout):
                    ws = await session.ws_connect(self._url, timeout=CLOSING, max_msg_size=FRAME_BYTES)
                async with ws:
                    link = Link(ws, lambda link, frame: hear(ear, link, frame), self._note, self._sleep, self._timeout)
                    return await self._conversation(ear, link)
        except TROUBLES as error:
            return self._failed(type(error).__name__), False
        except Exception:
            log.exception("%s: a bug on the line", self._name)
            return self._failed("a bug: see the log"), False

    def _note(self) -> None:
        self._heard_until = self._clock()

    async def _conversation(self, ear: Ear, link: Link) -> tuple[float, bool]:
        reading = asyncio.create_task(link.read())
        try:
            refused = await self._subscribe(link)
            if refused:
                return refused
            since = self._subscribed(ear, link)
            ended = await link.run(self._renew(ear))
            if ended != KICKED:
                return self._failed(ended), False
            lasted = self._clock() - since
            return self._kicked(lasted) if await self._holds(ear) else (0.0, False)  # else it was another replica
        finally:
            if self.link:
                self._crew.start(self._still(ear, self._heard_until), needed=True)
            self.link = None
            link.end("over")
            reading.cancel()
            await asyncio.wait([reading])

    async def _subscribe(self, link: Link) -> tuple[float, bool] | None:
        """None where WeCom took us, else how long to wait. The numbers of a refusal are not published (unverified)."""
        bot_id, secret = self._account
        try:
            await link.call(SUBSCRIBE, {"bot_id": bot_id, "secret": secret})
        except Undeliverable as error:
            self.trouble = f"WeCom refuses bot_id or secret ({str(error).partition(':')[0]})"
            log.error("%s: %s", self._name, self.trouble)
            return self._patience.refused(), True
        except (Retry, Unknown, Stale) as error:
            seconds = self._failed(str(error))
            return (self._patience.often(), True) if str(OFTEN) in str(error) else (seconds, False)
        return None

    def _subscribed(self, ear: Ear, link: Link) -> float:
        self._patience.subscribed()
        self.link, self.trouble, now = link, "", self._clock()
        log.info("%s: on the line", self._name)
        self._crew.start(self._began(ear, now), needed=True)
        return now

    async def _began(self, ear: Ear, now: float) -> None:
        """What came since the last connection, of whichever process, may not have been heard."""
        try:
            await insist(lambda: ear.on_line(datetime.fromtimestamp(now, UTC), anew=True), self._sleep)
        except GivenUp:
            log.error("%s: a gap could not be reported", self._name)

    async def _still(self, ear: Ear, heard: float) -> None:
        try:
            await ear.on_line(datetime.fromtimestamp(heard, UTC))
        except Exception as error:
            log.warning("%s: until when it was heard can't be kept: %s", self._name, error)

    def missed(self, ear: Ear, since: float, until: float) -> None:
        """Has it said that messages between two instants (unix seconds) may not have been heard."""
        self._crew.start(self.tell_missed(ear, since, until), needed=True)

    async def tell_missed(self, ear: Ear, since: float, until: float) -> None:
        """The same, once it is kept."""
        window = datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)
        try:
            await insist(lambda: ear.missed(*window), self._sleep)
        except GivenUp:
            log.error("%s: a gap could not be reported", self._name)

    def _failed(self, why: str) -> float:
        self.trouble = f"no long connection: {why}"
        log.warning("%s: %s", self._name, self.trouble)
        return self._patience.failed()

    def _kicked(self, lasted: float) -> tuple[float, bool]:
        seconds = self._patience.kicked(lasted)
        self.trouble = f"another program took this robot's connection over; trying again in {seconds / 60:.0f} minutes"
        log.error("%s: %s", self._name, self.trouble)
        return seconds, True

    async def _renew(self, ear: Ear) -> str:
        while True:
            await self._sleep(RENEW_SECONDS)
            if not await self._holds(ear):
                return "the lease went to another process"
            await self._still(ear, self._heard_until)
