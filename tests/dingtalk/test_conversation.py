"""What people see: asking in a group and in private, tapping, and being heard once."""

from __future__ import annotations

import pytest

from bot.message import Button, Card, Reply
from tests.dingtalk.conftest import Room
from tests.twins.dingtalk import Heard

CARD = Reply(
    "12月4日 主题党日，参加吗？",
    Card("主题党日", ("12月4日 15:00",), (Button("参加", "参加 12", True), Button("请假", "请假 12"))),
)


async def ask(room: Room, user: str, text: str, chat: str = "cid1") -> Heard:
    heard = await room.twin.say(user, text, chat)
    assert heard is not None
    return heard


async def test_answers_in_the_group_through_the_session(room: Room) -> None:
    heard = await ask(room, "zhangsan", "参加")
    assert (heard.chat, heard.via, heard.plain) == ("cid1", "session", "听到：参加")
    assert room.twin.transcript["cid1"] == [("zhangsan", "参加"), ("bot", "听到：参加")]
    assert not room.twin.calls["token"], "an answer in a session costs no call of the quota"


async def test_answers_in_private(room: Room) -> None:
    heard = await ask(room, "zhangsan", "我的", chat="")
    assert (heard.chat, heard.via) == ("zhangsan", "session")
    assert room.incoming[0].private
    assert room.incoming[0].chat == room.incoming[0].sender == "zhangsan"


@pytest.mark.parametrize("chat", ["cid1", ""])
async def test_a_tap_sends_the_command_in_the_persons_name(room: Room, chat: str) -> None:
    room.reply = lambda incoming: CARD
    card = await ask(room, "zhangsan", "活动", chat)
    assert card.title == "主题党日"
    assert card.plain == "12月4日 主题党日，参加吗？\n12月4日 15:00\n也可以发：参加 12 / 请假 12"
    room.reply = lambda incoming: Reply(f"{incoming.sender} {incoming.text}")
    answer = await room.twin.tap("zhangsan", card, "请假")
    assert answer is not None
    assert answer.plain == "zhangsan 请假 12"


async def test_buttons_survive_the_robot_api(room: Room) -> None:
    room.reply, room.delay = lambda incoming: CARD, 6000
    card = await ask(room, "zhangsan", "活动")
    assert card.via == "group"
    assert card.body["msgKey"] == "sampleActionCard2"
    room.delay = 0
    assert await room.twin.tap("zhangsan", card, "参加") is not None
    assert room.incoming[-1].text == "参加 12"


async def test_silence_stays_silence(room: Room) -> None:
    room.reply = lambda incoming: None
    assert await room.twin.say("zhangsan", "大家辛苦了", quiet=True) is None
    assert room.twin.heard == []


async def test_an_answer_that_never_comes_is_noticed(room: Room) -> None:
    room.reply, room.twin.patience = lambda incoming: None, 0.1
    with pytest.raises(AssertionError, match="no answer"):
        await room.twin.say("zhangsan", "参加")
    room.twin.app_secret = "other"
    with pytest.raises(AssertionError, match="403"):
        await room.twin.say("zhangsan", "参加")


async def test_a_repeat_is_the_same_message(room: Room) -> None:
    await ask(room, "zhangsan", "参加")
    assert await room.twin.again() == 200
    assert len({one.message_id for one in room.incoming}) == 1


async def test_a_mention_is_real_in_a_session_and_left_out_by_the_api(room: Room) -> None:
    room.reply = lambda incoming: Reply("请回复", mention=("lisi", "wang_wu", "id:$:guest"))
    heard = await ask(room, "zhangsan", "催一下")
    assert heard.mentioned == ("lisi", "wang_wu")
    room.delay = 6000
    heard = await ask(room, "zhangsan", "催一下")
    assert (heard.via, heard.plain) == ("group", "请回复")


async def test_a_guest_without_staff_id_is_answered_and_never_taken_for_staff(room: Room) -> None:
    heard = await room.twin.say("lisi", "参加", staff_id=False)
    assert heard is not None
    assert room.incoming[0].sender.startswith("id:$:LWCP_v1:$")


@pytest.mark.parametrize("kept", [False, True])
async def test_the_robots_mention_is_gone_and_other_peoples_stay(room: Room, kept: bool) -> None:
    room.twin.keeps_mention = kept
    await ask(room, "zhangsan", "参加")
    both = [{"dingtalkId": "robot"}, {"dingtalkId": "l", "staffId": "lisi"}]
    await room.twin.say("zhangsan", "@李四 请假", atUsers=both)
    assert [one.text for one in room.incoming] == ["参加", "@李四 请假"]


async def test_rich_text_loses_its_mention(room: Room) -> None:
    await room.twin.richText(
        "zhangsan", {"text": "@支部小助手 你"}, {"text": "好"}, {"type": "picture", "downloadCode": "x"}
    )
    await room.twin.richText("zhangsan", {"type": "picture", "downloadCode": "x"})
    assert [(one.kind, one.text) for one in room.incoming] == [("text", "你好"), ("other", "")]
