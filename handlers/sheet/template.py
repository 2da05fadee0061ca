"""The empty sheet that the office fills in, explained where it is filled in."""

from __future__ import annotations

from pathlib import Path

from handlers.sheet.columns import COLUMNS, EXPLAINED, REQUIRED

WIDTH = 14


def template(path: Path) -> None:
    """Writes an XLSX with the header row, a note on every column, and all the notes on a second sheet 「说明」."""
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "党员"
    for place, column in enumerate(COLUMNS, 1):
        cell = sheet.cell(1, place, column)
        cell.font = Font(bold=True, color="C00000" if column in REQUIRED else "000000")
        cell.comment = Comment(EXPLAINED[column], "说明")
        letters = sheet.column_dimensions[cell.column_letter]
        letters.number_format, letters.width = "@", WIDTH  # text: 手机 and days stay as they were typed
    sheet.freeze_panes = "A2"
    notes = book.create_sheet("说明")
    notes.append(["列", "怎么填"])
    for column in COLUMNS:
        notes.append([column, EXPLAINED[column]])
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = WIDTH, WIDTH * 5
    book.save(path)
