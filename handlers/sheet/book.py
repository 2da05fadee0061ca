"""A workbook of several sheets that only grows, row by row: books of a year, lists of dues, hours of service.

openpyxl costs memory and few messages ask for a workbook, so it is imported with the first one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from handlers.sheet.writing import put

MOST_ROWS = 1_000_000  # Excel takes 1,048,576
MOST_TITLE = 31  # characters of a sheet's name
MONEY = "0.00"
WIDTH, NARROW = 16, 6

Value = str | int | float | Decimal | None
Row = Sequence[Value]


class Book:
    """An xlsx file in the making; no cell of it is ever a formula."""

    def __init__(self) -> None:
        from openpyxl import Workbook

        self._workbook = Workbook(write_only=True)

    def sheet(
        self, title: str, head: Row, rows: Iterable[Row], *, heading: str = "", totals: Iterable[Row] = ()
    ) -> int:
        """Adds a sheet, or several where one can't hold all rows; how many rows were written.

        `heading` stands above the columns' names, `totals` below the rows; both are bold.
        """
        written, page, sheet = 0, 1, self._begin(title, head, heading)
        for row in rows:
            if written == page * MOST_ROWS:
                page += 1
                sheet = self._begin(f"{title}{page}", head, heading)
            sheet.append(_cells(sheet, row))
            written += 1
        for row in totals:
            sheet.append(_cells(sheet, row, bold=True))
        return written

    def _begin(self, title: str, head: Row, heading: str) -> Any:
        from openpyxl.utils import get_column_letter

        sheet: Any = self._workbook.create_sheet(title[:MOST_TITLE])
        sheet.freeze_panes = "A3" if heading else "A2"
        for place, name in enumerate(head, 1):
            sheet.column_dimensions[get_column_letter(place)].width = NARROW if name == "序号" else WIDTH
        for row in [[heading], head] if heading else [head]:
            sheet.append(_cells(sheet, row, bold=True))
        return sheet

    def data(self) -> bytes:
        """The finished file."""
        kept = BytesIO()
        self._workbook.save(kept)
        return kept.getvalue()


def _cells(sheet: Any, row: Row, *, bold: bool = False) -> list[Any]:
    return [_cell(sheet, value, bold=bold) if value is not None else None for value in row]


def _cell(sheet: Any, value: Any, *, bold: bool) -> Any:
    """A number stays bare, but for money, which has two decimals."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if isinstance(value, int | float) and not bold:
        return value
    cell: Any = WriteOnlyCell(sheet)
    put(cell, value)
    if isinstance(value, Decimal):
        cell.number_format = MONEY
    if bold:
        cell.font = Font(bold=True)
    return cell
