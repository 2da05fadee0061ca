"""What the clock does about shifts. Each may be called at every beat: it does what is due, once."""

from __future__ import annotations

from bot.db import Tx
from handlers.shifts.lines import announce
from handlers.shifts.seats import pass_on


def expire_offers(tx: Tx) -> int:
    """Takes the seats that nobody confirmed in time to the next who wait, and announces that; how many."""
    passed = pass_on(tx)
    for shift, promoted in passed:
        announce(tx, shift, promoted)
    return len(passed)
