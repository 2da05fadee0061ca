"""Any frame at all is read or left aside; a ticket opens one connection."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.dingtalk_stream_frames import Frame, ack, created, millis, read_frame
from bot.platforms.dingtalk_stream_gate import NoConnection, connect, pause
from bot.platforms.dingtalk_wire import Line
from tests.dingtalk.conftest import KEY, SECRET, Clock, settings
from tests.twins.dingtalk import DingTalkTwin

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
frames = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["SYSTEM", "EVENT", "CALLBACK"]) | anything,
        "headers": st.fixed_dictionaries({}, optional=dict.fromkeys(("topic", "messageId", "time"), anything))
        | anything,
        "data": anything,
    },
)


@given(frames | anything)
def test_any_json_is_a_frame_or_none(said: Any) -> None:
    frame = read_frame(json.dumps(said))
    if frame is not None:
        assert json.loads(ack(frame, frame.data))["code"] == 200
        assert created(frame.data) >= 0


@given(st.binary() | st.text(st.characters(exclude_categories=())))
def test_any_bytes_are_a_frame_or_none(raw: str | bytes) -> None:
    read_frame(raw)


def test_reads_a_documented_frame() -> None:
    raw: dict[str, Any] = {
        "specVersion": "1.0",
        "type": "CALLBACK",
        "headers": {
            "appId": "1305d5f5",
            "connectionId": "c",
            "contentType": "application/json",
            "messageId": "212ca9d7_974_1898c159aa6_1783b",
            "time": "1690362102194",
            "topic": "/v1.0/im/bot/messages/get",
        },
        "data": '{"msgId":"m","createAt":1690362101894}',
    }
    frame = read_frame(json.dumps(raw))
    assert frame == Frame(
        "CALLBACK", "/v1.0/im/bot/messages/get", "212ca9d7_974_1898c159aa6_1783b", raw["data"], 1690362102194
    )
    assert created(frame.data) == 1690362101894
    assert json.loads(ack(frame, "x"))["headers"]["messageId"] == frame.message_id


@pytest.mark.parametrize("value", [None, True, "", "x", -1, 1.5, "１２", "9" * 5000, 10**16])
def test_what_is_no_time(value: object) -> None:
    assert millis(value) == 0


def test_pauses() -> None:
    assert pause(0) == 0
    assert 0.5 <= pause(1) <= 1
    assert all(30 <= pause(failures) <= 60 for failures in (7, 8, 100, 10_000))


async def test_a_ticket_opens_one_connection_for_ninety_seconds() -> None:
    clock = Clock()
    async with DingTalkTwin("", KEY, SECRET, now=clock) as twin, aiohttp.ClientSession() as http:
        asked = {"clientId": KEY, "clientSecret": SECRET, "subscriptions": [{"type": "EVENT", "topic": "*"}]}
        url = f"{twin.base}/v1.0/gateway/connections/open"

        async def ticket() -> str:
            async with http.post(url, json=asked, headers={"Accept": "application/json"}) as answer:
                said = await answer.json()
                return f"{said['endpoint']}?ticket={quote_plus(said['ticket'])}"

        address = await ticket()
        socket = await http.ws_connect(address)
        for again in (address, await ticket()):
            clock.ahead += 91
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await http.ws_connect(again)
        async with http.post(url, json=asked, headers={"Accept": "*/*"}) as answer:
            assert answer.status == 406
        assert twin.gateway.ticket_refusals == 2
        await socket.close()


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ({"endpoint": "https://x/connect", "ticket": "t"}, "no secure WebSocket"),
        ({"endpoint": "ws://[x/connect", "ticket": "t"}, "no connection"),
        ({"endpoint": "ws://127.0.0.1:9/connect", "ticket": "t"}, "no connection"),
        ({"endpoint": 7, "ticket": "t"}, "HTTP 200"),
        ({}, "HTTP 200"),
    ],
)
async def test_an_endpoint_that_is_none(says: dict[str, Any], words: str) -> None:
    async with DingTalkTwin("", KEY, SECRET) as twin, aiohttp.ClientSession() as http:
        twin.gateway.ticket = lambda request, raw: says  # type: ignore[method-assign]
        line = Line()
        with pytest.raises(NoConnection, match=words):
            await connect(http, line, settings(twin.base))
        await line.close()
