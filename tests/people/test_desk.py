from __future__ import annotations

import pytest

from .conftest import Chat


@pytest.fixture
async def busy(chat: Chat) -> Chat:
    """Three in 第一党支部 wait (1 to 3), one in 第二党支部 (1)."""
    for sender, name in (("a", "张三"), ("b", "王芳 检验科"), ("c", "王芳 护理部")):
        await chat.say(sender, f"我是 {name}")
    await chat.say("d", "我是 吴九", "")
    return chat


async def test_several_at_once_or_none(busy: Chat) -> None:
    assert await busy.say("zhao", "/todo ok 1 9") == (
        "没有待办 9。发 /todo 看现在有哪些。\n其余的也还没有处理，请去掉 9 再发。"
    )
    assert await busy.house.rows("select count(*) from accounts where account in ('a', 'b', 'c')") == [(0,)]
    assert await busy.say("zhao", "/todo ok 1、2 #3 1") == "已关联：张三\n已关联：王芳\n已关联：王芳"


async def test_only_the_desk_decides(busy: Chat) -> None:
    no = "/todo ok 由书记或组织委员、党费收缴人使用。您可以说：参加、请假、签到、活动、我的。"
    assert await busy.say("sun", "/todo ok 1") == no
    assert await busy.say("sun", "/todo") == no
    assert await busy.say("li", "/todo", "") == "没有待办。"
    assert await busy.say("li", "/todo ok 1") == "这一项不归您处理。"
    assert await busy.say("x", "/todo ok 1") == "我还不认识您。请先说：我是 姓名"


async def test_numbers_are_asked_for(busy: Chat) -> None:
    assert await busy.say("zhao", "/todo ok") == "请写编号，如：/todo ok 4"
    assert await busy.say("zhao", "/todo ok 1 张三") == "请写编号，如：/todo ok 4"
    assert await busy.say("zhao", "/todo no 张三") == "请写编号和原因，如：/todo no 4 不是本支部的人"
    assert await busy.say("zhao", "/todo ok 第二党支部 1") == "请写编号，如：/todo ok 4"
    assert await busy.say("zhao", "/todo okk 1") == "没有 /todo okk，是不是 /todo ok？发 /help 看全部命令。"


async def test_an_admin_sees_every_branch(busy: Chat) -> None:
    text = await busy.say("boss", "/todo", "")
    assert text.splitlines()[0] == "待办 4 项："
    assert text.splitlines()[1] == "第一党支部 1 关联账号：张三（检验科），账号 a"
    assert text.splitlines()[-1] == "回复 /todo ok 第一党支部 1 或 /todo no 第一党支部 1 原因"
    assert await busy.say("boss", "/todo ok 1", "") == "几个支部都有待办 1，请写上支部，如：/todo ok 第一党支部 1"
    assert await busy.say("boss", "/todo ok 第二党支部 1", "") == "已关联：吴九"
    assert await busy.say("boss", "/todo no 3", "") == "已退回：王芳的关联申请"
    assert await busy.say("boss", "/todo ok 77", "") == "没有待办 77。发 /todo 看现在有哪些。"


async def test_a_long_list_fits_a_phone(chat: Chat) -> None:
    for number in range(40):
        await chat.say(f"a{number}", "我是 张三")
    lines = (await chat.say("zhao", "/todo", "")).splitlines()
    assert len(lines) == 18
    assert lines[-2] == "…… 还有 25 项，先处理这些"
