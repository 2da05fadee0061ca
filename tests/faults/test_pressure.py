"""Above capacity the answer is 503 at once, slow and huge bodies are cut, and a stuck platform delays only itself."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest

from bot.cli.place import opened
from bot.outbox import AT_ONCE
from tests.cast import ACCOUNTS, configure
from tests.core.snapshot import rows_of
from tests.faults.door import Door, door
from tests.faults.proxy import Proxy
from tests.rooms import KEY, TOKEN, furnish, served
from tests.twins.dingtalk import DingTalkTwin
from tests.twins.wecom import WeComTwin

ROOM = 40
HEAD = b"POST /hook/wecom HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


async def test_a_queue_has_an_end_and_what_is_above_it_hears_so_before_what_is_in_it(
    sqlite: str, tmp_path: Path
) -> None:
    limits = {
        "bot__db__MOST_WAITING": ROOM,
        "bot__engines__LOCK_MILLISECONDS": 20_000,
        "bot__writer__LATE_SECONDS": 20.0,
    }
    async with door(sqlite, sqlite, tmp_path, **limits) as bot:
        assert await bot.say(1) == 200
        other = sqlite3.connect(sqlite.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # the writer stands still for as long as we like
        first = asyncio.ensure_future(bot.say(2))
        await asyncio.sleep(0.3)
        order: list[tuple[int, int]] = []

        async def say(number: int) -> None:
            order.append((number, await bot.say(number)))

        said = [asyncio.create_task(say(number)) for number in range(10, 10 + 3 * ROOM)]
        while len(order) < 2 * ROOM - 1:  # noqa: ASYNC110 - what is turned away comes back first
            await asyncio.sleep(0.01)
        assert {status for _, status in order} == {503}
        turned_away = {number for number, _ in order}
        assert "503: messages are turned away: " in bot.log()
        other.execute("COMMIT")
        other.close()
        await asyncio.gather(first, *said)
        assert {status for number, status in order if number not in turned_away} == {200}
        assert ROOM <= len(order) - len(turned_away) <= ROOM + 1
        for number in turned_away:
            await bot.until_heard(number)
        await bot.whole()


async def test_who_sends_slowly_or_without_end_is_cut_and_holds_nobody_up(sqlite: str, tmp_path: Path) -> None:
    limits = {
        "bot__web__BODY_SECONDS": 0.5,
        "bot__cli__serve__IDLE_SECONDS": 0.7,
        "bot__cli__serve__LINGER_SECONDS": 0.1,
    }
    async with door(sqlite, sqlite, tmp_path, **limits) as bot:
        slow = [await _connection(bot, HEAD % 500 + b"{") for _ in range(30)]
        heads = [await _connection(bot, b"POST /hook/wecom HTTP/1.1\r\nHos") for _ in range(30)]
        assert [await bot.say(number) for number in range(1, 6)] == [200] * 5
        answers = await asyncio.gather(*(_to_the_end(reader) for reader, _ in slow))
        assert {answer.split(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 408 Request Timeout"}
        assert set(await asyncio.gather(*(_to_the_end(reader) for reader, _ in heads))) == {b""}
        for _, writer in (*slow, *heads):
            writer.close()
        before = bot.served.resident()
        assert await _taken(bot) < 2**30
        assert bot.served.resident() < before + 20  # megabytes
        assert await bot.say(6) == 200
        await bot.whole()


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _connection(bot: Door, data: bytes) -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(bot.served.address.rpartition(":")[2]))
    writer.write(data)
    await writer.drain()
    return reader, writer


async def _to_the_end(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(20):
            return await reader.read()
    except ConnectionError:
        return b""


async def _taken(bot: Door) -> int:
    """How many bytes of a body of a gigabyte are taken before the connection is cut."""
    _, writer = await _connection(bot, HEAD % 2**30)
    sent = 0
    try:
        async with asyncio.timeout(20):
            while sent < 2**30:
                writer.write(b"x" * 2**16)
                await writer.drain()
                sent += 2**16
    except ConnectionError:
        return sent
    finally:
        writer.close()
    return sent


@pytest.mark.parametrize("stuck", ["platform", "group"])
async def test_a_stuck_platform_or_group_delays_only_itself(stuck: str, sqlite: str, tmp_path: Path) -> None:
    """What is stuck is asked first, and has not answered when everything else was heard."""
    async with (
        WeComTwin("", TOKEN, KEY) as wecom,
        DingTalkTwin("", "key", "secret") as ding,
        Proxy(("127.0.0.1", int(ding.base.rpartition(":")[2]))) as network,
    ):
        ding.base = f"http://127.0.0.1:{network.port}"
        platforms = (
            f'[platforms.wecom]\nkind="wecom"\ntoken="{TOKEN}"\nencoding_aes_key="{KEY}"\napi_base="{wecom.api_base}"\n'
            f'[platforms.wecom-push]\nkind="wecom_webhook"\napi_base="{wecom.api_base}"\n'
            f'[platforms.ding]\nkind="dingtalk"\napp_key="key"\napp_secret="secret"\n'
            f'api_base="{ding.base}"\noapi_base="{ding.base}"\n'
        )
        async with opened(configure(sqlite, tmp_path, platforms)) as place, served(place) as address:
            await furnish(place, "wecom", "企业微信账号", "g1", f"wecom-push:{wecom.robot()}")
            await furnish(place, "ding", "钉钉账号", "cid1")
            wecom.hook_url, ding.hook_url = f"{address}/hook/wecom", f"{address}/hook/ding"
            if stuck == "platform":
                network.freeze()
            else:
                ding.fail_next("session", how="slow")
            if stuck == "platform":
                for account in dict.fromkeys(ACCOUNTS.values()):
                    await ding.say(account, "帮助", "", quiet=True)
            else:
                await ding.say("zhangsan", "帮助", quiet=True)
                assert await ding.say("lisi", "帮助", "") is not None
            began = time.perf_counter()
            await wecom.say("zhoumin", "/attendance open 主题党日 12月4日 15:00 三楼会议室", "")
            while not wecom.pushed:
                await asyncio.sleep(0.01)
                assert time.perf_counter() - began < 5
            kept = await rows_of(place.database)
            states = Counter(row[10] for row in kept["outbox"] if row[2] == "ding" and row[6] == "answer")
            assert states["claimed"] == (AT_ONCE if stuck == "platform" else 1)
            network.thaw()
