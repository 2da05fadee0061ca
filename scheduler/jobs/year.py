"""The month that is over, the year that comes, and what the notice of the State Council changes in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from bot.db import Tx, micros
from bot.rules import parse_quiet, parse_theme_day
from bot.sql import p, sql
from handlers import dues
from handlers.activities import PRESENT, THEME_DAY
from handlers.activities.templates import rule_words
from handlers.dues.bases import following
from handlers.phrases import day
from handlers.tables import activities, presences
from scheduler.calendar import awake, theme_day
from scheduler.calendar.years import years_of
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import Branch, Coming, Job, Say
from scheduler.jobs.looking import month_of, months, named_day, next_month, regular
from scheduler.jobs.theme_day import LATER, meeting, of_month, planned

NOTICE_WEEKS = timedelta(weeks=4)  # how long the change of a notice is worth telling
_here = (
    activities.c.branch_id == p("branch"),
    activities.c.state != "cancelled",
    activities.c.starts_at >= p("first"),
    activities.c.starts_at < p("last"),
)
SESSIONS = sql(
    select(activities.c.kind, func.count().label("held"))
    .where(*_here)
    .group_by(activities.c.kind)
    .order_by(activities.c.kind)
)
_newest = select(func.max(presences.c.id)).group_by(presences.c.activity_id, presences.c.member_id)
ATTENDED = sql(
    select(func.count())
    .select_from(presences.join(activities, activities.c.id == presences.c.activity_id))
    .where(*_here, presences.c.id.in_(_newest), presences.c.state.in_(PRESENT))
)


def _run_digest(tx: Tx, books: Books, branch: Branch, coming: Coming) -> Say | None:
    """Last month in counts and this month's theme day; no names, no amounts."""
    this = month_of(datetime.combine(named_day(coming), datetime.min.time(), tx.now.tzinfo))
    before = month_of(this - timedelta(days=1))
    span = {"branch": branch.id, "first": micros(before), "last": micros(this)}
    sessions = [f"{row.kind} {row.held} 场" for row in tx.all(SESSIONS, **span)]
    held = "、".join(sessions) or "没有登记活动"
    people = int(tx.value(ATTENDED, **span) or 0)
    month = following(f"{this:%Y-%m}", -1)
    next_one = meeting(books, branch, this)
    lines = [
        f"{before.month}月小结（数字按登记计算）：",
        f"活动：{held}；到会 {people} 人次",
        f"党费：{dues.state_line(dues.owing(tx, branch.id, month))}",
        f"{this.month}月：{next_one.text}" if next_one else f"{this.month}月还没有安排{THEME_DAY}",
    ]
    return Say(person=lambda _person: "\n".join(lines))


def _run_plan(_tx: Tx, books: Books, branch: Branch, coming: Coming) -> Say | None:
    """Next year's theme days by the branch's rule, for the 年度计划."""
    year = named_day(coming).year + 1
    start = coming.at.replace(year=year, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    days = [one for first in months(start, 12) if (one := planned(books, branch, first)) and one.meeting]
    if not days:
        return None
    listed = "、".join(day(one.meeting) for one in days if one.meeting)
    later = "" if all(one.certain for one in days) else LATER
    text = f"请制定{year}年度计划。{THEME_DAY}（{rule_words(books.rules(branch).theme_day)}）：{listed}{later}"
    return Say(person=lambda _person: text)


def _falls_notice(books: Books, branch: Branch, start: datetime, end: datetime) -> Iterator[Coming]:
    quiet = parse_quiet(books.rules(branch).quiet_hours)
    for row in books.notices(branch):
        arrived = books.moment(row.recorded_at)
        at = awake(arrived, arrived + NOTICE_WEEKS, quiet)
        if start <= at < end:
            yield Coming(
                "year_notice",
                f"{branch.id}:{row.year}:{row.id}",
                at,
                arrived + NOTICE_WEEKS,
                f"{row.year}年节假日安排已登记，{THEME_DAY}的变化（私下）",
                audience="secretary",
                series=f"{branch.id}:{row.year}",
                rule="year_notice",
                dates=f"{row.year}年节假日安排，{day(arrived)}由{row.recorded_by}登记",
                subject=f"notice:{row.id}",
            )


def _run_notice(tx: Tx, books: Books, branch: Branch, coming: Coming) -> Say | None:
    """Which theme days of the year the notice has moved; what was opened in chat stays where people put it."""
    rows = books.notices(branch)
    row = next(one for one in rows if one.id == int(coming.subject.partition(":")[2]))
    before = years_of(books.setting.years, [one.body for one in rows if one.id < row.id])
    after = years_of(books.setting.years, [one.body for one in rows if one.id <= row.id])
    moved = [
        f"{first.month}月：{day(_noon(old))} → {day(_noon(new))}"
        for first in _months_of(row, tx.now)
        if not of_month(books, branch, first)
        and (old := _planned_day(books, branch, first, before))
        and (new := _planned_day(books, branch, first, after))
        and old != new
    ]
    head = f"{row.year}年节假日安排已公布。"
    text = f"{head}{THEME_DAY}改为：\n" + "\n".join(moved) if moved else f"{head}{THEME_DAY}的日期不变，现在确定了。"
    return Say(person=lambda _person: text)


def _months_of(row: Any, now: datetime) -> list[datetime]:
    """The months the notice may move: the December before its year and the year, what is over left out."""
    first = now.replace(year=row.year - 1, month=12, day=1, hour=0, minute=0, second=0, microsecond=0)
    return [one for one in months(first, 13) if next_month(one) > now]


def _planned_day(books: Books, branch: Branch, first: datetime, years: Any) -> date | None:
    rules = books.rules(branch)
    plan = theme_day(parse_theme_day(rules.theme_day), rules.theme_day_roll, first.year, first.month, years)
    return plan.day if plan else None


def _noon(one: date) -> datetime:
    return datetime(one.year, one.month, one.day, 12)


MONTH_DIGEST = Job(
    "month_digest",
    "每月初给支委一份上月小结",
    regular(
        "month_digest",
        lambda at: f"{at.month}月：上月小结（私下给支委）",
        lambda at: at + timedelta(days=14),
        ("committee",),
    ),
    _run_digest,
    audiences=("committee",),
)
YEAR_PLAN = Job(
    "year_plan",
    "年底提醒制定下一年计划，列出主题党日",
    regular(
        "year_plan", lambda at: f"{at.year + 1}年度计划（私下）", lambda at: at + timedelta(days=45), ("secretary",)
    ),
    _run_plan,
    audiences=("secretary",),
)
YEAR_NOTICE = Job(
    "year_notice",
    "国务院办公厅公布节假日安排后，告诉书记哪几次主题党日变了",
    _falls_notice,
    _run_notice,
    audiences=("secretary",),
    catch_up="each",
)
