"""自查: done or not done against what is asked of every branch, with the records behind it."""

from __future__ import annotations

from handlers.selfcheck.item import Item, Window
from handlers.selfcheck.reckoning import everywhere, selfcheck
from handlers.selfcheck.required import BRANCHES, required
from handlers.selfcheck.words import SELFCHECK

__all__ = ["BRANCHES", "SELFCHECK", "Item", "Window", "everywhere", "required", "selfcheck"]
