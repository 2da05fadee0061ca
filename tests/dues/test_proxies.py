"""What somebody paid is his own matter: who says that he paid for him hears nothing of it, whatever he tries."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.tables import dues_claims
from tests.cast import Cast

PRIVATE = ""
TELLS_NOTHING = (
    "李四的党费没有登记。别人的党费我只告诉本人和收党费的同志：请本人私聊我发“我的党费”看，或直接找收党费的同志。"
)


async def _paid(cast: Cast) -> None:
    await cast.says("李四", "党费已交", PRIVATE)
    await cast.dialog([("李红", "/dues confirm", "李四 11月")], PRIVATE)


async def test_one_refusal_whatever_the_other_paid_claimed_or_was_let_off(cast: Cast) -> None:
    await cast.says("李四", "党费已交", PRIVATE)
    assert await cast.says("刘敏", "代李四交党费", PRIVATE) == TELLS_NOTHING
    await cast.says("李红", "/dues confirm", PRIVATE)
    for text in ("代李四交 11月党费", "代李四交11月党费 50元"):
        assert await cast.says("刘敏", text, PRIVATE) == TELLS_NOTHING
    await cast.says("李红", "/dues waive 孙桂兰 免交 11月 决议", PRIVATE)
    told = await cast.says("刘敏", "代孙桂兰交 11月党费", PRIVATE)
    assert told == TELLS_NOTHING.replace("李四", "孙桂兰")
    assert len(await cast.rows(select(dues_claims.c.id))) == 1


async def test_a_group_hears_the_same_and_no_more(one_cast: Cast) -> None:
    await _paid(one_cast)
    assert await one_cast.says("刘敏", "代李四交 11月党费") == TELLS_NOTHING
    assert "已确认" not in await one_cast.says("李红", "代李四交 11月党费")


async def test_of_several_months_nobody_hears_which_were_open(one_cast: Cast) -> None:
    await _paid(one_cast)
    await one_cast.until("2026-12-03 10:00")
    told = await one_cast.says("刘敏", "代李四交 11月和12月党费", PRIVATE)
    assert told == "已登记 李四的党费（代报；已交过的月份不重复登记），待确认"
    told = await one_cast.says("刘敏", "代马志远交 11月和12月党费", PRIVATE)
    assert told == "已登记 马志远的党费（代报；已交过的月份不重复登记），待确认"


async def test_a_list_of_two_tells_no_more(one_cast: Cast) -> None:
    await _paid(one_cast)
    told = await one_cast.says("刘敏", "我和李四的11月党费已交", PRIVATE)
    assert told == f"已按名单登记 1 人，待确认\n李四：{TELLS_NOTHING}"


async def test_his_own_word_is_told_to_who_gave_it(cast: Cast) -> None:
    await cast.dialog(
        [
            ("刘敏", "代李四交 11月党费", "已登记 李四 11月党费（代报），待确认"),
            ("刘敏", "代李四交 11月党费", "李四 11月的党费您已代报过，等收缴人确认。"),
            ("刘敏", "代李四交党费", "李四 11月的党费您已代报过，等收缴人确认。"),
            ("何静", "代李四交党费", TELLS_NOTHING),
            ("李红", "/dues confirm", "李四 11月 109.82 元"),
            ("刘敏", "代李四交 11月党费", "李四这个月的党费您已代报过，不用再报。"),
        ],
        PRIVATE,
    )


async def test_who_keeps_the_dues_is_told_why(one_cast: Cast) -> None:
    """李红 keeps everybody's, 张三 those of the first group: 李四 is of it, 何静 isn't."""
    await _paid(one_cast)
    await one_cast.says("何静", "党费已交", PRIVATE)
    for name in ("李红", "张三", "周敏"):
        assert await one_cast.says(name, "代李四交 11月党费", PRIVATE) == "这个月的党费已确认，不用再报。"
    told = await one_cast.says("张三", "代何静交 11月党费", PRIVATE)
    assert told == TELLS_NOTHING.replace("李四", "何静")


@pytest.mark.parametrize("text", ["李四的党费写错了，是 20", "代李四交的党费写错了，是 20"])
async def test_what_another_claimed_for_himself_is_not_corrected_by_a_third(one_cast: Cast, text: str) -> None:
    await one_cast.says("李四", "党费已交109.82", PRIVATE)
    await one_cast.says("刘敏", text, PRIVATE)
    claimed = await one_cast.rows(select(dues_claims.c.fen, dues_claims.c.state))
    assert [tuple(row) for row in claimed] == [(10982, "open")]
