"""The member sheet: a county office's table comes in whole, or every fault of it comes back."""

from __future__ import annotations

from pathlib import Path

from handlers.sheet.check import Sheet, SheetRow, check, strangers
from handlers.sheet.errors import SheetError
from handlers.sheet.files import rows_of
from handlers.sheet.template import template

__all__ = ["Sheet", "SheetError", "SheetRow", "check", "read_sheet", "rows_of", "strangers", "template"]


def read_sheet(path: Path) -> Sheet:
    """The rows of a CSV or XLSX member sheet, all of them sound. Raises SheetError with a line per fault."""
    return check(rows_of(path))
