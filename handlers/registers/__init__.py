"""The small books (学时, 谈话, 稿件, 表彰, 问题, 实事, 关怀): every figure of the report has a row behind it."""

from __future__ import annotations

from dataclasses import replace

from handlers.registers.books import BOOKS, Book
from handlers.registers.hours import SHORT, Short, hours_of, mine, needed_by, shortfall
from handlers.registers.rows import ALWAYS, history, known, listed, one, overdue, still_open, totals
from handlers.registers.words import COMMANDS as _COMMANDS

COMMANDS = tuple(replace(each, subs=(*each.subs, SHORT)) if each.name == "study" else each for each in _COMMANDS)

__all__ = [
    "ALWAYS",
    "BOOKS",
    "COMMANDS",
    "Book",
    "Short",
    "history",
    "hours_of",
    "known",
    "listed",
    "mine",
    "needed_by",
    "one",
    "overdue",
    "shortfall",
    "still_open",
    "totals",
]
