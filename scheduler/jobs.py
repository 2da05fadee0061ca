"""The calendar as data: what falls due in a month, until when it makes sense, and what is done about it.

A row (job, period) in `jobs` says whether it was done, and is written with the promises it makes. `coming` is the same
computation for the tick, for `/remind` and for the `calendar` command, so what is shown is what will be pushed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from bot import outbox
from bot.commands import Who
from bot.config import Reminders
from bot.db import Tx, micros
from bot.message import Ability, Meter, Reply
from bot.rules import parse_clock, parse_quiet, parse_theme_day
from bot.sql import insert_row, p, sql
from bot.tables import jobs, questions, seen
from handlers import activities, dues
from handlers.activities import THEME_DAY, Plan
from handlers.attendance.command import remind_silent
from handlers.attendance.words import card
from handlers.phrases import day_and_time
from handlers.tables import branches
from scheduler.calendar import Years, after_quiet, dues_times, notices, theme_day

log = logging.getLogger(__name__)

CLOCK = Who(account="clock", name="定时提醒")
LATE_MINUTES = 60  # a reminder that is later than this says so
LOOK_BACK_DAYS = 35
AHEAD_DAYS = 31
KEEP_SEEN_DAYS = 30  # far beyond the longest redelivery that was seen

DONE = insert_row(jobs, "job", "period", "at", "outcome", conflict=["job", "period"])
WAS_DONE = sql(select(jobs.c.outcome).where(jobs.c.job == p("job"), jobs.c.period == p("period")))
OUTCOME = sql(
    update(jobs).where(jobs.c.job == p("job_"), jobs.c.period == p("period_")).values(outcome=p("new_outcome"))
)
BRANCHES = sql(select(branches.c.id, branches.c.name, branches.c.bound_at).order_by(branches.c.id))
ONE_BRANCH = sql(select(branches.c.id, branches.c.name, branches.c.bound_at).where(branches.c.id == p("branch")))
FORGET_SEEN = sql(delete(seen).where(seen.c.at < p("before")))
FORGET_QUESTIONS = sql(delete(questions).where(questions.c.until < p("before")))


@dataclass(frozen=True, slots=True)
class Setting:
    """What the jobs are handed: the reminders of each branch, the year files, what the platforms can do.

    `meters` are the platforms with a monthly quota, `alarms` gives what keeps one from hearing people (name, Chinese
    line), `admins` are told of both: (platform that reaches them, account).
    """

    reminders_for: Callable[[str], Reminders]
    years: Years
    abilities: Mapping[str, frozenset[Ability]]
    meters: tuple[Meter, ...] = ()
    admins: tuple[tuple[str, str], ...] = ()
    alarms: Callable[[], list[tuple[str, str]]] = list


@dataclass(frozen=True, slots=True)
class Coming:
    """One reminder. `period` names it for ever: a moved date makes it no other. After `until` it is useless."""

    job: str
    period: str
    at: datetime
    until: datetime
    text: str
    certain: bool = True
    meeting: datetime | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch as the calendar sees it."""

    id: int
    name: str
    bound_at: int


@dataclass(frozen=True, slots=True)
class Job:
    """`months` lists what falls due in a month of a branch, `run` does it: how many groups will hear it."""

    name: str
    months: Callable[[Tx | None, Setting, Branch, datetime], Iterator[Coming]]
    run: Callable[[Tx, Setting, Branch, Coming, str], int]


def meeting(tx: Tx | None, setting: Setting, branch: Branch, first: datetime) -> Coming | None:
    """The theme day of a month: the one that was opened in chat, else what the branch's rule gives; None if cancelled.

    `first` is the month's first instant; without a `tx` only the rule is asked.
    """
    period = f"{branch.id}:{first:%Y-%m}"
    if tx is not None:
        held = _held(tx, branch, first)
        if held is not None:
            start = tx.moment(held.starts_at)
            return Coming("theme_day", period, start, start, _meeting_text(start, held.place, True), True, start)
        if activities.was_cancelled(tx, branch.id, THEME_DAY, first):
            return None
    rules = setting.reminders_for(branch.name)
    rule = parse_theme_day(rules.theme_day)
    planned = theme_day(rule, rules.theme_day_roll, first.year, first.month, setting.years)
    if planned is None:
        return None
    start = datetime.combine(planned.day, parse_clock(rules.theme_day_time), first.tzinfo)
    text = _meeting_text(start, rules.theme_day_place, planned.certain)
    return Coming("theme_day", period, start, start, text, planned.certain, start)


