"""What happens to the book where people leave and come back, years turn, and slips and gifts overlap."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.cli.demo import HEADER
from bot.commands import Who
from bot.db import Tx
from bot.sql import p, sql
from handlers import dues, people
from handlers.dues import payments
from handlers.dues.papers import month_book, public, year_book
from handlers.sheet.check import check
from handlers.tables import dues_bases, members, todos
from tests.cast import Cast, opened_cast
from tests.dues.books import Books
from tests.dues.keepers import close, keeper, pay, slip
from tests.scheduler.conftest import whispered

PRIVATE = ""
UNGROUPED = sql(update(members).where(members.c.name == p("who")).values(party_group=""))


async def enter(cast: Cast, name: str, branch: str = "第一党支部") -> None:
    """The member sheet with one person on it: who had left is back."""
    line = [name, branch, "内科", "", "", "正式党员", "", "", "zhangsan"]

    def work(tx: Tx) -> None:
        sheet = check([(1, HEADER), (2, line)])
        people.import_members(tx, sheet.rows, Who(account="office", name="办公室"), {"企业微信账号": "console"})

    await cast.place.database.write(work)


async def test_who_left_and_came_back_owes_nothing_for_the_time_between(cast: Cast) -> None:
    await cast.until("2026-12-10 10:00")
    await cast.dialog([("周敏", "/member leave 张三 转出 12月9日", "已移出名册：张三")], PRIVATE)
    await cast.until("2027-03-05 10:00")
    await enter(cast, "张三")
    await cast.dialog(
        [
            ("张三", "我的党费", "2026年11月 应交 42.38 · 未交\n3月 应交 42.38 · 未交\n欠交合计：84.76 元"),
            ("张三", "党费已交", "已登记 2026年11月党费 42.38 元"),
            ("李红", "/dues confirm", "张三 2026年11月 42.38 元"),
            ("张三", "党费已交", "已登记 3月党费 42.38 元"),
        ],
        PRIVATE,
    )
    [behind] = [one for one in await cast.place.database.read(partial(dues.overdue, branch=1)) if one.name == "何静"]
    assert behind.months == ("2026-11", "2026-12", "2027-01", "2027-02")
    assert not [one for one in await cast.place.database.read(partial(dues.overdue, branch=1)) if one.name == "张三"]


async def test_who_went_to_another_branch_owes_on(one_cast: Cast) -> None:
    await one_cast.until("2026-12-10 10:00")
    await one_cast.dialog([("周敏", "/member transfer 张三 第二党支部 12月9日", "已转到第二党支部：张三")], PRIVATE)
    assert "11月 应交 42.38 · 未交\n12月 应交 42.38 · 未交" in await one_cast.says("张三", "我的党费", PRIVATE)


async def test_a_paper_of_the_year_has_who_was_there_and_nothing_that_was_decided_elsewhere(cast: Cast) -> None:
    await cast.until("2026-12-10 10:00")
    await cast.dialog([("周敏", "/member transfer 张三 第二党支部", "已转到第二党支部：张三")], PRIVATE)
    await cast.says("郑晓燕", "/dues set 张三 在职 6000 更正", PRIVATE)
    bases = await cast.rows(select(dues_bases.c.month_fen).order_by(dues_bases.c.id.desc()))
    assert bases[0].month_fen == 9000

    def decided(tx: Tx, branch: int) -> list[str]:
        [page] = [page for page in year_book(tx, branch, "支部", "2026") if page.title == "核定"]
        return [f"{row[5]}" for row in page.rows if row[1] == "张三"]

    assert await cast.place.database.read(partial(decided, branch=1)) == ["42.38"]
    assert await cast.place.database.read(partial(decided, branch=2)) == ["42.38", "90"]


def up_for(books: Books, year: str) -> int:
    """Fen that 公示 of a year says were handed up."""
    page = books.do(lambda tx: public(tx, books.branch, "支部", year))
    return round(float(str(page.totals[1][-1])) * 100)


def test_a_slip_for_two_years_counts_in_each_with_its_part(books: Books) -> None:
    one = books.member("张三", 3333, "2026-01")
    for month, day in (("2026-11", 20), ("2026-12", 20), ("2027-01", 20)):
        books.now = books.now.replace(year=int(month[:4]), month=int(month[5:]), day=day)
        pay(books, one, 3333, month)
        close(books, month)
    up = slip(books, "2027-01", share=3333).fen
    parts = {year: up_for(books, year) for year in ("2026", "2027")}
    assert parts == {"2026": (2 * 3333 * 3333 + 5000) // 10_000, "2027": up - parts["2026"]}
    assert sum(parts.values()) == up


def test_what_was_paid_before_and_taken_back_is_not_called_paid_before(books: Books) -> None:
    one = books.member("张三", 5000, "2026-01")
    books.now = books.now.replace(month=11, day=20)
    pay(books, one, 5000, "2026-12")
    books.do(lambda tx: payments.reverse_receipt(tx, books.branch, "2026", 1, "记错了", keeper(books)))
    books.now = books.now.replace(month=12)
    page, sums = books.do(lambda tx: month_book(tx, books.branch, "支部", "2026-12"))
    assert page.rows[0][-1] == ""
    assert sums.owed == 5000


async def test_a_gift_that_went_up_is_not_taken_back_out_of_another_one(cast: Cast) -> None:
    """What the branch holds of a later gift covers no earlier one."""
    await cast.dialog(
        [
            ("李红", "/dues large 张三 5000 自愿交纳", "已登记大额党费"),
            ("李红", "/dues remit 大额", "1 号缴款单：大额党费，合计 5000.00 元"),
            ("李红", "/dues large 李四 8000 自愿交纳", "已登记大额党费"),
            ("李红", "/dues reverse 1 记错了", "已上缴，请先冲正缴款单"),
            ("李红", "/dues remit", "大额党费还没上缴：8000.00 元"),
            ("李红", "/dues reverse 2 记错了", "李四 大额党费 8000.00 元"),
            ("李红", "/dues reverse 缴款单 1 退回", "已冲正"),
            ("李红", "/dues reverse 1 记错了", "张三 大额党费 5000.00 元"),
            ("李红", "/dues check", "账账相符、账款相符"),
        ],
        PRIVATE,
    )


FARMERS = '[[dues.rates]]\nsince = "2027-01"\nsource = "县委通知"\nfarmer = "0.50-2.00"\n'


async def test_a_base_that_a_new_rule_does_not_take_is_named_and_nobody_is_decided(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path, FARMERS) as cast:
        await cast.says("李红", "/dues set 吴大勇 农民 0.20", PRIVATE)
        await cast.until("2027-01-04 10:00")
        before = len(await cast.rows(select(dues_bases.c.id)))
        await cast.dialog(
            [
                ("李红", "/dues set 全体 不变", "吴大勇的基数按今年的规则不能用，请先一位核定"),
                ("李红", "/dues set 吴大勇 农民 0.20", "农民党员每月 0.50 到 2.00 元"),
            ],
            PRIVATE,
        )
        assert len(await cast.rows(select(dues_bases.c.id))) == before
        assert "吴大勇" not in await cast.says("李红", "/dues set 全体 不变")
        await cast.dialog(
            [("李红", "/dues set 吴大勇 农民 0.50", "每月 0.50 元"), ("李红", "/dues set 全体 不变", "核定 13 人")],
            PRIVATE,
        )


async def test_the_year_s_bases_are_asked_for_as_long_as_some_are_open(one_cast: Cast) -> None:
    await one_cast.until("2027-01-05 09:00")
    [asked] = [text for text in whispered(one_cast, "李红") if "年初了" in text]
    assert "还有 14 人" in asked
    assert "其中 13 人有去年的基数，不变的一起核定：/dues set 全体 不变" in asked


async def test_who_has_all_bases_is_not_asked_for_them(one_cast: Cast) -> None:
    await one_cast.until("2027-01-04 10:00")
    await one_cast.says("李红", "/dues set 全体 不变", PRIVATE)
    await one_cast.says("李红", "/dues set 吴大勇 在职 4000", PRIVATE)
    await one_cast.until("2027-01-05 09:00")
    assert not [text for text in whispered(one_cast, "李红") if "年初了" in text]


async def test_the_book_that_was_forgotten_is_closed_first(one_cast: Cast) -> None:
    """The line that is told is one that works: an earlier book stands before last month's."""
    for month in ("2026-11", "2026-12"):
        await one_cast.until(f"{month}-28 10:00")
        await one_cast.says("张三", f"已交 {int(month[5:])}月", PRIVATE)
        await one_cast.says("李红", "/dues confirm", PRIVATE)
    await one_cast.until("2027-01-08 09:00")
    [told] = [text for text in whispered(one_cast, "李红") if "2026年12月党费台账还没封账" in text]
    assert "更早的2026年11月也还没封，请从它开始（要两个人）：/dues close 2026年11月" in told
    for month in ("2026年11月", "12月"):
        await one_cast.dialog(
            [("李红", f"/dues close {month}", "封账已申请"), ("周敏", f"/dues close {month}", "台账已封账")], PRIVATE
        )


