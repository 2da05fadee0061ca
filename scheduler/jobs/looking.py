"""What comes up, and what is due and has no row yet: the same computation for the tick, /remind and `calendar`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from sqlalchemy import func, literal, select

from bot.db import Tx
from bot.rules import parse_calendar_notice, parse_quiet
from bot.sql import sql
from bot.tables import trail
from handlers.tables import branches
from scheduler.calendar import after_quiet, awake, calendar_times
from scheduler.jobs.books import BRANCHES, ONE_BRANCH, Books
from scheduler.jobs.kinds import Audience, Branch, Coming, Job, Setting

LOOK_BACK_DAYS = 35
MOMENT = timedelta(microseconds=1)
CALM = timedelta(days=2)  # as far ahead as a look sees

# All that moves the calendar (meetings, shifts, rules, notices) leaves a row in the trail of its branch or the house.
HEADS = sql(
    select(
        branches.c.id, select(func.max(trail.c.number)).where(trail.c.branch_id == branches.c.id).scalar_subquery()
    ).union_all(select(literal(0), select(func.max(trail.c.number)).where(trail.c.branch_id == 0).scalar_subquery()))
)


class Calm(NamedTuple):
    """A branch for which nothing was due at `since` and nothing comes up before `until`, as long as nothing is done.

    `head` is how long its trail and that of the house were. A look costs a branch a tenth of a millisecond; a
    prefecture has three thousand of them, every fifteen seconds.
    """

    head: tuple[int, int]
    since: datetime
    until: datetime


class Look(NamedTuple):
    """What is due for a branch, and how calm it is once all of that is done."""

    branch: Branch
    items: list[Coming]
    then: Calm


def branches_of(tx: Tx) -> list[Branch]:
    """All branches, as the calendar sees them."""
    return [Branch(row.id, row.name, row.bound_at) for row in tx.all(BRANCHES)]


def branch_of(tx: Tx, branch: int) -> Branch | None:
    """One branch, or None where there is none."""
    row = tx.one(ONE_BRANCH, branch=branch)
    return Branch(row.id, row.name, row.bound_at) if row else None


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


def months_between(start: datetime, end: datetime) -> Iterator[datetime]:
    """The months that [start, end) touches."""
    return months(start, (end.year - start.year) * 12 + end.month - start.month + 1)


def in_calendar(
    books: Books,
    branch: Branch,
    rules: tuple[str, ...],
    start: datetime,
    end: datetime,
    until: Callable[[datetime], datetime],
) -> list[tuple[str, datetime, datetime]]:
    """(the rule, the time it names, when it is said) of rules like "day:5 09:00"; out of quiet hours.

    `until` gives the end of the purpose for the time a rule names. What is shifted into the next month stays the old
    one's.
    """
    quiet = parse_quiet(books.rules(branch).quiet_hours)
    key = (rules, quiet, start, end, until)
    if key not in books.times:  # most branches have the same rules
        books.times[key] = [
            (rule, moment, at)
            for first in months_between(start - timedelta(days=1), end + timedelta(days=1))
            for rule, moment in calendar_times(rules, first.year, first.month, _zone(start))
            if start <= (at := awake(moment, until(moment), quiet)) < end
        ]
    return books.times[key]


def regular(
    name: str,
    text: Callable[[datetime], str],
    until: Callable[[datetime], datetime],
    audiences: tuple[Audience, ...],
) -> Callable[[Books, Branch, datetime, datetime], Iterator[Coming]]:
    """The `falls` of a job that has its place in the calendar: its times stand under its name in [reminders].

    One time is named by its month (or day, of a weekly one), so that a changed hour makes it no other reminder.
    """

    def falls(books: Books, branch: Branch, start: datetime, end: datetime) -> Iterator[Coming]:
        times = _suffixed(books, branch, name, start, end, until)
        if not times:
            books.silent_between(branch, start, end).add(name)
        for suffix, series, rule, moment, at in times:
            period = f"{branch.id}:{suffix}"
            for audience in audiences:
                if (name, period, audience) in books.skip:
                    continue
                yield Coming(
                    name,
                    period,
                    at,
                    until(moment),
                    text(moment),
                    audience=audience,
                    series=f"{branch.id}:{series}",
                    rule=f"{name} = {rule}",
                    subject=f"day:{moment:%Y-%m-%d}",
                )

    return falls


def _suffixed(
    books: Books, branch: Branch, name: str, start: datetime, end: datetime, until: Callable[[datetime], datetime]
) -> list[tuple[str, str, str, datetime, datetime]]:
    """What follows the branch's number in the period, the series, the rule, the time it names, when it is said."""
    rules = books.rules(branch)
    key = (name, getattr(rules, name), rules.quiet_hours, start, end)
    if key not in books.suffixed:
        books.suffixed[key] = [
            (*_period(rule, moment, len(key[1])), rule, moment, at)
            for rule, moment, at in in_calendar(books, branch, key[1], start, end, until)
        ]
    return books.suffixed[key]


