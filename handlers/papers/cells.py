"""A workbook that only grows: sheets are written row by row, and no cell is ever a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

FORMULA_SIGNS = ("=", "+", "-", "@")
MOST_ROWS = 1_000_000  # Excel takes 1,048,576
WIDTH = 18


class Book:
    """An xlsx file in the making."""

    def __init__(self) -> None:
        self._workbook = Workbook(write_only=True)

    def sheet(self, title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Adds a sheet, or several where one can't hold all rows; how many rows were written."""
        written, page, sheet = 0, 1, self._begin(title, head)
        for row in rows:
            if written == page * MOST_ROWS:
                page += 1
                sheet = self._begin(f"{title}{page}", head)
            sheet.append([_cell(sheet, value) for value in row])
            written += 1
        return written

    def _begin(self, title: str, head: Sequence[str]) -> Any:
        sheet: Any = self._workbook.create_sheet(title)
        sheet.freeze_panes = "A2"
        for place in range(len(head)):
            sheet.column_dimensions[chr(ord("A") + place)].width = WIDTH
        sheet.append([_cell(sheet, word, bold=True) for word in head])
        return sheet

    def data(self) -> bytes:
        """The finished file."""
        kept = BytesIO()
        self._workbook.save(kept)
        return kept.getvalue()


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    """A number stays one; a text that would be read as a formula is marked as text."""
    if not isinstance(value, str):
        return value
    cell: Any = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    if value.startswith(FORMULA_SIGNS):
        cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell
