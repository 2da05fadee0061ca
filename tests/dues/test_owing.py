"""Who owes what: members of that time, the newest base, what is recorded."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.db import micros
from bot.message import Refused
from handlers import dues, ledger
from handlers.register import member_named
from tests.dues.books import BASE, NOW, ZONE, Books


def line(books: Books, month: str = "2026-11") -> str:
    return books.do(lambda tx: dues.state_line(dues.owing(tx, books.branch, month)))


def pay(books: Books, member: int, fen: int, month: str = "2026-11") -> None:
    books.do(lambda tx: ledger.pay(tx, books.branch, member, month, fen, "赵敏", f"t:{member}:{month}:{fen}", tx.at))


def test_state_line(books: Books) -> None:
    people = [books.member(f"党员{number}", 5000) for number in range(17)]
    for member in people[:15]:
        pay(books, member, 5000)
    assert line(books) == "应交 17 人 · 已交 15 人 · 未交 2 人"
    books.member("王五")
    assert line(books) == "应交 17 人 · 已交 15 人 · 未交 2 人 · 未核定 1 人"


def test_a_part_is_not_paid_and_more_is(books: Books) -> None:
    one, two = books.member("张三", 5000), books.member("李四", 5000)
    pay(books, one, 4999)
    pay(books, two, 6000)
    assert [due.name for due in books.do(lambda tx: dues.owing(tx, books.branch, "2026-11").unpaid)] == ["张三"]


def test_a_base_counts_from_its_month_to_its_last(books: Books) -> None:
    one = books.member("张三", 5000, "2026-03")
    values = {"kind": "fixed", "base_fen": 1000, "month_fen": 1000}
    books.do(lambda tx: tx.run(BASE, member_id=one, valid_from="2026-05", valid_to="2026-06", **values))

    def due(month: str) -> int:
        return books.do(lambda tx: dues.owing(tx, books.branch, month)).everybody[0].due

    assert [due(f"2026-{month:02d}") for month in range(2, 8)] == [0, 5000, 5000, 1000, 1000, 5000]


def test_who_moved_owes_where_he_was_at_the_month_s_end(books: Books) -> None:
    one = books.member("张三", 5000)
    moved = micros(datetime(2026, 11, 10, tzinfo=ZONE))
    books.connection.execute("update memberships set to_at = ? where member_id = ?", (moved, one))
    assert line(books, "2026-10") == "应交 1 人 · 已交 0 人 · 未交 1 人"
    assert line(books, "2026-11") == "应交 0 人 · 已交 0 人 · 未交 0 人"
    books.connection.execute("update memberships set from_at = ?, to_at = 0", (moved,))
    assert line(books, "2026-10") == "应交 0 人 · 已交 0 人 · 未交 0 人"
    assert line(books, "2026-11") == "应交 1 人 · 已交 0 人 · 未交 1 人"


def test_history_starts_when_the_branch_was_bound(books: Books) -> None:
    one, two = books.member("张三", 5000, "2025-01"), books.member("李四", 5000, "2026-11")

    def months(member: int) -> list[str]:
        return [due.month for due in books.do(lambda tx: dues.history(tx, books.branch, member))]

    assert months(one) == ["2026-10", "2026-11"]
    assert months(two) == ["2026-11"]
    assert months(books.member("王五")) == []


def test_a_second_base_in_a_year_needs_a_reason(books: Books) -> None:
    one, who = books.member("张三"), books.ask("赵敏", 99).who

    def decide(base: int, reason: str = "") -> int:
        return books.do(lambda tx: dues.set_base(tx, books.branch, one, "salaried", base, reason, who))

    assert decide(300_001) == 3000
    with pytest.raises(Refused, match="一样"):
        decide(300_001)
    with pytest.raises(Refused, match="原因"):
        decide(400_000)
    assert decide(400_000, "更正") == 4000
    books.now = NOW.replace(year=2027, month=1)
    assert decide(500_001) == 7500
    found = books.do(lambda tx: dues.owing(tx, books.branch, "2026-12").everybody[0].due)
    assert found == 4000


def test_namesakes_are_told_apart(books: Books) -> None:
    one = books.member("张伟", aliases="老张、张工")
    assert books.do(lambda tx: member_named(tx, books.branch, "张工")).id == one
    two = books.member("张伟")
    books.connection.execute("update members set department = '药剂科' where id = ?", (two,))
    with pytest.raises(Refused, match="2 位"):
        books.do(lambda tx: member_named(tx, books.branch, "张伟"))
    assert books.do(lambda tx: member_named(tx, books.branch, "张伟(药剂科)")).id == two
    with pytest.raises(Refused, match="没有"):
        books.do(lambda tx: member_named(tx, books.branch, ""))


@pytest.mark.parametrize(
    ("category", "with_base", "counted"),
    [
        ("", False, True),
        ("正式党员", False, True),
        ("预备党员", False, True),
        ("留党察看", True, True),
        ("入党积极分子", False, False),
        ("发展对象", True, False),
        ("停止党籍", True, False),
        ("中共党员", True, True),
        ("中共党员", False, False),
    ],
)
def test_who_is_no_member_of_the_party_pays_nothing(
    books: Books, category: str, with_base: bool, counted: bool
) -> None:
    one = books.member("张三", 5000 if with_base else 0)
    books.connection.execute(
        "insert into member_facts (member_id, what, value) values (?, 'category', ?)", (one, category)
    )
    assert bool(books.do(lambda tx: dues.owing(tx, books.branch, "2026-11")).everybody) == counted
