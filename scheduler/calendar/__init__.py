"""Which days are worked, when a theme day falls, and how sure that is: dates in, dates out, no clock."""

from scheduler.calendar.days import workday
from scheduler.calendar.plan import Planned, Roll, theme_day, wished_day
from scheduler.calendar.times import after_quiet, afterwards, awake, calendar_times, next_quiet, notices
from scheduler.calendar.years import Day, Years, load_years

__all__ = [
    "Day",
    "Planned",
    "Roll",
    "Years",
    "after_quiet",
    "afterwards",
    "awake",
    "calendar_times",
    "load_years",
    "next_quiet",
    "notices",
    "theme_day",
    "wished_day",
    "workday",
]
