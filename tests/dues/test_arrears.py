"""Who is told of months that were not paid: the collector, from three on the secretary; the bot decides nothing."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from handlers import dues
from handlers.dues.arrears import SECRETARY, in_a_row
from handlers.dues.waivers import waive
from tests.dues.books import ZONE, Books
from tests.dues.keepers import banked, close, keeper, pay, slip

VIA = {"console": "console"}


@pytest.fixture
def branch(books: Books) -> Books:
    """周敏 is the secretary, 李红 collects and is 组织委员, 孙丽 leads the first group; all can be spoken to alone."""
    for name, duty, group in (
        ("周敏", "书记", ""),
        ("李红", "组织委员", ""),
        ("孙丽", "党小组长", "一组"),
        ("何静", "纪检委员", ""),
    ):
        one = books.member(name)
        books.connection.execute("update members set duty = ?, party_group = ? where id = ?", (duty, group, one))
        books.connection.execute(
            "insert into accounts (platform, account, member_id) values ('console', ?, ?)", (name, one)
        )
    return books


def heard(books: Books) -> dict[str, str]:
    """The private words by account; there is nothing for a group."""
    rows = books.rows("select target, reply, private from outbox order by id")
    assert all(private for *_, private in rows)
    return {target: json.loads(reply)["text"] for target, reply, _ in rows}


def at(books: Books, year: int, month: int, day: int = 1) -> None:
    books.now = datetime(year, month, day, 9, 0, tzinfo=ZONE)


def lines(books: Books) -> list[str]:
    """What the keepers are shown, as the clock's job reads it."""
    return [one.line for one in books.do(lambda tx: dues.overdue(tx, books.branch))]


@pytest.mark.parametrize(
    ("month", "year", "line", "secretary"),
    [
        (11, 2026, "张三：1 个月未交", False),
        (12, 2026, "张三：2 个月未交", False),
        (1, 2027, "张三：3 个月未交", True),
        (3, 2027, "⚑ 张三：连续 5 个月未交", True),
        (4, 2027, "张三：连续 6 个月未交，请支部核实是否有正当理由", True),
    ],
)
def test_months_one_three_five_and_six(branch: Books, month: int, year: int, line: str, secretary: bool) -> None:
    branch.member("张三", 5000)
    at(branch, year, month)
    [one] = branch.do(lambda tx: dues.overdue(tx, branch.branch))
    assert one.line == line
    assert (one.in_a_row >= SECRETARY) == secretary
    assert not any(word in line for word in ("脱党", "不合格", "处分", "元"))


def test_nothing_is_said_where_nothing_is_owed(branch: Books) -> None:
    one = branch.member("张三", 5000, "2026-10")
    pay(branch, one, 5000, "2026-10")
    assert lines(branch) == []
    two = branch.member("李四", 5000, "2026-10")
    branch.do(lambda tx: waive(tx, branch.branch, two, 0, ("2026-10", "2026-12"), "批准", keeper(branch)))
    assert lines(branch) == []


def test_a_claim_that_waits_is_said_with_it(branch: Books) -> None:
    one = branch.member("张三", 5000, "2026-10")
    branch.do(lambda tx: dues.claim(tx, branch.branch, one, "张三", ("2026-10",), 5000, branch.ask("张三", one).who))
    assert lines(branch) == ["张三：1 个月未交，已报待确认"]


def test_a_gap_ends_the_row() -> None:
    assert in_a_row(("2026-07", "2026-09", "2026-10"), "2026-10") == 2
    assert in_a_row(("2026-07",), "2026-10") == 0
    assert in_a_row(("2025-12", "2026-01"), "2026-01") == 2


def test_the_nightly_check_tells_the_keepers_alone_and_once_a_day(branch: Books) -> None:
    pay(branch, branch.member("张三", 5000))
    close(branch)
    branch.connection.execute("delete from outbox")
    assert branch.do(lambda tx: dues.tell_differences(tx, branch.branch, VIA)) == 0
    slip(branch)
    banked(branch, 1, 4999)
    for _ in range(2):
        branch.do(lambda tx: dues.tell_differences(tx, branch.branch, VIA))
    said = heard(branch)
    assert set(said) == {"周敏", "李红"}
    assert "1 号缴款单：单上应缴 50.00 元，银行回单 49.99 元，相差 0.01 元" in said["周敏"]
    assert len(branch.rows("select 1 from outbox")) == 2
