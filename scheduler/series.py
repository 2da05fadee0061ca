"""Meetings that repeat: a template's meeting of the month is opened and announced when its first notice falls due.

It is moved around public holidays as the theme day is. A month in which somebody opened that kind, or called it off, is
left alone: so a meeting is never opened twice, whatever process looks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from bot import outbox
from bot.commands import Who
from bot.db import Tx
from bot.message import Reply
from bot.rules import parse_clock, parse_quiet, parse_theme_day
from bot.sql import sql
from handlers.activities.templates import is_settled, open_repeated
from handlers.attendance.changing import announcement
from handlers.attendance.words import card
from handlers.meetings_tables import templates
from handlers.tables import branches
from scheduler.calendar import after_quiet, notices, theme_day
from scheduler.jobs import Setting, months

CLOCK = Who(account="clock", name="定时提醒")
AHEAD = timedelta(days=3)  # where a branch wants no notices at all

REPEATING = sql(
    select(templates, branches.c.name.label("branch_name"))
    .join(branches, branches.c.id == templates.c.branch_id)
    .where(templates.c.rule != "", templates.c.ended_at == 0, branches.c.bound_at > 0)
    .order_by(templates.c.id)
)


class Repeated(NamedTuple):
    """A template and when its meeting begins that is to be opened now."""

    template: Any
    start: datetime


def due(tx: Tx, setting: Setting) -> list[Repeated]:
    """What is to be opened now, in the order in which the templates were made."""
    found = [
        Repeated(row, start)
        for row in tx.all(REPEATING)
        for first in months(tx.now, 2)
        if (start := _start(row, setting, first)) and _opens(row, setting, start) <= tx.now < start
    ]
    return [one for one in found if not is_settled(tx, one.template, one.start)]


def _start(row: Any, setting: Setting, first: datetime) -> datetime | None:
    roll = setting.reminders_for(row.branch_name).theme_day_roll
    planned = theme_day(parse_theme_day(row.rule), roll, first.year, first.month, setting.years)
    return datetime.combine(planned.day, parse_clock(row.clock), first.tzinfo) if planned else None


def _opens(row: Any, setting: Setting, start: datetime) -> datetime:
    rules = setting.reminders_for(row.branch_name)
    earliest = min((at for _, at in notices(start, rules.theme_day_notice)), default=start - AHEAD)
    return after_quiet(earliest, parse_quiet(rules.quiet_hours))


def open_due(tx: Tx, setting: Setting) -> int:
    """Opens and announces what is due; how many meetings."""
    opened = [open_repeated(tx, one.template, one.start, CLOCK) for one in due(tx, setting)]
    for activity in filter(None, opened):
        _announce(tx, activity)
    return sum(one is not None for one in opened)


def _announce(tx: Tx, activity: Any) -> None:
    reply = Reply(announcement(tx, activity, "请回复"), card(tx, activity))
    key = f"series:{activity.id}"
    outbox.put_to_branch(tx, activity.branch_id, lambda _of, _by: reply, key=key, purpose="reminder")
