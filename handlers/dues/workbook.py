"""Pages of rows with a heading and totals as one .xlsx in memory; money is a number with two decimals."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from handlers.sheet.writing import put

Value = str | int | Decimal | None
MONEY = "0.00"
WIDTHS = (6, 14)  # a narrow column, and every other one
MOST_TITLE = 31  # characters of a sheet's name


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
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for page in pages:
        _fill(book.create_sheet(page.title[:MOST_TITLE]), page)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _fill(sheet: Any, page: Page) -> None:
    from openpyxl.styles import Font

    lines: list[tuple[Sequence[Value], bool]] = [((page.heading,), True), (page.columns, True)]
    lines += [(row, False) for row in page.rows] + [(row, True) for row in page.totals]
    for line, (values, bold) in enumerate(lines, 1):
        for place, value in enumerate(values, 1):
            cell = sheet.cell(line, place)
            if value is not None:
                put(cell, value)
            if isinstance(value, Decimal):
                cell.number_format = MONEY
            if bold:
                cell.font = Font(bold=True)
    for place, column in enumerate(page.columns, 1):
        sheet.column_dimensions[sheet.cell(2, place).column_letter].width = WIDTHS[column != "序号"]
    sheet.freeze_panes = "A3"
