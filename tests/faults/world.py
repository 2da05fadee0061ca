"""What stands around a bot that dies: its house, the twins of two platforms, and a network between all of them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.cli.place import opened
from bot.commands import Who
from bot.config import Config
from bot.db import Database, Tx
from handlers import people
from handlers.sheet import check
from tests.cast import KEYS, START, ZONE, configure
from tests.core.post import KEY, TOKEN, post
from tests.faults.proxy import Proxy, postgresql_target, through
from tests.twins.dingtalk import DingTalkTwin
from tests.twins.wecom import WeComTwin

HEADER = ["姓名", "支部", "党内职务", "党员类别", "党费类别", "党费基数", "企业微信账号", "钉钉账号"]
DUTIES = (("书记", "周敏"), ("组织委员", "李红"), ("", "张三"), ("", "李四"), ("", "王芳"))
INSTALLER = Who(account="test", name="安装")
EPOCH = START.timestamp()
START_SECONDS = 60  # in which a life must have begun, on however busy a machine
KILL_SECONDS = 15  # that a life may take to end


@dataclass
class World:
    """A house with a branch for each seed. `served` is what the bot reads, with the network; `direct` is without."""

    served: Path
    direct: Config
    wecom: WeComTwin
    ding: DingTalkTwin
    network: dict[str, Proxy]
    nursery: Nursery
    http: aiohttp.ClientSession
    database: Database
    deaths: Counter[str] = field(default_factory=Counter)

    async def welcome(self, seed: int) -> None:
        """Binds the groups of a seed's branch."""
        robot = self.wecom.robot()

        def work(tx: Tx) -> None:
            people.bind_group(tx, "wecom", f"g{seed}", branch(seed), push=f"wecom-push:{robot}", by=INSTALLER)
            people.bind_group(tx, "ding", f"cid{seed}", branch(seed), by=INSTALLER)

        await self.database.write(work)

    async def post(self, address: str, message: Message) -> int:
        """What the bot answers to a message: the status, 0 where nothing came back."""
        try:
            if message.way == "wecom":
                path, body = post(message.number, message.sender, message.text, message.chat)
                async with self.http.post(address + path, data=body) as answer:
                    await answer.read()
                    return answer.status
            self.ding.hook_url = f"{address}/hook/ding"
            return (await self.ding.post(message.body))[0]
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            return 0


@dataclass
class Message:
    """Something that somebody says once, however often it is delivered."""

    number: int
    way: str
    sender: str
    text: str
    chat: str
    body: bytes = b""

    @property
    def id(self) -> str:
        """How the platform numbers it."""
        return f"m{self.number}" if self.way == "wecom" else f"d{self.number}"


class Nursery:
    """Lives of the bot, one after the other. See tests/faults/nursery.py."""

    def __init__(self, config: Path) -> None:
        self.config, self.fate = config, config.with_suffix(".fate")
        self.address, self.pid = "", 0
        self.over: asyncio.Future[int] | None = None

    async def start(self) -> None:
        """Imports everything, once."""
        self.log = self.config.with_suffix(".log").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.nursery"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self.log,
            env={name: value for name, value in os.environ.items() if not name.startswith("BOT__")},
        )

    async def bear(self, **order: Any) -> None:
        """Starts a life; `address` is "" where it died before it listened."""
        assert self.process.stdin is not None
        self.address, self.pid = "", 0
        self.over = asyncio.get_running_loop().create_future()
        self.process.stdin.write(f"{self._order(order)}\n".encode())
        listening = asyncio.Event()
        self.reading = asyncio.create_task(self._read(self.over, listening))
        async with asyncio.timeout(START_SECONDS):
            await listening.wait()

    async def turn(self, **order: Any) -> None:
        """Gives the living one another fate, or starts a life where there is none."""
        if self.over is None or self.over.done():
            await self.bear(**order)
            return
        self.fate.write_text(self._order(order), encoding="utf-8")
        self.tell(signal.SIGUSR2)
        async with asyncio.timeout(START_SECONDS):
            while self.fate.exists() and not self.over.done():  # noqa: ASYNC110 - a file tells nobody
                await asyncio.sleep(0.002)

    def _order(self, order: dict[str, Any]) -> str:
        return json.dumps({"config": str(self.config), "fate": str(self.fate), **order})

    async def _read(self, over: asyncio.Future[int], listening: asyncio.Event) -> None:
        assert self.process.stdout is not None
        while line := (await self.process.stdout.readline()).decode().strip():
            word, _, number = line.partition(" ")
            if word == "pid":
                self.pid = int(number)
            elif word == "over":
                over.set_result(int(number))
                break
            else:
                self.address = line
                listening.set()
        if not over.done():  # the nursery itself is dead
            over.set_result(-signal.SIGKILL)
        listening.set()

    def tell(self, number: signal.Signals) -> None:
        """Tells the living one something; nothing where it has just died."""
        if self.pid and self.over is not None and not self.over.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Its exit code, after a signal where it still lives."""
        assert self.over is not None
        self.tell(number)
        while not self.over.done():
            await asyncio.wait([self.over], timeout=KILL_SECONDS)
            self.tell(signal.SIGKILL)
        return self.over.result()

    async def stop(self) -> None:
        """No more lives. The last one holds the pipe open for as long as it lives."""
        if self.over is not None:
            await self.end()
        self.process.terminate()
        await self.process.wait()
        self.log.close()


def branch(seed: int) -> str:
    """The name of a seed's branch."""
    return f"第{seed}支部"


