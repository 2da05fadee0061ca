"""发展党员: 25 steps with the dates the rules allow. It warns and blocks only a date that can't be."""

from __future__ import annotations

from bot.commands import Command, extended
from handlers.develop.operations import AHEAD_DAYS, Due, Way, add, dates_due, found, step, ways
from handlers.develop.sheets import say_export
from handlers.develop.steps import STAGES, STEPS, impossible, months_after, warnings, window
from handlers.develop.words import COMMANDS as _COMMANDS
from handlers.develop.words import reminder

_EXPORT = Command("export", "导出", "导出表格（私聊）", "/develop export", say_export, secret=True)
COMMANDS = extended(_COMMANDS, {"develop": (_EXPORT,)})

__all__ = [
    "AHEAD_DAYS",
    "COMMANDS",
    "STAGES",
    "STEPS",
    "Due",
    "Way",
    "add",
    "dates_due",
    "found",
    "impossible",
    "months_after",
    "reminder",
    "step",
    "warnings",
    "ways",
    "window",
]
