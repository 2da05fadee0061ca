"""Which way an answer or a push goes, and what each no of the platform means for it."""

from __future__ import annotations

import asyncio

import pytest

from bot.message import Button, Card, Promise, Reply, Retry, Trouble, Undeliverable, Unknown
from bot.platforms.dingtalk import DingTalk
from tests.dingtalk.conftest import Keeper, Room, settings
from tests.twins.dingtalk import Refusal


def push(reply: Reply | str = "提醒", *, target: str = "cid1", private: bool = False, key: str = "k") -> Promise:
    return Promise(key, target, reply if isinstance(reply, Reply) else Reply(reply), private)


async def trouble(room: Room, promise: Promise) -> Trouble:
    with pytest.raises(Trouble) as caught:
        await room.platform.send(promise)
    return caught.value


async def test_pushes_to_a_group_and_to_a_person(room: Room) -> None:
    await room.platform.send(push())
    await room.platform.send(push(target="zhangsan", private=True))
    assert [(one.chat, one.via, one.plain) for one in room.twin.heard] == [
        ("cid1", "group", "提醒"),
        ("zhangsan", "private", "提醒"),
    ]
    assert room.twin.calls["token"] == 1


async def test_a_session_about_to_end_is_left_alone(room: Room) -> None:
    room.delay = 5_395
    heard = await room.twin.say("zhangsan", "参加")
    assert heard is not None
    assert heard.via == "group"
    assert not room.twin.calls["session"]


async def test_a_session_gone_early_falls_back_in_the_same_send(room: Room) -> None:
    room.twin.fail_next("session", errcode=300001)
    heard = await room.twin.say("zhangsan", "参加")
    assert heard is not None
    assert (heard.via, room.twin.calls["session"]) == ("group", 1)


async def test_a_foreign_session_is_not_spoken_to_even_from_the_outbox(room: Room) -> None:
    promise = Promise("k", "cid1", Reply("x"), reply_url="http://127.0.0.1:9/robot/sendBySession", reply_until=2**62)
    await room.platform.send(promise)
    assert room.twin.heard[0].via == "group"


@pytest.mark.parametrize("refusal", [Refusal("InvalidAuthentication"), Refusal("authFailed", 401)])
async def test_a_refused_token_is_fetched_anew_once(room: Room, refusal: Refusal) -> None:
    room.twin.token_refusal = refusal
    await room.platform.send(push())
    room.twin.revoke()
    await room.platform.send(push(key="k2"))
    assert (room.twin.calls["token"], room.twin.calls["group"], len(room.twin.heard)) == (2, 3, 2)


async def test_a_token_refused_twice_is_given_up(room: Room) -> None:
    room.twin.fail_next("group", status=401, code="x", times=2)
    assert isinstance(await trouble(room, push()), Undeliverable)
    assert (room.twin.calls["token"], room.twin.calls["group"]) == (2, 2)


