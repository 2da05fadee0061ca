"""A long connection in a test: an ear that keeps what it hears, a time that is moved, the twin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from bot.message import Ear, Incoming, Reply
from bot.platforms.wecom import WeComSettings
from bot.platforms.wecom_patience import Patience
from bot.platforms.wecom_socket import WeComSocket
from tests.twins.wecom_socket import SocketTwin
from tests.wecom.conftest import no_token

BOT, SECRET = "aibBOT", "Sl0ngC0nnect10nSecret"


class Moved:
    """Seconds that pass when told to; who sleeps is woken in order."""

    def __init__(self) -> None:
        self.time = 1_790_000_000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.time + seconds, future))
        await future

    def waits(self) -> list[float]:
        """Seconds until each of those who sleep wakes up."""
        return sorted(until - self.time for until, future in self._sleepers if not future.done())

    async def advance(self, seconds: float) -> None:
        """Lets so many seconds pass, with real time after each awakening for what it starts."""
        end = self.time + seconds
        await self._settle()
        while True:
            due = [one for one in self._sleepers if one[0] <= end and not one[1].done()]
            if not due:
                break
            until, future = min(due, key=lambda one: one[0])
            self.time = max(self.time, until)
            future.set_result(None)
            await self._settle()
        self.time = end

    async def _settle(self) -> None:
        """Until somebody sleeps again: a platform always does in the end."""
        for _ in range(100):
            await asyncio.sleep(0.006)
            self._sleepers = [one for one in self._sleepers if not one[1].done()]
            if self._sleepers:
                return


@dataclass
class KeptEar:
    """`reply` answers what is answered at once; `down` is how many of the next calls fail; `holds` is the lease."""

    reply: Reply | None = None
    heard: list[Incoming] = field(default_factory=list)
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)
    row: list[datetime] = field(default_factory=list)
    holds: bool = True
    held: list[tuple[str, float]] = field(default_factory=list)
    down: int = 0
    slow: Callable[[], None] = lambda: None

    async def hear(self, incoming: Incoming) -> Reply | None:
        self._fail()
        self.slow()
        self.heard.append(incoming)
        return self.reply if incoming.kind in ("press", "enter") else None

    async def missed(self, since: datetime, until: datetime) -> None:
        self._fail()
        self.gaps.append((since, until))

    async def on_line(self, at: datetime, *, anew: bool = False) -> None:
        if anew or not self.down:
            self._fail()
        else:
            raise ConnectionError("the database is away")
        if anew and self.row:
            self.gaps.append((self.row[-1], at))
        self.row.append(max([at, *self.row]))

    async def hold(self, key: str, seconds: float) -> bool:
        self.held.append((key, seconds))
        return self.holds

    def _fail(self) -> None:
        if self.down:
            self.down -= 1
            raise ConnectionError("the database is away")


@dataclass
class Stand:
    """Everything one test of the long connection needs."""

    twin: SocketTwin
    time: Moved
    ear: KeptEar
    platform: WeComSocket

    async def connected(self) -> None:
        await self.twin.until(lambda: self.platform.speaks)

    async def lost(self) -> None:
        await self.twin.until(lambda: not self.platform.speaks)


def socket(twin: SocketTwin, time: Moved, *, secret: str = SECRET, timeout: float = 3.0) -> WeComSocket:
    given = {"kind": "wecom", "mode": "long_connection", "bot_id": BOT, "secret": secret, "ws_url": twin.url}
    settings = WeComSettings.model_validate(given)
    patience = Patience(jitter=lambda: 1.0)
    return WeComSocket("wecom", settings, no_token, clock=time, sleep=time.sleep, patience=patience, timeout=timeout)


@asynccontextmanager
async def listening(platform: WeComSocket, ear: Ear) -> AsyncIterator[None]:
    task = asyncio.create_task(platform.listen(ear))
    try:
        yield
        assert not task.done() or task.result()
    finally:
        task.cancel()
        await asyncio.wait([task])
        await platform.close()


@asynccontextmanager
async def standing(*, secret: str = SECRET, seconds: float = 3.0) -> AsyncIterator[Stand]:
    time = Moved()
    async with SocketTwin({BOT: SECRET}, time) as twin:
        stand = Stand(twin, time, KeptEar(), socket(twin, time, secret=secret, timeout=seconds))
        async with listening(stand.platform, stand.ear):
            yield stand
