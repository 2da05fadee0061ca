"""The short rules: every form that is promised, and advice for all else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import pytest

from bot.rules import (
    Notice,
    Quiet,
    ThemeDay,
    parse_clock,
    parse_dues_notice,
    parse_meeting_notice,
    parse_notice,
    parse_quiet,
    parse_theme_day,
    parse_weekday,
)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("day:5", ThemeDay("day", number=5)),
        ("day:31", ThemeDay("day", number=31)),
        ("nth:1,Fri", ThemeDay("nth", number=1, weekday=4)),
        ("nth：5， 周日", ThemeDay("nth", number=5, weekday=6)),
        ("last:fri", ThemeDay("last", weekday=4)),
        ("last:星期天", ThemeDay("last", weekday=6)),
        ("nth-week:2,Wed", ThemeDay("nth-week", number=2, weekday=2)),
        ("2026-12-04", ThemeDay("date", day=date(2026, 12, 4))),
        ("", None),
        ("  ", None),
    ],
)
def test_theme_day_rules(text: str, rule: ThemeDay | None) -> None:
    assert parse_theme_day(text) == rule


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("-3d 09:00", Notice("meeting", days=3, at=time(9))),
        ("-0d 8:00", Notice("meeting", at=time(8))),
        ("-2h", Notice("meeting", hours=2)),
        ("day:5 09:00", Notice("day", days=5, at=time(9))),
        ("day：5 09：00", Notice("day", days=5, at=time(9))),
        ("last-2d 17:00", Notice("last", days=2, at=time(17))),
        ("last-0d 17:00", Notice("last", at=time(17))),
        ("last-27d 17:00", Notice("last", days=27, at=time(17))),
    ],
)
def test_notices(text: str, notice: Notice) -> None:
    assert parse_notice(text) == notice


def test_quiet_hours() -> None:
    assert parse_quiet("21:00-07:30") == Quiet(time(21), time(7, 30))
    assert parse_quiet("") is None


def test_weekdays_in_both_languages() -> None:
    names = zip(["Mon", "tue", "WED", "Thu", "Fri", "Sat", "Sun"], "一二三四五六日", strict=True)
    assert [(parse_weekday(english), parse_weekday(f"周{chinese}")) for english, chinese in names] == [
        (number, number) for number in range(7)
    ]


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        *((parse_theme_day, text) for text in ("5", "day:0", "day:32", "nth:6,Fri", "nth:0,Fri", "nth:1,Fry")),
        *((parse_theme_day, text) for text in ("nth:1", "last:", "nth-week:6,Wed", "2026-02-30", "2026-2-3", "friday")),
        *((parse_notice, text) for text in ("", "3d 09:00", "-3d", "-3d 24:00", "-2h 09:00", "day:32 09:00")),
        *((parse_notice, text) for text in ("day:509:00", "last-28d 09:00", "last 09:00", "day:5")),
        *((parse_clock, text) for text in ("", "24:00", "12:60", "12", "-1:00", "noon")),
        *((parse_quiet, text) for text in ("21:00", "08:00-08:00", "21:00-24:00", "night")),
        *((parse_meeting_notice, text) for text in ("day:5 09:00", "last-2d 17:00")),
        *((parse_dues_notice, text) for text in ("-2h", "-3d 09:00")),
    ],
)
def test_all_else_is_refused_with_advice(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"; write|no date of the calendar|the number must be 1 to"):
        parse(text)
