"""What is held on one person: told as a whole, forgotten where nothing counts it, and let go of in time."""

from __future__ import annotations

from handlers.personal.forgetting import FORGET, forget
from handlers.personal.holding import Held, held_on
from handlers.personal.retention import let_go

__all__ = ["FORGET", "Held", "forget", "held_on", "let_go"]
