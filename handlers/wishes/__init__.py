"""微心愿: residents' small wishes, claimed and fulfilled by members."""

from __future__ import annotations

from bot.commands import Command, extended
from handlers.wishes.lines import publish, state_line
from handlers.wishes.operations import (
    CLAIM_DAYS,
    Taken,
    add,
    claim,
    close,
    confirm,
    correct,
    give_back,
    join,
    lapse,
    release,
    say_done,
)
from handlers.wishes.sheets import say_export
from handlers.wishes.store import alive, counted, events, held_by, holders, numbered, open_wishes, overdue
from handlers.wishes.words import COMMANDS as _COMMANDS
from handlers.wishes.words import WORDS, decide_wish, is_meant, mine, say_withdraw_wish

_EXPORT = Command("export", "导出", "导出表格（私聊）", "/wish export", say_export, secret=True)
COMMANDS = extended(_COMMANDS, {"wish": (_EXPORT,)})

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
    "correct",
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
