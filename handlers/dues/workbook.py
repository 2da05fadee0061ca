"""Pages of rows with a heading and totals as one .xlsx in memory; money is a number with two decimals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from handlers.sheet.book import Book, Value


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: a heading over it, the header of its columns, its rows and the rows of totals."""

    title: str
    heading: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Value]]
    totals: Sequence[Sequence[Value]] = ()


def money(fen: int) -> Decimal:
    """Fen as a cell of yuan."""
    return Decimal(fen) / 100


def workbook(pages: Sequence[Page]) -> bytes:
    """The pages as the bytes of an .xlsx. No cell is ever a formula."""
    book = Book()
    for page in pages:
        book.sheet(page.title, page.columns, page.rows, heading=page.heading, totals=page.totals)
    return book.data()
