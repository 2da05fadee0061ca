"""The address book, many people in one call, the quota, and what `check --online` says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.message import Button, Card, Reply, Retry, Undeliverable
from bot.platforms.dingtalk import DingTalk
from bot.platforms.dingtalk_people import Person, people
from tests.dingtalk.conftest import Keeper, Room, settings


async def no_sleep(seconds: float) -> None:
    await asyncio.sleep(0)


def hospital(room: Room) -> None:
    book = room.twin.book
    book.add(2, "县医院")
    book.add(3, "内科", 2)
    book.add(4, "外科", 2)
    book.join("boss", "郑院长", 1, 2, title="院长")
    book.join("wang", "王芳", 3, 4, job_number="007")
    for number in range(250):
        book.join(f"user{number}", f"医生{number}", 3)


async def test_walks_every_department_and_knows_everybody_once(room: Room) -> None:
    hospital(room)
    found = await room.platform.people()
    assert len(found) == 252
    assert found[0] == Person("boss", "郑院长", ("县医院",))
    assert next(one for one in found if one.userid == "wang") == Person("wang", "王芳", ("内科", "外科"))
    assert room.twin.calls["users"] == 6
    assert room.platform.usage.take() == {}, "the address book is free"


async def test_what_is_out_of_scope_is_passed_over(room: Room) -> None:
    hospital(room)
    room.twin.book.departments[1].visible = room.twin.book.departments[3].visible = False
    assert {one.userid for one in await room.platform.people()} == {"boss", "wang"}
    for department in room.twin.book.departments.values():
        department.visible = False
    with pytest.raises(Undeliverable, match="通讯录权限范围"):
        await room.platform.people()


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ({"errcode": 60011, "errmsg": "…"}, "通讯录部门信息读权限"),
        ({"errcode": 88, "errmsg": "…", "sub_code": "60011"}, "通讯录部门信息读权限"),
        ({"errcode": 88, "errmsg": "…", "sub_code": "40014"}, "access token is refused"),
        ({"errcode": 40014, "errmsg": "…"}, "access token is refused"),
        ({"errcode": 400002, "errmsg": "…"}, "400002"),
    ],
)
async def test_every_no_of_the_address_book(room: Room, says: dict[str, Any], words: str) -> None:
    room.twin.book.refusal = says
    with pytest.raises(Undeliverable, match=words) as caught:
        await room.platform.people()
    assert "\n" not in str(caught.value)


async def test_busy_is_waited_for_and_given_up_at_last(room: Room) -> None:
    hospital(room)
    room.twin.fail_next("users", errcode=90018, times=3)
    assert len(await people(room.platform._api, no_sleep)) == 252
    room.twin.fail_next("users", errcode=88, times=5)
    with pytest.raises(Retry):
        await people(room.platform._api, no_sleep)


async def test_a_page_that_never_ends_ends(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    hospital(room)
    monkeypatch.setattr(
        room.twin.book,
        "users",
        lambda asked: {"errcode": 0, "result": {"has_more": True, "next_cursor": 0, "list": [{}, "x"]}},
    )
    assert await room.platform.people() == []


async def test_one_reply_to_many_is_a_call_for_twenty(room: Room) -> None:
    room.twin.invalid, room.twin.flow_controlled = {"user3"}, {"user30"}
    accounts = [f"user{number}" for number in range(45)]
    failed = await room.platform.send_many(Reply("明天 15:00 主题党日"), [*accounts, "user1", "id:$:guest"])
    assert {one: type(trouble) for one, trouble in failed.items()} == {
        "id:$:guest": Undeliverable,
        "user3": Undeliverable,
        "user30": Retry,
    }
    assert room.twin.calls["private"] == 3
    assert [one.chat for one in room.twin.heard] == [one for one in accounts if one not in failed]


async def test_a_call_that_fails_fails_for_its_twenty(room: Room) -> None:
    room.twin.fail_next("private", status=403, code="Forbidden.AccessDenied.QpsLimitForApi")
    failed = await room.platform.send_many(Reply("x"), [f"user{number}" for number in range(30)])
    assert len(failed) == 20
    assert {type(trouble) for trouble in failed.values()} == {Retry}
    with pytest.raises(Undeliverable):
        await room.platform.send_many(Reply("中" * 9000), ["user1"])


async def test_what_was_used_is_counted_by_chinese_day(room: Room) -> None:
    room.clock.ahead += 1_796_054_400 - room.clock()  # 2026-12-01 00:00 in Shanghai, still November in UTC
    await room.twin.say("zhangsan", "参加")
    room.delay = 6000
    await room.twin.say("zhangsan", "参加")
    taken = room.platform.usage.take()
    assert taken == {("2026-12-01", "message"): 3, ("2026-12-01", "api"): 1}
    assert room.platform.usage.take() == {}
    room.platform.usage.give_back(taken)
    room.platform.usage.count("api")
    assert room.platform.usage.take() == {("2026-12-01", "message"): 3, ("2026-12-01", "api"): 2}


async def test_greets_or_says_how_to_mend_it(room: Room) -> None:
    assert await room.platform.greet() == ""
    room.twin.app_secret = "other"
    assert "凭证与基础信息" in await room.platform.greet()
    room.twin.fail_next("token", status=403, code="Forbidden.AccessDenied.IpNotInWhiteList")
    assert "IpNotInWhiteList" in await room.platform.greet()
    nobody = DingTalk("ding", settings("http://127.0.0.1:9"), Keeper())
    assert "api_base" in await nobody.greet()
    await nobody.close()


async def test_an_unpublished_app_is_named_and_a_guest_is_not(room: Room) -> None:
    room.reply = lambda incoming: None
    await room.twin.say("guest", "参加", staff_id=False, quiet=True, senderCorpId="dingother")
    assert room.platform.trouble == ""
    await room.twin.say("lisi", "参加", staff_id=False, quiet=True)
    assert "publish the app" in room.platform.trouble
    await room.twin.say("lisi", "参加", quiet=True)
    assert room.platform.trouble == ""


async def test_buttons_reach_many_too(room: Room) -> None:
    reply = Reply("参加吗？", Card("主题党日", (), (Button("参加", "参加 #1"), Button("请假", "请假 #1"))))
    assert await room.platform.send_many(reply, ["a", "b"]) == {}
    assert all(one.buttons for one in room.twin.heard)
