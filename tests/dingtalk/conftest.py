"""A robot as small as can be, behind real HTTP, wired to the twin of the platform."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from bot.message import Incoming, Knock, NotOurs, Promise, Reply, Retry, Trouble
from bot.platforms.dingtalk import DingTalk, DingTalkSettings
from bot.platforms.dingtalk_stream import DingTalkStream
from bot.platforms.dingtalk_wire import Line
from tests.twins.dingtalk import DingTalkTwin

KEY, SECRET = "dingkey", "GT-密钥-secret"


class Clock:
    """Real time that can be moved, in unix seconds."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Keeper:
    """The token keeper's promise in six lines."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def __call__(self, key: str, fetch: Callable[[], Awaitable[tuple[str, float]]], stale: str = "") -> str:
        if self.kept.get(key, stale) == stale:
            self.kept[key] = (await fetch())[0]
        return self.kept[key]


@dataclass
class Room:
    """The twin, the platform and the small robot between them: it answers `reply(incoming)`."""

    twin: DingTalkTwin
    platform: DingTalk
    clock: Clock
    incoming: list[Incoming] = field(default_factory=list)
    trouble: list[Trouble] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    reply: Callable[[Incoming], Reply | None] = lambda incoming: Reply(f"听到：{incoming.text}")
    delay: float = 0.0  # how much later the answer is sent, in seconds of the clock

    async def hook(self, request: web.Request) -> web.Response:
        now = datetime.fromtimestamp(self.clock(), UTC)
        headers = {key.lower(): value for key, value in request.headers.items()}
        try:
            found = self.platform.receive(Knock(request.method, request.query, headers, await request.read(), now))
        except NotOurs as error:
            return web.Response(status=error.status)
        if isinstance(found, Incoming):
            self.incoming.append(found)
            task = asyncio.create_task(self.say(found))
            self.tasks.add(task)
            found = self.platform.answer(found, None)
        return web.Response(status=found.status, body=found.body, content_type=found.content_type)

    async def say(self, incoming: Incoming) -> None:
        reply = self.reply(incoming)
        self.clock.ahead += self.delay
        if reply:
            key, private = incoming.message_id, incoming.private
            promise = Promise(key, incoming.chat, reply, private, incoming.reply_url, incoming.reply_until)
            try:
                await self.platform.send(promise)
            except Trouble as trouble:
                self.trouble.append(trouble)


def settings(base: str, **more: str) -> DingTalkSettings:
    keys = {"kind": "dingtalk", "app_key": KEY, "app_secret": SECRET, "api_base": base, "oapi_base": base}
    return DingTalkSettings.model_validate(keys | more)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    clock = Clock()
    async with DingTalkTwin("", KEY, SECRET, now=clock) as twin:
        platform = DingTalk("ding", settings(twin.base), Keeper(), clock=clock, line=Line(read=0.5))
        room = Room(twin, platform, clock)
        app = web.Application()
        app.router.add_post("/hook/ding", room.hook)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        twin.hook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook/ding"
        yield room
        await asyncio.gather(*room.tasks)
        await room.platform.close()
        await runner.cleanup()


@dataclass
class Ears:
    """An Ear that writes into a list: a message is recorded once `commit` has passed."""

    platform: DingTalkStream
    rows: list[Incoming] = field(default_factory=list)
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)
    reply: Callable[[Incoming], Reply | None] = lambda incoming: None
    commit: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
    failures: int = 0  # how many of the next messages can't be recorded
    trouble: list[Trouble] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def hear(self, incoming: Incoming) -> Reply | None:
        await self.commit()
        if self.failures:
            self.failures -= 1
            raise Retry("the database is down")
        known = any(one.message_id == incoming.message_id for one in self.rows[-500:])
        self.rows.append(incoming)
        reply = None if known else self.reply(incoming)
        if reply:
            task = asyncio.create_task(self.say(incoming, reply))
            self.tasks.add(task)
        return None

    async def say(self, incoming: Incoming, reply: Reply) -> None:
        key, private = f"answer:{incoming.message_id}", incoming.private
        promise = Promise(key, incoming.chat, reply, private, incoming.reply_url, incoming.reply_until)
        try:
            await self.platform.send(promise)
        except Trouble as trouble:
            self.trouble.append(trouble)

    async def on_line(self, at: datetime, *, anew: bool = False) -> None:
        raise AssertionError("not needed")

    async def missed(self, since: datetime, until: datetime) -> None:
        self.gaps.append((since, until))

    async def hold(self, key: str, seconds: float) -> bool:
        raise AssertionError("several connections are allowed")


@dataclass
class Studio:
    """The twin and a robot that listens to it."""

    twin: DingTalkTwin
    platform: DingTalkStream
    ears: Ears
    clock: Clock
    slept: list[float]
    listening: asyncio.Task[None]

    async def until(self, true: Callable[[], object], seconds: float = 20.0) -> None:
        """Waits until something is so."""
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110
                await asyncio.sleep(0.002)


async def start(twin: DingTalkTwin, clock: Clock, **options: Any) -> Studio:
    """A robot in stream mode that doesn't wait between attempts; `slept` is how long it would have."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0.001)

    more = options.pop("settings", {})
    platform = DingTalkStream(
        "ding",
        settings(twin.base, mode="stream", **more),
        Keeper(),
        clock=clock,
        line=Line(read=0.5),
        sleep=sleep,
        **options,
    )
    ears = Ears(platform)
    listening = asyncio.create_task(platform.listen(ears))
    return Studio(twin, platform, ears, clock, slept, listening)


async def stop(studio: Studio) -> None:
    studio.listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await studio.listening
    await asyncio.gather(*studio.ears.tasks)
    await studio.platform.close()


@pytest.fixture
async def studio() -> AsyncIterator[Studio]:
    clock = Clock()
    async with DingTalkTwin("", KEY, SECRET, now=clock) as twin:
        twin.stream, twin.gateway.again_after = True, 0.2
        studio = await start(twin, clock)
        await twin.gateway.connected()
        yield studio
        await stop(studio)
