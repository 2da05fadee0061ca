"""Pushes to a group by its own robot: the URL with two secrets, a real @, twenty a minute."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.coordination import InProcess
from bot.message import Button, Card, Incoming, Knock, NotOurs, Promise, Reply, Retry, Trouble, Undeliverable, Unknown
from bot.platforms.dingtalk_webhook import DingTalkWebhook, DingTalkWebhookSettings, address
from bot.platforms.dingtalk_wire import Line
from tests.dingtalk.conftest import KEY, SECRET, Clock, Keeper
from tests.twins.dingtalk import DingTalkTwin

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
TARGET = "TOKEN/+=,SEC+0f/1e"


class Push:
    def __init__(self, twin: DingTalkTwin, clock: Clock) -> None:
        settings = DingTalkWebhookSettings.model_validate({"kind": "dingtalk_webhook", "oapi_base": twin.base + "/"})
        self.twin, self.clock = twin, clock
        self.platform = DingTalkWebhook("ding-push", settings, Keeper(), clock=clock, line=Line(read=0.5))
        self.number = 0

    async def __call__(self, reply: Reply | str = "提醒", target: str = TARGET, key: str = "") -> None:
        self.number += 1
        said = reply if isinstance(reply, Reply) else Reply(reply)
        await self.platform.send(Promise(key or f"k{self.number}", target, said))

    async def trouble(self, *args: Any) -> Trouble:
        with pytest.raises(Trouble) as caught:
            await self(*args)
        return caught.value


@pytest.fixture
async def push() -> AsyncIterator[Push]:
    clock = Clock()
    async with DingTalkTwin("", KEY, SECRET, now=clock) as twin:
        twin.robot("TOKEN/+=", "SEC+0f/1e")
        push = Push(twin, clock)
        yield push
        await push.platform.close()


@pytest.mark.parametrize("vector", VECTORS["custom_robot_webhook"], ids=lambda one: one["id"])
def test_url_equals_that_of_others_and_stays_so_on_the_wire(vector: dict[str, Any]) -> None:
    url = address("https://oapi.dingtalk.com", f"TOKEN,{vector['secret']}", vector["timestamp"])
    assert url == vector["url"]
    assert str(httpx.Request("POST", url).url) == vector["url"]


async def test_a_push_calls_people_for_real(push: Push) -> None:
    await push(Reply("请回复", mention=("zhang_san", "lisi")))
    heard = push.twin.heard[0]
    assert (heard.chat, heard.via, heard.mentioned) == ("cid1", "webhook", ("zhang_san", "lisi"))
    assert heard.body["at"] == {"atUserIds": ["zhang_san", "lisi"], "isAtAll": False}


async def test_buttons_and_their_words(push: Push) -> None:
    await push(Reply("参加吗？", Card("主题党日", ("周五",), (Button("参加", "参加"), Button("请假", "请假")))))
    heard = push.twin.heard[0]
    assert list(heard.buttons) == ["参加", "请假"]
    assert heard.plain == "参加吗？\n主题党日\n周五\n也可以发：参加 / 请假"


async def test_an_unsigned_robot_and_spaces_around_the_secrets(push: Push) -> None:
    push.twin.robot("plain")
    await push("一", "plain")
    await push("二", " TOKEN/+= , SEC+0f/1e ")
    assert [one.plain for one in push.twin.heard] == ["一", "二"]


@pytest.mark.parametrize("target", ["TOKEN/+=", "TOKEN/+=,g3heim", "other,SEC+0f/1e", "", ",SEC"])
async def test_a_wrong_target_is_final_and_shown_in_no_error(push: Push, target: str) -> None:
    error = await push.trouble("提醒", target)
    assert isinstance(error, Undeliverable)
    assert not any(secret in f"{error!r} {error}" for secret in ("TOKEN", "SEC", "g3heim", "other"))


async def test_security_settings_are_named(push: Push) -> None:
    push.twin.robot("plain", keyword="党支部")
    error = await push.trouble("提醒", "plain")
    assert all(word in str(error) for word in ("310000", "keyword", "sign", "address"))


async def test_after_twenty_a_minute_it_is_deaf_for_ten(push: Push) -> None:
    for _ in range(20):
        await push()
    error = await push.trouble()
    assert isinstance(error, Retry)
    assert error.after == 600
    push.clock.ahead = 599
    assert isinstance(await push.trouble(), Retry)
    push.clock.ahead = 601
    await push()
    assert len(push.twin.heard) == 21


async def test_a_long_text_counts_as_the_messages_it_is(push: Push) -> None:
    long = Reply("提醒大家。" * 5000)
    keeper, waits = InProcess(push.clock), []
    for number in range(8):
        promise = Promise(f"k{number}", TARGET, long)
        waits.append(await keeper.window(f"ding-push:{TARGET}", *push.platform.window, push.platform.cost(promise)))
        if not waits[-1]:
            await push.platform.send(promise)
    assert push.platform.cost(Promise("k", TARGET, long)) > 2
    assert waits[-1] > 0, "the rest waits for the next minute"
    assert len(push.twin.heard) <= 20


@pytest.mark.parametrize(
    ("errcode", "kind", "after"),
    [(-1, Retry, 5), (410100, Retry, 600), (130101, Retry, 600), (660026, Retry, 600)]
    + [(code, Undeliverable, None) for code in (310000, 90030, 400101, 400102, 400105, 400106, 400013, 300005)]
    + [(code, Undeliverable, None) for code in (300001, 40035, 43004, 430104, 460101)],
)
async def test_every_no(push: Push, errcode: int, kind: type[Trouble], after: float | None) -> None:
    push.twin.fail_next("webhook", errcode=errcode)
    error = await push.trouble()
    assert type(error) is kind
    assert str(errcode) in str(error)
    assert getattr(error, "after", None) == after


@pytest.mark.parametrize("how", ["cut", "slow"])
async def test_a_repeat_after_silence_is_heard_once(push: Push, how: str) -> None:
    push.twin.fail_next("webhook", how=how)
    with pytest.raises(Unknown):
        await push(key="same")
    await push(key="same")
    assert len(push.twin.heard) == 1, "msgUuid is the promise's key"


async def test_parts_have_ids_of_their_own(push: Push) -> None:
    await push("中" * 15_000)
    assert [one.body["msgUuid"] for one in push.twin.heard] == ["k1", "k1/1", "k1/2"]
    await push(key="长" * 100)
    assert len(push.twin.heard[-1].body["msgUuid"].encode()) == 64


async def test_it_only_speaks_and_only_to_its_group(push: Push) -> None:
    with pytest.raises(NotOurs) as caught:
        push.platform.receive(Knock("POST", {}, {}, b"", datetime.now(UTC)))
    assert caught.value.status == 404
    with pytest.raises(Undeliverable):
        await push.platform.send(Promise("k", "zhangsan", Reply("x"), private=True))
    assert push.platform.answer(Incoming("ding-push", "1", "c", "s", ""), None).body == b""
    assert push.platform.abilities == {"push", "mention", "buttons"}


async def test_no_secret_in_any_log(push: Push, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await push()
    push.twin.fail_next("webhook", how="cut")
    await push.trouble()
    assert not any(secret in caplog.text for secret in ("TOKEN", "SEC+", "sign=", "SEC%2B"))


@pytest.mark.parametrize("base", ["oapi.dingtalk.com", "ftp://x", "https://x/robot", ""])
def test_a_base_is_an_origin(base: str) -> None:
    with pytest.raises(ValueError, match="oapi_base"):
        DingTalkWebhookSettings.model_validate({"kind": "dingtalk_webhook", "oapi_base": base})
