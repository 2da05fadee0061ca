from __future__ import annotations

import pytest

from bot.message import Refused
from handlers.people import find_people
from handlers.people.moves import transfer

from .conftest import OFFICE, Chat


async def test_find_is_for_private_eyes(chat: Chat) -> None:
    assert await chat.say("zhao", "/member find 张三") == "请私聊我发 /member find 张三"
    assert await chat.say("zhao", "/党员 查 张三", "") == (
        "张三\n支部：第一党支部\n党小组：第一党小组\n科室：检验科\n手机：13800000002\n账号：还没有关联"
    )
    assert "账号：wecom（zhao）" in await chat.say("qian", "/member find 老赵", "")


async def test_find_never_tells_of_dues(chat: Chat) -> None:
    text = await chat.say("zhao", "/member find 赵书记", "")
    assert all(secret not in text.replace("13800000001", "") for secret in ("8000", "120", "在职"))


async def test_find_stays_in_the_branch(chat: Chat) -> None:
    assert await chat.say("zhao", "/member find 吴九", "") == "名册里没有找到“吴九”。"
    assert (await chat.say("boss", "/member find 吴九", "")).startswith("吴九\n支部：第二党支部")
    assert await chat.say("zhao", "/member find", "") == "请写上姓名，如：/member find 王芳 检验科"


async def test_namesakes(chat: Chat) -> None:
    assert await chat.say("zhao", "/member find 王芳", "") == (
        "有 2 位王芳（检验科、护理部）。请写上科室，如：/member find 王芳 检验科"
    )
    assert "科室：护理部" in await chat.say("zhao", "/member find 王芳 护理", "")


async def test_a_member_can_not(chat: Chat) -> None:
    no = "/member find 由书记或组织委员使用。您可以说：参加、请假、签到、活动、我的。"
    assert await chat.say("sun", "/member find 张三", "") == no
    assert (await chat.say("li", "/member role 李组长 书记")).startswith("/member role 由书记或组织委员使用")
    assert await chat.house.rows("select duty from members where name = '李组长'") == [("党小组长",)]


async def test_a_secretary_of_elsewhere_can_not(chat: Chat) -> None:
    await chat.house.bind("g1", 1, "ding")
    await chat.say("zhou", "/member add 新人", "g1", "ding")
    assert await chat.house.rows("select count(*) from members where name = '新人'") == [(0,)]


async def test_add(chat: Chat) -> None:
    assert await chat.say("zhao", "/member add 新人 药房") == "已加入名册：新人。本人可以说：我是 新人"
    assert await chat.say("zhao", "/member add 新人 药房") == "新人 已在名册里。若是另一位同名的，请写上科室。"
    assert await chat.say("zhao", "/member add " + "长" * 41) == "姓名要 1 到 40 个字。"
    assert await chat.say("zhao", "/member add") == "姓名要 1 到 40 个字。"
    rows = await chat.house.rows(
        "select department, from_at > 0 from members join memberships on member_id = members.id where name = '新人'"
    )
    assert rows == [("药房", 1)]


async def test_link(chat: Chat) -> None:
    assert await chat.say("zhao", "/member link 王芳 检验科 wecom WF") == "已关联：王芳"
    assert await chat.say("zhao", "/member link 王芳 检验科 wecom wf") == "这个账号本来就是王芳的，没有改动。"
    assert await chat.say("zhao", "/member link 张三 wecom wf", "") == "这个账号已经关联到另一位党员，没有改动。"
    assert await chat.say("zhao", "/member link 张三 qq 1") == "没有叫 qq 的平台。现有：ding、ding-push、wecom"
    assert await chat.say("zhao", "/member link 张三") == "请写全，如：/member link 张三 wecom zhangsan"


async def test_role(chat: Chat) -> None:
    assert await chat.say("zhao", "/member role 孙宣传 组织委员") == (
        "已记：孙宣传 组织委员（书记或组织委员、党费收缴人）。"
    )
    assert await chat.say("sun", "/member role 李组长 无") == "已记：李组长 不再任职。"
    assert await chat.say("sun", "/member role 李组长 党委委员") == "已记：李组长 党委委员（这个职务不带来权限）。"
    rows = await chat.house.rows("select duty, duty_since from members where name in ('孙宣传', '李组长') order by id")
    assert rows == [("组织委员", "2026-12-01"), ("党委委员", "2026-12-01")]


async def test_transfer_keeps_both_histories_and_no_power(chat: Chat) -> None:
    assert (
        await chat.say("qian", "/member transfer 赵书记 第二支部")
        == "没有叫“第二支部”的支部。是不是：第二党支部、第一党支部？"
    )
    assert (
        await chat.say("qian", "/member transfer 赵书记 第二党支部")
        == "已转到第二党支部：赵书记。以前的记录留在原支部。"
    )
    assert await chat.house.rows("select branch_id, to_at > 0 from memberships where member_id = 1 order by id") == [
        (1, 1),
        (2, 0),
    ]
    assert (await chat.say("zhao", "/member find 吴九", "")).startswith("/member find 由书记或组织委员使用")
    assert await chat.say("qian", "/member transfer 张三 第一党支部") == "张三 已经在这个支部。"


async def test_member_alone(chat: Chat) -> None:
    text = await chat.say("zhao", "/member")
    assert text.splitlines()[0] == "第一党支部 党员 7 人。可以发："
    assert await chat.say("boss", "/member", "") == "请在支部的群里发这条命令。"


async def test_two_who_move_the_same_person(chat: Chat) -> None:
    await chat.house.take("姓名,支部\n某,第三党支部")
    old = await chat.house.write(lambda tx: find_people(tx, "张三"))
    await chat.house.write(lambda tx: transfer(tx, old[0], 2, OFFICE))
    with pytest.raises(Refused, match="张三 刚刚转了支部"):
        await chat.house.write(lambda tx: transfer(tx, old[0], 3, OFFICE))
    assert await chat.house.rows("select branch_id from memberships where member_id = 5 and to_at = 0") == [(2,)]
