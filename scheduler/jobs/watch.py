"""组织生活频次: what the rules ask for in a month, a quarter or a year and has not been entered, at two thirds of it.

支部工作条例 Art. 11-13 and 16-18. It warns in private and never blocks; whether a session counts is for the report.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from bot.db import Tx, micros
from bot.rules import parse_frequency
from bot.sql import p, sql
from handlers.activities import THEME_DAY
from handlers.activities.kinds import all_kinds
from handlers.register import BETWEEN_NAMES
from handlers.selfcheck.offices import makes_a_committee
from handlers.tables import activities
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import Branch, Coming, Job, Person, Say
from scheduler.jobs.looking import named_day, regular
from scheduler.jobs.people import people

HELD = sql(
    select(activities.c.kind, activities.c.also, activities.c.audience)
    .where(
        activities.c.branch_id == p("branch"),
        activities.c.state != "cancelled",
        activities.c.starts_at >= p("first"),
        activities.c.starts_at < p("last"),
    )
    .order_by(activities.c.id)
)
COMMITTEE, GROUP = "支委会", "党小组会"
EVERY = {1: "每月", 3: "每季度", 12: "每年"}
WORDS = {1: "本月", 3: "本季度", 12: "今年"}


def window(day: date, months: int) -> tuple[date, date]:
    """The month, quarter or year (1, 3 or 12 months) that a day lies in: its first day, and the first day after it."""
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    index = first.year * 12 + first.month - 1 + months
    return first, date(index // 12, index % 12 + 1, 1)


def lacking(tx: Tx, books: Books, branch: Branch, day: date, months: int, members: list[Person]) -> list[str]:
    """The sessions that [standards] asks for in the window and that are neither held nor planned, one line each."""
    first, last = (micros(datetime(one.year, one.month, one.day, tzinfo=tx.now.tzinfo)) for one in window(day, months))
    held = tx.all(HELD, branch=branch.id, first=first, last=last)
    lines = []
    for kind, rule in books.setting.standards.items():
        asked = parse_frequency(rule)
        if asked is None or asked.months != months or not _meant(books, branch, members, kind):
            continue
        missing = _missing(kind, asked.times, members, held)
        lines += [f"{kind}（{EVERY[months]} {asked.times} 次）{missing}"] if missing is not None else []
    return lines


def _meant(books: Books, branch: Branch, members: list[Person], kind: str) -> bool:
    """支委会 only where three make a committee (ch. 6, Art. 12), 主题党日 where the branch has a rule for it."""
    if kind == COMMITTEE:
        return makes_a_committee(one.roles for one in members)
    return kind != THEME_DAY or bool(books.rules(branch).theme_day)


def _missing(kind: str, times: int, members: list[Person], held: list[Any]) -> str | None:
    """None where there are enough; else which Party groups lack theirs (Art. 13), or how many there are."""
    audiences = [row.audience for row in held if kind in all_kinds(row)]
    if kind == GROUP:
        groups = dict.fromkeys(one.party_group for one in members if one.party_group)
        without = [
            name for name in groups if sum(not one or name in BETWEEN_NAMES.split(one) for one in audiences) < times
        ]
        return f"：{'、'.join(without)}" if without else None
    return None if len(audiences) >= times else f"，有 {len(audiences)} 次" if audiences else ""


def _job(name: str, months: int, why: str) -> Job:
    def run(tx: Tx, books: Books, branch: Branch, coming: Coming) -> Say | None:
        missing = lacking(tx, books, branch, named_day(coming), months, people(tx, branch.id))
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
