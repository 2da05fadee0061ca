"""The twin is as strict as DingTalk: what would be refused there is refused here."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.dingtalk.conftest import KEY, SECRET, Clock
from tests.twins.dingtalk import DingTalkTwin
from tests.twins.dingtalk_rules import Heard

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
MARKDOWN: dict[str, Any] = {"msgtype": "markdown", "markdown": {"title": "t", "text": "x"}}


class Hand:
    """Calls the twin without any of our code."""

    def __init__(self, twin: DingTalkTwin, clock: Clock) -> None:
        self.twin, self.clock = twin, clock

    async def __call__(self, path: str, body: Any, token: str | None = None) -> tuple[int, dict[str, Any]]:
        headers = {} if token is None else {"x-acs-dingtalk-access-token": token}
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(self.twin.base + path, json=body, headers=headers)
            return answer.status_code, answer.json()

    async def token(self) -> str:
        _, says = await self("/v1.0/oauth2/accessToken", {"appKey": KEY, "appSecret": SECRET})
        return str(says["accessToken"])

    async def group(self, token: str | None, **changed: Any) -> tuple[int, str]:
        message = {
            "robotCode": KEY,
            "openConversationId": "cid1",
            "msgKey": "sampleText",
            "msgParam": '{"content":"x"}',
        }
        status, says = await self("/v1.0/robot/groupMessages/send", message | changed, token)
        return status, says.get("code", "")


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    clock = Clock()
    async with DingTalkTwin("", KEY, SECRET, now=clock) as twin:
        yield Hand(twin, clock)


async def test_a_token_lives_two_hours_and_stays_the_same(hand: Hand) -> None:
    token = await hand.token()
    hand.clock.ahead = 7100
    assert await hand.token() == token
    assert await hand.group(token) == (200, "")
    hand.clock.ahead = 7201
    assert await hand.group(token) == (400, "InvalidAuthentication")
    assert await hand.group(None) == (400, "AuthenticationFailed.MissingParameter")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"robotCode": "other"}, "invalidParameter.robotCode.notExsit"),
        ({"msgKey": "sampleActionCard7"}, "invalidParameter.msgKey.invalid"),
        ({"msgParam": '{"text":"x"}'}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": '{"content":7}'}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": json.dumps({"content": "x" * 15_000})}, "invalidParameter.msgParam.tooLong"),
        ({"openConversationId": ""}, "invalid.openConversationId"),
    ],
)
async def test_the_api_refuses(hand: Hand, changed: dict[str, str], code: str) -> None:
    assert await hand.group(await hand.token(), **changed) == (400, code)


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (MARKDOWN, 0),
        ({"msgtype": "markdown", "markdown": {"title": "", "text": "x"}}, 40035),
        ({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x"}}, 40035),
        ({"msgtype": "image"}, 400105),
        ({**MARKDOWN, "at": {"atUserIds": [str(n) for n in range(51)]}}, 40035),
        ({"msgtype": "text", "text": {"content": "x" * 20_000}}, 460101),
    ],
)
async def test_a_webhook_refuses(hand: Hand, body: dict[str, Any], errcode: int) -> None:
    hand.twin.robot("T")
    status, says = await hand("/robot/send?access_token=T", body)
    assert (status, says["errcode"]) == (200, errcode)


async def test_recorded_webhook_urls(hand: Hand) -> None:
    for vector in VECTORS["custom_robot_webhook"] + VECTORS["custom_robot_webhook_reject"]:
        hand.twin.robot("TOKEN", vector["secret"])
        now_ms = vector.get("now_ms", vector["timestamp"])
        hand.clock.ahead = now_ms / 1000 - time.time()
        query = f"access_token=TOKEN&timestamp={vector['timestamp']}&sign={vector['sign_query']}"
        _, says = await hand(f"/robot/send?{query}", MARKDOWN)
        assert says["errcode"] == (310000 if "expected" in vector else 0), vector["id"]


async def test_a_session_ends_after_ninety_minutes(hand: Hand) -> None:
    url = hand.twin.body("zhangsan")["sessionWebhook"].removeprefix(hand.twin.base)
    assert (await hand(url, MARKDOWN))[1]["errcode"] == 0
    hand.clock.ahead = 5401
    assert (await hand(url, MARKDOWN))[1]["errcode"] == 300001


async def test_a_mention_needs_its_words_too(hand: Hand) -> None:
    hand.twin.robot("T")
    body = {"msgtype": "markdown", "markdown": {"title": "t", "text": "x @lisi "}, "at": {"atUserIds": ["lisi", "li"]}}
    await hand("/robot/send?access_token=T", body)
    assert hand.twin.heard[0].mentioned == ("lisi",)


async def test_dead_links_are_noticed(hand: Hand) -> None:
    card = Heard("cid1", "session", "t", "x", {"好": "dtmd://dingtalkClient/sendMessage?content=x"}, (), {})
    with pytest.raises(AssertionError, match="opens nothing"):
        await hand.twin.tap("zhangsan", card, "好")
