"""The yearly determination, and what less was approved: with a document, for its months, and back again."""

from __future__ import annotations

import pytest

from bot.message import Refused
from handlers import dues
from handlers.dues.deciding import renew, undecided
from handlers.dues.waivers import end_waiver, waive
from tests.dues.books import NOW, Books
from tests.dues.keepers import close, keeper, pay

JANUARY = NOW.replace(year=2027, month=1)
DOCUMENT = "县卫健党〔2026〕3号"


def due(books: Books, member: int, month: str = "2026-11") -> dues.Due:
    return next(
        one for one in books.do(lambda tx: dues.owing(tx, books.branch, month)).everybody if one.member == member
    )


def let(
    books: Books, member: int, fen: int, first: str = "2026-11", last: str = "2026-12", document: str = DOCUMENT
) -> None:
    books.do(lambda tx: waive(tx, books.branch, member, fen, (first, last), document, keeper(books)))


def line(books: Books, month: str = "2026-11") -> str:
    return books.do(lambda tx: dues.state_line(dues.owing(tx, books.branch, month)))


def test_less_is_due_for_the_months_that_were_approved(books: Books) -> None:
    one = books.member("张三", 5000)
    let(books, one, 1000)
    assert [due(books, one, f"2026-{month}").due for month in (10, 11, 12)] == [5000, 1000, 1000]
    assert due(books, one, "2027-01").due == 5000
    pay(books, one, 1000)
    assert due(books, one).settled
    assert books.rows("select document, recorded_by from dues_waivers") == [(DOCUMENT, "李红")]
    assert books.do(lambda tx: dues.history(tx, books.branch, one))[-1].due == 1000
    assert books.do(lambda tx: dues.due_in(tx, one, "2026-12")).due == 1000


def test_who_is_let_off_is_neither_owing_nor_without_a_base(books: Books) -> None:
    one, two = books.member("张三", 5000), books.member("李四", 5000)
    let(books, one, 0)
    assert line(books) == "应交 1 人 · 已交 0 人 · 未交 1 人"
    assert [gone.name for gone in books.do(lambda tx: dues.owing(tx, books.branch, "2026-11")).let_off] == ["张三"]
    with pytest.raises(Refused, match="不用交"):
        books.do(lambda tx: dues.claim(tx, books.branch, one, "张三", ("2026-11",), 500, books.ask("张三", one).who))
    pay(books, one, 500, extra=500)
    assert (due(books, one).paid, due(books, one).over) == (0, 0)
    pay(books, two)
    assert line(books) == "应交 1 人 · 已交 1 人 · 未交 0 人"


def test_it_ends_early_and_a_new_one_may_begin(books: Books) -> None:
    one, who = books.member("张三", 5000), keeper(books)
    with pytest.raises(Refused, match="现在没有"):
        books.do(lambda tx: end_waiver(tx, books.branch, one, "恢复", who))
    let(books, one, 0)
    books.do(lambda tx: end_waiver(tx, books.branch, one, "恢复", who))
    assert [due(books, one, f"2026-{month}").due for month in (11, 12)] == [5000, 5000]
    let(books, one, 200, "2026-12", "2026-12")
    assert [due(books, one, f"2026-{month}").due for month in (11, 12)] == [5000, 200]


@pytest.mark.parametrize(
    ("fen", "first", "last", "document", "said"),
    [
        (0, "2026-11", "2026-12", " ", "文件"),
        (5000, "2026-11", "2026-12", DOCUMENT, "要比应交的少"),
        (9_999_999_999, "2026-11", "2026-12", DOCUMENT, "要比应交的少"),
        (0, "2026-12", "2026-11", DOCUMENT, "起止月份"),
        (0, "2026-11", "2027-11", DOCUMENT, "最多 12 个月"),
        (0, "2026-10", "2026-12", DOCUMENT, "已封账"),
    ],
)
def test_refused_waivers(books: Books, fen: int, first: str, last: str, document: str, said: str) -> None:
    one = books.member("张三", 5000)
    close(books, "2026-10")
    with pytest.raises(Refused, match=said):
        let(books, one, fen, first, last, document)
    with pytest.raises(Refused, match="还没有核定"):
        let(books, books.member("李四"), 0)
    assert books.rows("select 1 from dues_waivers") == []


def test_a_new_year_is_decided_for_all_by_what_they_have(books: Books) -> None:
    one, two = books.member("张三"), books.member("李四")
    who = keeper(books)
    books.do(lambda tx: dues.set_base(tx, books.branch, one, "salaried", 423_756, "", who))
    books.do(lambda tx: dues.set_base(tx, books.branch, two, "retired", 345_678, "", who))
    assert books.do(lambda tx: undecided(tx, books.branch)) == []
    books.now = JANUARY
    assert [gone.name for gone in books.do(lambda tx: undecided(tx, books.branch))] == ["张三", "李四"]
    assert books.do(lambda tx: dues.set_base(tx, books.branch, two, "retired", 345_678, "", who)) == 1728
    assert books.do(lambda tx: renew(tx, books.branch, who)) == 1
    assert books.do(lambda tx: renew(tx, books.branch, who)) == 0
    assert books.rows(
        "select member_id, kind, month_fen, valid_from, rate, decided_by from dues_bases order by id"
    ) == [
        (one, "salaried", 4238, "2026-11", 100, "李红"),
        (two, "retired", 1728, "2026-11", 50, "李红"),
        (two, "retired", 1728, "2027-01", 50, "李红"),
        (one, "salaried", 4238, "2027-01", 100, "李红"),
    ]
    with pytest.raises(Refused, match="一样"):
        books.do(lambda tx: dues.set_base(tx, books.branch, one, "salaried", 423_756, "", who))
    with pytest.raises(Refused, match="原因"):
        books.do(lambda tx: dues.set_base(tx, books.branch, one, "salaried", 500_000, "", who))


def test_a_probationary_member_owes_from_the_month_of_the_vote(books: Books) -> None:
    one = books.member("欧阳静")
    books.connection.execute("update members set joined_on = '2026-10-20', category = '预备党员'")
    books.do(lambda tx: dues.set_base(tx, books.branch, one, "salaried", 480_000, "", keeper(books)))
    assert [gone.month for gone in books.do(lambda tx: dues.history(tx, books.branch, one))] == ["2026-10", "2026-11"]
    assert due(books, one, "2026-10").due == 4800
    assert line(books, "2026-09") == "应交 0 人 · 已交 0 人 · 未交 0 人"
    assert books.do(lambda tx: dues.due_in(tx, one, "2026-09")).due == 0


def test_a_base_that_gives_nothing_is_none(books: Books) -> None:
    one = books.member("张三")
    with pytest.raises(Refused, match="不到 1 分"):
        books.do(lambda tx: dues.set_base(tx, books.branch, one, "salaried", 10, "", keeper(books)))
