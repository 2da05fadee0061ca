"""Sheets that go out. What people wrote stays text, whatever it begins with: no cell of ours is ever a formula."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

WIDEST = 48
FORMULA = ("=", "+", "-", "@")
RED, BLACK = "C00000", "000000"
NO_NOTES: Mapping[str, str] = MappingProxyType({})

Cell = str | int | float | Decimal


def workbook(
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    notes: Mapping[str, str] = NO_NOTES,
    needed: Sequence[str] = (),
) -> bytes:
    """An XLSX with one sheet of rows below a header that stays in view, as bytes.

    `notes` explain columns: as a comment on the header, and together on a second sheet 「说明」. `needed` ones are red.
    """
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title[:31]
    widths = [_width(name) for name in header]
    for number, cells in enumerate((header, *rows), 1):
        for place, value in enumerate(cells):
            put(sheet.cell(number, place + 1), value)
            widths[place] = max(widths[place], _width(str(value)))
    for place, width in enumerate(widths, 1):
        column = sheet.column_dimensions[get_column_letter(place)]
        column.width, column.number_format = min(width + 2, WIDEST), "@"
    _style_header(sheet, header, notes, needed)
    if notes:
        _explain(book, notes)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _style_header(sheet: Any, header: Sequence[str], notes: Mapping[str, str], needed: Sequence[str]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font

    for place, name in enumerate(header, 1):
        sheet.cell(1, place).font = Font(bold=True, color=RED if name in needed else BLACK)
        if name in notes:
            sheet.cell(1, place).comment = Comment(notes[name], "说明")
    sheet.freeze_panes = "A2"


def _explain(book: Any, notes: Mapping[str, str]) -> None:
    """Adds the sheet 「说明」: what stands in which column."""
    sheet = book.create_sheet("说明")
    for row in (("列", "怎么填"), *notes.items()):
        sheet.append(row)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 14, 70


def put(cell: Any, value: Cell) -> None:
    """Fills a cell: a number as a number; all else as text, marked where a program could take it for a formula."""
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = "".join(sign for sign in value if sign == "\n" or unicodedata.category(sign) != "Cc")
    cell.data_type = "s"  # openpyxl takes what begins with = for a formula
    cell.number_format = "@"
    cell.quotePrefix = cell.value.startswith(FORMULA)


def _width(text: str) -> int:
    """Chinese signs are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
