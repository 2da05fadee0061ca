"""Every book that comes in and goes out as a sheet, by its name: one list for the command line and the documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bot.commands import Who
from bot.config import Registers
from bot.db import Tx
from handlers import registers
from handlers.develop import sheets as develop
from handlers.registers import Book
from handlers.registers.importing import Progress, Taken
from handlers.sheet.files import Line
from handlers.wishes import sheets as wishes

Take = Callable[[Tx, list[Line], Who, Registers, Progress | None], Taken]


@dataclass(frozen=True, slots=True)
class BookSheet:
    """A book as a sheet: its columns in their order, the empty sheet, and how lines are taken in, all or none."""

    chinese: str
    columns: tuple[str, ...]
    empty: Callable[[], bytes]
    take: Take


def _of(book: Book) -> BookSheet:
    def take(tx: Tx, lines: list[Line], by: Who, rules: Registers, progress: Progress | None) -> Taken:
        return registers.import_book(tx, book, lines, by, rules, progress)

    return BookSheet(book.chinese, registers.columns(book), partial(registers.empty, book), take)


def _take_wishes(tx: Tx, lines: list[Line], by: Who, _rules: Registers, progress: Progress | None) -> Taken:
    return wishes.import_wishes(tx, lines, by, progress)


def _take_develop(tx: Tx, lines: list[Line], by: Who, _rules: Registers, progress: Progress | None) -> Taken:
    return develop.import_develop(tx, lines, by, progress)


SHEETS: Mapping[str, BookSheet] = {
    **{book.name: _of(book) for book in registers.BOOKS},
    "wish": BookSheet("微心愿", wishes.COLUMNS, wishes.empty, _take_wishes),
    "develop": BookSheet("发展", develop.COLUMNS, develop.empty, _take_develop),
}
