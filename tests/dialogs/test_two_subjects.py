"""我参加，李四请假: one's own answer is kept, what is said of others goes to the secretary, nothing is guessed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.tables import answers, members, todos
from tests.cast import Cast

OPEN = "/attendance open 主题党日 12月4日15:00"
ANSWERS = select(members.c.name, answers.c.state).join_from(answers, members, members.c.id == answers.c.member_id)


async def recorded(cast: Cast) -> list[tuple[str, str]]:
    return [(row.name, row.state) for row in await cast.rows(ANSWERS.order_by(answers.c.id))]


async def about_others(cast: Cast) -> int:
    """The number under which it waits; a leave of one's own may wait beside it."""
    rows = await cast.rows(select(todos.c.number).where(todos.c.kind == "answer"))
    return int(rows[0].number)


@pytest.mark.parametrize(
    ("text", "mine", "theirs"),
    [
        ("12月4日我参加，李四请假", "attend", "leave"),
        ("李四请假，我参加", "attend", "leave"),
        ("我值班请假，李四参加", "leave", "attend"),
        ("李四请假，我也请假", "leave", "leave"),
    ],
)
async def test_the_secretary_decides_on_the_other(one_cast: Cast, text: str, mine: str, theirs: str) -> None:
    await one_cast.says("周敏", OPEN)
    heard = await one_cast.says("张三", text)
    assert "已转给书记核实" in heard
    assert await recorded(one_cast) == [("张三", mine)]
    assert "代报" in await one_cast.says("周敏", "/todo", "")
    await one_cast.says("周敏", f"/todo ok {await about_others(one_cast)}", "")
    assert await recorded(one_cast) == [("张三", mine), ("李四", theirs)]


async def test_no_leaves_the_other_as_he_was(cast: Cast) -> None:
    await cast.says("周敏", OPEN)
    await cast.says("张三", "我参加，李四请假")
    assert "不记" in await cast.says("周敏", f"/todo no {await about_others(cast)} 他会来", "")
    assert await recorded(cast) == [("张三", "attend")]
    assert (await cast.rows(select(todos.c.state)))[0].state == "no"


async def test_who_is_in_no_register_is_named_and_one_s_own_stays(one_cast: Cast) -> None:
    await one_cast.says("周敏", OPEN)
    heard = await one_cast.says("张三", "我参加，老李请假")
    assert "已记：参加" in heard
    assert "老李 没对上名册" in heard
    assert await one_cast.rows(select(todos)) == []


async def test_where_two_meetings_are_open_it_is_asked_and_both_parts_are_kept(one_cast: Cast) -> None:
    await one_cast.says("周敏", OPEN)
    await one_cast.says("周敏", "/attendance open 党课 12月5日15:00")
    assert "回复数字" in await one_cast.says("张三", "我参加，李四请假")
    heard = await one_cast.says("张三", "2")
    assert "已记：参加" in heard
    assert "李四 的请假已转给书记核实" in heard


@pytest.mark.parametrize("text", ["李四请假，参加不了", "李四请假，在手术，来不了"])
async def test_a_second_clause_without_a_subject_is_still_about_the_other(one_cast: Cast, text: str) -> None:
    await one_cast.says("周敏", OPEN)
    await one_cast.says("张三", text)
    assert await recorded(one_cast) == [("李四", "leave")]


@pytest.mark.parametrize("text", ["李四在手术，来不了", "帮爱人把党费交了"])
async def test_whose_it_is_is_asked_where_it_is_not_plain(one_cast: Cast, text: str) -> None:
    await one_cast.says("周敏", OPEN)
    await one_cast.says("张三", text)
    assert await recorded(one_cast) == []


async def test_who_takes_back_for_another_hears_whom_to_ask(one_cast: Cast) -> None:
    await one_cast.says("周敏", OPEN)
    await one_cast.says("李四", "参加")
    assert "联系书记" in await one_cast.says("张三", "替李四取消")
    assert await recorded(one_cast) == [("李四", "attend")]


@pytest.mark.parametrize("text", ["药剂科到齐了", "内科3人到了", "我们科都参加", "我们科5人参加", "补签"])
async def test_who_speaks_for_a_group_or_of_the_past_is_asked_for_names_or_sent_to_the_secretary(
    one_cast: Cast, text: str
) -> None:
    await one_cast.says("周敏", OPEN)
    await one_cast.says("周敏", "/attendance checkin on")
    heard = await one_cast.says("张三", text)
    assert "已签到" not in heard
    assert "已记" not in heard
    assert await recorded(one_cast) == []
