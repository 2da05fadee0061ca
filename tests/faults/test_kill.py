"""kill -9 under load: what heard 200 is in the rows exactly once, and the books are whole, on both engines."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.cli.place import opened
from bot.db import Database
from tests.cast import KEYS, ZONE, configure
from tests.core.post import post
from tests.core.process import WECOM, Served, call
from tests.core.snapshot import Rows, rows_of
from tests.rooms import furnish

SEEDS = [int(seed) for seed in os.environ.get("KILL_SEEDS", "1,2").split(",")]
ENGINES = ("sqlite", "postgresql")
KILLS = 1
MESSAGES_A_LIFE = 150
SENDERS = ("chenjianguo", "hejing", "zhangsan", "lisi", "wangfang", "wangfang2", "liumin", "zhaolihua", "mazhiyuan")
WORDS = ("参加", "请假 值夜班", "报名 #2", "退出 #2", "已交 3月", "取消", "帮助", "中午吃什么好呢")
CHATS = ("g1", "")


@dataclass
class Client:
    """What the platform knows: which messages were sent, and what was heard about them."""

    address: str
    waiting: list[tuple[int, str, str, str]] = field(default_factory=list)
    heard: set[int] = field(default_factory=set)
    dead: bool = False

    async def talk(self, http: httpx.AsyncClient) -> None:
        """Sends what waits, one after the other; what got no 200 waits again."""
        while self.waiting and not self.dead:
            message = self.waiting.pop(0)
            number, sender, text, chat = message
            path, body = post(number, sender, text, chat)
            try:
                response = await http.post(self.address + path, content=body)
            except httpx.TransportError:
                self.waiting.append(message)
                self.dead = True
                return
            if response.status_code == 200:
                self.heard.add(number)
            else:
                self.waiting.append(message)

    async def send(self, *, connections: int = 12) -> None:
        """All that waits, until it is answered or the bot dies."""
        self.dead = False
        limits = httpx.Limits(max_connections=connections)
        async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=20) as http:
            await asyncio.gather(*(self.talk(http) for _ in range(connections)))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("engine", ENGINES)
async def test_what_heard_200_is_in_the_rows_exactly_once(
    engine: str, seed: int, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url: str = request.getfixturevalue(engine)
    chance = random.Random(seed)
    await _furnish(url, tmp_path)
    served = await asyncio.to_thread(Served, url, tmp_path)
    client, number = Client(served.address), 3
    client.waiting = [
        (1, "zhoumin", "/attendance open 主题党日 12月4日 15:00 三楼会议室", "g1"),
        (2, "zhoumin", "/volunteer open 义诊 12月6日 09:00-11:00 人民广场 3人", "g1"),
    ]
    await client.send(connections=1)
    deaths = []
    for life in range(KILLS + 1):
        client.waiting += [_message(number + n, chance) for n in range(MESSAGES_A_LIFE)]
        number += MESSAGES_A_LIFE
        before = len(client.heard)
        sending = asyncio.create_task(client.send())
        if life < KILLS:
            await _kill_at(client, served, before + chance.randrange(20, MESSAGES_A_LIFE - 20), chance.random() / 100)
            await sending
            deaths.append(len(client.heard))
            await asyncio.to_thread(served.start)
            client.address = served.address
        await sending
    async with asyncio.timeout(120):
        while client.waiting:
            await client.send()
    redelivered = sorted(client.heard)[:: chance.randrange(3, 7)]  # a platform may repeat also what was answered
    database = Database(url, ZONE, keys=KEYS)
    before_repeats = await rows_of(database)
    client.waiting = [(one, "zhangsan", "参加", "g1") for one in redelivered]
    await client.send()
    rows = await rows_of(database)
    await database.close()
    code, _ = await asyncio.to_thread(served.end)
    checked = call(served.config, "verify")
    with capsys.disabled():
        print(f"\n{engine}, seed {seed}: killed after {deaths} answers, {len(client.heard)} messages in all")
    assert code == 0
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "ok\n", "")
    assert _effects(rows) == _effects(before_repeats)
    _judge(rows, client, number - 1)


def _effects(rows: dict[str, Any]) -> dict[str, Any]:
    """The rows without how far the outbox has come meanwhile: what is promised counts, by its key."""
    return {**rows, "outbox": [row[1] for row in rows["outbox"]]}


def _message(number: int, chance: random.Random) -> tuple[int, str, str, str]:
    """A member's words, or a shift that the secretary opens at a place of its own: that can't be done twice unseen."""
    if number % 6 == 0:
        return number, "zhoumin", f"/volunteer open 义诊 12月6日 09:00-11:00 {number}号楼前 3人", "g1"
    return number, chance.choice(SENDERS), chance.choice(WORDS), chance.choice(CHATS)


async def _furnish(url: str, folder: Path) -> None:
    async with opened(configure(url, folder, WECOM)) as place:
        await furnish(place, "wecom", "企业微信账号", "g1")


async def _kill_at(client: Client, served: Served, answers: int, pause: float) -> None:
    """SIGKILL once so many were answered, and a little later."""
    while len(client.heard) < answers:
        assert not client.dead, served.log.read_text(encoding="utf-8")
        await asyncio.sleep(0.001)
    await asyncio.sleep(pause)
    await asyncio.to_thread(served.end, kill=True)
    client.dead = True


def _judge(rows: Rows, client: Client, sent: int) -> None:
    kept = Counter(row[1] for row in rows["seen"])
    assert set(kept.values()) == {1}
    assert {f"m{number}" for number in client.heard} == set(kept)
    assert len(kept) == sent
    places = Counter(value for row in rows["shifts"] for value in row if str(value).endswith("号楼前"))
    assert places == Counter(f"{number}号楼前" for number in client.heard if number % 6 == 0 and number > 2)
    assert len(rows["activities"]) == 1
    keys = [row[1] for row in rows["outbox"]]
    assert len(keys) == len(set(keys))
    assert rows["answers"]