def _held(tx: Tx, branch: Branch, moment: datetime) -> Any:
    """The month's theme day as it stands in the books: the next that is open, else the first; None for none."""
    rows = activities.of_month(tx, branch.id, THEME_DAY, moment)
    return next((row for row in rows if row.state == "open" and row.starts_at > tx.at), rows[0] if rows else None)


def _meeting_text(start: datetime, place: str, certain: bool) -> str:
    later = "" if certain else "（节假日安排公布后再定）"
    return f"{THEME_DAY} {day_and_time(start)} {place}".strip() + later


def _theme_day_notices(tx: Tx | None, setting: Setting, branch: Branch, first: datetime) -> Iterator[Coming]:
    held = meeting(tx, setting, branch, first)
    if held is None or held.meeting is None:
        return
    rules = setting.reminders_for(branch.name)
    quiet = parse_quiet(rules.quiet_hours)
    for rule, moment in notices(held.meeting, rules.theme_day_notice):
        at = after_quiet(moment, quiet)
        if at < held.meeting:
            yield replace(held, job="theme_day_notice", period=f"{held.period}:{rule}", at=at, until=held.meeting)


def _run_theme_day(tx: Tx, setting: Setting, branch: Branch, coming: Coming, late: str) -> int:
    """The first notice opens the month's theme day where nobody has; the later ones ask those who have not answered."""
    assert coming.meeting is not None
    held = _held(tx, branch, coming.meeting)
    options: dict[str, Any] = {"key": f"{coming.job}:{coming.period}", "expires": micros(coming.until)}
    if held is not None:
        opening = f"{late}还没回复的同志请回复"
        if held.state != "open":
            return 0
        return remind_silent(tx, held, abilities=setting.abilities, opening=opening, **options)
    place = setting.reminders_for(branch.name).theme_day_place
    activity, _ = activities.open_activity(tx, branch.id, Plan(THEME_DAY, coming.meeting, place=place), CLOCK, "clock")
    lines = (f"{late}{coming.text}", f"请回复：参加 / 请假（#{activity.number}）", activities.state_line(tx, activity))
    reply = Reply("\n".join(lines), card(tx, activity))
    return outbox.put_to_branch(tx, branch.id, lambda _of, _by: reply, purpose="reminder", **options)


def _dues_notices(_tx: Tx | None, setting: Setting, branch: Branch, first: datetime) -> Iterator[Coming]:
    rules = setting.reminders_for(branch.name)
    quiet = parse_quiet(rules.quiet_hours)
    assert first.tzinfo is not None
    ends = next_month(first)
    text = f"{first.month}月党费请按时交纳。已交的请回复：已交"
    for rule, moment in dues_times(rules.dues_notice, first.year, first.month, first.tzinfo):
        at = after_quiet(moment, quiet)
        if at < ends:
            yield Coming("dues_notice", f"{branch.id}:{first:%Y-%m}:{rule}", at, ends, text)


def _run_dues(tx: Tx, _setting: Setting, branch: Branch, coming: Coming, late: str) -> int:
    """Only while somebody owes; counts only: a group never reads who owes, not even by an @."""
    month = coming.period.split(":")[1]
    if not dues.unpaid_members(tx, branch.id, month):
        return 0
    reply = Reply(f"{late}{coming.text}\n{dues.state_line(dues.owing(tx, branch.id, month))}")
    key = f"{coming.job}:{coming.period}"
    return outbox.put_to_branch(
        tx, branch.id, lambda _of, _by: reply, key=key, purpose="reminder", expires=micros(coming.until)
    )


JOBS = (
    Job("theme_day_notice", _theme_day_notices, _run_theme_day),
    Job("dues_notice", _dues_notices, _run_dues),
)


