"""The moments of reminders: counted from a meeting, placed in a month, kept out of quiet hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from bot.rules import Notice, Quiet, parse_after_notice, parse_calendar_notice, parse_meeting_notice
from scheduler.calendar.festivals import ONE, days_between
from scheduler.calendar.plan import bounds

BEFORE_QUIET = timedelta(minutes=30)


def notices(start: datetime, rules: Iterable[str]) -> list[tuple[str, datetime]]:
    """When to remind of a meeting, in time order: "-3d 09:00" and "-2h" count back from `start`.

    A time that would not come before the meeting is left out.
    """
    times = [(rule, _before(start, parse_meeting_notice(rule))) for rule in rules]
    return sorted((one for one in times if one[1] < start), key=lambda one: one[1])


def afterwards(start: datetime, rules: Iterable[str]) -> list[tuple[str, datetime]]:
    """When to remind after a meeting, in time order: "+3d 09:00"."""
    read = [(rule, parse_after_notice(rule)) for rule in rules]
    times = [(rule, _at(start.date() + ONE * one.days, one, start.tzinfo)) for rule, one in read]
    return sorted(times, key=lambda one: one[1])


@lru_cache(maxsize=4096)
def calendar_times(rules: tuple[str, ...], year: int, month: int, zone: tzinfo) -> tuple[tuple[str, datetime], ...]:
    """What falls into a month, in time order: "day:5 09:00", "last-2d 17:00", "Mon 09:00" and "12-01 09:00"."""
    found = []
    for rule in rules:
        notice = parse_calendar_notice(rule)
        found += [(rule, _at(day, notice, zone)) for day in _days_of(notice, year, month)]
    return tuple(sorted(found, key=lambda one: one[1]))


def after_quiet(moment: datetime, quiet: Quiet | None) -> datetime:
    """The end of the quiet hours where the moment lies in them, else the moment; both in the moment's zone."""
    if quiet is None:
        return moment
    clock, over_midnight = moment.time(), quiet.end < quiet.start
    tonight, this_morning = clock >= quiet.start, clock < quiet.end
    if not (tonight or this_morning if over_midnight else tonight and this_morning):
        return moment
    day = moment.date() + ONE * (over_midnight and tonight)
    return datetime.combine(day, quiet.end, moment.tzinfo)


def awake(moment: datetime, until: datetime, quiet: Quiet | None) -> datetime:
    """When to say what is meant for `moment`: after the quiet hours, or before them where `until` is then over.

    Where neither helps, the moment after the quiet hours: it is then too late, and said to be.
    """
    at = after_quiet(moment, quiet)
    if at < until or quiet is None:
        return at
    night = moment.date() if moment.time() >= quiet.start else moment.date() - ONE
    before = datetime.combine(night, quiet.start, moment.tzinfo) - BEFORE_QUIET
    return before if before < until else at


def next_quiet(moment: datetime, quiet: Quiet | None) -> datetime | None:
    """When the next quiet hours begin after a moment that isn't in them; None where there are none."""
    if quiet is None:
        return None
    today = datetime.combine(moment.date(), quiet.start, moment.tzinfo)
    return today if moment < today else datetime.combine(moment.date() + ONE, quiet.start, moment.tzinfo)


def _before(start: datetime, notice: Notice) -> datetime:
    if notice.at is None:
        # Through UTC, or a change of summer time would count as an hour.
        ahead = timedelta(hours=notice.hours, minutes=notice.minutes)
        return (start.astimezone(UTC) - ahead).astimezone(start.tzinfo)
    return datetime.combine(start.date() - ONE * notice.days, notice.at, start.tzinfo)


def _at(day: date, notice: Notice, zone: tzinfo | None) -> datetime:
    assert notice.at is not None
    return datetime.combine(day, notice.at, zone)


def _days_of(notice: Notice, year: int, month: int) -> list[date]:
    """The days of a month that a notice names; the 31st, and 02-29, is the last day of a shorter month."""
    first, last = bounds(year, month)
    if notice.anchor == "last":
        return [last - ONE * notice.days]
    if notice.anchor == "week":
        return [day for day in days_between(first, last) if day.weekday() == notice.weekday]
    if notice.anchor == "year" and notice.month != month:
        return []
    return [first + ONE * (min(notice.days, last.day) - 1)]
