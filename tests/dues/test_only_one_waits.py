"""`/dues confirm` with one claim that waits: the amount that is due is booked, another one is shown first."""

from __future__ import annotations

from sqlalchemy import select

from handlers.tables import entries
from tests.cast import Cast

PRIVATE = ""
MORE = (
    "张三 11月 50.00 元\n11月报 50.00 元，应交 42.38 元\n按报的收到了回复 /dues confirm 1，不对的回复 /todo no 1 原因"
)


async def test_another_amount_than_is_due_is_shown_and_asked_for_once(cast: Cast) -> None:
    await cast.says("张三", "党费已交50", PRIVATE)
    shown = await cast.reply("李红", "/dues confirm", PRIVATE)
    assert shown is not None
    assert shown.text == f"待确认 1 笔，报的和应交的不同：\n1 {MORE}"
    assert await cast.rows(select(entries.c.id)) == []
    assert [button.label for button in shown.card.buttons] == ["收到 1", "退回 1"] if shown.card else False
    assert "已确认：张三 11月 50.00 元（收据 1 号）" in (await cast.taps("李红", shown.card, "收到 1", PRIVATE)).text


async def test_by_name_it_is_booked_as_it_was_claimed(one_cast: Cast) -> None:
    await one_cast.says("张三", "党费已交50", PRIVATE)
    await one_cast.dialog(
        [
            ("李红", "/dues confirm", "报的和应交的不同"),
            ("李红", "/dues confirm 张三", "张三 11月 50.00 元（收据 1 号）"),
        ],
        PRIVATE,
    )


async def test_a_group_reads_no_amount_of_it(cast: Cast) -> None:
    await cast.says("张三", "党费已交50", PRIVATE)
    heard = await cast.says("李红", "/dues confirm")
    assert not any(word in heard for word in ("50", "42", "张三", "不同"))
    assert await cast.rows(select(entries.c.id)) == []
    await cast.settle()
    assert not any("50.00" in bubble.text or "42.38" in bubble.text for bubble in cast.pushed())
    assert any(MORE in bubble.text for bubble in cast.place.console.bubbles if bubble.private)


async def test_the_amount_that_is_due_is_booked_as_ever(cast: Cast) -> None:
    for text, receipt in (("党费已交42.38", 1), ("已交 12月", 2)):
        await cast.says("张三", text, PRIVATE)
        await cast.dialog([("李红", "/dues confirm", f"42.38 元（收据 {receipt} 号）")], PRIVATE)


async def test_what_is_left_of_a_month_and_what_nobody_decided_is_said(one_cast: Cast) -> None:
    await one_cast.says("张三", "党费已交40", PRIVATE)
    await one_cast.says("李红", "/dues confirm 张三", PRIVATE)
    await one_cast.dialog(
        [
            ("张三", "已交 11月 5", "已登记"),
            ("李红", "/dues confirm", "11月报 5.00 元，应交 42.38 元（已交 40.00 元）"),
        ],
        PRIVATE,
    )
    await one_cast.says("李红", "/dues confirm 张三", PRIVATE)
    await one_cast.says("吴大勇", "党费已交30", PRIVATE)
    await one_cast.dialog([("李红", "/dues confirm", "11月报 30.00 元，应交额还没核定")], PRIVATE)
