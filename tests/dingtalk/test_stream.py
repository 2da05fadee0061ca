"""Stream mode over real sockets: recorded, then acknowledged, then answered; nothing that comes ends it."""

from __future__ import annotations

import asyncio
import json
import logging
from functools import partial
from typing import Any

import pytest

from bot.message import Listener, Reply
from tests.dingtalk.conftest import KEY, SECRET, Clock, Studio, start, stop
from tests.twins.dingtalk import DingTalkTwin
from tests.twins.dingtalk_gateway import CARD


async def test_hears_acknowledges_and_answers_through_the_session(studio: Studio) -> None:
    studio.ears.reply = lambda incoming: Reply(f"听到：{incoming.text}")
    heard = await studio.twin.say("zhangsan", "参加")
    assert heard is not None
    assert (heard.chat, heard.via, heard.plain) == ("cid1", "session", "听到：参加")
    assert studio.ears.rows[0].sender == "zhangsan"
    listener: Listener = studio.platform
    assert (listener.trouble, listener.speaks) == ("", True)
    assert studio.platform.usage.take().popitem()[1] == 2, "one heard, one said"


async def test_asks_for_a_ticket_as_documented(studio: Studio) -> None:
    asked = studio.twin.gateway.opened[0]
    assert (asked["clientId"], asked["clientSecret"]) == (KEY, SECRET)
    topics = {one["topic"] for one in asked["subscriptions"]}
    assert topics == {"/v1.0/im/bot/messages/get", CARD}
    assert studio.twin.gateway.queries[0].endswith("%2B%2F%3D"), "the ticket is quoted, once"


async def test_the_acknowledgement_waits_for_the_commit(studio: Studio) -> None:
    gate = asyncio.Event()
    studio.ears.commit = gate.wait
    push = await studio.twin.gateway.push(studio.twin.body("zhangsan") | {"msgtype": "text", "text": {"content": "a"}})
    await asyncio.sleep(0.05)
    assert not push.acked.done()
    gate.set()
    said = await asyncio.wait_for(push.acked, 5)
    assert said["code"] == 200
    assert json.loads(said["data"]) == {"response": None}
    assert len(studio.ears.rows) == 1


async def test_what_is_not_recorded_comes_again_with_the_same_message_id(studio: Studio) -> None:
    studio.ears.failures = 1
    body = studio.twin.body("zhangsan") | {"msgtype": "text", "text": {"content": "a"}}
    push = await studio.twin.gateway.push(body)
    await asyncio.wait_for(push.acked, 5)
    assert len(push.ids) == 2, "under another frame id"
    assert [one.message_id for one in studio.ears.rows] == [body["msgId"]]
    assert studio.platform.trouble == "", "its own refusal is no sign of a thief"


@pytest.mark.parametrize("topic", ["ping", "CONNECTED", "REGISTERED", "KEEPALIVE", "news"])
async def test_system_frames_get_their_data_back(studio: Studio, topic: str) -> None:
    push = await studio.twin.gateway.system(topic, '{"opaque":"123-dsfs"}')
    said = await asyncio.wait_for(push.acked, 5)
    assert json.loads(said["data"]) == {"opaque": "123-dsfs"}


@pytest.mark.parametrize(
    ("kind", "topic", "data"),
    [
        ("EVENT", "*", {"status": "SUCCESS", "message": "OK"}),
        ("CALLBACK", "/v1.0/graph/api/invoke", {"response": None}),
        ("NEWS", "", {"response": None}),
    ],
)
async def test_unknown_frames_are_acknowledged(studio: Studio, kind: str, topic: str, data: dict[str, Any]) -> None:
    push = await studio.twin.gateway.push("{}", topic, kind)
    said = await asyncio.wait_for(push.acked, 5)
    assert json.loads(said["data"]) == data
    assert studio.ears.rows == []


