"""The card of a number, as it stands: what a tap that was refused still shows to who tapped."""

from __future__ import annotations

from dataclasses import replace

from bot.db import Tx
from bot.message import Card
from handlers.activities import found
from handlers.attendance.words import card as of_activity
from handlers.shifts.lines import card as of_shift
from handlers.shifts.store import found as shift_found


def card_of(tx: Tx, branch: int, number: int) -> Card | None:
    """The branch's meeting or shift of that number as a card for who tapped alone; None where there is none."""
    activity = found(tx, branch, number)
    if activity is not None:
        return replace(of_activity(tx, activity), mine=True)
    shift = shift_found(tx, branch, number)
    return replace(of_shift(tx, shift), mine=True) if shift is not None else None