def _period(rule: str, moment: datetime, rules: int) -> tuple[str, str]:
    if parse_calendar_notice(rule).anchor == "week":
        return f"{moment:%Y-%m-%d}", f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m}" + (f":{rule}" if rules > 1 else ""), f"{moment:%Y-%m}"


def named_day(one: Coming) -> date:
    """The day that the rule of a `regular` job names, whatever its hour became in quiet hours."""
    return date.fromisoformat(one.subject.partition(":")[2])


def _zone(moment: datetime) -> tzinfo:
    assert moment.tzinfo is not None
    return moment.tzinfo


def before_meeting(
    books: Books, branch: Branch, times: Iterable[tuple[str, datetime]], until: datetime
) -> Iterator[tuple[str, datetime]]:
    """(rule, when) of times around a meeting, out of quiet hours and still before `until`."""
    quiet = parse_quiet(books.rules(branch).quiet_hours)
    for rule, moment in times:
        at = awake(moment, until, quiet)
        if at < until:
            yield rule, at


def coming(books: Books, branch: Branch, start: datetime, end: datetime, jobs: Iterable[Job]) -> list[Coming]:
    """All that falls due for a branch in [start, end), in time order."""
    silent = books.silent_between(branch, start, end)
    found = [one for job in jobs if job.name not in silent for one in job.falls(books, branch, start, end)]
    return sorted(found, key=lambda one: (one.at, one.job, one.period, one.audience))


def due(tx: Tx, setting: Setting, jobs: Iterable[Job], calm: dict[int, Calm]) -> list[Look]:
    """By branch, what should have been done by now and has no row yet, oldest first.

    Nothing from before a branch was bound; nothing in its quiet hours. Of several that were missed in one series only
    the last is still of use, if its job catches up so: the others are past their purpose. `calm` is what this process
    remembers of its last looks, and is brought up to date; {} looks at everything.
    """
    heads = dict(tx.all(HEADS))
    books = Books(tx, setting, tx.now - timedelta(days=LOOK_BACK_DAYS), tx.now + CALM)
    bound = {branch: (heads[branch.id], heads[0]) for branch in branches_of(tx) if branch.bound_at}
    wanted = {
        one: max(tx.moment(one.bound_at), _looked(calm, one, head, tx.now))
        for one, head in bound.items()
        if not _still(calm, one, head, tx.now) and not _quiet(books, one, tx.now)
    }
    books.skip = books.done(min(wanted.values())) if wanted else set()
    last = {job.name for job in jobs if job.catch_up == "last"}
    found = []
    for branch, since in wanted.items():
        left = [one for one in coming(books, branch, since, tx.now + CALM, jobs) if one.key not in books.skip]
        missed = [one for one in left if one.at <= tx.now]
        until = min((one.at for one in left if one.at > tx.now), default=tx.now + CALM)
        look = Look(branch, _of_use(missed, last), Calm(bound[branch], tx.now, until))
        calm.pop(branch.id, None)
        if missed:
            found.append(look)
        else:
            calm[branch.id] = look.then
    return found


def _still(calm: dict[int, Calm], branch: Branch, head: tuple[int, int], now: datetime) -> bool:
    known = calm.get(branch.id)
    return known is not None and known.head == head and known.since <= now < known.until


def _looked(calm: dict[int, Calm], branch: Branch, head: tuple[int, int], now: datetime) -> datetime:
    """Up to when nothing can be due any more: the day of the last calm look, as long as nothing was done since."""
    known, earliest = calm.get(branch.id), now - timedelta(days=LOOK_BACK_DAYS)
    if known is None or known.head != head or known.since > now:
        return earliest
    return max(earliest, known.since.replace(hour=0, minute=0, second=0, microsecond=0))


def _quiet(books: Books, branch: Branch, now: datetime) -> bool:
    return after_quiet(now, parse_quiet(books.rules(branch).quiet_hours)) != now


def _of_use(missed: list[Coming], last: set[str]) -> list[Coming]:
    newest = {(one.job, one.series, one.audience): one for one in missed if one.series}
    return [
        one
        if one.job not in last or not one.series or newest[one.job, one.series, one.audience] is one
        else replace(one, until=one.at)
        for one in missed
    ]