BROKEN: list[str | bytes] = [
    "",
    "{",
    "[]",
    "null",
    "7",
    b"\xff\xfe",
    "[" * 20_000,
    '{"type":7,"headers":[]}',
    '{"headers":{"messageId":{}}}',
    json.dumps({"type": "CALLBACK", "headers": {"topic": "/v1.0/im/bot/messages/get"}, "data": {"msgId": []}}),
    json.dumps({"type": "CALLBACK", "headers": {"topic": "/v1.0/im/bot/messages/get"}, "data": "\ud800"}),
    json.dumps({"type": "CALLBACK", "headers": {"topic": CARD, "messageId": "x"}, "data": "[1"}),
]


async def test_broken_frames_kill_nothing(studio: Studio) -> None:
    for frame in BROKEN:
        await studio.twin.gateway.raw(frame)
    await studio.twin.say("zhangsan", "参加", quiet=True)
    await studio.until(lambda: studio.ears.rows)
    assert len(studio.twin.gateway.queries) == 1, "still the first connection"


async def test_a_message_that_can_t_be_read_is_not_poison(studio: Studio) -> None:
    push = await studio.twin.gateway.push({"msgtype": "text"})
    await asyncio.wait_for(push.acked, 5)
    assert len(push.ids) == 1


async def test_a_frame_of_a_mebibyte_is_taken(studio: Studio) -> None:
    await studio.twin.say("zhangsan", "长" * 350_000, quiet=True)
    await studio.until(lambda: studio.ears.rows)
    assert len(studio.ears.rows[0].text) == 350_000


async def test_the_next_connection_opens_before_the_old_closes(studio: Studio) -> None:
    gate = asyncio.Event()
    studio.ears.commit = gate.wait
    body = studio.twin.body("zhangsan") | {"msgtype": "text", "text": {"content": "a"}}
    push = await studio.twin.gateway.push(body)
    await studio.twin.gateway.system("disconnect", '{"reason":"persistent connection is timeout"}')
    await studio.twin.gateway.connected()
    assert len(studio.twin.gateway.channels) == 2
    gate.set()
    await asyncio.wait_for(push.acked, 5)
    assert len(push.ids) == 1, "acknowledged on the connection it came by"
    await studio.until(lambda: len(studio.twin.gateway.channels) == 1)
    assert studio.ears.gaps == []


async def test_a_short_break_is_nothing_a_long_one_is_told(studio: Studio) -> None:
    gateway = studio.twin.gateway
    gateway.cut()
    await studio.until(lambda: len(gateway.queries) == 2)
    await studio.until(lambda: not studio.platform.trouble)
    assert studio.ears.gaps == []
    studio.twin.fail_next("gateway", status=503, code="busy", times=3)
    began = studio.clock()
    gateway.cut()
    await studio.until(lambda: studio.platform.trouble)
    studio.clock.ahead += 60
    await studio.until(lambda: studio.ears.gaps)
    since, until = studio.ears.gaps[0]
    assert 59 < (until - since).total_seconds() < 65
    assert abs(since.timestamp() - began) < 3
    assert studio.platform.trouble == ""


async def test_pauses_grow_to_a_minute_and_begin_anew(studio: Studio) -> None:
    studio.clock.ahead += 100
    studio.slept.clear()
    studio.twin.fail_next("gateway", status=503, code="busy", times=12)
    studio.twin.gateway.cut()
    await studio.until(lambda: len(studio.slept) == 13)
    assert studio.slept[0] == 0
    assert all(2**n / 2 <= pause <= 2**n for n, pause in enumerate(studio.slept[1:7]))
    assert all(30 <= pause <= 60 for pause in studio.slept[7:])


def _queries(studio: Studio, count: int) -> bool:
    return len(studio.twin.gateway.queries) == count


async def test_a_connection_that_ends_at_once_makes_the_next_one_wait(studio: Studio) -> None:
    for count in range(2, 6):
        await studio.twin.gateway.connected()
        await studio.twin.gateway.close()
        await studio.until(partial(_queries, studio, count))
    assert [round(pause) for pause in studio.slept[:2]] == [0, 1]
    assert studio.slept[4] >= 4


