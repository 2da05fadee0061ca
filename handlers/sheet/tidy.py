"""Cells as people type them, brought to the one way of writing; only where it can mean nothing else."""

from __future__ import annotations

import re
from datetime import date

from handlers.sheet.columns import DATES

_DAY = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d{2})(?P<day>\d{2})|\s*[-./年]\s*(?P<m>\d{1,2})\s*[-./月]\s*(?P<d>\d{1,2})\s*日?)",
    re.ASCII,
)
_SPACED_NAME = re.compile(r"[\u4e00-\u9fff]+(?:\s+[\u4e00-\u9fff]+)+")
_THOUSANDS = re.compile(r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?", re.ASCII)


def tidy(column: str, cell: str) -> str:
    """The same cell: 1970.3.5 is 1970-03-05, 李 强 is 李强, 5,200.00元 is 5200.00; what is none of these as it was."""
    if column == "姓名":
        return "".join(cell.split()) if _SPACED_NAME.fullmatch(cell) else cell
    if column == "党费基数":
        bare = cell.removesuffix("元").strip()
        return re.sub("[,，]", "", bare) if _THOUSANDS.fullmatch(bare) else bare
    if column in DATES and (found := _DAY.fullmatch(cell)):
        return _day(cell, found["year"], found["month"] or found["m"], found["day"] or found["d"])
    return cell


def _day(cell: str, *parts: str) -> str:
    try:
        return date(*map(int, parts)).isoformat()
    except ValueError:
        return cell  # said as it was typed, by who checks it
