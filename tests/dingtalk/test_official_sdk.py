"""DingTalk's own client at the twin's gateway: what it can't work with would be no DingTalk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import dingtalk_stream as sdk  # type: ignore[import-untyped]
import pytest

from tests.dingtalk.conftest import KEY, SECRET, Clock, start, stop
from tests.twins.dingtalk import DingTalkTwin


@dataclass
class Official:
    """The SDK in a thread of its own, for it blocks; what it heard."""

    twin: DingTalkTwin
    messages: list[str] = field(default_factory=list)
    raise_next: int = 0
    presses: list[Any] = field(default_factory=list)
    over: bool = False

    def client(self) -> Any:
        official = self

        class Client(sdk.DingTalkStreamClient):  # type: ignore[misc]
            def open_connection(self) -> Any:
                if official.over:
                    raise KeyboardInterrupt  # the one way out of its loop
                return super().open_connection()

        class Talker(sdk.ChatbotHandler):  # type: ignore[misc]
            async def process(self, message: Any) -> tuple[int, str]:
                heard = sdk.ChatbotMessage.from_dict(message.data)
                if official.raise_next:
                    official.raise_next -= 1
                    raise ValueError("a handler's bug")
                official.messages.append(heard.message_id)
                self.reply_text(f"官方：{heard.text.content.strip()}", heard)
                return sdk.AckMessage.STATUS_OK, "OK"

        class Carder(sdk.CallbackHandler):  # type: ignore[misc]
            async def process(self, message: Any) -> tuple[int, Any]:
                pressed = sdk.CardCallbackMessage.from_dict(message.data)
                official.presses.append((pressed.user_id, pressed.content["cardPrivateData"]["params"]))
                return sdk.AckMessage.STATUS_OK, {"cardData": {"cardParamMap": {"state": "done"}}}

        client = Client(sdk.Credential(KEY, SECRET))
        client.register_callback_handler(sdk.ChatbotMessage.TOPIC, Talker())
        client.register_callback_handler(sdk.CallbackHandler.TOPIC_CARD_CALLBACK, Carder())
        return client


@pytest.fixture
async def official(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Official]:
    for key in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(key, raising=False)
        monkeypatch.delenv(key.upper(), raising=False)
    async with DingTalkTwin("", KEY, SECRET, now=Clock()) as twin:
        twin.stream, twin.gateway.again_after = True, 0.2
        url = f"{twin.base}/v1.0/gateway/connections/open"
        monkeypatch.setattr(sdk.DingTalkStreamClient, "OPEN_CONNECTION_API", url)
        official = Official(twin)
        client = official.client()
        thread = threading.Thread(target=lambda: asyncio.run(client.start()), daemon=True)
        thread.start()
        await twin.gateway.connected()
        yield official
        official.over = True
        await twin.gateway.close()
        await asyncio.to_thread(thread.join, 5)


async def test_hears_and_answers(official: Official) -> None:
    heard = await official.twin.say("zhangsan", "参加")
    assert heard is not None
    assert (heard.plain, heard.mentioned) == ("官方：参加", ("zhangsan",))
    assert await official.twin.say("lisi", "我的", chat="") is not None


async def test_a_ping_comes_back(official: Official) -> None:
    push = await official.twin.gateway.system("ping", '{"opaque": "123-dsfs"}')
    assert (await asyncio.wait_for(push.acked, 5))["data"] == '{"opaque": "123-dsfs"}'


async def test_what_it_does_not_acknowledge_comes_again(official: Official) -> None:
    official.raise_next = 1
    assert await official.twin.say("zhangsan", "参加") is not None
    assert len(official.messages) == 1


async def test_a_press_is_answered(official: Official) -> None:
    said = {"type": "actionCallback", "outTrackId": "t", "corpId": "c", "userId": "lisi", "extension": "{}"}
    content = '{"cardPrivateData":{"actionIds":["1"],"params":{"command":"参加"}}}'
    push = await official.twin.gateway.push(
        said | {"content": content, "userIdType": 1, "spaceType": "IM_GROUP", "spaceId": "cid1"},
        "/v1.0/card/instances/callback",
    )
    ack = await asyncio.wait_for(push.acked, 5)
    assert ack["data"] == '{"response": {"cardData": {"cardParamMap": {"state": "done"}}}}'
    assert official.presses == [("lisi", {"command": "参加"})]


async def test_a_disconnect_is_followed_by_another_connection(official: Official) -> None:
    await official.twin.gateway.system("disconnect", '{"reason":"connection is expired"}')
    await official.twin.gateway.connected()
    assert await official.twin.say("zhangsan", "参加") is not None
    assert len(official.twin.gateway.queries) == 2


async def test_two_clients_share_the_messages_at_random(official: Official) -> None:
    """The trap that the robot's docstring tells of: each message goes to one of them."""
    official.twin.gateway.again_after = 60
    studio = await start(official.twin, Clock())
    await official.twin.gateway.connected(2)
    for number in range(40):
        await official.twin.say(f"user{number}", "参加", quiet=True)
    await studio.until(lambda: len(studio.ears.rows) + len(official.messages) == 40)
    assert 5 < len(studio.ears.rows) < 35
    assert not {one.message_id for one in studio.ears.rows} & set(official.messages)
    await stop(studio)
