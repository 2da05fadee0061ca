"""Volunteer shifts (志愿服务): seats and the waiting list, and the words for them."""

from __future__ import annotations

from handlers.shifts.lines import signup_calls, state_line, withdraw_calls
from handlers.shifts.seats import (
    NoShift,
    Promoted,
    cancel,
    check,
    close,
    coming,
    counts,
    joinable,
    joined,
    numbered,
    open_shift,
    signup,
    there,
    withdraw,
)
from handlers.shifts.words import COMMANDS, say_signup, say_withdraw

__all__ = [
    "COMMANDS",
    "NoShift",
    "Promoted",
    "cancel",
    "check",
    "close",
    "coming",
    "counts",
    "joinable",
    "joined",
    "numbered",
    "open_shift",
    "say_signup",
    "say_withdraw",
    "signup",
    "signup_calls",
    "state_line",
    "there",
    "withdraw",
    "withdraw_calls",
]
