"""The calendar as data: `JOBS` says what comes up, for whom, until when it makes sense, and what is done about it.

A row (job, period, audience) in `jobs` says whether it was done, and is written with the promises it makes. `coming`
is the same computation for the tick, `/remind` and the `calendar` command, so what is shown is what will be pushed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.db import Tx
from scheduler.jobs import doing, looking, previewing
from scheduler.jobs.books import BRANCHES, Books
from scheduler.jobs.carrying import carry, stopped, unless_carried
from scheduler.jobs.chores import pass_on, tidy, to_pass_on
from scheduler.jobs.dues import DUES_BASES, DUES_NOTICE, DUES_OVERDUE, MONTH_CLOSE
from scheduler.jobs.kinds import CLOCK, Audience, Branch, Coming, Job, Person, Say, Setting
from scheduler.jobs.looking import Calm, Look, branches_of, in_calendar, month_of, months, next_month, regular
from scheduler.jobs.makeups import MAKEUP_NOTICE
from scheduler.jobs.meetings import CHECKIN_NOTICE, DEADLINE_NOTICE, DUTY_ABSENCE, MEETING_NOTICE, RECORD_NOTICE
from scheduler.jobs.office import CONTACT_NOTICE, DEVELOPMENT_NOTICE, OVERDUE_NOTICE
from scheduler.jobs.people import people
from scheduler.jobs.series import SERIES_NOTICE
from scheduler.jobs.theme_day import THEME_DAY_NOTICE, meeting
from scheduler.jobs.volunteers import SHIFT_NOTICE
from scheduler.jobs.watch import MONTH_WATCH, QUARTER_WATCH, YEAR_WATCH, lacking
from scheduler.jobs.year import MONTH_DIGEST, YEAR_NOTICE, YEAR_PLAN

JOBS: tuple[Job, ...] = (
    THEME_DAY_NOTICE,
    SERIES_NOTICE,
    MEETING_NOTICE,
    DEADLINE_NOTICE,
    CHECKIN_NOTICE,
    DUTY_ABSENCE,
    RECORD_NOTICE,
    MAKEUP_NOTICE,
    SHIFT_NOTICE,
    DUES_NOTICE,
    DUES_OVERDUE,
    DUES_BASES,
    MONTH_CLOSE,
    MONTH_WATCH,
    QUARTER_WATCH,
    YEAR_WATCH,
    DEVELOPMENT_NOTICE,
    OVERDUE_NOTICE,
    CONTACT_NOTICE,
    MONTH_DIGEST,
    YEAR_PLAN,
    YEAR_NOTICE,
)
AHEAD_DAYS = 31
YEAR_FROM = 9  # the month from which the year is asked about
TABLE = {job.name: job for job in JOBS}


def coming(tx: Tx, setting: Setting, branch: Branch, start: datetime, end: datetime) -> list[Coming]:
    """All that falls due for a branch in [start, end), in time order."""
    return looking.coming(Books(tx, setting, start, end, branch.id), branch, start, end, JOBS)


def due(tx: Tx, setting: Setting, calm: dict[int, Calm]) -> list[Look]:
    """By branch, what should have been done by now and has no row yet, oldest first; `calm` is kept between looks."""
    return looking.due(tx, setting, JOBS, calm)


def preview(tx: Tx, setting: Setting, branch: Branch, name: str, count: int) -> list[tuple[Coming, str]]:
    """The next reminders of a job ("" = of any) with the words they would have now; nothing is said or kept."""
    return previewing.preview(tx, setting, branch, name, count, TABLE)


def coming_for(setting: Setting) -> Callable[[Tx, int], list[Coming]]:
    """The reminders of a branch for the next month, as `/remind` shows them and the quota counts them."""

    def soon(tx: Tx, branch_id: int) -> list[Coming]:
        branch = looking.branch_of(tx, branch_id)
        return coming(tx, setting, branch, tx.now, tx.now + timedelta(days=AHEAD_DAYS)) if branch else []

    return soon


def preview_for(setting: Setting) -> Callable[[Tx, int, str, int], list[tuple[Coming, str]]]:
    """The next reminders of a branch with the words they would have now."""

    def shown(tx: Tx, branch_id: int, job: str, count: int) -> list[tuple[Coming, str]]:
        branch = looking.branch_of(tx, branch_id)
        return preview(tx, setting, branch, job, count) if branch else []

    return shown


def lacking_for(setting: Setting) -> Callable[[Tx, int], list[str]]:
    """The meetings that a branch's month asks for and that are neither held nor planned, one line each.

    A quarter's stand there in its last month, a year's from September on, as they are reminded of.
    """

    def now(tx: Tx, branch_id: int) -> list[str]:
        branch, month = looking.branch_of(tx, branch_id), tx.now.month
        windows = [1, *([3] if month % 3 == 0 else []), *([12] if month >= YEAR_FROM else [])]
        if branch is None:
            return []
        books = Books(tx, setting, tx.now, tx.now + looking.MOMENT, branch.id)
        members, today = people(tx, branch.id), tx.now.date()
        return [line for months in windows for line in lacking(tx, books, branch, today, months, members)]

    return now


def sit(
    tx: Tx, setting: Setting, branch: Branch, items: Sequence[Coming], short: frozenset[str] = frozenset()
) -> dict[tuple[str, str, str], str]:
    """Does what is due for a branch, each in the transaction of its row; what each came to, by key.

    On platforms that run `short` of their month's quota a group hears all of its day in one message.
    """
    return doing.sit(tx, setting, branch, items, TABLE, short)


__all__ = [
    "BRANCHES",
    "CLOCK",
    "JOBS",
    "TABLE",
    "Audience",
    "Books",
    "Branch",
    "Calm",
    "Coming",
    "Job",
    "Look",
    "Person",
    "Say",
    "Setting",
    "branches_of",
    "carry",
    "coming",
    "coming_for",
    "due",
    "in_calendar",
    "lacking_for",
    "meeting",
    "month_of",
    "months",
    "next_month",
    "pass_on",
    "preview",
    "preview_for",
    "regular",
    "sit",
    "stopped",
    "tidy",
    "to_pass_on",
    "unless_carried",
]
