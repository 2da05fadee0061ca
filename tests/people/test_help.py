from __future__ import annotations

from .conftest import Chat


async def test_a_stranger_is_told_to_say_his_name(chat: Chat) -> None:
    assert (await chat.say("x", "帮助")).startswith("我还不认识您。请先说：我是 姓名")
    assert (await chat.say("x", "", "", kind="enter")).startswith("我还不认识您。")


async def test_a_member_hears_few_short_lines(chat: Chat) -> None:
    for text in ("帮助", "?", "怎么用"):
        answer = await chat.say("sun", text)
        assert answer.startswith("可以直接说：")
        assert len(answer.splitlines()) <= 6


async def test_help_lists_what_one_may_use(chat: Chat) -> None:
    secretary = await chat.say("zhao", "/help")
    assert "/member /党员 — 查人、加人、关联、职务、转支部" in secretary
    assert "/todo /待办 — 等您确认的事" in secretary
    assert "/member" not in await chat.say("sun", "/help")


async def test_help_on_one_command(chat: Chat) -> None:
    text = await chat.say("zhao", "/帮助 branch")
    assert text == "/branch /支部 — 本支部和群的绑定\n试一条推送，看本群能做什么：/branch check"
    assert "/branch bind 第一党支部" in await chat.say("boss", "/help /支部")
    assert await chat.say("zhao", "/help member find") == (
        "/member find（查）：查一位党员（不含党费）\n例：/member find 王芳 检验科"
    )
    assert (await chat.say("zhao", "/help 我是")).startswith("我是 — 告诉我您是谁")
    assert await chat.say("zhao", "/help membr") == "没有这个命令，是不是 member？发 /help 看全部命令。"
