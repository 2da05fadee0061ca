"""The real door before the real rows: forged, foreign, broken, many at once, stalled and overtaking callbacks."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import func, select

from bot.cli.place import opened
from bot.db import Tx
from bot.sql import sql
from bot.tables import outbox, seen
from tests.cast import configure
from tests.core.snapshot import changed, rows_of
from tests.rooms import KEY, TOKEN, Room, furnish, served, wecom_room
from tests.twins.wecom import WeComTwin
from tests.wecom.test_crypto import VECTORS

SEEN = sql(select(func.count()).select_from(seen))
LATE = sql(select(outbox.c.state, outbox.c.attempts).where(outbox.c.key.startswith("late:")))
OPEN = "/attendance open 主题党日 明天15:00 三楼会议室"


async def count(room: Room) -> int:
    return int(await room.place.database.read(lambda tx: tx.value(SEEN)))


@pytest.fixture
async def room(sqlite: str, tmp_path: Path) -> AsyncIterator[Room]:
    async with wecom_room(sqlite, tmp_path) as made:
        yield made


async def test_every_vector_that_must_be_refused_is(sqlite: str, tmp_path: Path) -> None:
    sections, calls = "", []
    for number, one in enumerate(VECTORS["reject"]):
        given = {name: one[name] for name in ("token", "encoding_aes_key")} | {"receive_id": one["receiveid"]}
        sections += f'[platforms.v{number}]\nkind="wecom"\n' + "".join(
            f'{key}="{word}"\n' for key, word in given.items()
        )
        query = {"msg_signature": one["signature"], "timestamp": one["timestamp"], "nonce": one["nonce"]}
        calls.append((f"/hook/v{number}?{urlencode(query)}", json.dumps({"encrypt": one["encrypt"]})))
    async with opened(configure(sqlite, tmp_path, sections)) as place, served(place) as address:
        before = await rows_of(place.database)
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            for (path, body), one in zip(calls, VECTORS["reject"], strict=True):
                answer = await client.post(path, content=body)
                expected = 403 if one["stage"] == "signature" else 400
                assert (answer.status_code, answer.content) == (expected, b""), one["name"]
        assert changed(before, await rows_of(place.database)) == set()


async def test_another_robots_callback_is_refused(sqlite: str, tmp_path: Path) -> None:
    async with WeComTwin("", TOKEN, KEY, "aibOTHER") as twin:
        more = f'[platforms.wecom]\nkind="wecom"\ntoken="{TOKEN}"\nencoding_aes_key="{KEY}"\nbot_id="aibOURS"\n'
        async with opened(configure(sqlite, tmp_path, more)) as place, served(place) as address:
            await furnish(place, "wecom", "企业微信账号", "g1")
            twin.hook_url = f"{address}/hook/wecom"
            assert (await twin.say("zhangsan", "参加")).status == 400
            twin.bot_id = "aibOURS"
            assert (await twin.say("zhangsan", "参加")).status == 200
            assert await place.database.read(lambda tx: tx.value(SEEN)) == 1


async def test_a_message_for_another_company_is_refused(room: Room) -> None:
    room.twin.wire.receive_id = b"wwOTHER"
    assert (await room.twin.say("zhangsan", "参加")).status == 400
    assert not await room.twin.verify()
    assert await count(room) == 0


@pytest.mark.parametrize("plain", [b'{"msgtype":"text","text":{"content":"\xff\xfe"}}', b"\xff" * 40, b"{" * 40_000])
async def test_broken_words_are_refused(room: Room, plain: bytes) -> None:
    encrypt = room.twin.wire.lock(plain)
    status, body = await room.twin.knock(room.twin.signed(encrypt), json.dumps({"encrypt": encrypt}).encode())
    assert (status, body) == (400, b"")
    assert await count(room) == 0


async def test_a_thousand_messages_of_one_second_are_all_kept(room: Room) -> None:
    """Of ten people: who and when don't make a message, its number does."""
    twin = room.twin
    twin.patience = 60
    people = (
        "zhoumin",
        "lihong",
        "zhangsan",
        "lisi",
        "wangfang",
        "liumin",
        "hejing",
        "chenjianguo",
        "mazhiyuan",
        "u10",
    )
    messages = [
        twin.message(people[number % 10], "g1", msgtype="text", text={"content": "@支部小助手 活动"})
        for number in range(1000)
    ]
    heard = await asyncio.gather(*(twin.deliver(message) for message in messages))
    assert {one.status for one in heard} == {200}
    assert await count(room) == 1000
    again = await asyncio.gather(*(twin.deliver(message) for message in messages[:20]))
    assert [one.text for one in again] == [one.text for one in heard[:20]]
    assert await count(room) == 1000


async def test_stalled_connections_keep_nobody_waiting(room: Room) -> None:
    writers = await room.twin.half_open(100)
    heard, _ = await asyncio.wait_for(room.say("张三", "活动", "group"), 5)
    assert heard
    for writer in writers:
        writer.transport.abort()
    assert await count(room) == 1


async def test_messages_that_overtake_each_other_are_both_kept(room: Room) -> None:
    await room.say("周敏", OPEN, "group")
    first, second = (
        room.twin.message("zhangsan", "g1", msgtype="text", text={"content": f"@支部小助手 {word}"})
        for word in ("参加", "请假")
    )
    leave, attend = await room.twin.reordered(first, second)
    assert "请假 1" in leave.text
    assert "参加 1 · 请假 0" in attend.text


async def test_a_press_whose_answer_came_too_late_is_answered_once_by_its_own_address(room: Room) -> None:
    _, card = await room.say("周敏", OPEN, "group")
    go, begun, promised = threading.Event(), threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def busy(_tx: Tx) -> None:
        begun.set()
        go.wait(20)

    blocking = room.place.database.write(busy)
    await asyncio.to_thread(begun.wait, 20)
    room.twin.patience = 0.2
    heard, _ = await room.tap("张三", card, "参加")
    assert heard == ""
    room.twin.patience = 5

    def hear(told: set[str]) -> None:
        if "outbox" in told:
            loop.call_soon_threadsafe(promised.set)

    room.place.database.listeners.append(hear)
    await asyncio.sleep(0.02)  # the door notices that nobody waits
    go.set()
    await blocking
    await asyncio.wait_for(promised.wait(), 10)
    await room.settle()
    (said,) = room.twin.pushed
    assert said.text.startswith("已记：参加")
    rows: list[Any] = await room.place.database.read(lambda tx: tx.all(LATE))
    assert [(row.state, row.attempts) for row in rows] == [("sent", 1)]


async def test_a_message_whose_answer_got_lost_is_answered_at_the_next_try_only(room: Room) -> None:
    room.twin.lose = 2
    heard = await room.twin.say("zhangsan", "活动")
    assert (heard.status, heard.tries) == (200, 3)
    await room.settle()
    assert room.twin.pushed == []
