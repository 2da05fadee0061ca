"""What else somebody has at the time of a shift: said to him, never a reason to refuse."""

from __future__ import annotations

from typing import Any

from bot.db import Tx
from handlers.activities import is_due, label, open_now
from handlers.attendance.operations import NEWEST_ANSWER
from handlers.shifts.store import seated_between

HOUR = 3_600_000_000
USUAL = 2 * HOUR  # of what has no end
LONGEST = 12 * HOUR


def collisions(tx: Tx, shift: Any, member: int) -> list[str]:
    """The other shifts and the meetings that somebody has while a shift runs, as they are called in the chat.

    A meeting he is on leave from is none.
    """
    start, end = shift.starts_at, _end(shift)
    near = seated_between(tx, member, start - LONGEST, end)
    found = [f"#{row.number} {row.name}" for row in near if row.id != shift.id and _end(row) > start]
    for row in open_now(tx, shift.branch_id):
        if row.starts_at < end and _end(row) > start and is_due(tx, row, member) and not _on_leave(tx, row, member):
            found.append(label(tx, row))
    return found


def _end(row: Any) -> int:
    return int(row.ends_at or row.starts_at + USUAL)


def _on_leave(tx: Tx, row: Any, member: int) -> bool:
    newest = tx.one(NEWEST_ANSWER, activity=row.id, member=member)
    return newest is not None and newest.state == "leave"
