"""What the office keeps: days of 发展党员, wishes, issues and projects past their day, contact with 流动党员."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from bot.db import Tx
from bot.sql import insert_row, p, sql
from bot.tables import jobs
from handlers import develop
from handlers.develop.operations import Due
from handlers.overdue import entries
from handlers.phrases import names
from handlers.registers_tables import register_rows
from handlers.tables import members
from scheduler.jobs import makeups
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import Branch, Coming, Job, Say
from scheduler.jobs.looking import named_day, regular

MOST_LINES = 12
WEEK = timedelta(days=7)
MOBILE = "流动"

ONCE = insert_row(jobs, "job", "period", "audience", "at", "outcome", conflict=["job", "period", "audience"])
AWAY = sql(
    select(members.c.id, members.c.name)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0, members.c.status.contains(MOBILE))
    .order_by(members.c.id)
)
_r = register_rows
CONTACTED = sql(
    select(func.max(_r.c.on_date)).where(
        _r.c.branch_id == p("branch"),
        _r.c.register.in_(("talk", "care")) | ((_r.c.register == "record") & (_r.c.kind == "流动党员联系")),
        _r.c.action != "void",
        or_(_r.c.member_id == p("member"), _r.c.other_member_id == p("member")),
    )
)


def _run_development(tx: Tx, _books: Books, branch: Branch, coming: Coming) -> Say | None:
    """The days that are near or over, and the steps that may now be done; each day of a step is told once."""
    day = named_day(coming)
    found: dict[tuple[str, int, Any, str], Due] = {}
    for one in develop.dates_due(tx, branch.id, *(day - timedelta(days=back) for back in range(WEEK.days))):
        found.setdefault((one.name, one.step, one.on, one.what), one)
    new = [one for one in found.values() if _first_time(tx, branch, one)]
    if not new:
        return None
    text = _listed("发展党员：", [develop.reminder(one) for one in new], "/develop")
    return Say(person=lambda _person: text)


def _first_time(tx: Tx, branch: Branch, one: Due) -> bool:
    """A day is told when it comes near, and once more when it is over."""
    period = f"{branch.id}:{one.name}:{one.step}:{one.on}:{one.what}{':late' if one.late else ''}"
    return tx.run(ONCE, job="development_date", period=period, audience="secretary", at=tx.at, outcome="done") == 1


def _run_overdue(tx: Tx, _books: Books, branch: Branch, _coming: Coming) -> Say | None:
    """Claimed wishes, open issues, projects, items of the plan and 补学 whose day is over; 发展党员 has its own job."""
    lines = [one.text for one in entries(tx, branch.id) if one.late]
    lines += makeups.overdue(tx, branch.id)
    text = _listed("已经过了期限：", lines, "/wish、/issue、/project、/plan")
    return Say(person=lambda _person: text) if lines else None


def _run_contact(tx: Tx, _books: Books, branch: Branch, coming: Coming) -> Say | None:
    """党员教育管理工作条例 Art. 25: 流动党员 are contacted at least every half year; only that it took place."""
    day = named_day(coming)
    first = f"{day.year}-{'01' if day.month <= 6 else '07'}-01"
    away = tx.all(AWAY, branch=branch.id)
    open_ = [row.name for row in away if (tx.value(CONTACTED, branch=branch.id, member=row.id) or "") < first]
    text = f"流动党员半年至少联系一次，这半年还没有登记联系的：{names(open_)}\n联系后登记：/talk add 或 /care add"
    return Say(person=lambda _person: text) if open_ else None


def _listed(title: str, lines: list[str], where: str) -> str:
    more = [f"…… 还有 {len(lines) - MOST_LINES} 项，见 {where}"] if len(lines) > MOST_LINES else []
    return "\n".join([title, *lines[:MOST_LINES], *more])


def _said(text: str) -> Any:
    return lambda _moment: text


def _half_year_end(moment: datetime) -> datetime:
    return moment.replace(month=7 if moment.month <= 6 else 12, day=1 if moment.month <= 6 else 31, hour=20)


DEVELOPMENT_NOTICE = Job(
    "development_notice",
    "发展党员 25 步里快到期、已过期、可以办的日期，每个日期只说一次",
    regular("development_notice", _said("发展党员的日期（私下）"), lambda at: at + WEEK, ("secretary",)),
    _run_development,
    audiences=("secretary",),
)
OVERDUE_NOTICE = Job(
    "overdue_notice",
    "过了期限的微心愿、问题、实事、计划，每周一次",
    regular(
        "overdue_notice", _said("过了期限的微心愿、问题、实事、计划（私下）"), lambda at: at + WEEK, ("secretary",)
    ),
    _run_overdue,
    audiences=("secretary",),
)
CONTACT_NOTICE = Job(
    "contact_notice",
    "流动党员半年至少联系一次",
    regular("contact_notice", _said("半年内没联系的流动党员（私下）"), _half_year_end, ("secretary",)),
    _run_contact,
    audiences=("secretary",),
)
