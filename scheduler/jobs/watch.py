"""组织生活频次: what the rules ask for in a month, a quarter or a year and has not been entered, at two thirds of it.

支部工作条例 Art. 11-13 and 16-18. It warns in private and never blocks; whether a session counts is for the report.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from bot.db import Tx, micros
from bot.sql import p, sql
from handlers.activities import THEME_DAY
from handlers.tables import activities
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import Branch, Coming, Job, Person, Say
from scheduler.jobs.looking import named_day, regular
from scheduler.jobs.people import people

HELD = sql(
    select(activities.c.kind, activities.c.audience)
    .where(
        activities.c.branch_id == p("branch"),
        activities.c.state != "cancelled",
        activities.c.starts_at >= p("first"),
        activities.c.starts_at < p("last"),
    )
    .order_by(activities.c.id)
)
MEETING, COMMITTEE, GROUP, LECTURE = "支部党员大会", "支委会", "党小组会", "党课"
LIFE, APPRAISAL = "组织生活会", "民主评议"


def window(day: date, months: int) -> tuple[date, date]:
    """The month, quarter or year (1, 3 or 12 months) that a day lies in: its first day, and the first day after it."""
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    index = first.year * 12 + first.month - 1 + months
    return first, date(index // 12, index % 12 + 1, 1)


def lacking(tx: Tx, books: Books, branch: Branch, day: date, months: int) -> list[str]:
    """The sessions that the rules ask for in the window and that are neither held nor planned, one line each."""
    first, last = (micros(datetime(one.year, one.month, one.day, tzinfo=tx.now.tzinfo)) for one in window(day, months))
    held = tx.all(HELD, branch=branch.id, first=first, last=last)
    kinds = {row.kind for row in held}
    members = people(tx, branch.id)
    return [line for line in ASKED[months](books, branch, members, kinds, held) if line]


def _of_month(books: Books, branch: Branch, members: list[Person], kinds: set[str], held: list[Any]) -> list[str]:
    """支委会 only where there is a committee, 党小组会 for each group (Art. 12, 13)."""
    committee = any("committee" in one.roles for one in members)
    groups = dict.fromkeys(one.party_group for one in members if one.party_group)
    met = {row.audience for row in held if row.kind == GROUP}
    missing = [name for name in groups if "" not in met and not any(name in audience for audience in met)]
    return [
        f"{THEME_DAY}（每月一次）" if books.rules(branch).theme_day and THEME_DAY not in kinds else "",
        f"{COMMITTEE}（一般每月一次）" if committee and COMMITTEE not in kinds else "",
        f"{GROUP}（一般每月一次）：{'、'.join(missing)}" if missing else "",
    ]


def _of_quarter(_books: Books, _branch: Branch, _members: list[Person], kinds: set[str], _held: list[Any]) -> list[str]:
    return [
        f"{MEETING}（一般每季度一次）" if MEETING not in kinds else "",
        f"{LECTURE}（各地一般每季度一次）" if LECTURE not in kinds else "",
    ]


def _of_year(_books: Books, _branch: Branch, _members: list[Person], kinds: set[str], _held: list[Any]) -> list[str]:
    return [
        f"{LIFE}（每年至少一次，一般在第四季度）" if LIFE not in kinds else "",
        f"{APPRAISAL}党员（一般每年一次）" if APPRAISAL not in kinds else "",
    ]


ASKED: dict[int, Callable[[Books, Branch, list[Person], set[str], list[Any]], list[str]]] = {
    1: _of_month,
    3: _of_quarter,
    12: _of_year,
}
WORDS = {1: "本月", 3: "本季度", 12: "今年"}


def _job(name: str, months: int, why: str) -> Job:
    def run(tx: Tx, books: Books, branch: Branch, coming: Coming) -> Say | None:
        missing = lacking(tx, books, branch, named_day(coming), months)
        lines = [
            f"{WORDS[months]}还没有登记或安排：",
            *missing,
            "已经开过的请补登记；要安排就发：/attendance open 名称 时间",
        ]
        return Say(person=lambda _person: "\n".join(lines)) if missing else None

    def until(moment: datetime) -> datetime:
        last = window(moment.date(), months)[1]
        return datetime(last.year, last.month, last.day, tzinfo=moment.tzinfo)

    def text(_moment: datetime) -> str:
        return f"{WORDS[months]}的组织生活还缺什么（私下）"

    return Job(name, why, regular(name, text, until, ("secretary",)), run, audiences=("secretary",))


MONTH_WATCH = _job("month_watch", 1, "当月过了三分之二，主题党日、支委会、党小组会还没有的，告诉书记")
QUARTER_WATCH = _job("quarter_watch", 3, "季度过了三分之二，党员大会、党课还没有的，告诉书记")
YEAR_WATCH = _job("year_watch", 12, "全年过了三分之二，组织生活会、民主评议还没有的，告诉书记")
