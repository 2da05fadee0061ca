from __future__ import annotations

import pytest

from bot.commands import Who
from bot.message import Refused
from handlers.people import bind_group

from .conftest import OFFICE, Chat, House


async def test_an_admin_binds_a_group_in_the_group(chat: Chat) -> None:
    assert "这个群还没有对应的党支部。群编号：new" in await chat.say("boss", "/member", "new")
    assert await chat.say("boss", "/branch bind 第一支部", "new") == (
        "没有叫“第一支部”的支部。是不是：第一党支部、第二党支部？"
    )
    assert await chat.say("boss", "/branch bind 第一党支部", "new") == (
        "本群已绑定：第一党支部。发 /branch check 看本群能做什么。"
    )
    assert await chat.say("zhao", "/branch", "new") == "第一党支部 · 党员 7 人 · 已绑定群 2 个"
    assert (await chat.say("boss", "/支部 绑定 第二党支部", "new")).startswith(
        "本群已绑定：第二党支部（原来的绑定已替换）"
    )
    assert await chat.say("boss", "/branch bind 第二党支部", "") == "请在要绑定的群里发：/branch bind 支部名称"


async def test_only_an_admin_binds(chat: Chat) -> None:
    assert (await chat.say("zhao", "/branch bind 第二党支部")).startswith("/branch bind 由管理员使用")
    assert await chat.house.rows("select branch_id from groups where chat = 'g1'") == [(1,)]


async def test_bind_twice(house: House) -> None:
    await house.take("姓名,支部\n甲,一\n乙,二")
    first = await house.write(lambda tx: bind_group(tx, "wecom", "g", "一", push="ding-push:a:b", by=OFFICE))
    assert (first.name, first.before, first.first) == ("一", 0, True)
    again = await house.write(lambda tx: bind_group(tx, "wecom", "g", "一", by=OFFICE))
    assert (again.before, again.first) == (1, False)
    assert await house.rows("select push_platform, push_target from groups") == [("ding-push", "a:b")]
    other = await house.write(lambda tx: bind_group(tx, "wecom", "g", "二", push="p:t", by=OFFICE))
    assert (other.before, other.first) == (1, True)
    assert await house.rows("select branch_id, push_platform, push_target from groups") == [(2, "p", "t")]
    assert await house.rows("select branch_id, action from trail where action like '%bind' order by id") == [
        (1, "bind"),
        (1, "bind"),
        (1, "unbind"),
        (2, "bind"),
    ]
    assert "a:b" not in str(await house.rows("select * from trail"))


@pytest.mark.parametrize("push", ["ding-push", "ding-push:", ":target"])
async def test_a_push_that_can_not_be_read(cast: House, push: str) -> None:
    with pytest.raises(Refused, match="平台:目标"):
        await cast.write(lambda tx: bind_group(tx, "wecom", "g", "第一党支部", push=push, by=Who("cli")))


async def test_bind_before_anything_was_imported(house: House) -> None:
    with pytest.raises(Refused, match="名册里还没有支部"):
        await house.write(lambda tx: bind_group(tx, "wecom", "g", "一", by=OFFICE))


async def test_check_without_a_push(chat: Chat) -> None:
    assert await chat.say("zhao", "/branch check") == (
        "第一党支部 · 本群\n"
        "回答：能\n"
        "推送：不能，提醒发不出来。请管理员在服务器上执行 python -m bot bind … --push 平台:目标\n"
        "@本人：不能，提醒里只写姓名\n"
        "私聊：我不能先开口，个人的事请本人私聊我"
    )
    assert await chat.house.rows("select count(*) from outbox") == [(0,)]


async def test_check_pushes_a_test(chat: Chat) -> None:
    await chat.house.write(lambda tx: bind_group(tx, "wecom", "g1", "第一党支部", push="ding-push:SECRET", by=OFFICE))
    text = await chat.say("zhao", "/branch check")
    assert "推送：能（经 ding-push），测试消息马上就到；没到就是推送目标不对" in text
    assert "@本人：能" in text
    assert "SECRET" not in text
    assert await chat.house.rows("select platform, target, purpose, branch_id from outbox") == [
        ("ding-push", "SECRET", "notice", 1)
    ]
