"""Money is added once, taken back once, and always sums to nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.db import Tx
from bot.message import Refused
from handlers import ledger
from tests.dues.books import Books

MONTHS = ("2026-10", "2026-11", "2026-12")


def pay(books: Books, member: int, cause: str, fen: int = 5000, month: str = "2026-11") -> bool:
    return books.do(lambda tx: ledger.pay(tx, books.branch, member, month, fen, "赵敏", cause, tx.at))


def test_a_cause_pays_once(books: Books) -> None:
    one = books.member("张三")
    assert pay(books, one, "claim:1")
    assert not pay(books, one, "claim:1", fen=9900)
    assert books.do(lambda tx: ledger.paid(tx, one, "2026-11")) == 5000
    assert books.do(lambda tx: ledger.paid(tx, one, "2026-10")) == 0


def test_a_reversal_takes_back_once_and_is_not_reversed(books: Books) -> None:
    one = books.member("张三")
    pay(books, one, "claim:1")
    assert books.do(lambda tx: ledger.reverse(tx, "claim:1", "赵敏", "记错人"))
    assert not books.do(lambda tx: ledger.reverse(tx, "claim:1", "赵敏", "记错人"))
    assert books.do(lambda tx: ledger.paid(tx, one, "2026-11")) == 0
    with pytest.raises(Refused, match="冲正"):
        books.do(lambda tx: ledger.reverse(tx, "reverse:claim:1", "赵敏", "再改"))
    assert pay(books, one, "claim:2")
    assert books.do(lambda tx: ledger.paid(tx, one, "2026-11")) == 5000


@pytest.mark.parametrize(("cause", "reason"), [("claim:9", "记错"), ("claim:1", " ")])
def test_refused_reversals_leave_nothing(books: Books, cause: str, reason: str) -> None:
    pay(books, books.member("张三"), "claim:1")
    with pytest.raises(Refused):
        books.do(lambda tx: ledger.reverse(tx, cause, "赵敏", reason))
    assert len(books.rows("select * from entries")) == 1


@pytest.mark.parametrize("fen", [0, -1, 10**10])
def test_nothing_and_less_is_not_paid(books: Books, fen: int) -> None:
    one = books.member("张三")
    with pytest.raises(ValueError, match="at least"):
        pay(books, one, "claim:1", fen)


def months(books: Books) -> dict[str, int]:
    """Fen of 党费 that stand for each month."""
    found = dict(books.rows("select month, -sum(fen) from postings where account = 'dues' group by month"))
    return {month: int(found.get(month, 0)) for month in MONTHS}


def test_months_of_a_branch(books: Books) -> None:
    one, two = books.member("张三"), books.member("李四")
    pay(books, one, "claim:1", 5000, "2026-10")
    pay(books, two, "claim:2", 3000, "2026-10")
    pay(books, two, "claim:3", 3000, "2026-12")
    assert months(books) == {"2026-10": 8000, "2026-11": 0, "2026-12": 3000}


def test_check_finds_a_changed_row(books: Books) -> None:
    pay(books, books.member("张三"), "claim:1")
    assert books.do(ledger.check) == []
    books.connection.execute("update postings set fen = fen + 1 where id = 1")
    assert books.do(ledger.check) == [
        "ledger: entry claim:1 has 2 postings that sum to 1 fen",
        "ledger: all postings sum to 1 fen",
    ]
    books.connection.execute("delete from postings")
    assert "0 postings" in books.do(ledger.check)[0]


step = st.tuples(
    st.sampled_from(["pay", "reverse"]), st.integers(1, 5), st.integers(1, ledger.MOST_FEN), st.sampled_from(MONTHS)
)


@settings(max_examples=30, deadline=None)
@given(st.lists(step, max_size=20))
def test_any_order_of_steps_keeps_the_sums(steps: list[tuple[str, int, int, str]]) -> None:
    with TemporaryDirectory() as folder:
        books = Books(Path(folder) / "bot.db")
        people = [books.member("张三"), books.member("李四")]
        expected = run(books, people, steps * 2)
        assert books.do(ledger.check) == []
        found = books.do(lambda tx: {of: ledger.paid(tx, *of) for of in expected})
        totals = months(books)
        books.close()
    assert found == expected
    assert totals == {month: sum(fen for (_, of), fen in expected.items() if of == month) for month in MONTHS}


def run(books: Books, people: list[int], steps: list[tuple[str, int, int, str]]) -> dict[tuple[int, str], int]:
    """Does the steps and says what each member should have paid for each month, by a model without a database."""
    model = {(member, month): 0 for member in people for month in MONTHS}
    known: dict[int, tuple[int, str, int]] = {}
    undone: set[int] = set()
    for verb, cause, fen, month in steps:
        books.do(partial(replay, branch=books.branch, people=people, steps=[(verb, cause, fen, month)]))
        if verb == "pay" and cause not in known:
            known[cause] = (people[cause % 2], month, fen)
            model[known[cause][:2]] += fen
        elif verb == "reverse" and cause in known and cause not in undone:
            undone.add(cause)
            model[known[cause][:2]] -= known[cause][2]
    return model


def replay(tx: Tx, branch: int, people: list[int], steps: list[tuple[str, int, int, str]]) -> None:
    for verb, cause, fen, month in steps:
        if verb == "pay":
            ledger.pay(tx, branch, people[cause % 2], month, fen, "赵敏", f"claim:{cause}", tx.at)
        else:
            try:
                ledger.reverse(tx, f"claim:{cause}", "赵敏", "记错")
            except Refused:
                continue
