"""The empty sheet that the office fills in, explained where it is filled in."""

from __future__ import annotations

from pathlib import Path

from handlers.sheet.columns import COLUMNS, EXPLAINED, REQUIRED
from handlers.sheet.writing import workbook


def template(path: Path) -> None:
    """Writes an XLSX with the header row, a note on every column, and all the notes on a second sheet 「说明」."""
    path.write_bytes(workbook("党员", COLUMNS, (), EXPLAINED, needed=REQUIRED))
