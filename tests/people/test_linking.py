from __future__ import annotations

import asyncio

from .conftest import CAST, Chat, House

ASKED = "已转给书记确认（书记自己的由管理员确认），确认后您就可以直接回复了。"


async def test_a_member_is_linked_by_a_secretary(chat: Chat) -> None:
    assert await chat.say("ZhangSan", "我是张三") == ASKED
    assert await chat.say("zhangsan", "我是 张三") == ASKED
    assert await chat.say("zhao", "/todo") == "请私聊我发 /todo"
    assert await chat.say("zhao", "/todo", "") == (
        "待办 1 项：\n1 关联账号：张三（检验科），账号 zhangsan\n回复 /todo ok 1 或 /todo no 1 原因"
    )
    assert await chat.say("qian", "/待办 同意 1") == "已关联：张三"
    assert await chat.say("ZHANGSAN", "我是 张三") == (
        "您的账号已关联：张三（检验科），可以直接回复。如果不对，请找书记或组织委员。"
    )
    assert await chat.say("zhao", "/todo", "") == "没有待办。"
    rows = await chat.house.rows("select actor, action, subject from trail where action in ('link', 'todo_ok')")
    assert rows == [("钱组织", "todo_ok", "todo:1"), ("钱组织", "link", "member:5")]


async def test_aliases_are_names(chat: Chat) -> None:
    assert await chat.say("zs", "我是 三哥") == ASKED


async def test_strangers_learn_nothing(chat: Chat) -> None:
    nobody = "没有找到这个姓名。请核对后再发，或请书记、组织委员把您加入名册。"
    for name in ("张", "三", "%", "_", "周书记", "张三 卫生院"):
        assert await chat.say("x", f"我是 {name}") == nobody
    assert await chat.say("x", "我是") == "请写上姓名，如：我是 张三"
    assert await chat.say("x", "我是 周书记", "") == ASKED


async def test_namesakes_are_asked_for_their_department(chat: Chat) -> None:
    question = "有几位同名的，您在哪个科室？（回复数字）\n1. 检验科\n2. 护理部"
    assert await chat.say("wf", "我是王芳") == question
    assert await chat.say("wf", "3") == "请回复 1 到 2 之间的数字。"
    assert await chat.say("wf", "2") == ASKED
    assert await chat.say("zhao", "/todo ok 1") == "已关联：王芳"
    assert await chat.house.rows("select member_id from accounts where account = 'wf'") == [(7,)]
    assert await chat.say("wf2", "我是 王芳 检验") == ASKED


async def test_namesakes_of_several_branches_and_without_a_department(chat: Chat) -> None:
    await chat.house.take("姓名,支部,科室\n郑十,第一党支部,药房\n郑十,第二党支部,药房\n郑十,第二党支部,")
    question = await chat.say("x", "我是 郑十", "")
    assert question.splitlines()[1:] == ["1. 第一党支部 药房", "2. 第二党支部 药房", "3. 未填科室"]
    assert await chat.say("x", "3", "") == ASKED
    assert (await chat.house.rows("select branch_id, title from todos"))[0] == (2, "关联账号：郑十（未填科室），账号 x")


async def test_who_can_not_be_told_apart_is_sent_to_the_secretary(chat: Chat) -> None:
    await chat.house.take("姓名,支部,企业微信账号\n冯一,第一党支部,f1\n冯一,第一党支部,f2")
    assert await chat.say("x", "我是 冯一") == "有几位同名的党员，我分不清。请找书记或组织委员关联账号。"


async def test_a_second_account_is_shown_to_the_secretary(chat: Chat) -> None:
    await chat.say("sun2", "我是 孙宣传")
    assert "账号 sun2（此人已有账号 sun）" in await chat.say("zhao", "/todo", "")
    assert await chat.say("zhao", "/todo ok 1") == "已关联：孙宣传"


async def test_two_secretaries_decide_at_once(chat: Chat) -> None:
    await chat.say("zs", "我是 张三")
    said = await asyncio.gather(chat.say("zhao", "/todo ok 1"), chat.say("qian", "/todo no 1"))
    assert list(said) == ["已关联：张三", "待办 1 已由赵书记处理（同意）。"]
    assert await chat.house.rows("select count(*) from accounts where account = 'zs'") == [(1,)]


async def test_an_account_that_got_linked_meanwhile(chat: Chat) -> None:
    await chat.say("x", "我是 张三")
    await chat.say("x", "我是 王芳 护理部")
    assert await chat.say("zhao", "/todo ok 2") == "已关联：王芳"
    assert await chat.say("zhao", "/todo ok 1") == "这个账号已经关联到另一位党员。请用 /todo no 1 退回。"
    assert await chat.say("zhao", "/todo no 1 弄错了") == "已退回：张三的关联申请"
    assert await chat.house.rows("select state, why from todos order by number") == [("no", "弄错了"), ("ok", "")]


async def test_a_member_who_left_the_branch(chat: Chat) -> None:
    await chat.say("x", "我是 张三")
    await chat.say("zhao", "/member transfer 张三 第二党支部")
    assert await chat.say("zhao", "/todo ok 1") == "这位党员已不在本支部。请用 /todo no 1 退回。"


async def test_importing_an_account_that_waits(cast: House) -> None:
    chat = Chat(cast)
    await chat.say("zs", "我是 张三")
    await cast.take(CAST.replace("13800000002,,", "13800000002,zs,"))
    assert await chat.say("zhao", "/todo ok 1") == "已关联：张三"
