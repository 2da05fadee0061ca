"""The long connection: what is heard, how it is answered, and what is pushed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.message import Button, Card, Incoming, Knock, NotOurs, Promise, Reply, Retry, Undeliverable, Unknown
from bot.platforms.wecom_socket import WeComSocket
from tests.wecom.conftest import NOW
from tests.wecom.line import BOT, Stand, standing

DAY = 86_400_000_000
ASKED = Card(
    "#12 主题党日", ("应到 20 · 参加 12",), (Button("参加", "参加 12", primary=True), Button("请假", "请假 12"))
)


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with standing() as stand:
        await stand.connected()
        yield stand


async def heard(stand: Stand, count: int = 1) -> Incoming:
    await stand.twin.until(lambda: len(stand.ear.heard) >= count)
    return stand.ear.heard[-1]


def answer(incoming: Incoming, text: str = "好的", card: Card | None = None, key: str = "k1") -> Promise:
    url, until = incoming.reply_url, incoming.reply_until
    return Promise(key, incoming.chat, Reply(text, card), incoming.private, url, until)


async def test_a_group_message_is_heard_and_answered(stand: Stand) -> None:
    req_id = await stand.twin.say("ZhangSan", "参加", "wrkSFf_Ab")
    message = await heard(stand)
    assert (message.platform, message.kind, message.text) == ("wecom", "text", "参加")
    assert (message.chat, message.sender, message.private) == ("wrkSFf_Ab", "zhangsan", False)
    assert message.reply_url.endswith(req_id)
    assert message.reply_until == round(stand.time() * 1_000_000) + DAY
    await stand.platform.send(answer(message, "已记：*参加*"))
    (said,) = stand.twin.said
    assert (said.cmd, said.req_id, said.text) == ("aibot_respond_msg", req_id, "已记：\\*参加\\*")
    assert said.body["stream"]["finish"] is True


async def test_a_second_attempt_replaces_the_first(stand: Stand) -> None:
    await stand.twin.say("u1", "参加")
    promise = answer(await heard(stand))
    await stand.platform.send(promise)
    await stand.platform.send(promise)
    assert len({said.body["stream"]["id"] for said in stand.twin.said}) == 1


async def test_a_card_is_drawn_pressed_and_changes_in_place(stand: Stand) -> None:
    await stand.twin.say("u1", "/考勤")
    promise = answer(await heard(stand), "主题党日", ASKED)
    await stand.platform.send(promise)
    await stand.platform.send(promise)
    first, second = (said.body["template_card"] for said in stand.twin.said)
    assert first["task_id"] != second["task_id"]  # every card that is sent is a new one
    stand.ear.reply = Reply("已记", Card(ASKED.title, ("应到 20 · 参加 13",), ASKED.buttons))
    req_id = await stand.twin.tap("U2", first, "参加")
    await stand.twin.until(lambda: len(stand.twin.said) == 3)
    press, said = stand.ear.heard[-1], stand.twin.said[-1]
    assert (press.kind, press.text, press.sender, press.reply_url) == ("press", "参加 12", "u2", "")
    assert (said.cmd, said.req_id) == ("aibot_respond_update_msg", req_id)
    assert said.body["template_card"]["sub_title_text"] == "应到 20 · 参加 13"
    assert "userids" not in said.body


async def test_a_text_after_a_press_is_for_who_pressed(stand: Stand) -> None:
    card = await pushed_card(stand)
    stand.ear.reply = Reply("名额已满")
    await stand.twin.tap("ZhangSan", card, "参加")
    await stand.twin.until(lambda: len(stand.twin.said) == 2)
    assert stand.twin.said[-1].body["userids"] == ["ZhangSan"]


@pytest.fixture
async def hasty() -> AsyncIterator[Stand]:
    """One that waits for an acknowledgement for less than a second."""
    async with standing(seconds=0.4) as stand:
        await stand.connected()
        yield stand


async def pushed_card(stand: Stand) -> dict[str, object]:
    stand.twin.known.add("g1")
    await stand.platform.send(Promise("k", "g1", Reply("主题党日", ASKED)))
    card: dict[str, object] = stand.twin.said[-1].body["template_card"]
    return card


async def test_a_press_without_words_changes_nothing(stand: Stand) -> None:
    card = await pushed_card(stand)
    for stand.ear.reply in (None, Reply("")):
        await stand.twin.tap("u1", card, "参加")
    await heard(stand, 2)
    await asyncio.sleep(0.02)
    assert len(stand.twin.said) == 1


@pytest.mark.parametrize("errcode", [846605, 45033, 40058])
async def test_a_refused_update_is_said_as_a_message(stand: Stand, errcode: int) -> None:
    card = await pushed_card(stand)
    stand.ear.reply = Reply("已记")
    stand.twin.errcodes.append(errcode)
    await stand.twin.tap("u1", card, "参加")
    await stand.twin.until(lambda: len(stand.twin.said) == 2)
    assert (stand.twin.said[-1].cmd, stand.twin.said[-1].chat, stand.twin.said[-1].text) == (
        "aibot_send_msg",
        "g1",
        "已记",
    )


async def test_an_update_after_five_seconds_is_said_as_a_message(stand: Stand) -> None:
    card = await pushed_card(stand)
    stand.ear.reply = Reply("已记")

    def five_seconds() -> None:
        stand.time.time += 5

    stand.ear.slow = five_seconds
    await stand.twin.tap("u1", card, "参加")
    await stand.twin.until(lambda: len(stand.twin.said) == 2)
    assert stand.twin.said[-1].cmd == "aibot_send_msg"


async def test_an_update_that_nobody_confirms_is_not_said_twice(hasty: Stand, caplog: pytest.LogCaptureFixture) -> None:
    card = await pushed_card(hasty)
    hasty.ear.reply, hasty.twin.delay = Reply("已记"), 0.8
    await hasty.twin.tap("u1", card, "参加")
    await hasty.twin.until(lambda: "not known whether" in caplog.text)
    assert [said.cmd for said in hasty.twin.said] == ["aibot_send_msg", "aibot_respond_update_msg"]


async def test_the_first_visit_of_the_day_is_welcomed(stand: Stand) -> None:
    stand.ear.reply = Reply("您好")
    req_id = await stand.twin.event("enter_chat", "ZhangSan")
    await stand.twin.until(lambda: stand.twin.said)
    (said,) = stand.twin.said
    assert (said.cmd, said.req_id, said.text) == ("aibot_respond_welcome_msg", req_id, "您好")
    assert (stand.ear.heard[0].kind, stand.ear.heard[0].private) == ("enter", True)


@pytest.mark.parametrize("kind", ["image", "file", "video"])
async def test_media_are_something_else(stand: Stand, kind: str) -> None:
    parts = {"msgtype": kind, kind: {"url": "https://x/1", "aeskey": "YWJj"}}
    await stand.twin.callback("aibot_msg_callback", "message", "u1", "", **parts)
    assert (await heard(stand)).kind == "other"


async def test_what_is_for_nobody_is_passed_over(stand: Stand) -> None:
    await stand.twin.event("feedback_event", "u1", "g1", {"id": "1", "type": 2})
    await stand.twin.event("auth_change_event", "u1", "g1", {"auth_list": [1]})
    await stand.twin.callback("aibot_msg_callback", "message", "u1", "g1", aibotid="another", msgtype="text")
    await stand.twin.callback("aibot_msg_callback", "message", "sys", "g1", msgtype="text", text={"content": "x"})
    await stand.twin.callback("aibot_new_thing", "message", "u2", "g1")
    await stand.twin.say("u1", "在吗")
    assert (await heard(stand)).text == "在吗"
    assert len(stand.ear.heard) == 1


async def test_pushes_go_to_groups_and_to_people(stand: Stand) -> None:
    await stand.twin.say("ZhangSan", "你好", "")
    private = await heard(stand)
    await stand.platform.send(Promise("k1", private.sender, Reply("党费 30.00", private=True), True))
    stand.twin.known.add("wrkSFf_Ab")
    await stand.platform.send(Promise("k2", "wrkSFf_Ab", Reply("明天开会")))
    first, second = stand.twin.said
    assert (first.chat, first.body["chat_type"]) == ("ZhangSan", 1)  # as WeCom spelled it
    assert (second.chat, second.body["chat_type"], second.body["msgtype"]) == ("wrkSFf_Ab", 2, "markdown")


async def test_a_pushed_card_without_buttons_is_its_text(stand: Stand) -> None:
    stand.twin.known.add("g1")
    await stand.platform.send(Promise("k", "g1", Reply("", Card("党费", ("应交 17 人",)))))
    assert stand.twin.said[0].text == "党费\n应交 17 人"


async def test_a_private_word_is_not_said_in_a_group(stand: Stand) -> None:
    for promise in (Promise("k", "g1", Reply("30.00", private=True)), Promise("k", "g1", Reply(""))):
        with pytest.raises(Undeliverable):
            await stand.platform.send(promise)
    assert stand.twin.said == []


@pytest.mark.parametrize("errcode", [846605, 846608])
async def test_a_dead_req_id_is_answered_anew(stand: Stand, errcode: int) -> None:
    await stand.twin.say("u1", "参加")
    message = await heard(stand)
    stand.twin.errcodes.append(errcode)
    await stand.platform.send(answer(message))
    assert [said.cmd for said in stand.twin.said] == ["aibot_send_msg"]
    stand.twin.errcodes.extend([errcode, errcode])
    with pytest.raises(Undeliverable):
        await stand.platform.send(answer(message))


async def test_after_a_day_the_answer_is_a_new_message(stand: Stand) -> None:
    await stand.twin.say("u1", "参加")
    message = await heard(stand)
    stand.time.time += 86_401
    await stand.platform.send(answer(message))
    assert [said.cmd for said in stand.twin.said] == ["aibot_send_msg"]


@pytest.mark.parametrize(
    ("errcode", "error", "after"),
    [
        (45009, Retry, 60),
        (45033, Retry, 5),
        (-1, Retry, 5),
        (6000, Retry, 1),
        (846601, Retry, 5),
        (846602, Retry, 5),
        (93006, Undeliverable, 0),
        (40008, Undeliverable, 0),
        (40058, Undeliverable, 0),
        (12345, Undeliverable, 0),
    ],
)
async def test_each_number_says_what_to_do_next(
    stand: Stand, errcode: int, error: type[Exception], after: float
) -> None:
    stand.twin.known.add("g1")
    stand.twin.errcodes.append(errcode)
    with pytest.raises(error, match=str(errcode)) as caught:
        await stand.platform.send(Promise("k", "g1", Reply("开会了")))
    assert not isinstance(caught.value, Retry) or caught.value.after == after
    await stand.platform.send(Promise("k", "g1", Reply("开会了")))
    assert len(stand.twin.said) == 1


async def test_a_chat_that_never_spoke_is_final(stand: Stand) -> None:
    with pytest.raises(Undeliverable, match="nobody there"):
        await stand.platform.send(Promise("k", "nobody", Reply("开会了")))


async def test_no_acknowledgement_is_unknown(hasty: Stand) -> None:
    hasty.twin.known.add("g1")
    hasty.twin.swallow = True
    with pytest.raises(Unknown):
        await hasty.platform.send(Promise("k", "g1", Reply("开会了")))


async def test_a_break_before_the_acknowledgement_is_unknown(stand: Stand) -> None:
    stand.twin.known.add("g1")
    stand.twin.delay = 0.2
    speaking = asyncio.create_task(stand.platform.send(Promise("k", "g1", Reply("开会了"))))
    await stand.twin.until(lambda: stand.twin.said)
    stand.twin.abort(stand.twin.live[BOT])
    with pytest.raises(Unknown):
        await speaking


async def test_one_frame_at_a_time_for_a_message(stand: Stand) -> None:
    await stand.twin.say("u1", "参加")
    message = await heard(stand)
    stand.twin.delay = 0.01
    await asyncio.gather(*(stand.platform.send(answer(message, f"第{n}", key=f"k{n}")) for n in range(5)))
    assert len(stand.twin.said) == 5  # the twin raises a breach where two are in flight


async def test_thirty_a_minute(stand: Stand) -> None:
    stand.twin.known.add("g1")
    for number in range(30):
        await stand.platform.send(Promise(f"k{number}", "g1", Reply("开会了")))
    with pytest.raises(Retry, match="45009"):
        await stand.platform.send(Promise("k", "g1", Reply("开会了")))


async def test_a_thousand_messages_of_one_second_are_kept(stand: Stand) -> None:
    for number in range(1000):
        await stand.twin.say(f"u{number % 50}", f"参加 {number}")
    await heard(stand, 1000)
    assert len({message.message_id for message in stand.ear.heard}) == 1000
    assert [message.text for message in stand.ear.heard] == [f"参加 {number}" for number in range(1000)]


async def test_what_could_not_be_kept_is_tried_again(stand: Stand) -> None:
    stand.ear.down = 2
    await stand.twin.say("u1", "参加")
    await asyncio.sleep(0.02)
    assert stand.ear.heard == []
    await stand.time.advance(2)
    assert [message.text for message in stand.ear.heard] == ["参加"]


async def test_what_can_never_be_kept_is_said_to_be_missing(stand: Stand) -> None:
    stand.ear.down = 11  # ten attempts, and the first to tell of it
    await stand.twin.say("u1", "参加")
    await asyncio.sleep(0.02)
    began = stand.time()
    await stand.time.advance(160)
    await stand.connected()
    assert stand.ear.heard == []
    assert [gap[0].timestamp() for gap in stand.ear.gaps] == [began]


async def test_nothing_comes_by_http(stand: Stand) -> None:
    with pytest.raises(NotOurs) as caught:
        stand.platform.receive(Knock("POST", {}, {}, b"", NOW))
    assert caught.value.status == 404
    assert stand.platform.answer(Incoming("wecom", "m", "g", "u", "t"), Reply("x")).body == b""


async def test_a_greeting_reaches_the_door_and_kicks_nobody(stand: Stand) -> None:
    assert await stand.platform.greet() == ""
    assert stand.platform.speaks
    platform: WeComSocket = stand.platform
    platform._line._url = "ws://127.0.0.1:1"
    assert "can't be reached" in await platform.greet()
