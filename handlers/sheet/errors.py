"""What a sheet that can't be taken says: all its faults at once, so that it is mended once."""

from __future__ import annotations

from collections.abc import Sequence

from bot.message import Refused


class SheetError(Refused):
    """A sheet of which nothing was taken; `faults` has one line per fault, with line and column."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults), private=True)
        self.faults = tuple(faults)


def fault(line: int, column: str, why: str) -> str:
    """One fault as people read it: where, and what is wrong."""
    return f"第 {line} 行“{column}”：{why}"
