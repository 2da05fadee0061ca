"""Who goes from a branch goes from its coming shifts too, and the seats go to those who wait."""

from __future__ import annotations

from bot.commands import Who
from bot.db import Tx
from handlers.shifts.lines import announce, heading
from handlers.shifts.seats import Nights, release, usual


def take_out(tx: Tx, member: int, by: Who, nights: Nights = usual) -> list[str]:
    """Takes a member out of every coming shift and announces who moves up; the shifts, as they are called."""
    found = release(tx, member, by, nights)
    for shift, promoted in found:
        announce(tx, shift, promoted)
    return [heading(tx, shift) for shift, _ in found]