async def test_a_corrected_amount_names_the_months_that_are_left(cast: Cast) -> None:
    """Two months were claimed; the smaller amount pays but one, and the list says so."""
    await cast.until("2026-12-03 10:00")
    await cast.dialog(
        [
            ("张三", "11月和12月党费已交 84.76", "已登记 11月、12月党费 84.76 元"),
            ("张三", "党费写错了，是 42.38", "已登记 11月党费 42.38 元"),
            ("李红", "/todo", "党费：张三 11月"),
        ],
        PRIVATE,
    )
    assert [row.title for row in await cast.rows(select(todos.c.title))] == ["党费：张三 11月"]


async def test_a_second_claim_without_a_month_is_asked_for_its_month(one_cast: Cast) -> None:
    await one_cast.until("2026-12-03 10:00")
    await one_cast.dialog(
        [
            ("张三", "党费已交", "已登记 11月党费"),
            ("张三", "党费已交", "要报别的月份，请写上月份，如：已交 12月"),
            ("张三", "已交 12月", "已登记 12月党费"),
        ],
        PRIVATE,
    )


async def test_a_claim_of_a_month_that_was_then_let_off_says_so(one_cast: Cast) -> None:
    await one_cast.dialog(
        [
            ("孙桂兰", "党费已交", "已登记 11月党费 17.28 元"),
            ("李红", "/dues waive 孙桂兰 免交 11月 决议", "免交"),
            ("李红", "/dues confirm", "这个月已批准免交：请退回"),
        ],
        PRIVATE,
    )


async def test_a_leader_whose_group_nobody_entered_sees_nobody_s_dues(one_cast: Cast) -> None:
    await one_cast.says("李四", "党费已交", PRIVATE)
    await one_cast.place.database.write(lambda tx: tx.run(UNGROUPED, who="张三"))
    await one_cast.dialog([("张三", "/dues confirm", "现在没有待确认的党费")], PRIVATE)
    assert "李四" not in await one_cast.says("张三", "/dues", PRIVATE)
    await one_cast.until("2026-12-06 09:00")
    assert [text for text in whispered(one_cast, "李红") if "李四" in text]
    assert not [text for text in whispered(one_cast, "张三") if "欠交" in text]


@pytest.mark.parametrize("text", ["/dues confirm " + "9" * 1900, "/dues confirm #" + "1" * 400, "/dues confirm ²³ ９"])
async def test_numbers_that_stand_for_nothing_confirm_nothing(one_cast: Cast, text: str) -> None:
    await one_cast.says("李四", "党费已交", PRIVATE)
    await one_cast.dialog([("李红", text, "一项也没有确认")], PRIVATE)
