"""Doing what is due: a branch's reminders of one moment in one transaction, with their rows and their promises."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import update

from bot.db import Tx
from bot.sql import insert_row, p, sql
from bot.tables import jobs
from handlers import quota
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import Branch, Coming, Job, Say, Setting
from scheduler.jobs.looking import MOMENT, coming
from scheduler.jobs.speaking import Told, room, speak

log = logging.getLogger(__name__)

LATE_MINUTES = 60  # a reminder that is later than this says so

DONE = insert_row(jobs, "job", "period", "audience", "at", "outcome", conflict=["job", "period", "audience"])
OUTCOME = sql(
    update(jobs)
    .where(jobs.c.job == p("job_"), jobs.c.period == p("period_"), jobs.c.audience == p("audience_"))
    .values(outcome=p("new_outcome"))
)


def sit(
    tx: Tx,
    setting: Setting,
    branch: Branch,
    items: Sequence[Coming],
    table: Mapping[str, Job],
    short: frozenset[str] = frozenset(),
) -> dict[tuple[str, str, str], str]:
    """Does what is due for a branch at one moment; what each came to, by key. What another process did is left out.

    "done", "nothing to do", "too late" (older than its purpose), "replaced" (a later one of its series is said),
    "paused", "unreachable" (nobody it is for can be spoken to in private) or "over budget".
    """
    books = Books(tx, setting, tx.now, tx.now + timedelta(days=2), branch.id)
    left = room(tx, books, branch)
    if short and quota.speakers(tx, branch.id) <= short:
        left = 1
    told, outcomes = [], {}
    for one in items:
        if left == 0 and _can_wait(one, tx.now):
            continue
        if tx.run(DONE, job=one.job, period=one.period, audience=one.audience, at=tx.at, outcome="done") == 0:
            continue
        outcomes[one.key], say = _do(tx, books, branch, one, table[one.job])
        if say is not None:
            told.append(Told(one, say, _late(one, tx.now)))
    if left and len([one for one in told if one.one.audience == "branch"]) >= left:
        told += _rest_of_day(tx, books, branch, table, outcomes)
    outcomes |= speak(tx, books, branch, told, left)
    for key, outcome in outcomes.items():
        if outcome == "done":
            continue  # as its row was written
        tx.run(OUTCOME, job_=key[0], period_=key[1], audience_=key[2], new_outcome=outcome)
    return outcomes


def _can_wait(one: Coming, now: datetime) -> bool:
    """Whether a reminder for the group still makes sense tomorrow."""
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1, hours=12)
    return one.audience == "branch" and one.until > tomorrow


def _do(tx: Tx, books: Books, branch: Branch, one: Coming, job: Job) -> tuple[str, Say | None]:
    if one.until <= one.at:
        return "replaced", None
    if tx.now >= one.until or (job.catch_up == "never" and _late(one, tx.now)):
        log.warning("%s %s is older than its purpose (%s): skipped", one.job, one.period, one.at)
        return "too late", None
    if books.pause(branch, one.job, one.at):
        return "paused", None
    say = job.run(tx, books, branch, one)
    return ("nothing to do", None) if say is None else ("done", say)


def _late(one: Coming, now: datetime) -> str:
    return "（补发）" if now - one.at > timedelta(minutes=LATE_MINUTES) else ""


def _rest_of_day(
    tx: Tx, books: Books, branch: Branch, table: Mapping[str, Job], outcomes: dict[tuple[str, str, str], str]
) -> list[Told]:
    """What the group would still hear today, said now instead: the day's last message carries all of it."""
    midnight = tx.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    early = [job for job in table.values() if job.early and "branch" in job.audiences]
    told = []
    for one in coming(books, branch, tx.now + MOMENT, midnight, early):
        if one.audience != "branch":
            continue
        if tx.run(DONE, job=one.job, period=one.period, audience=one.audience, at=tx.at, outcome="done") == 0:
            continue
        outcomes[one.key], say = _do(tx, books, branch, one, table[one.job])
        if say is not None:
            told.append(Told(one, say, ""))
    return told
