"""Dues (党费): bases and what is owed, claims and their confirmation, and the words for them."""

from __future__ import annotations

from handlers.dues.bases import (
    Due,
    Owing,
    history,
    month_of,
    owing,
    set_base,
    unpaid_members,
)
from handlers.dues.claims import Confirmed, Part, claim, confirm, decline, due_in, take_back, waiting
from handlers.dues.words import COMMANDS, WORDS, decide_claim, mine, state_line

__all__ = [
    "COMMANDS",
    "WORDS",
    "Confirmed",
    "Due",
    "Owing",
    "Part",
    "claim",
    "confirm",
    "decide_claim",
    "decline",
    "due_in",
    "history",
    "mine",
    "month_of",
    "owing",
    "set_base",
    "state_line",
    "take_back",
    "unpaid_members",
    "waiting",
]
