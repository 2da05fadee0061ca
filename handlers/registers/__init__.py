"""The small books (学时, 谈话, 稿件, 表彰, 问题, 实事, 关怀, 计划, 单位, 台账): a row behind every figure."""

from __future__ import annotations

from dataclasses import replace

from handlers.registers.books import BOOKS, Book
from handlers.registers.hours import SHORT, Rotation, Short, hours_of, mine, needed_by, rotation, shortfall
from handlers.registers.planning import MAKE
from handlers.registers.rows import ALWAYS, history, known, listed, one, overdue, still_open, totals
from handlers.registers.words import COMMANDS as _COMMANDS

_MORE = {"study": (SHORT,), "plan": (MAKE,)}  # what one book has and the others have not
COMMANDS = tuple(replace(each, subs=(*each.subs, *_MORE.get(each.name, ()))) for each in _COMMANDS)

__all__ = [
    "ALWAYS",
    "BOOKS",
    "COMMANDS",
    "Book",
    "Rotation",
    "Short",
    "history",
    "hours_of",
    "known",
    "listed",
    "mine",
    "needed_by",
    "one",
    "overdue",
    "rotation",
    "shortfall",
    "still_open",
    "totals",
]
