"""主题党日: the month's meeting as the rule plans it or somebody opened it, and the notices that open and recall it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from bot.db import Tx, micros
from bot.message import Reply
from bot.rules import parse_clock, parse_meeting_notice
from handlers import activities
from handlers.activities import THEME_DAY, Plan
from handlers.activities.kinds import all_kinds
from handlers.attendance.command import words_to_silent
from handlers.attendance.words import card
from handlers.phrases import day, day_and_time
from scheduler.calendar import Planned, notices
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import CLOCK, Branch, Coming, Job, Say
from scheduler.jobs.looking import before_meeting, months_between, next_month

LATER = "（节假日安排公布后再定）"


def meeting(books: Books, branch: Branch, first: datetime) -> Coming | None:
    """The theme day of a month: the one that was opened in chat, else what the branch's rule gives; None if cancelled.

    `first` is the month's first instant.
    """
    return _meeting(books, branch, first, of_month(books, branch, first))


def _meeting(books: Books, branch: Branch, first: datetime, rows: list[Any]) -> Coming | None:
    """`rows` are the month's theme days as they were opened."""
    held = standing(books, rows)
    period = f"{branch.id}:{first:%Y-%m}"
    if held is not None:
        start = books.moment(held.starts_at)
        text = _text(start, held.place, True)
        return Coming(
            "theme_day",
            period,
            start,
            start,
            text,
            True,
            start,
            subject=f"activity:{held.id}",
            dates=f"群里开的 #{held.number}",
        )
    if rows:
        return None
    return planned(books, branch, first)


def planned(books: Books, branch: Branch, first: datetime) -> Coming | None:
    """The theme day of a month as the branch's rule gives it, whatever was opened."""
    rules = books.rules(branch)
    plan = books.plan(branch, first)
    if plan is None:
        return None
    start = datetime.combine(plan.day, parse_clock(rules.theme_day_time), first.tzinfo)
    text = _text(start, rules.theme_day_place, plan.certain)
    dates = f"规则 theme_day = {rules.theme_day}：{_rolled(plan, rules.theme_day_roll)}"
    period = f"{branch.id}:{first:%Y-%m}"
    return Coming("theme_day", period, start, start, text, plan.certain, start, dates=dates)


def _rolled(plan: Planned, roll: str) -> str:
    noon = datetime.combine(plan.wished, datetime.min.time())
    wished = day(noon)
    if plan.day == plan.wished:
        return wished
    later = datetime.combine(plan.day, datetime.min.time())
    return f"{wished}是休息日，{'提前' if plan.day < plan.wished else '顺延'}到{day(later)}（{roll}）"


def of_month(books: Books, branch: Branch, first: datetime) -> list[Any]:
    """The theme days of a month as opened in chat or by the clock, cancelled ones among them."""
    start, end = _bounds(first)
    return [row for row in books.meetings(branch) if start <= row.starts_at < end and THEME_DAY in all_kinds(row)]


@lru_cache(maxsize=256)
def _bounds(first: datetime) -> tuple[int, int]:
    return micros(first), micros(next_month(first))


def standing(books: Books, rows: list[Any]) -> Any:
    """Of a month's theme days the one that counts: the next that is open, else the first; None for none."""
    held = [row for row in rows if row.state != "cancelled"]
    now = books.tx.at if books.tx else 0
    return next((row for row in held if row.state == "open" and row.starts_at > now), held[0] if held else None)


def _text(start: datetime, place: str, certain: bool) -> str:
    return f"{THEME_DAY} {day_and_time(start)} {place}".strip() + ("" if certain else LATER)


def _falls(books: Books, branch: Branch, start: datetime, end: datetime) -> Iterator[Coming]:
    rules = books.rules(branch).theme_day_notice
    for first in _months(books, rules, start, end):
        rows = of_month(books, branch, first)
        times = _notices(books, branch, rows, rules, start) if rows else _planned_notices(books, branch, first, rules)
        soon = [(rule, at) for rule, at in times if start <= at < end]
        held = _meeting(books, branch, first, rows) if soon else None
        for rule, at in soon if held and held.meeting else ():
            assert held is not None
            if ("theme_day_notice", f"{held.period}:{rule}", "branch") in books.skip:
                continue
            yield replace(
                held,
                job="theme_day_notice",
                period=f"{held.period}:{rule}",
                at=at,
                until=held.at,
                series=held.period,
                rule=f"theme_day_notice = {rule}",
            )


def _months(books: Books, rules: tuple[str, ...], start: datetime, end: datetime) -> list[datetime]:
    """The months whose theme day may be spoken of in [start, end)."""
    key = (rules, start, end)
    if key not in books.months:
        ahead = timedelta(days=max((parse_meeting_notice(rule).days for rule in rules), default=0) + 2)
        books.months[key] = list(months_between(start, end + ahead))
    return books.months[key]


def _notices(
    books: Books, branch: Branch, rows: list[Any], rules: Sequence[str], since: datetime
) -> list[tuple[str, datetime]]:
    """The times of a meeting that was opened; none of one that has begun by then."""
    held = standing(books, rows)
    begins = books.moment(held.starts_at) if held else since
    return list(before_meeting(books, branch, notices(begins, rules), begins)) if begins > since else []


def _planned_notices(
    books: Books, branch: Branch, first: datetime, rules: tuple[str, ...]
) -> list[tuple[str, datetime]]:
    """The times of a meeting that nobody has opened: the same for all branches with the same rules."""
    own, plan = books.rules(branch), books.plan(branch, first)
    key = ("theme_day", plan, own.theme_day_time, rules, own.quiet_hours)
    if key not in books.times:
        held = planned(books, branch, first)
        found = before_meeting(books, branch, notices(held.at, rules), held.at) if held else ()
        books.times[key] = [(rule, at, at) for rule, at in found]
    return [(rule, at) for rule, at, _ in books.times[key]]


def _run(tx: Tx, books: Books, branch: Branch, coming: Coming) -> Say | None:
    """The first notice opens the month's theme day where nobody has; the later ones ask those who have not answered."""
    assert coming.meeting is not None
    rows = activities.of_month(tx, branch.id, THEME_DAY, coming.meeting)
    held = standing(books, rows)
    if held is not None:
        return ask_silent(tx, books, held)
    place = books.rules(branch).theme_day_place
    activity, _ = activities.open_activity(tx, branch.id, Plan(THEME_DAY, coming.meeting, place=place), CLOCK, "clock")
    lines = (coming.text, f"请回复：参加 / 请假（#{activity.number}）", activities.state_line(tx, activity))
    reply = Reply("\n".join(lines), card(tx, activity))
    asked = tuple(row.id for row in activities.silent(tx, activity))
    return Say(group=lambda _of, _by: reply, asked=asked, subject=f"activity:{activity.id}")


def ask_silent(tx: Tx, books: Books, activity: Any, opening: str = "还没回复的同志请回复") -> Say | None:
    """Asks those who owe an answer to an open activity; None where nobody does."""
    if activity.state != "open":
        return None
    asked = tuple(row.id for row in activities.silent(tx, activity))
    if not asked:
        return None
    return Say(
        group=words_to_silent(tx, activity, asked, books.setting.abilities, opening),
        asked=asked,
        subject=f"activity:{activity.id}",
    )


THEME_DAY_NOTICE = Job("theme_day_notice", "主题党日前通知，还没回复的再提醒", _falls, _run)
