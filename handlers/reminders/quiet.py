"""The quiet hours of a branch: what was set in chat, else the configuration."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from bot.config import Reminders
from bot.db import Tx
from bot.rules import Quiet, parse_quiet
from bot.sql import p, sql
from handlers.reminders.rows import rules_of
from handlers.tables import branches

NAME = sql(select(branches.c.name).where(branches.c.id == p("branch")))


def quiet_of(tx: Tx, branch: int, reminders_for: Callable[[str], Reminders]) -> Quiet | None:
    """The hours in which nobody of a branch is told or asked anything unasked; None where there are none."""
    name = tx.value(NAME, branch=branch) or ""
    return parse_quiet(rules_of(tx, reminders_for(name), branch, name).quiet_hours)
