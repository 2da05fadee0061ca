"""What has a day and is not done: one question for the clock, whatever book it stands in.

The lines are for the secretary's private eyes: they may name a member. The steps of 发展党员 are told by themselves
(`develop.dates_due`), since their rules want it earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.db import Tx
from handlers import registers, wishes
from handlers.registers.books import BY_NAME
from handlers.registers.words import short


@dataclass(frozen=True, slots=True)
class Overdue:
    """One thing with a day: the book's `/name`, its number there, who has it (member id, 0 = nobody).

    `late` says that the day is over; else it comes within the days that were asked for.
    """

    book: str
    number: int
    text: str
    member: int
    due: date
    late: bool


def entries(tx: Tx, branch: int, ahead: int = 0) -> list[Overdue]:
    """What a branch should have done by now, and what falls due within `ahead` days, by day."""
    today = tx.now.date()
    until = today + timedelta(days=ahead)
    found = [*_books(tx, branch, today, until), *_wishes(tx, branch, today, until)]
    return sorted(found, key=lambda one: (one.due, one.book, one.number))


def _books(tx: Tx, branch: int, today: date, until: date) -> list[Overdue]:
    found = []
    for row in registers.overdue(tx, branch, until):
        due = date.fromisoformat(row.due_on)
        book = BY_NAME[row.register]
        text = f"{book.chinese} #{row.number} {row.title} 期限 {short(tx, row.due_on)}{_late(due < today)}"
        found.append(Overdue(row.register, row.number, text, row.member_id, due, due < today))
    return found


def _wishes(tx: Tx, branch: int, today: date, until: date) -> list[Overdue]:
    found = []
    for row in wishes.overdue(tx, branch, until + timedelta(days=1)):
        due = date.fromisoformat(row.due_on)
        holder = next(iter(wishes.holders(tx, row.id)), None)
        text = f"微心愿 #{row.number} {row.title} 期限 {short(tx, row.due_on)}{_late(due < today)}"
        found.append(Overdue("wish", row.number, text, holder.member_id if holder else 0, due, due < today))
    return found


def _late(late: bool) -> str:
    return "（已过）" if late else ""
