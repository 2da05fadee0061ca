"""What has a day and is not done: one question for the clock, whatever book it stands in.

The lines are for the secretary's private eyes: they may name a member, and 发展党员 never stands in a group.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.db import Tx
from handlers import develop, registers, wishes
from handlers.registers.words import short

CHINESE = {book.name: book.chinese for book in registers.BOOKS}


@dataclass(frozen=True, slots=True)
class Overdue:
    """One thing with a day: the book's `/name`, its number there (0 for a step), who has it (member id, 0 = nobody).

    `late` says that the day is over; else it comes within the days that were asked for.
    """

    book: str
    number: int
    text: str
    member: int
    due: date
    late: bool


def overdue(tx: Tx, branch: int, ahead: int = 0) -> list[Overdue]:
    """What a branch should have done by now, and what falls due within `ahead` days, by day.

    Steps of 发展党员 are told of `develop.AHEAD_DAYS` before, as their rules want.
    """
    return _by_day([*entries(tx, branch, ahead), *_steps(tx, branch, tx.now.date())])


def entries(tx: Tx, branch: int, ahead: int = 0) -> list[Overdue]:
    """The same without the steps of 发展党员, for who tells of these by themselves."""
    today = tx.now.date()
    until = today + timedelta(days=ahead)
    return _by_day([*_books(tx, branch, today, until), *_wishes(tx, branch, today, until)])


def _by_day(found: list[Overdue]) -> list[Overdue]:
    return sorted(found, key=lambda one: (one.due, one.book, one.number))


def _books(tx: Tx, branch: int, today: date, until: date) -> list[Overdue]:
    found = []
    for row in registers.overdue(tx, branch, until):
        due = date.fromisoformat(row.due_on)
        text = f"{CHINESE[row.register]} #{row.number} {row.title} 期限 {short(tx, row.due_on)}{_late(due < today)}"
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


def _steps(tx: Tx, branch: int, today: date) -> list[Overdue]:
    return [
        Overdue("develop", 0, f"发展党员 {develop.reminder(due)}", 0, due.on, due.late)
        for due in develop.dates_due(tx, branch, today)
    ]


def _late(late: bool) -> str:
    return "（已过）" if late else ""
