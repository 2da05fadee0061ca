"""The book as it is kept in the chat, from the claim to the bank's receipt, on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers import dues
from handlers.tables import entries, postings
from tests.cast import Cast

PRIVATE = ""


async def test_a_month_from_the_claim_to_the_receipt(cast: Cast) -> None:
    await cast.dialog(
        [
            ("张三", "党费已交 11月 42.38元", "已登记 11月党费 42.38 元，待确认"),
            ("李四", "党费交120，多的算自愿多交", "已登记 11月党费 120.00 元，待确认"),
            ("刘敏", "代马志远交 88.50", "已登记 马志远的党费 88.50 元（代报），待确认"),
            (
                "李红",
                "/dues confirm",
                "待确认 3 笔：\n1 张三 11月 42.38 元\n2 李四 11月 120.00 元\n3 马志远 11月（刘敏代报） 88.50 元",
            ),
            (
                "李红",
                "/dues confirm 1 2 3",
                "已确认：张三 11月 42.38 元（收据 1 号）\n已确认：李四 11月 120.00 元（收据 2 号）",
            ),
            ("李红", "/dues confirm 1", "现在没有待确认的党费"),
            ("李红", "/todo ok 1", "待办 1 已由李红处理（同意）"),
            ("李四", "我的党费", "11月 应交 109.82 · 实交 120.00（11-21） · 收据 2026-2\n今年自愿多交：10.18 元"),
            ("马志远", "我的党费", "11月 应交 88.50 · 实交 88.50（11-21） · 刘敏代交 · 收据 2026-3"),
            ("何静", "我的党费", "11月 应交 84.00 · 未交\n欠交合计：84.00 元"),
            ("吴大勇", "我的党费", "还没有您的党费记录"),
            ("李红", "/dues reverse 2026-3 记错了人", "马志远 11月 88.50 元"),
            ("李红", "/dues reverse 3 再来", "不能再冲正"),
            ("李红", "/dues reverse 9 再来", "没有 2026-9 号收据"),
            ("李红", "/dues reverse 2", "要写明原因"),
            ("马志远", "我的党费", "11月 应交 88.50 · 未交"),
            ("马志远", "党费已交88.50", "已登记 11月党费 88.50 元"),
            ("李红", "/dues confirm", "收据 4 号"),
            ("李红", "/dues large 张三 5000 自愿交纳", "已登记大额党费：张三 5000.00 元"),
            ("李红", "/dues large 张三 999.99", "不到 1000 元"),
            ("李红", "/dues large 张三 -5", "金额没看懂"),
            ("李红", "/dues close 11月", "实收 250.88 元"),
            ("李红", "/dues close 11月", "封账要两个人"),
            ("周敏", "/dues close 11月", "11月台账已封账（李红、周敏）。\n应交 13 人 · 已交 3 人"),
            ("何静", "党费已交", "已登记 11月党费 84.00 元"),
            ("李红", "/dues confirm", "12月1日起再办"),
            ("李红", "/dues remit", "已封账、还没上缴：2026-11，合计 250.88 元"),
            ("李红", "/dues remit 11月", "1 号缴款单：2026-11，合计 250.88 元，应缴 250.88 元"),
            ("李红", "/dues remit 11月", "没有已封账、还没上缴的月份"),
            ("李红", "/dues remit 大额", "2 号缴款单：大额党费，合计 5000.00 元"),
            ("李红", "/dues check", "账账相符、账款相符"),
            ("李红", "/dues remit 回单 1 250.87 A1", "相差 0.01 元"),
            ("李红", "/dues check", "1 号缴款单：单上应缴 250.88 元，银行回单 250.87 元，相差 0.01 元"),
            ("李红", "/dues reverse 回单 1 看错了", "已冲正：1 号缴款单的回单"),
            ("李红", "/dues remit 回单 1 250.88 A1", "账款相符"),
            (
                "周敏",
                "/dues check",
                "2026-11：各人合计 = 收款合计 250.88 元 = 封账合计\n1 号缴款单 2026-11 250.88 元 · 账款相符",
            ),
        ],
        chat=PRIVATE,
    )
    await cast.until("2026-12-01 09:00")
    await cast.dialog(
        [
            ("李红", "/dues confirm", "何静 11月 84.00 元（收据 6 号）"),
            ("李红", "/dues check", "2026-12：各人合计 = 收款合计 84.00 元（未封账）"),
        ],
        chat=PRIVATE,
    )
    assert await cast.place.database.read(dues.check) == []
    paid = await cast.rows(select(postings.c.fen).where(postings.c.account == "extra"))
    assert [row.fen for row in paid] == [-1018]
    names = await cast.rows(select(entries.c.payer_id, entries.c.method).where(entries.c.receipt == 3))
    assert names[0].payer_id > 0


@pytest.mark.parametrize(
    "text",
    ["已交 0.001", "已交 -5", "已交 1000000000", "已交 1e9", "已交 0", "党费已交 100000000元", "代李四交 0.005"],
)
async def test_amounts_that_can_not_be_change_nothing(one_cast: Cast, text: str) -> None:
    assert "0.01 到 99999999.99 元" in await one_cast.says("张三", text, PRIVATE)
    assert "没有待确认" in await one_cast.says("李红", "/dues confirm", PRIVATE)


async def test_one_tap_confirms_and_one_refuses(one_cast: Cast) -> None:
    cast = one_cast
    for name in ("张三", "李四", "刘敏", "何静"):
        await cast.says(name, "党费已交", PRIVATE)
    shown = await cast.reply("李红", "/dues confirm", PRIVATE)
    assert shown is not None
    assert shown.card is not None
    assert [button.label for button in shown.card.buttons] == [
        "收到 1",
        "退回 1",
        "收到 2",
        "退回 2",
        "收到 3",
        "退回 3",
    ]
    taken = await cast.taps("李红", shown.card, "收到 1", PRIVATE)
    assert "已确认：张三 11月 42.38 元（收据 1 号）\n还有 3 笔待确认" in taken.text
    assert "已退回" in (await cast.taps("李红", taken.card, "退回 2", PRIVATE)).text
    assert "待确认的党费里没有「2」" in (await cast.taps("李红", taken.card, "收到 2", PRIVATE)).text
    assert "待确认 2 笔" in await cast.says("李红", "/dues confirm", PRIVATE)


async def test_a_collector_who_claims_for_another_gets_the_button_at_once(one_cast: Cast) -> None:
    shown = await one_cast.reply("李红", "代孙桂兰交 17.28", PRIVATE)
    assert shown is not None
    assert "收据 1 号" in (await one_cast.taps("李红", shown.card, "收到 1", PRIVATE)).text


async def test_who_keeps_the_book_of_a_group_keeps_no_more(one_cast: Cast) -> None:
    """张三 leads the first group: he confirms and takes back its receipts; closing, slips and papers aren't his."""
    await one_cast.says("刘敏", "党费已交", PRIVATE)
    await one_cast.says("李红", "/dues confirm", PRIVATE)
    await one_cast.dialog(
        [
            ("张三", "/dues close 11月", "由组织委员或书记办"),
            ("张三", "/dues remit", "由组织委员或书记办"),
            ("张三", "/dues export 11月", "由组织委员或书记导出"),
            ("张三", "/dues waive 李四 免交 支部决议", "由组织委员或书记登记"),
            ("张三", "/dues set 全体 不变", "由组织委员或书记办"),
            ("张三", "/dues reverse 1 试试", "不归您处理"),
            ("李四", "/dues check", "由党费收缴人、书记或组织委员使用"),
            ("郑晓燕", "/dues reverse 1 试试", "没有 2026-1 号收据"),
        ],
        chat=PRIVATE,
    )