@pytest.mark.parametrize(
    ("status", "code", "kind", "after"),
    [
        (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", Retry, 1),
        (403, "Forbidden.AccessDenied.QpsLimitForApi", Retry, 1),
        (403, "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", Retry, 60),
        (403, "Forbidden.AccessDenied.ApiCountLimitForOrg", Undeliverable, None),
        (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied", Undeliverable, None),
        (400, "send.too.fast", Retry, 60),
        (400, "send.byToken.tooFast", Retry, 60),
        (400, "group.disbanded", Undeliverable, None),
        (404, "", Undeliverable, None),
        (429, "", Retry, 5),
        (500, "system.error", Retry, 5),
        (500, "unknown.send.result", Unknown, None),
        (502, "", Retry, 5),
        (302, "", Undeliverable, None),
    ],
)
async def test_every_no_of_the_api(
    room: Room, status: int, code: str, kind: type[Trouble], after: float | None
) -> None:
    room.twin.fail_next("group", status=status, code=code)
    error = await trouble(room, push())
    assert type(error) is kind
    if isinstance(error, Retry):
        assert error.after == after
    if kind is Undeliverable:
        assert code in str(error)


@pytest.mark.parametrize(
    ("errcode", "kind", "after"),
    [
        (-1, Retry, 5),
        (88, Retry, 5),
        (410100, Retry, 600),
        (130101, Retry, 600),
        (660026, Retry, 600),
        (90018, Retry, 1),
        (90030, Undeliverable, None),
        (90020, Undeliverable, None),
        (430102, Undeliverable, None),
    ],
)
async def test_every_no_of_a_session(room: Room, errcode: int, kind: type[Trouble], after: float | None) -> None:
    room.twin.fail_next("session", errcode=errcode)
    await room.twin.say("zhangsan", "参加", quiet=True)
    await asyncio.gather(*room.tasks)
    assert [type(one) for one in room.trouble] == [kind]
    assert getattr(room.trouble[0], "after", None) == after
    assert room.twin.heard == []


@pytest.mark.parametrize("how", ["cut", "slow"])
async def test_no_answer_leaves_it_unknown(room: Room, how: str) -> None:
    room.twin.fail_next("group", how=how)
    assert isinstance(await trouble(room, push()), Unknown)
    assert len(room.twin.heard) == 1, "it had arrived"


@pytest.mark.parametrize("how", ["cut", "slow"])
async def test_no_token_means_nothing_was_said(room: Room, how: str) -> None:
    room.twin.fail_next("token", how=how)
    assert isinstance(await trouble(room, push()), Retry)
    assert not room.twin.calls["group"]


async def test_nobody_there_is_tried_again() -> None:
    platform = DingTalk("ding", settings("http://127.0.0.1:9"), Keeper())
    with pytest.raises(Retry):
        await platform.send(push())
    await platform.close()


async def test_wrong_credentials_are_named_without_the_secret(room: Room) -> None:
    room.twin.app_secret = "other"
    error = await trouble(room, push())
    assert isinstance(error, Undeliverable)
    assert str(error) == "HTTP 400 invalidClientIdOrSecret"


async def test_people_who_left_or_are_throttled(room: Room) -> None:
    room.twin.invalid, room.twin.flow_controlled = {"left"}, {"busy"}
    assert isinstance(await trouble(room, push(target="left", private=True)), Undeliverable)
    assert isinstance(await trouble(room, push(target="busy", private=True)), Retry)
    assert isinstance(await trouble(room, push(target="id:$:guest", private=True)), Undeliverable)
    assert room.twin.calls["private"] == 2


def buttons(count: int) -> Reply:
    return Reply("选一个", Card("选", (), tuple(Button(f"[{n}]", f"认领 {n}") for n in range(1, count + 1))))


@pytest.mark.parametrize(
    ("count", "msg_key"),
    [
        (0, "sampleMarkdown"),
        (1, "sampleActionCard"),
        (2, "sampleActionCard2"),
        (5, "sampleActionCard5"),
        (6, "sampleMarkdown"),
    ],
)
async def test_buttons_by_the_api(room: Room, count: int, msg_key: str) -> None:
    await room.platform.send(push(buttons(count)))
    heard = room.twin.heard[0]
    assert heard.body["msgKey"] == msg_key
    assert len(heard.buttons) == count
    assert all(url.startswith("dtmd://dingtalkclient/sendMessage?content=%E8%AE") for url in heard.buttons.values())
    assert ("认领 1" in heard.plain) == bool(count)


async def test_a_long_text_comes_in_numbered_parts_within_the_limits(room: Room) -> None:
    lines = [f"{n}. 张三_{n}：参加" for n in range(2000)]
    await room.platform.send(push("\n".join(lines)))
    parts = [one.plain for one in room.twin.heard]
    assert len(parts) > 1
    assert parts[0].startswith(f"（1/{len(parts)}）\n0. 张三_0")
    assert [line for part in parts for line in part.split("\n")[1:]] == lines
    assert all(len(one.body["msgParam"].encode()) <= 15_000 for one in room.twin.heard)


async def test_after_a_retry_only_the_missing_parts_are_said(room: Room) -> None:
    promise = push("中" * 12_000)
    await room.platform.send(push(key="warm"))
    room.twin.fail_next("group", how="")
    room.twin.fail_next("group", status=403, code="Forbidden.AccessDenied.QpsLimitForApi")
    assert isinstance(await trouble(room, promise), Retry)
    await room.platform.send(promise)
    assert [one.plain[:5] for one in room.twin.heard[1:]] == ["（1/3）", "（2/3）", "（3/3）"]
    assert "".join(one.plain[6:] for one in room.twin.heard[1:]) == "中" * 12_000
    await room.platform.send(promise)
    assert len(room.twin.heard) == 7, "what was finished is not remembered"


async def test_fifty_are_called_in_one_message(room: Room) -> None:
    people = tuple(f"user{n:03}" for n in range(120))
    room.reply = lambda incoming: Reply("请回复", mention=people)
    await room.twin.say("zhangsan", "催", quiet=True)
    await asyncio.gather(*room.tasks)
    assert [len(one.mentioned) for one in room.twin.heard] == [50, 50, 20]
    assert tuple(one for heard in room.twin.heard for one in heard.mentioned) == people


async def test_thirty_groups_at_once_stay_below_twenty_calls_a_second(room: Room) -> None:
    said = [room.platform.send(Promise(f"k{n}", f"cid{n}", Reply("提醒"))) for n in range(30)]
    await asyncio.gather(*said)
    assert len(room.twin.heard) == 30
    assert room.twin.too_fast == 0


async def test_a_spent_month_is_final_and_named(room: Room) -> None:
    room.twin.allowed = {"api": 1, "message": 1}
    await room.platform.send(Promise("k1", "cid1", Reply("提醒")))
    with pytest.raises(Undeliverable, match="资源用量"):
        await room.platform.send(Promise("k2", "cid1", Reply("提醒")))
    room.reply = lambda incoming: None
    await room.twin.say("zhangsan", "参加", quiet=True)
    assert room.platform.trouble == ""
    await room.twin.say("zhangsan", "请假", quiet=True)
    assert "quota is spent" in room.platform.trouble
    assert [one.text for one in room.incoming] == ["参加"]


async def test_no_secret_in_any_log(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    heard = await room.twin.say("zhangsan", "参加")
    await room.platform.send(push())
    room.twin.fail_next("group", how="cut")
    await trouble(room, push())
    assert heard is not None
    for secret in (room.twin.app_secret, "session=", *room.platform._api._token.kept.values()):  # type: ignore[attr-defined]
        assert secret not in caplog.text