def account(seed: int, place: int) -> str:
    """The account of the branch's nth person, on both platforms."""
    return f"u{seed}-{place}"


@asynccontextmanager
async def world(url: str, folder: Path, seeds: list[int], redis: str = "") -> AsyncIterator[World]:
    """A furnished house, its platforms, the network and a nursery."""
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        wecom = await enter(WeComTwin("", TOKEN, KEY))
        ding = await enter(DingTalkTwin("", "key", "secret"))
        ding.allowed = dict.fromkeys(ding.allowed, 10**9)
        network = {
            "wecom": await enter(Proxy(("127.0.0.1", int(wecom.api_base.rpartition(":")[2])))),
            "ding": await enter(Proxy(("127.0.0.1", int(ding.base.rpartition(":")[2])))),
        }
        base = {name: f"http://127.0.0.1:{one.port}" for name, one in network.items()}
        wecom.api_base, ding.base = base["wecom"], base["ding"]
        database, shared = url, ""
        if url.startswith("postgresql"):
            network["database"] = await enter(Proxy(postgresql_target(url)))
            database = through(url, network["database"])
        if redis:
            network["redis"] = await enter(Proxy(postgresql_target(redis)))
            shared = f'redis="{through(redis, network["redis"])}"\n'
        platforms = (
            f'[platforms.wecom]\nkind="wecom"\ntoken="{TOKEN}"\nencoding_aes_key="{KEY}"\napi_base="{base["wecom"]}"\n'
            f'[platforms.wecom-push]\nkind="wecom_webhook"\napi_base="{base["wecom"]}"\n'
            f'[platforms.ding]\nkind="dingtalk"\napp_key="key"\napp_secret="secret"\n'
            f'api_base="{base["ding"]}"\noapi_base="{base["ding"]}"\n'
            "[web]\nport=0\nconsole=false\n"
        )
        (folder / "served").mkdir()
        configure(database, folder / "served", f"{shared}{platforms}")
        direct = configure(url, folder, platforms)
        await _furnish(direct, seeds)
        nursery = Nursery(folder / "served" / "config.toml")
        await nursery.start()
        stack.push_async_callback(nursery.stop)
        http = await enter(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)))
        rows = Database(url, ZONE, now=lambda: START, keys=KEYS)
        stack.push_async_callback(rows.close)
        yield World(nursery.config, direct, wecom, ding, network, nursery, http, rows)


async def _furnish(config: Config, seeds: list[int]) -> None:
    rows: list[list[Any]] = [list(HEADER)]
    for seed in seeds:
        for number, (duty, name) in enumerate(DUTIES):
            one = account(seed, number)
            rows.append([f"{name}", branch(seed), duty, "正式党员", "在职", "5000.00", one, one])

    def work(tx: Tx) -> None:
        accounts = {"企业微信账号": "wecom", "钉钉账号": "ding"}
        people.import_members(tx, check(list(enumerate(rows, 1))).rows, INSTALLER, accounts)

    async with opened(config) as place:
        await place.database.write(work)
