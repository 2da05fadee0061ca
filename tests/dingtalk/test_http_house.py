"""HTTP mode against the whole house: what is forged or repeated leaves nothing, and the hook waits for nobody."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.sql import sql
from bot.tables import outbox as promises
from bot.tables import seen
from handlers.tables import answers
from scheduler import jobs
from tests.dingtalk.rooms import ding_room
from tests.rooms import Room
from tests.twins.dingtalk_rules import sign

SEEN, ANSWERS = sql(select(seen.c.message_id)), sql(select(answers.c.state))
PROMISES = sql(select(promises.c.key).where(promises.c.purpose == "answer"))


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Room]:
    async with ding_room(database_url, tmp_path, "http") as made:
        yield made


async def count(room: Room, statement: Any) -> int:
    return len(await room.place.database.read(lambda tx: tx.all(statement)))


async def opened(room: Room) -> None:
    day = room.place.clock() + timedelta(days=3)
    await room.say("周敏", f"/attendance open 主题党日 {day.month}月{day.day}日15:00", "group")


async def test_what_is_forged_leaves_nothing(room: Room) -> None:
    twin, now = room.twin, str(round(time.time() * 1000))
    body = json.dumps(twin.body("zhangsan") | {"msgtype": "text", "text": {"content": "参加"}}).encode()
    stale = str(round(time.time() * 1000) - 3_600_500)
    for headers in (
        {},
        {"timestamp": now, "sign": sign(now, "guess")},
        {"timestamp": now, "sign": ""},
        {"timestamp": stale, "sign": sign(stale, "secret")},
        {"timestamp": now + "0", "sign": sign(now, "secret")},
    ):
        assert await twin.post(body, headers) == (403, b"")
    assert (await twin.post(b"{", None))[0] == 400
    assert await count(room, SEEN) == 0


async def test_a_repeat_does_nothing_for_a_month(room: Room) -> None:
    await opened(room)
    heard, _ = await room.say("张三", "参加", "group")
    assert "参加 1" in heard
    before = [await count(room, one) for one in (SEEN, ANSWERS, PROMISES)]
    for days in (0, 1, 28):
        room.place.clock.ahead += timedelta(days=days)
        await room.place.database.write(partial(jobs.tidy, setting=room.place.setting))
        assert await room.twin.again() == 200
        assert [await count(room, one) for one in (SEEN, ANSWERS, PROMISES)] == before


async def test_another_body_under_a_captured_signature_is_known_by_its_id(room: Room) -> None:
    await opened(room)
    now = str(round(time.time() * 1000))
    captured = {"timestamp": now, "sign": sign(now, "secret")}
    body = room.twin.body("zhangsan") | {"msgtype": "text", "text": {"content": "参加"}}
    for words in ("参加", "请假", "取消"):
        swapped = json.dumps(body | {"text": {"content": words}}).encode()
        assert (await room.twin.post(swapped, captured))[0] == 200
    rows = await room.place.database.read(lambda tx: tx.all(ANSWERS))
    assert [row.state for row in rows] == ["attend"], "one message id, one answer"


async def test_the_hook_answers_within_a_second_whatever_the_session_does(room: Room) -> None:
    await opened(room)
    room.twin.slowness = 1.5
    room.twin.fail_next("session", how="slow", times=20)
    slowest = 0.0
    for number in range(20):
        began = time.perf_counter()
        await room.twin.say(f"nobody{number}", "参加", quiet=True)
        slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 1.0
    assert await count(room, SEEN) == 21


async def test_every_kind_of_body(room: Room) -> None:
    await opened(room)
    heard = await room.twin.deliver("zhangsan", {"msgtype": "picture", "content": {"downloadCode": "x"}})
    assert "我只读文字" in heard.plain
    heard = await room.twin.richText("lisi", {"text": "@支部小助手 参"}, {"text": "加"})
    assert "参加 1" in heard.plain
    voice = {"msgtype": "audio", "content": {"duration": 4000, "downloadCode": "x", "recognition": "我参加"}}
    heard = await room.twin.deliver("zhangsan", voice, chat="")
    assert "参加 2" in heard.plain
    for said in (
        {"msgtype": "file", "content": {"downloadCode": "x", "fileName": "a.pdf", "spaceId": "1", "fileId": "2"}},
        {"msgtype": "video", "content": {"duration": "5", "downloadCode": "x", "videoType": "mp4"}},
        {"msgtype": "unknownMsgType", "content": {"unknownMsgType": "…"}},
    ):
        assert "我只读文字" in (await room.twin.deliver("zhangsan", said, chat="")).plain
    notice = {"errorCode": 20001, "errorMessage": "受调用量超量影响"}
    before = await count(room, SEEN)
    assert await room.twin.deliver("zhangsan", notice, quiet=True) is None
    assert await count(room, SEEN) == before


async def test_who_has_no_staff_id_is_nobody(room: Room) -> None:
    await opened(room)
    for text in ("参加", "签到", "已交 42.38", "/attendance close #1", "/member add 李四 内科"):
        heard = await room.twin.say("zhangsan", text, staff_id=False)
        assert "我还不认识您" in heard.plain, text
    assert await count(room, ANSWERS) == 0
