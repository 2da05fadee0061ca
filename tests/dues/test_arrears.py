"""Who is told of months that were not paid: the collector, from three on the secretary; the bot decides nothing."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from handlers import dues
from handlers.dues.arrears import in_a_row
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


def tell(books: Books) -> int:
    books.connection.execute("delete from outbox")
    return books.do(lambda tx: dues.tell_arrears(tx, books.branch, VIA))


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
    tell(branch)
    said = heard(branch)
    assert said["李红"] == f"党费未交（不含本月）：\n{line}"
    assert ("周敏" in said) == secretary
    assert "何静" not in said
    assert "孙丽" not in said
    for word in ("脱党", "不合格", "处分", "元"):
        assert word not in "".join(said.values())


def test_nothing_is_said_where_nothing_is_owed(branch: Books) -> None:
    one = branch.member("张三", 5000, "2026-10")
    pay(branch, one, 5000, "2026-10")
    assert tell(branch) == 0
    two = branch.member("李四", 5000, "2026-10")
    branch.do(lambda tx: waive(tx, branch.branch, two, 0, ("2026-10", "2026-12"), "批准", keeper(branch)))
    assert tell(branch) == 0


def test_each_leader_hears_of_his_own_group_and_once_a_month(branch: Books) -> None:
    one, two = branch.member("张三", 5000), branch.member("李四", 5000)
    branch.connection.execute("update members set party_group = '一组' where id = ?", (one,))
    branch.connection.execute("update members set party_group = '二组' where id = ?", (two,))
    assert tell(branch) == 2
    assert heard(branch)["孙丽"] == "党费未交（不含本月）：\n张三：1 个月未交"
    assert heard(branch)["李红"].endswith("张三：1 个月未交\n李四：1 个月未交")
    branch.do(lambda tx: dues.tell_arrears(tx, branch.branch, VIA))
    assert len(branch.rows("select 1 from outbox")) == 2
    assert branch.do(lambda tx: dues.tell_arrears(tx, branch.branch, {})) == 0


def test_a_claim_that_waits_is_said_with_it(branch: Books) -> None:
    one = branch.member("张三", 5000, "2026-10")
    branch.do(lambda tx: dues.claim(tx, branch.branch, one, "张三", ("2026-10",), 5000, branch.ask("张三", one).who))
    tell(branch)
    assert heard(branch)["李红"].endswith("张三：1 个月未交，已报待确认")


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
