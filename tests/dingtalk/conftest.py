"""A robot as small as can be, behind real HTTP, wired to the twin of the platform."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.message import Incoming, Knock, NotOurs, Promise, Reply, Trouble
from bot.platforms.dingtalk import DingTalk, DingTalkSettings
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


def settings(base: str) -> DingTalkSettings:
    keys = {"kind": "dingtalk", "app_key": KEY, "app_secret": SECRET, "api_base": base, "oapi_base": base}
    return DingTalkSettings.model_validate(keys)


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
        await platform.close()
        await runner.cleanup()
