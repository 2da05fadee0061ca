"""A bot that says what the test tells it to, behind real HTTP, and the twin that talks to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.message import Incoming, Knock, NotOurs, Platform, Reply
from bot.platforms.wecom import WeCom, WeComSettings
from bot.platforms.wecom_webhook import WeComWebhook, WeComWebhookSettings
from tests.twins.wecom import WeComTwin

TOKEN, KEY = "Q7mZpT3vX9bLk2Rw", "kPz3Vq8RtYw2Xc5Bn7Mj4Hg6Fd9Sa1Lo0Ki8Uj3Ty7E"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


async def no_token(key: str, fetch: Callable[[], Awaitable[tuple[str, float]]], stale: str = "") -> str:
    raise AssertionError("neither robot has an access token")


def robot(**settings: object) -> WeCom:
    given = {"kind": "wecom", "token": TOKEN, "encoding_aes_key": KEY, **settings}
    return WeCom("wecom", WeComSettings.model_validate(given), no_token)


@dataclass
class Stage:
    """`reply` is what the bot says to everything; `heard` is what it understood, repeats included."""

    twin: WeComTwin
    reply: Reply | None = field(default_factory=lambda: Reply("好的"))
    heard: list[Incoming] = field(default_factory=list)
    trouble: list[int] = field(default_factory=list)  # statuses that come instead of the next answers
    slow: list[float] = field(default_factory=list)  # seconds that the next answers take, after they were heard


def app_of(platform: Platform, stage: Stage) -> web.Application:
    async def hook(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        knock = Knock(request.method, request.query, headers, await request.read(), datetime.now(UTC))
        if stage.trouble:
            return web.Response(status=stage.trouble.pop(0))
        try:
            found = platform.receive(knock)
        except NotOurs as error:
            return web.Response(status=error.status)
        if isinstance(found, Incoming):
            stage.heard.append(found)
            found = platform.answer(found, stage.reply)
            await asyncio.sleep(stage.slow.pop(0) if stage.slow else 0)
        return web.Response(status=found.status, body=found.body, content_type=found.content_type)

    app = web.Application()
    app.router.add_route("*", "/hook/wecom", hook)
    return app


@asynccontextmanager
async def served(platform: Platform, stage: Stage) -> AsyncIterator[str]:
    runner = web.AppRunner(app_of(platform, stage), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook/wecom"
    await runner.cleanup()


class Clock:
    """Unix seconds that pass when told to."""

    def __init__(self) -> None:
        self.time = 1_790_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def stage(clock: Clock) -> AsyncIterator[Stage]:
    async with WeComTwin("", TOKEN, KEY, now=clock) as twin:
        stage = Stage(twin)
        async with served(robot(api_base=twin.api_base), stage) as twin.hook_url:
            yield stage


@pytest.fixture
async def pusher(stage: Stage) -> AsyncIterator[WeComWebhook]:
    settings = WeComWebhookSettings(kind="wecom_webhook", api_base=stage.twin.api_base)
    platform = WeComWebhook("wecom-push", settings, no_token, timeout=0.8)
    yield platform
    await platform.close()