def next_month(first: datetime) -> datetime:
    """The first instant of the month after."""
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def month_of(moment: datetime) -> datetime:
    """The first instant of a moment's month."""
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def months(first: datetime, count: int) -> Iterator[datetime]:
    """`count` months from that of `first` on."""
    first = month_of(first)
    for _ in range(count):
        yield first
        first = next_month(first)


def coming(
    tx: Tx | None, setting: Setting, branch: Branch, start: datetime, end: datetime, jobs: Iterable[Job] = JOBS
) -> list[Coming]:
    """All that falls due for a branch in [start, end), in time order. A notice may belong to the month after."""
    count = (end.year - start.year) * 12 + end.month - start.month + 2
    found = [one for first in months(start, count) for job in jobs for one in job.months(tx, setting, branch, first)]
    return sorted((one for one in found if start <= one.at < end), key=lambda one: (one.at, one.period))


def coming_for(setting: Setting) -> Callable[[Tx, int], list[Coming]]:
    """The reminders of a branch for the next month, as `/remind` shows them and the quota counts them."""

    def soon(tx: Tx, branch_id: int) -> list[Coming]:
        row = tx.one(ONE_BRANCH, branch=branch_id)
        if row is None:
            return []
        return coming(tx, setting, Branch(row.id, row.name, row.bound_at), tx.now, tx.now + timedelta(days=AHEAD_DAYS))

    return soon


def later_today(tx: Tx, setting: Setting, branch: Branch) -> list[Coming]:
    """What else falls due today and has no row yet: where a month's quota is short it is said with what is due now."""
    start = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    rest = coming(tx, setting, branch, tx.now + timedelta(microseconds=1), start + timedelta(days=1))
    return [one for one in rest if tx.one(WAS_DONE, job=one.job, period=one.period) is None]


def due(tx: Tx, setting: Setting) -> list[tuple[Branch, Coming]]:
    """What should have been done by now and has no row yet, oldest first; nothing from before a branch was bound.

    Where several notices of one month were missed, only the last of them is still of use: the others are too late.
    """
    found = []
    for row in tx.all(BRANCHES):
        branch = Branch(row.id, row.name, row.bound_at)
        if branch.bound_at == 0:
            continue
        since = max(tx.moment(branch.bound_at), tx.now - timedelta(days=LOOK_BACK_DAYS))
        missed = [
            one
            for one in coming(tx, setting, branch, since, tx.now + timedelta(microseconds=1))
            if tx.one(WAS_DONE, job=one.job, period=one.period) is None
        ]
        newest = {_month_of_notice(one): one for one in missed}
        found += [
            (branch, one if newest[_month_of_notice(one)] is one else replace(one, until=one.at)) for one in missed
        ]
    return sorted(found, key=lambda pair: pair[1].at)


def _month_of_notice(one: Coming) -> tuple[str, str]:
    return one.job, one.period.split(":", 2)[1]


def run(tx: Tx, setting: Setting, branch: Branch, one: Coming) -> str:
    """Does one job in the transaction of its row: "done", "nothing to do", "too late", or "" if another did it."""
    if tx.run(DONE, job=one.job, period=one.period, at=tx.at, outcome="running") == 0:
        return ""
    if tx.now >= one.until:
        outcome = "too late"
        log.warning("%s %s is older than its purpose (%s): skipped", one.job, one.period, one.at)
    else:
        job = next(job for job in JOBS if job.name == one.job)
        late = "（补发）" if tx.now - one.at > timedelta(minutes=LATE_MINUTES) else ""
        outcome = "done" if job.run(tx, setting, branch, one, late) else "nothing to do"
    tx.run(OUTCOME, job_=one.job, period_=one.period, new_outcome=outcome)
    return outcome


def tidy(tx: Tx) -> None:
    """Lets go of what only served redelivery and open questions."""
    tx.run(FORGET_SEEN, before=tx.at - KEEP_SEEN_DAYS * 86_400_000_000)
    tx.run(FORGET_QUESTIONS, before=tx.at)
