"""Volunteer shifts (志愿服务): seats and the waiting list, service and its hours, and the words for them."""

from __future__ import annotations

from handlers.shifts.clock import ask_forgotten, expire_offers, forgotten_due, offers_due
from handlers.shifts.command import COMMANDS
from handlers.shifts.joining import say_signup, say_withdraw, undo
from handlers.shifts.lines import signup_calls, state_line, withdraw_calls
from handlers.shifts.opening import Terms, cancel, close, open_event, open_shift
from handlers.shifts.seats import Promoted, check, confirm, pass_on, release, signup, withdraw
from handlers.shifts.serving import (
    check_in_is_meant,
    decide_hours,
    hours_words,
    mine,
    say_check_in,
    say_check_out,
    undo_hours,
)
from handlers.shifts.store import NoShift, coming, counts, joinable, joined, numbered, there

__all__ = [
    "COMMANDS",
    "NoShift",
    "Promoted",
    "Terms",
    "ask_forgotten",
    "cancel",
    "check",
    "check_in_is_meant",
    "close",
    "coming",
    "confirm",
    "counts",
    "decide_hours",
    "expire_offers",
    "forgotten_due",
    "hours_words",
    "joinable",
    "joined",
    "mine",
    "numbered",
    "offers_due",
    "open_event",
    "open_shift",
    "pass_on",
    "release",
    "say_check_in",
    "say_check_out",
    "say_signup",
    "say_withdraw",
    "signup",
    "signup_calls",
    "state_line",
    "there",
    "undo",
    "undo_hours",
    "withdraw",
    "withdraw_calls",
]
