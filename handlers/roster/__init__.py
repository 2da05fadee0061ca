"""值班表: who is on night or 24-hour duty. He isn't called in his hours, and what he misses is 值班."""

from __future__ import annotations

from handlers.roster.duty import Duty, during, duty_of, on_duty, replace_month
from handlers.roster.sheet import Found, read_roster
from handlers.roster.taking import Taken, take

__all__ = ["Duty", "Found", "Taken", "during", "duty_of", "on_duty", "read_roster", "replace_month", "take"]
