"""Interactive cards: delivered, pressed, changed in place; by stream and by signed HTTP callback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.message import BadSignature, Button, Card, Incoming, Knock, NotOurs, Promise, Reply, Undeliverable
from bot.platforms.dingtalk import DingTalk
from bot.platforms.dingtalk_card import Note, read_note, track_of
from bot.platforms.dingtalk_press import read_press
from tests.dingtalk.conftest import KEY, SECRET, Clock, Keeper, Room, Studio, settings, start, stop
from tests.twins.dingtalk import DingTalkTwin

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())["card_http_callback"]
BUTTONS = (Button("参加", "参加 #12", True), Button("请假", "请假 #12"))
CARD = Reply("12月4日 主题党日，参加吗？", Card("主题党日", ("应到 20 · 参加 11",), BUTTONS))
AFTER = Reply("已记：参加", Card("主题党日", ("应到 20 · 参加 12",), BUTTONS))
STREAM = {"card_template_id": "tpl.schema"}
HTTP = STREAM | {"card_route_key": "route", "card_secret": "ACTION"}


def push(reply: Reply = CARD, *, target: str = "cid1", private: bool = False, key: str = "k", **more: Any) -> Promise:
    return Promise(key, target, reply, private, **more)


@pytest.fixture
async def studio() -> AsyncIterator[Studio]:
    clock = Clock()
    async with DingTalkTwin("", KEY, SECRET, now=clock) as twin:
        twin.stream = True
        studio = await start(twin, clock, settings=STREAM)
        await twin.gateway.connected()
        yield studio
        await stop(studio)


@pytest.fixture
async def carded(room: Room) -> Room:
    """HTTP mode with a template."""
    await room.platform.close()
    room.platform = DingTalk("ding", settings(room.twin.base, **HTTP), Keeper(), clock=room.clock)
    return room


@pytest.mark.parametrize(("target", "private"), [("cid1", False), ("zhangsan", True)])
async def test_a_reply_with_buttons_becomes_a_card(studio: Studio, target: str, private: bool) -> None:
    await studio.platform.send(push(target=target, private=private))
    heard = studio.twin.heard[0]
    assert (heard.chat, heard.via, heard.title) == (target, "card", "主题党日")
    assert heard.plain == "12月4日 主题党日，参加吗？\n应到 20 · 参加 11"
    assert heard.buttons == {"参加": "参加 #12", "请假": "请假 #12"}
    assert all(isinstance(one, str) for one in heard.body["cardData"]["cardParamMap"].values())
    assert heard.body["callbackType"] == "STREAM"
    await studio.platform.send(push(target=target, private=private))
    assert len(studio.twin.desk.cards) == len(studio.twin.heard) == 1, "the same promise is the same card"


async def test_a_press_is_heard_and_answered_in_its_own_acknowledgement(studio: Studio) -> None:
    await studio.platform.send(push())
    (track,) = studio.twin.desk.cards
    studio.ears.reply = lambda incoming: AFTER
    response = await studio.twin.press("lisi", track, "参加")
    heard = studio.ears.rows[0]
    assert (heard.kind, heard.sender, heard.chat, heard.text, heard.private, heard.card) == (
        "press",
        "lisi",
        "cid1",
        "参加 #12",
        False,
        track,
    )
    card = studio.twin.desk.cards[track]
    assert "参加 12" in card.values["text"]
    assert card.mine == {"lisi": {"answer": "已记：参加"}}
    assert response["cardUpdateOptions"] == {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
    await asyncio.gather(*studio.ears.tasks)
    assert (studio.twin.calls["update"], len(studio.twin.heard)) == (0, 1), "no call of the quota, no further message"


async def test_two_who_press_at_once_get_their_own_answers(studio: Studio) -> None:
    await studio.platform.send(push())
    (track,) = studio.twin.desk.cards
    studio.ears.reply = lambda incoming: Reply(f"{incoming.sender} {incoming.text}")
    names = [f"user{number}" for number in range(30)]
    await asyncio.gather(*(studio.twin.press(name, track, "请假") for name in names))
    mine = studio.twin.desk.cards[track].mine
    assert mine == {name: {"answer": f"{name} 请假 \\#12"} for name in names} or all(
        name in mine[name]["answer"] for name in names
    )


async def test_an_answer_too_late_for_the_acknowledgement_comes_as_an_update(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.platforms.dingtalk_stream.ANSWER_WITHIN", 0.05)
    await studio.platform.send(push())
    (track,) = studio.twin.desk.cards
    assert await studio.twin.press("lisi", track, "参加") == {}, "silence"
    pressed = studio.ears.rows[0]
    await studio.platform.send(push(AFTER, key="late", reply_url=pressed.reply_url, reply_until=pressed.reply_until))
    card = studio.twin.desk.cards[track]
    assert ("参加 12" in card.values["text"], card.mine["lisi"]["answer"]) == (True, "已记：参加")
    assert (studio.twin.calls["update"], len(studio.twin.heard)) == (1, 1)


async def test_a_long_answer_to_a_press_is_said_beside_the_card(studio: Studio) -> None:
    await studio.platform.send(push())
    (track,) = studio.twin.desk.cards
    studio.ears.reply = lambda incoming: Reply("长" * 400)
    await studio.twin.press("lisi", track, "参加")
    await asyncio.gather(*studio.ears.tasks)
    assert (studio.twin.heard[-1].via, studio.twin.heard[-1].plain) == ("group", "长" * 400)


@pytest.mark.parametrize("why", ["template", "gone", "long", "mention", "outsider"])
async def test_without_a_card_the_buttons_are_links(studio: Studio, why: str) -> None:
    studio.ears.reply = lambda incoming: CARD
    if why == "template":
        studio.twin.desk.templates.clear()
    if why == "gone":
        studio.twin.desk.gone.add("cid1")
    if why == "long":
        studio.ears.reply = lambda incoming: Reply("长" * 400, CARD.card)
    if why == "mention":
        studio.ears.reply = lambda incoming: Reply("请回复", CARD.card, mention=("lisi",))
    heard = await studio.twin.say("zhangsan", "活动", staff_id=why != "outsider")
    assert heard is not None
    assert heard.via == ("card" if why == "outsider" else "session")
    assert "参加" in heard.buttons


async def test_a_reply_without_buttons_stays_a_message(studio: Studio) -> None:
    await studio.platform.send(push(Reply("提醒")))
    assert studio.twin.heard[0].via == "group"


@pytest.mark.parametrize("shape", ["content", "value"])
async def test_a_press_by_signed_callback(carded: Room, shape: str) -> None:
    await carded.platform.send(push())
    (track,) = carded.twin.desk.cards
    assert carded.twin.heard[0].body["callbackRouteKey"] == "route"
    carded.reply = lambda incoming: AFTER
    assert await carded.twin.press("lisi", track, "参加", shape=shape) == {}
    await asyncio.gather(*carded.tasks)
    assert (carded.incoming[0].kind, carded.incoming[0].text) == ("press", "参加 #12")
    assert carded.twin.desk.cards[track].mine["lisi"]["answer"] == "已记：参加"
    assert carded.trouble == []


async def test_http_mode_without_a_route_uses_links(room: Room) -> None:
    await room.platform.close()
    room.platform = DingTalk("ding", settings(room.twin.base, **STREAM), Keeper(), clock=room.clock)
    await room.platform.send(push())
    assert room.twin.heard[0].via == "group"


def knock(headers: dict[str, str], body: bytes = b"{}", now_ms: int = 1795305031223) -> Knock:
    return Knock("POST", {}, headers, body, datetime.fromtimestamp(now_ms / 1000, UTC))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["id"]))
def test_recorded_card_signatures(vector: dict[str, Any]) -> None:
    def platform(secret: str) -> DingTalk:
        return DingTalk("ding", settings("http://127.0.0.1:9", card_secret=secret), Keeper())

    right = vector["apiSecret"]
    with pytest.raises(NotOurs, match="not a card callback"):
        platform(right).receive(knock(vector["headers"]))
    for secret, now_ms in (("other", 1795305031223), ("", 1795305031223), (right, 1795305031223 + 3_600_001)):
        with pytest.raises(BadSignature):
            platform(secret).receive(knock(vector["headers"], now_ms=now_ms))


def test_the_same_callback_is_the_same_press() -> None:
    vector = VECTORS[0]
    platform = DingTalk("ding", settings("http://127.0.0.1:9", card_secret=vector["apiSecret"]), Keeper())
    content = json.dumps({"cardPrivateData": {"params": {"command": "参加"}}})
    said = {"outTrackId": "foreign", "userId": "lisi", "content": content}

    def pressed(**more: str) -> Incoming:
        found = platform.receive(knock(vector["headers"], json.dumps(said | more).encode()))
        assert isinstance(found, Incoming)
        return found

    group = pressed(spaceId="dtv1.card//IM_GROUP.cid7==", spaceType="IM_GROUP")
    assert (group.chat, group.private) == ("cid7==", False)
    assert pressed(spaceType="IM_ROBOT").chat == "lisi"
    assert pressed(spaceId="a").message_id == pressed(spaceId="a").message_id != pressed(spaceId="b").message_id
    with pytest.raises(NotOurs, match="spaceId"):
        pressed()


@given(st.text(), st.text(), st.text())
def test_a_note_reads_back(track: str, user: str, press: str) -> None:
    note = Note(track, user, press)
    assert read_note(str(note)) == note
    assert read_note("https://oapi.dingtalk.com/robot/sendBySession?session=1") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("outTrackId", "userId", "spaceId", "spaceType", "content", "value"), json_values),
    )
)
def test_any_callback_is_read_or_refused(said: dict[str, Any]) -> None:
    try:
        found = read_press(json.dumps(said), "ding", "m", 0)
    except NotOurs:
        return
    assert found.text
    assert found.chat


def test_the_track_tells_where_the_card_stands() -> None:
    assert track_of(push()) == track_of(push()) != track_of(push(key="other"))
    assert track_of(push()).endswith(".gcid1")


async def test_a_refused_card_and_no_way_beside_it(studio: Studio) -> None:
    studio.twin.fail_next("card", status=400, code="x")
    studio.twin.fail_next("group", status=400, code="group.disbanded")
    with pytest.raises(Undeliverable, match=r"group\.disbanded"):
        await studio.platform.send(push())