async def test_exceptions_and_what_they_need(one_cast: Cast) -> None:
    await one_cast.dialog(
        [
            ("李红", "/dues waive", "请写：/dues waive 姓名"),
            ("李红", "/dues waive 孙桂兰 免交 11月-12月", "请写明批准的文件"),
            ("李红", "/dues waive 孙桂兰 少交 17.28 县卫健党〔2026〕3号", "要比应交的少"),
            ("李红", "/dues waive 孙桂兰 少交 0.001 县卫健党〔2026〕3号", "金额没看懂"),
            ("李红", "/dues waive 吴大勇 免交 县卫健党〔2026〕3号", "还没有核定基数"),
            (
                "李红",
                "/党费 减免 孙桂兰 少交 5 2026年12月至2027年3月 县卫健党〔2026〕3号",
                "2026年12月至2027年3月 每月交 5.00 元，依据：县卫健党〔2026〕3号",
            ),
            ("李红", "/dues waive 孙桂兰 免交 11月 支部决议2026-11-05", "2026年11月 免交，依据：支部决议2026-11-05"),
            ("孙桂兰", "我的党费", "11月 免交"),
            ("孙桂兰", "我的", "已批准免交"),
            ("李红", "/dues", "免交：孙桂兰"),
            ("李红", "/dues waive 孙桂兰 结束 2026-11-20 支委会", "恢复按核定数交"),
            ("孙桂兰", "我的党费", "11月 应交 17.28 · 未交"),
        ],
        chat=PRIVATE,
    )


async def test_how_far_ahead_is_a_setting(one_cast: Cast) -> None:
    await one_cast.dialog(
        [("张三", "12月党费已交42.38", "已登记 12月党费"), ("张三", "2027年1月党费已交", "一般不预交")], chat=PRIVATE
    )
    await one_cast.says("李红", "/dues confirm", PRIVATE)
    assert "预交：12月" in await one_cast.says("张三", "我的党费", PRIVATE)


async def test_the_second_person_closes_with_a_tap(one_cast: Cast) -> None:
    cast = one_cast
    await cast.says("张三", "党费已交", PRIVATE)
    await cast.says("李红", "/dues confirm", PRIVATE)
    await cast.says("李红", "/dues close 11月")
    await cast.settle()
    assert cast.pushed("lihong") == []
    [asked] = cast.pushed("zhoumin")
    assert asked.private
    assert "实收 42.38 元" in asked.text
    assert "台账已封账" in (await cast.taps("周敏", asked.card, "同意封账", PRIVATE)).text