@pytest.mark.parametrize(("status", "words"), [(401, "app_key or app_secret"), (400, "Stream 模式")])
async def test_wrong_settings_are_named_and_tried_slowly(
    status: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    async with DingTalkTwin("", KEY, SECRET, now=clock) as twin:
        twin.fail_next("gateway", status=status, code="authFailed", times=3)
        studio = await start(twin, clock)
        await studio.until(lambda: words in studio.platform.trouble)
        await twin.gateway.connected()
        await studio.until(lambda: not studio.platform.trouble)
        assert studio.slept.count(60.0) == 3
        assert len([one for one in caplog.records if words in one.getMessage()]) == 1, "told once"
        assert SECRET not in caplog.text
        await stop(studio)


async def test_a_bug_while_connecting_ends_nothing(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    real, bugs = studio.platform._line.post, iter([KeyError("a bug")])

    async def post(*args: Any) -> Any:
        for bug in bugs:
            raise bug
        return await real(*args)

    monkeypatch.setattr(studio.platform._line, "post", post)
    studio.twin.gateway.cut()
    await studio.until(lambda: len(studio.twin.gateway.queries) == 2)
    await studio.until(lambda: not studio.platform.trouble)


async def test_a_half_open_connection_is_noticed() -> None:
    clock = Clock()
    async with DingTalkTwin("", KEY, SECRET, now=clock) as twin:
        studio = await start(twin, clock, ping=0.2)
        await twin.gateway.connected()
        await asyncio.sleep(0.7)
        assert len(twin.gateway.queries) == 1, "pings are answered"
        twin.gateway.deaf_to_pings = True
        await studio.until(lambda: len(twin.gateway.queries) > 1)
        twin.gateway.deaf_to_pings = False
        await stop(studio)


async def test_half_an_hour_without_a_frame_asks_for_another_connection() -> None:
    clock = Clock()
    async with DingTalkTwin("", KEY, SECRET, now=clock) as twin:
        studio = await start(twin, clock, ping=0.2)
        await twin.gateway.connected()
        await studio.until(lambda: not studio.platform.trouble)
        clock.ahead += 1801
        await studio.until(lambda: len(twin.gateway.queries) == 2)
        await studio.until(lambda: len(twin.gateway.channels) == 1)
        await stop(studio)
        assert studio.ears.gaps == []


async def test_a_thief_is_named_by_what_it_leaves_behind(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    async def push(age: float) -> None:
        body = studio.twin.body("zhangsan") | {"msgtype": "text", "text": {"content": "a"}}
        body["createAt"] = str(round((studio.clock() - age) * 1000))
        await asyncio.wait_for((await studio.twin.gateway.push(body)).acked, 5)

    await push(20)
    assert studio.platform.trouble == "", "it was not there yet"
    studio.clock.ahead += 100
    await push(1)
    assert studio.platform.trouble == ""
    await push(20)
    await push(21)
    assert studio.platform.trouble == "", "a replica may have been stopped"
    await push(22)
    assert "another process" in studio.platform.trouble
    assert [one.levelno for one in caplog.records if "another process" in one.getMessage()] == [logging.WARNING]
    studio.clock.ahead += 700
    await push(1)
    assert studio.platform.trouble == ""


async def test_the_quota_notice_is_trouble_until_messages_come_again(studio: Studio) -> None:
    body = {key: value for key, value in studio.twin.body("zhangsan").items() if key != "msgId"}
    push = await studio.twin.gateway.push(body | {"errorCode": 20001, "errorMessage": "受调用量超量影响"})
    await asyncio.wait_for(push.acked, 5)
    assert "20001" in studio.platform.trouble
    await studio.twin.say("zhangsan", "参加", quiet=True)
    await studio.until(lambda: studio.ears.rows)
    assert studio.platform.trouble == ""
