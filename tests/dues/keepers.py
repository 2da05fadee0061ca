"""Those who keep the book, and short ways to do what they do."""

from __future__ import annotations

from typing import Any

from bot.commands import Role, Who
from handlers import dues, ledger, todos
from handlers.dues import closing, remitting
from tests.dues.books import Books

BOTH: tuple[Role, ...] = ("secretary", "collector")


def keeper(books: Books, name: str = "李红", member: int = 90) -> Who:
    """Somebody who is secretary and collector."""
    return books.ask(name, member, roles=BOTH).who


def pay(books: Books, member: int, fen: int = 5000, month: str = "2026-11", cause: str = "", **how: Any) -> bool:
    """Records a payment with a cause of its own."""
    count = books.rows("select count(*) from entries")[0][0]
    name = cause or f"test:{count + 1}"
    return books.do(lambda tx: ledger.pay(tx, books.branch, member, month, fen, "李红", name, tx.at, **how))


def close(books: Books, month: str = "2026-11") -> None:
    """Closes a month by two people."""
    books.do(lambda tx: closing.ask_to_close(tx, books.branch, month, keeper(books)))
    _, done = books.do(lambda tx: closing.ask_to_close(tx, books.branch, month, keeper(books, "周敏", 91)))
    assert done


def slip(books: Books, last: str = "2026-11", share: int = 10_000) -> remitting.Slip:
    """Hands closed months up."""
    return books.do(lambda tx: remitting.hand_up(tx, books.branch, last, share, keeper(books)))


def banked(books: Books, number: int, fen: int) -> remitting.Slip:
    """Notes a bank's receipt."""
    return books.do(lambda tx: remitting.receive_receipt(tx, books.branch, number, fen, "回单", keeper(books)))


def claim_and_confirm(books: Books, member: int, month: str, fen: int, by: Who | None = None) -> None:
    """A claim and the collector's yes."""
    who = by or books.ask("本人", member).who
    books.do(lambda tx: dues.claim(tx, books.branch, member, "某某", (month,), fen, who))
    number = books.rows("select max(number) from todos")[0][0]
    clerk = keeper(books)
    books.do(lambda tx: dues.confirm(tx, todos.settle(tx, books.branch, number, True, clerk), clerk))
