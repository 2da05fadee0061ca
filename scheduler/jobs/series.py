"""Meetings that repeat: a template's meeting of the month is opened and announced when its first notice falls due.

It is moved around public holidays as the theme day is. A month in which somebody opened that kind, or called it off, is
left alone: so a meeting is never opened twice, whatever process looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.db import Tx
from bot.message import Refused, Reply
from bot.rules import parse_clock, parse_quiet
from handlers import activities
from handlers.activities.templates import open_repeated, rule_words, templates_of
from handlers.attendance.changing import announcement
from handlers.attendance.words import card
from handlers.phrases import day_and_time
from scheduler.calendar import awake, notices
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import CLOCK, Branch, Coming, Job, Say
from scheduler.jobs.looking import months_between

NAME = "series_notice"
NOTHING_AHEAD = timedelta(days=3)  # where a branch wants no notices at all
MEND = "请用 /attendance open 写好应到再开这次，用 /attendance repeat 重设每月的。"
FARTHEST = timedelta(days=45)  # from its first notice to a meeting


def _falls(books: Books, branch: Branch, start: datetime, end: datetime) -> Iterator[Coming]:
    for row in books.templates(branch):
        for first in months_between(start, end + FARTHEST):
            period = f"{branch.id}:template:{row.id}:{first:%Y-%m}"
            begins = None if (NAME, period, "branch") in books.skip else _begins(books, branch, row, first)
            if begins is None or begins <= books.moment(row.made_at):
                continue
            at = _opens(books, branch, begins)
            if start <= at < end:
                yield Coming(
                    NAME,
                    period,
                    at,
                    begins,
                    f"{row.kind} {day_and_time(begins)} {row.place}".strip(),
                    meeting=begins,
                    series=f"template:{row.id}",
                    rule=f"模板“{row.name}”：{rule_words(row.rule)} {row.clock}",
                    dates=f"按模板开：{day_and_time(begins)}",
                    subject=f"template:{row.id}",
                )


def _begins(books: Books, branch: Branch, row: Any, first: datetime) -> datetime | None:
    planned = books.plan(branch, first, row.rule)
    return datetime.combine(planned.day, parse_clock(row.clock), first.tzinfo) if planned else None


def _opens(books: Books, branch: Branch, begins: datetime) -> datetime:
    rules = books.rules(branch)
    earliest = min((at for _, at in notices(begins, rules.theme_day_notice)), default=begins - NOTHING_AHEAD)
    return awake(earliest, begins, parse_quiet(rules.quiet_hours))


def _run(tx: Tx, _books: Books, branch: Branch, coming: Coming) -> Say | None:
    """Opens the meeting; None where the template was ended, or its month needs none.

    Where it can't be opened (somebody named in its 应到 has left) the secretaries hear why: who is meant instead is not
    guessed.
    """
    row = next((one for one in templates_of(tx, branch.id) if coming.subject == f"template:{one.id}"), None)
    try:
        activity = row and coming.meeting and open_repeated(tx, row, coming.meeting, CLOCK)
    except Refused as refusal:
        told = f"{coming.text} 没有自动开：{refusal.text}\n{MEND}"
        return Say(person=lambda _person: told)
    if not activity:
        return None
    reply = Reply(announcement(tx, activity, "请回复"), card(tx, activity))
    asked = tuple(one.id for one in activities.silent(tx, activity))
    return Say(group=lambda _of, _by: reply, asked=asked, subject=f"activity:{activity.id}")


SERIES_NOTICE = Job(NAME, "每月重复的会，到第一次通知的时间自动开好并通知", _falls, _run)
