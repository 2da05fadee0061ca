"""Which days are worked, when a theme day falls, and how sure that is: dates in, dates out, no clock."""

from scheduler.calendar.days import workday
from scheduler.calendar.plan import Planned, Roll, theme_day, wished_day
from scheduler.calendar.times import after_quiet, dues_times, notices
from scheduler.calendar.years import Day, Years, load_years

__all__ = [
    "Day",
    "Planned",
    "Roll",
    "Years",
    "after_quiet",
    "dues_times",
    "load_years",
    "notices",
    "theme_day",
    "wished_day",
    "workday",
]
