"""What is typed and tapped on the page goes the way of every message, and appears where people look."""

from __future__ import annotations

from typing import Any

import pytest

from bot.db import DatabaseDown
from tests.pages.conftest import OPEN, Desk


async def test_the_page_lists_who_can_be_played_and_where(desk: Desk) -> None:
    state = await desk.state()
    people = {one["account"]: one for one in state["people"]}
    assert people["zhoumin"]["leads"]
    assert people["zhoumin"]["branch"] == "第一党支部"
    assert not people["lisi"]["leads"]
    assert people["admin"]["leads"]
    assert people["newcomer"]["duty"] == "未登记"
    assert [one["chat"] for one in state["chats"]] == ["g1", "g2", "unbound"]
    assert state["now"].startswith("2026-12-01T10:00")
    assert state["movable"] is True


async def test_a_meeting_is_opened_and_answered_by_tap_and_by_text(desk: Desk) -> None:
    opened = await desk.say("zhoumin", OPEN)
    card = (await desk.bubbles())[-1]
    assert card["number"] == opened["answer"]
    assert [button["label"] for button in card["card"]["buttons"]] == ["参加", "请假", "签到"]
    response = await desk.tap("lisi", card["number"], card["card"]["buttons"][0]["command"])
    assert (await response.json())["answer"] == card["number"]
    bubbles = await desk.bubbles()
    assert len(bubbles) == 2
    assert "应到 14 · 参加 1 · 请假 0 · 未回 13" in bubbles[-1]["card"]["lines"]
    await desk.say("zhangsan", "请假 值班")
    assert (await desk.bubbles())[-1]["text"].endswith("应到 14 · 参加 1 · 请假 1 · 未回 12")


async def test_a_tap_that_is_answered_without_a_card_is_a_bubble(desk: Desk) -> None:
    opened = await desk.say("zhoumin", OPEN)
    answer = (await (await desk.tap("lisi", opened["answer"], "签到 #1")).json())["answer"]
    bubbles = await desk.bubbles()
    assert answer == bubbles[-1]["number"] != opened["answer"]
    assert bubbles[-1]["card"] is None


async def test_private_things_are_not_said_in_the_group(desk: Desk) -> None:
    await desk.say("lisi", "我的")
    await desk.post("/clock", {"minutes": 1})
    assert "元" not in (await desk.bubbles())[-1]["text"]
    aside = await desk.bubbles("lisi", private=True)
    assert "元" in aside[-1]["text"]
    assert aside[-1]["pushed"]


async def test_in_private_the_chat_is_the_person(desk: Desk) -> None:
    await desk.say("lisi", "活动", "g2", private=True)
    assert len(await desk.bubbles("lisi", private=True)) == 2
    assert not await desk.bubbles("g2")


async def test_chatter_is_shown_and_not_answered(desk: Desk) -> None:
    said = await desk.say("lisi", "中午食堂见")
    assert said["answer"] is None
    assert [one["text"] for one in await desk.bubbles()] == ["中午食堂见"]


async def test_only_what_is_new_is_listed_after_a_number(desk: Desk) -> None:
    first = await desk.say("lisi", "活动")
    await desk.say("lisi", "帮助")
    numbers = [one["number"] for one in (await desk.state(first["answer"]))["bubbles"]]
    assert numbers == [first["answer"] + 1, first["answer"] + 2]
    assert not (await desk.state(2**53 - 1))["bubbles"]


async def test_an_unbound_group_hears_how_to_bind_it_and_the_admin_can(desk: Desk) -> None:
    await desk.say("lisi", "参加", "unbound")
    assert "/branch bind" in (await desk.bubbles("unbound"))[-1]["text"]
    await desk.say("admin", "/branch bind 第二党支部", "unbound")
    chats = {one["chat"]: one for one in (await desk.state())["chats"]}
    assert chats["unbound"]["branch"] == "第二党支部"
    assert chats["unbound"]["name"] != chats["g2"]["name"]


async def test_a_newcomer_is_asked_who_he_is(desk: Desk) -> None:
    await desk.say("newcomer", "参加")
    assert "我是" in (await desk.bubbles())[-1]["text"]


async def test_markup_stays_text(desk: Desk) -> None:
    text = "<img src=x onerror=alert(1)>\n&amp;"
    await desk.say("lisi", text)
    assert (await desk.bubbles())[0]["text"] == text


async def test_sixty_kibibytes_are_taken(desk: Desk) -> None:
    await desk.say("lisi", "字" * (60 * 1024 // 3))
    assert len((await desk.bubbles())[0]["text"]) == 20480


SAY = {"as": "lisi", "chat": "g1", "private": False, "text": "活动"}


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ("[" * 60000, 400),
        (b"\xff\xfe{", 400),
        (SAY | {"text": 5}, 400),
        (SAY | {"text": "  "}, 400),
        (SAY | {"text": "a\0b"}, 400),
        ('{"as": "lisi", "chat": "g1", "text": "\\ud800"}', 400),
        (SAY | {"private": "yes"}, 400),
        ({"text": "活动"}, 400),
        (SAY | {"as": "nobody"}, 404),
        (SAY | {"chat": "g9"}, 404),
        (SAY | {"text": "a" * 62 * 1024}, 413),
        (SAY | {"text": "a" * 80 * 1024}, 413),
    ],
)
async def test_what_is_not_as_agreed_is_said_in_one_line(desk: Desk, data: Any, status: int) -> None:
    response = await desk.post("/say", data)
    assert response.status == status
    assert "\n" not in (await response.json())["error"]
    assert not desk.place.console.bubbles


@pytest.mark.parametrize("bubble", [0, -1, "1", True, 2**60, 77])
async def test_a_card_that_is_not_there_cannot_be_tapped(desk: Desk, bubble: Any) -> None:
    assert (await desk.tap("lisi", bubble, "参加 #1")).status in (400, 404)


async def test_a_card_is_tapped_in_its_own_chat(desk: Desk) -> None:
    opened = await desk.say("zhoumin", OPEN)
    assert (await desk.tap("fenglei", opened["answer"], "参加 #1", "g2")).status == 404


async def test_only_those_who_are_looked_for_are_listed(desk: Desk) -> None:
    async def found(query: str) -> list[str]:
        listed = (await (await desk.get(f"/people?{query}")).json())["people"]
        return [one["account"] for one in listed]

    assert await found("find=欧阳") == ["ouyangjing"]
    assert await found("find=WangFang") == ["wangfang", "wangfang2"]
    assert await found("find=检验科") == ["chenjianguo", "wangfang"]
    assert await found("find=管理员") == ["admin"]
    assert await found("find=%25") == await found("find=_") == await found("find=%00qq") == []
    assert len(await found("skip=10")) == len(await found("")) - 10
    assert sorted(await found("of=lisi,fenglei,nobody")) == ["fenglei", "lisi"]


async def test_a_message_knows_its_rows(desk: Desk) -> None:
    said = await desk.say("zhoumin", OPEN)
    for bubble in (said["bubble"], said["answer"]):
        entries = (await (await desk.get(f"/rows/{bubble}")).json())["entries"]
        assert [one["who"] for one in entries] == ["周敏"]
        assert "活动" in [table["called"] for table in entries[0]["tables"]]
    assert (await desk.get("/rows/77")).status == 404


async def test_a_database_that_is_down_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(*_: Any) -> None:
        raise DatabaseDown("gone")

    monkeypatch.setattr(desk.place.database, "read", down)
    response = await desk.post("/say", SAY)
    assert response.status == 503
    assert "没有记录" in (await response.json())["error"]
