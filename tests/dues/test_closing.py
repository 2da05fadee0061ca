"""A month is closed by two people, stays as it was, goes up on a slip and is held against the bank's receipt."""

from __future__ import annotations

import pytest

from bot.config import Dues
from bot.message import Refused
from handlers import dues, ledger
from handlers.desk import decide
from handlers.dues import closing, remitting
from handlers.dues.payments import reverse_receipt
from tests.dues.books import NOW, Books, house
from tests.dues.keepers import banked, claim_and_confirm, close, keeper, pay, slip

DECEMBER = NOW.replace(month=12, day=2)


def ask(books: Books, name: str = "李红", member: int = 90, month: str = "2026-11") -> tuple[closing.Asked, bool]:
    return books.do(lambda tx: closing.ask_to_close(tx, books.branch, month, keeper(books, name, member)))


def test_one_asks_and_another_closes(books: Books) -> None:
    pay(books, books.member("张三", 5000))
    asked, done = ask(books)
    assert not done
    assert asked.figures == closing.Figures("2026-11", 5000, 5000, 1, 1)
    with pytest.raises(Refused, match="两个人"):
        ask(books)
    assert books.rows("select 1 from dues_closings") == []
    assert ask(books, "周敏", 91)[1]
    assert books.rows("select month, received_fen, asked_by, closed_by from dues_closings") == [
        ("2026-11", 5000, "李红", "周敏")
    ]
    with pytest.raises(Refused, match="已经封账"):
        ask(books)


def test_the_desk_closes_too_but_not_for_the_one_who_asked(books: Books) -> None:
    pay(books, books.member("张三", 5000))
    number = ask(books)[0].number
    with pytest.raises(Refused, match="两个人"):
        books.do(lambda tx: decide(tx, house(Dues()), books.branch, number, True, keeper(books)))
    told = books.do(lambda tx: decide(tx, house(Dues()), books.branch, number, True, keeper(books, "周敏", 91)))
    assert "11月台账已封账（两人确认）" in told
    assert "元" not in told
    with pytest.raises(Refused, match="已由"):
        books.do(lambda tx: decide(tx, house(Dues()), books.branch, number, True, keeper(books, "何静", 92)))


def test_the_second_sees_the_figures_that_are_closed(books: Books) -> None:
    one = books.member("张三", 5000)
    pay(books, one)
    number = ask(books)[0].number
    pay(books, one, 100)
    with pytest.raises(Refused, match="又有变动"):
        books.do(lambda tx: decide(tx, house(Dues()), books.branch, number, True, keeper(books, "周敏", 91)))
    anew, done = ask(books, "周敏", 91)
    assert (anew.number, anew.figures.received, done) == (number, 5100, False)
    with pytest.raises(Refused, match="两个人"):
        ask(books, "周敏", 91)
    assert ask(books)[1]


def test_months_are_closed_in_turn(books: Books) -> None:
    pay(books, books.member("张三", 5000))
    with pytest.raises(Refused, match="还没到"):
        ask(books, month="2026-12")
    with pytest.raises(Refused, match="还没有台账"):
        ask(books, month="2026-09")
    books.now = DECEMBER
    with pytest.raises(Refused, match="先封前面"):
        ask(books, month="2026-12")
    close(books)
    close(books, "2026-12")
    with pytest.raises(Refused, match="之后的月份已封账"):
        ask(books, month="2026-10")


def test_after_the_close_nothing_is_added_to_that_book(books: Books) -> None:
    one, two = books.member("张三", 5000), books.member("李四", 5000)
    pay(books, one)
    close(books)
    with pytest.raises(Refused, match="12月1日起"):
        pay(books, two)
    with pytest.raises(Refused, match="已封账"):
        claim_and_confirm(books, two, "2026-11", 5000)
    assert books.rows("select state from dues_claims") == [("open",)]
    with pytest.raises(Refused, match="已封账"):
        books.do(lambda tx: reverse_receipt(tx, books.branch, "2026", 1, "记错人", keeper(books)))
    books.now = DECEMBER
    pay(books, two)
    undone = books.do(lambda tx: reverse_receipt(tx, books.branch, "2026", 1, "记错人", keeper(books)))
    assert [payment.name for payment in undone] == ["张三"]
    assert books.rows("select period, receipt from entries order by id") == [
        ("2026-11", 1),
        ("2026-12", 2),
        ("2026-12", 0),
    ]
    assert books.do(lambda tx: closing.received(tx, books.branch)) == {"2026-11": 5000, "2026-12": 0}
    assert books.do(lambda tx: dues.differences(tx, books.branch)) == []


def test_a_slip_takes_closed_months_once(books: Books) -> None:
    one = books.member("张三", 5000)
    pay(books, one, 5000, "2026-10")
    with pytest.raises(Refused, match="请先封账"):
        slip(books)
    close(books)
    made = slip(books)
    assert (made.number, made.months, made.total, made.fen) == (1, ("2026-11",), 5000, 5000)
    assert books.do(lambda tx: ledger.balance(tx, books.branch, "cash")) == 0
    with pytest.raises(Refused, match="没有已封账"):
        slip(books)
    assert banked(books, 1, 5000).difference == 0
    with pytest.raises(Refused, match="已有回单"):
        banked(books, 1, 5000)
    with pytest.raises(Refused, match="没有 2 号"):
        banked(books, 2, 5000)


