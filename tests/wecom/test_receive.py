"""Every kind of callback, over real HTTP, becomes what the vocabulary has for it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from bot.message import Incoming
from tests.twins.wecom import WeComTwin
from tests.wecom.conftest import KEY, TOKEN, Clock, Stage, robot, served

Parts = dict[str, Any]


async def test_the_url_is_verified(stage: Stage) -> None:
    assert await stage.twin.verify()
    stage.twin.wire.token = "AnotherToken"
    assert not await stage.twin.verify()


async def test_a_group_message(stage: Stage) -> None:
    assert (await stage.twin.say("ZhangSan", "参加", chat="wrkSFf_Ab", quote="@支部小助手 主题党日 #12")).text == "好的"
    (heard,) = stage.heard
    assert (heard.platform, heard.kind, heard.text) == ("wecom", "text", "参加")
    assert (heard.sender, heard.chat, heard.private) == ("zhangsan", "wrkSFf_Ab", False)
    assert heard.message_id == stage.twin.last["msgid"]
    assert heard.quote == "主题党日 #12"
    assert heard.reply_url == stage.twin.last["response_url"]
    assert 3_590_000_000 < heard.reply_until - time.time_ns() // 1000 < 3_610_000_000


async def test_a_private_message_keeps_its_at(stage: Stage) -> None:
    await stage.twin.say("ZhangSan", "@支部小助手\u3000参加", chat="")
    assert (stage.heard[0].text, stage.heard[0].chat) == ("@支部小助手 参加", "zhangsan")
    assert stage.heard[0].private


async def understood(stage: Stage, chat: str = "", **parts: Any) -> Incoming:
    assert (await stage.twin.deliver(stage.twin.message("u1", chat, **parts))).status == 200
    return stage.heard[-1]


def said(text: str) -> Parts:
    return {"msgtype": "text", "text": {"content": text}}


PICTURE = {"msgtype": "image", "image": {"url": "https://x/1"}}


@pytest.mark.parametrize(
    ("chat", "parts", "kind", "text"),
    [
        ("g", {"msgtype": "mixed", "mixed": {"msg_item": [said("@支部小助手 稿件"), PICTURE]}}, "text", "稿件"),
        ("", {"msgtype": "mixed", "mixed": {"msg_item": [said("一"), PICTURE, said("二")]}}, "text", "一\n二"),
        ("g", {"msgtype": "mixed", "mixed": {"msg_item": [said("@支部小助手"), PICTURE]}}, "other", ""),
        ("", {"msgtype": "voice", "voice": {"content": "我请假"}}, "text", "我请假"),
        ("", {"msgtype": "voice", "voice": {"content": ""}}, "other", ""),
        ("", {"msgtype": "voice", "voice": None}, "other", ""),
        ("", PICTURE, "other", ""),
        ("", {"msgtype": "file", "file": {"url": "https://x/1"}}, "other", ""),
        ("", {"msgtype": "video", "video": {"url": "https://x/1"}}, "other", ""),
        ("g", said("@支部小助手"), "text", ""),
        ("", {"msgtype": "text", "text": None}, "text", ""),
        ("", {**said("好"), "chatid": None, "new_field": [1]}, "text", "好"),
    ],
)
async def test_each_kind_of_message(stage: Stage, chat: str, parts: Parts, kind: str, text: str) -> None:
    heard = await understood(stage, chat, **parts)
    assert (heard.kind, heard.text) == (kind, text)


@pytest.mark.parametrize(
    ("quoted", "text"),
    [
        (said("这是今日的情况"), "这是今日的情况"),
        ({"msgtype": "mixed", "mixed": {"msg_item": [said("一"), PICTURE]}}, "一"),
        ({"msgtype": "voice", "voice": {"content": "语音"}}, "语音"),
        (PICTURE, ""),
        (None, ""),
    ],
)
async def test_each_kind_of_quote(stage: Stage, quoted: Parts | None, text: str) -> None:
    assert (await understood(stage, "g", **said("@支部小助手"), quote=quoted)).quote == text


def event(name: str, inner: object = None, **flat: object) -> Parts:
    about = {"eventtype": name, **({name: inner} if inner is not None else {}), **flat}
    return {"msgtype": "event", "create_time": 1_700_000_000, "event": about}


def chosen(*options: str) -> Parts:
    item = {"question_key": "q1", "option_ids": {"option_id": list(options)}}
    return {"selected_items": {"selected_item": [item]}}


BUTTON = {"card_type": "button_interaction", "event_key": "参加 12", "task_id": "t1"}
VOTE = {"card_type": "vote_interaction", "event_key": "选", "task_id": "t1"}
OLD = {"optionids": {"optionid": "认领 3"}}


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (BUTTON, "参加 12"),
        ({**BUTTON, **chosen("x")}, "参加 12"),
        ({"cardtype": "button_interaction", "eventkey": "参加 12", "taskid": "t1"}, "参加 12"),
        ({**VOTE, **chosen("认领 3")}, "认领 3"),
        ({**VOTE, **chosen("3", "4")}, "选 3 4"),
        ({**VOTE, "selecteditems": {"selecteditem": OLD}}, "认领 3"),
        (VOTE, "选"),
        ({**VOTE, "selected_items": None}, "选"),
        ({**VOTE, "selected_items": {"selected_item": []}}, "选"),
        ({**VOTE, "selected_items": {"selected_item": [{"question_key": "q", "option_ids": None}]}}, "选"),
    ],
)
async def test_each_kind_of_press(stage: Stage, inner: Parts, text: str) -> None:
    stage.reply = None
    heard = await understood(stage, "g", **event("template_card_event", inner))
    assert (heard.kind, heard.text, heard.card) == ("press", text, "t1")
    assert heard.reply_url


async def test_a_press_beside_the_name_of_the_event(stage: Stage) -> None:
    stage.reply = None
    heard = await understood(stage, "g", **event("template_card_event", event_key="参加 12", task_id="t1"))
    assert (heard.kind, heard.text, heard.card) == ("press", "参加 12", "t1")


async def test_opening_the_chat(stage: Stage) -> None:
    heard = await stage.twin.enter("ZhangSan")
    assert (heard.text, heard.plain["msgtype"]) == ("好的", "text")
    assert (stage.heard[0].kind, stage.heard[0].text, stage.heard[0].chat) == ("enter", "", "zhangsan")
    assert stage.heard[0].private
    assert (await stage.twin.enter("ZhangSan")).status == 0  # once a day


@pytest.mark.parametrize(
    "parts",
    [
        event("feedback_event", {"id": "F", "type": 2}),
        event("auth_change_event", {"auth_list": [1]}),
        event("template_card_event", {"card_type": "button_interaction"}),
        event(""),
        {"msgtype": "location", "location": 3},
        {"msgtype": ""},
        {**said("好"), "from": {"userid": "sys"}},
        {**said("好"), "from": {"userid": ""}},
        {**said("好"), "from": None},
        {**said("好"), "chattype": "group", "chatid": ""},
    ],
)
async def test_what_is_not_for_us_hears_nothing(stage: Stage, parts: Parts) -> None:
    heard = await stage.twin.deliver({**stage.twin.message("u1", ""), **parts})
    assert (heard.status, heard.plain, stage.heard) == (200, {}, [])


@pytest.mark.parametrize("parts", [{**said("好"), "msgid": ""}, {"msgtype": "text", "text": []}, {"msgtype": "event"}])
async def test_what_is_no_message_is_refused(stage: Stage, parts: Parts) -> None:
    heard = await stage.twin.deliver({**stage.twin.message("u1", ""), **parts})
    assert (heard.status, stage.heard) == (400, [])


async def test_a_stream_asked_for_is_ended(stage: Stage) -> None:
    message = stage.twin.message("u1", "g", msgtype="stream", stream={"id": "S1"})
    heard = await stage.twin.deliver(message)
    assert heard.plain["stream"]["id"] == "S1"
    assert heard.plain["stream"]["finish"] is True
    assert heard.text


async def test_another_robot_s_message_is_refused(clock: Clock) -> None:
    async with WeComTwin("", TOKEN, KEY, bot_id="aibANOTHER", now=clock) as twin:
        stage = Stage(twin)
        async with served(robot(bot_id="aibOURS"), stage) as twin.hook_url:
            assert (await twin.say("u1", "参加")).status == 400
        async with served(robot(bot_id="aibANOTHER"), stage) as twin.hook_url:
            assert (await twin.say("u1", "参加")).status == 200


async def test_a_forged_message_is_refused(stage: Stage) -> None:
    encrypt = stage.twin.wire.lock(b"{}")
    body, query = json.dumps({"encrypt": encrypt}).encode(), stage.twin.signed(encrypt)
    assert await stage.twin.knock({**query, "msg_signature": "0" * 40}, body) == (403, b"")
    assert await stage.twin.knock({**query, "timestamp": "1"}, body) == (403, b"")
    assert await stage.twin.knock({}, body) == (400, b"")
    other = {**query, "signature": query["msg_signature"]}
    del other["msg_signature"]
    assert await stage.twin.knock(other, body) == (200, b"")
