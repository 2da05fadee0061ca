"""The small books (学时, 谈话, 稿件, 表彰, 问题, 实事, 关怀, 计划, 单位, 台账): a row behind every figure."""

from __future__ import annotations

from bot.commands import extended
from handlers.registers.books import BOOKS, Book
from handlers.registers.hours import SHORT, Rotation, Short, hours_of, mine, needed_by, rotation, shortfall
from handlers.registers.importing import Taken, import_book, summary
from handlers.registers.planning import MAKE
from handlers.registers.rows import ALWAYS, history, known, listed, one, overdue, still_open, totals
from handlers.registers.sheets import columns, empty, export, export_command
from handlers.registers.words import COMMANDS as _COMMANDS

COMMANDS = extended(
    extended(_COMMANDS, {book.name: (export_command(book),) for book in BOOKS}),
    {"study": (SHORT,), "plan": (MAKE,)},  # what one book has and the others have not
)

__all__ = [
    "ALWAYS",
    "BOOKS",
    "COMMANDS",
    "Book",
    "Rotation",
    "Short",
    "Taken",
    "columns",
    "empty",
    "export",
    "history",
    "hours_of",
    "import_book",
    "known",
    "listed",
    "mine",
    "needed_by",
    "one",
    "overdue",
    "rotation",
    "shortfall",
    "still_open",
    "summary",
    "totals",
]