@pytest.mark.parametrize(("share", "up"), [(10_000, 1001), (2000, 200), (500, 50), (5, 1), (9999, 1001)])
def test_the_share_goes_up_and_the_rest_is_kept(books: Books, share: int, up: int) -> None:
    pay(books, books.member("张三", 1001), 1001)
    close(books)
    assert slip(books, share=share).fen == up
    held = books.do(lambda tx: [ledger.balance(tx, books.branch, name) for name in ("slip", "kept", "cash")])
    assert held == [up, 1001 - up, 0]
    assert books.do(dues.check) == []


def test_a_wrong_receipt_shows_to_the_fen_and_is_taken_back(books: Books) -> None:
    pay(books, books.member("张三", 5000))
    close(books)
    slip(books)
    assert banked(books, 1, 4999).difference == 1
    [found] = books.do(lambda tx: dues.differences(tx, books.branch))
    assert found.line == "1 号缴款单：单上应缴 50.00 元，银行回单 49.99 元，相差 0.01 元"
    assert books.do(dues.check) == [
        f"dues of branch {books.branch}, slip 1: slip 50.00, bank's receipt 49.99, difference 0.01 yuan"
    ]
    who = keeper(books)
    with pytest.raises(Refused, match="先冲正回单"):
        books.do(lambda tx: remitting.reverse_slip(tx, books.branch, 1, "作废", who))
    books.do(lambda tx: remitting.reverse_receipt(tx, books.branch, 1, "看错了", who))
    with pytest.raises(Refused, match="没有回单"):
        books.do(lambda tx: remitting.reverse_receipt(tx, books.branch, 1, "看错了", who))
    assert banked(books, 1, 5000).difference == 0
    assert books.do(dues.check) == []


def test_a_slip_is_taken_back_and_its_months_wait_again(books: Books) -> None:
    pay(books, books.member("张三", 5000))
    close(books)
    slip(books)
    who = keeper(books)
    with pytest.raises(Refused, match="写明原因"):
        books.do(lambda tx: remitting.reverse_slip(tx, books.branch, 1, " ", who))
    books.do(lambda tx: remitting.reverse_slip(tx, books.branch, 1, "作废", who))
    with pytest.raises(Refused, match="不能再冲正"):
        books.do(lambda tx: remitting.reverse_slip(tx, books.branch, 1, "作废", who))
    with pytest.raises(Refused, match="已冲正"):
        banked(books, 1, 5000)
    assert slip(books).number == 2
    assert books.do(dues.check) == []


def test_large_dues_go_their_own_way(books: Books) -> None:
    one, who = books.member("张三", 5000), keeper(books)
    pay(books, one)
    books.do(lambda tx: ledger.give(tx, books.branch, one, 500_000, "李红", "large:1", "自愿"))
    assert not books.do(lambda tx: ledger.give(tx, books.branch, one, 500_000, "李红", "large:1", "自愿"))
    close(books)
    assert slip(books, share=2000).total == 5000
    large = books.do(lambda tx: remitting.hand_up_large(tx, books.branch, who))
    assert (large.kind, large.fen, large.share) == ("large", 500_000, 10_000)
    with pytest.raises(Refused, match="没有还没上缴"):
        books.do(lambda tx: remitting.hand_up_large(tx, books.branch, who))
    with pytest.raises(Refused, match="已上缴"):
        books.do(lambda tx: reverse_receipt(tx, books.branch, "2026", 2, "记错", who))
    assert books.do(dues.check) == []


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (
            "update dues_closings set received_fen = received_fen - 1",
            "2026-11：各人合计 50.00 元，封账合计 49.99 元，相差 0.01 元",
        ),
        (
            "update postings set fen = 5001 where account = 'cash' and fen = 5000",
            "2026-11：各人合计 50.00 元，收款合计 50.01 元，相差 0.01 元",
        ),
        ("update dues_slips set fen = 4900", "1 号缴款单：按比例应缴 50.00 元，单上应缴 49.00 元，相差 1.00 元"),
        (
            "update dues_slips set total_fen = 6000, fen = 6000",
            "1 号缴款单：封账合计 50.00 元，单上合计 60.00 元，相差 10.00 元",
        ),
        (
            "update postings set fen = fen + 2 where account = 'slip'",
            "1 号缴款单：单上应缴 50.00 元，台账上缴 50.02 元，相差 0.02 元",
        ),
    ],
)
def test_what_somebody_changed_behind_the_bot_is_found(books: Books, wrong: str, line: str) -> None:
    pay(books, books.member("张三", 5000))
    close(books)
    slip(books)
    assert books.do(dues.check) == []
    books.connection.execute(wrong)
    assert line in [one.line for one in books.do(lambda tx: dues.differences(tx, books.branch))]


def test_a_confirmed_claim_without_its_entry_is_found(books: Books) -> None:
    one = books.member("张三", 5000)
    claim_and_confirm(books, one, "2026-11", 5000)
    assert books.do(dues.check) == []
    books.connection.execute("delete from postings")
    books.connection.execute("delete from entries")
    assert "1 confirmed claims have no entry" in "".join(books.do(dues.check))
