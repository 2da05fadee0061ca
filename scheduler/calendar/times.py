"""The moments of reminders: counted from a meeting, placed in a month, kept out of quiet hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo

from bot.rules import Notice, Quiet, parse_dues_notice, parse_meeting_notice
from scheduler.calendar.festivals import ONE
from scheduler.calendar.plan import bounds


def notices(start: datetime, rules: Iterable[str]) -> list[tuple[str, datetime]]:
    """When to remind of a meeting, in time order: "-3d 09:00" and "-2h" count back from `start`.

    A time that would not come before the meeting is left out.
    """
    times = [(rule, _before(start, parse_meeting_notice(rule))) for rule in rules]
    return sorted((one for one in times if one[1] < start), key=lambda one: one[1])


def dues_times(rules: Iterable[str], year: int, month: int, zone: tzinfo) -> list[tuple[str, datetime]]:
    """When to remind of the month's dues, in time order: "day:5 09:00", "last-2d 17:00" (before the last day)."""
    times = [(rule, _in_month(parse_dues_notice(rule), year, month, zone)) for rule in rules]
    return sorted(times, key=lambda one: one[1])


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


def _before(start: datetime, notice: Notice) -> datetime:
    if notice.at is None:
        # Through UTC, or a change of summer time would count as an hour.
        return (start.astimezone(UTC) - timedelta(hours=notice.hours)).astimezone(start.tzinfo)
    return datetime.combine(start.date() - ONE * notice.days, notice.at, start.tzinfo)


def _in_month(notice: Notice, year: int, month: int, zone: tzinfo) -> datetime:
    first, last = bounds(year, month)
    day = last - ONE * notice.days if notice.anchor == "last" else first + ONE * (min(notice.days, last.day) - 1)
    assert notice.at is not None
    return datetime.combine(day, notice.at, zone)
