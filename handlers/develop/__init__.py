"""发展党员: 25 steps with the dates the rules allow. It warns and blocks only a date that can't be."""

from __future__ import annotations

from handlers.develop.operations import AHEAD_DAYS, Due, Way, add, dates_due, found, step, ways
from handlers.develop.steps import STAGES, STEPS, impossible, months_after, warnings, window
from handlers.develop.words import COMMANDS, reminder

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
