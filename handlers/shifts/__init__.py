"""Volunteer shifts (志愿服务): seats and the waiting list, service and its hours, and the words for them."""

from __future__ import annotations

from handlers.shifts.clock import expire_offers
from handlers.shifts.command import COMMANDS
from handlers.shifts.joining import say_signup, say_withdraw, undo
from handlers.shifts.lines import signup_calls, state_line, withdraw_calls
from handlers.shifts.opening import Terms, cancel, close, open_event, open_shift
from handlers.shifts.seats import Promoted, check, confirm, pass_on, release, signup, withdraw
from handlers.shifts.store import NoShift, coming, counts, joinable, joined, numbered, there

__all__ = [
    "COMMANDS",
    "NoShift",
    "Promoted",
    "Terms",
    "cancel",
    "check",
    "close",
    "coming",
    "confirm",
    "counts",
    "expire_offers",
    "joinable",
    "joined",
    "numbered",
    "open_event",
    "open_shift",
    "pass_on",
    "release",
    "say_signup",
    "say_withdraw",
    "signup",
    "signup_calls",
    "state_line",
    "there",
    "undo",
    "withdraw",
    "withdraw_calls",
]
