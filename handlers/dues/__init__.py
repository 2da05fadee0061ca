"""Dues (党费): bases and what is owed, claims and their confirmation, the month's book, slips, papers and their words.

The clock calls `tell_differences` for each branch every night and asks once a month who is `overdue`.
"""

from __future__ import annotations

from handlers.dues.amounts import due_in, history
from handlers.dues.arrears import overdue
from handlers.dues.bases import Due, Owing, month_of, owing
from handlers.dues.book_words import decide_close
from handlers.dues.checking import check, differences, tell_differences
from handlers.dues.claims import Part, claim, take_back
from handlers.dues.commands import COMMANDS, WORDS, say_own
from handlers.dues.confirming import Confirmed, confirm, decline, waiting
from handlers.dues.deciding import set_base
from handlers.dues.lists import say_list
from handlers.dues.own import claim_words, mine
from handlers.dues.words import decide_claim, state_line

__all__ = [
    "COMMANDS",
    "WORDS",
    "Confirmed",
    "Due",
    "Owing",
    "Part",
    "check",
    "claim",
    "claim_words",
    "confirm",
    "decide_claim",
    "decide_close",
    "decline",
    "differences",
    "due_in",
    "history",
    "mine",
    "month_of",
    "overdue",
    "owing",
    "say_list",
    "say_own",
    "set_base",
    "state_line",
    "take_back",
    "tell_differences",
    "waiting",
]
