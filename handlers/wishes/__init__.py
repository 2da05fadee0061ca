"""微心愿: residents' small wishes, claimed and fulfilled by members."""

from __future__ import annotations

from handlers.wishes.lines import publish, state_line
from handlers.wishes.operations import (
    CLAIM_DAYS,
    Taken,
    add,
    claim,
    close,
    confirm,
    give_back,
    join,
    lapse,
    release,
    say_done,
)
from handlers.wishes.store import alive, counted, events, held_by, holders, numbered, open_wishes, overdue
from handlers.wishes.words import COMMANDS, WORDS, decide_wish, is_meant, mine, say_withdraw_wish

__all__ = [
    "CLAIM_DAYS",
    "COMMANDS",
    "WORDS",
    "Taken",
    "add",
    "alive",
    "claim",
    "close",
    "confirm",
    "counted",
    "decide_wish",
    "events",
    "give_back",
    "held_by",
    "holders",
    "is_meant",
    "join",
    "lapse",
    "mine",
    "numbered",
    "open_wishes",
    "overdue",
    "publish",
    "release",
    "say_done",
    "say_withdraw_wish",
    "state_line",
]
