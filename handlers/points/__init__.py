"""积分制: off by default, unranked, every entry with the row it comes from."""

from __future__ import annotations

from handlers.points.reckoning import Entry, Standing, standing, standings
from handlers.points.words import COMMANDS

__all__ = ["COMMANDS", "Entry", "Standing", "standing", "standings"]
