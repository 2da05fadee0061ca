"""The short rules: every form that is promised, and advice for all else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import pytest

from bot.rules import (
    Notice,
    Quiet,
    ThemeDay,
    parse_after_notice,
    parse_calendar_notice,
    parse_clock,
    parse_dues_notice,
    parse_meeting_notice,
    parse_notice,
    parse_quiet,
    parse_theme_day,
    parse_weekday,
    readings,
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
        ("-15m", Notice("meeting", minutes=15)),
        ("+3d 09:00", Notice("after", days=3, at=time(9))),
        ("Mon 09:00", Notice("week", weekday=0, at=time(9))),
        ("周日 9:00", Notice("week", weekday=6, at=time(9))),
        ("12-01 09:00", Notice("year", month=12, days=1, at=time(9))),
        ("02-29 09:00", Notice("year", month=2, days=29, at=time(9))),
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
        *((parse_dues_notice, text) for text in ("-2h", "-3d 09:00", "+3d 09:00", "Mon 09:00", "12-01 09:00")),
        *((parse_calendar_notice, text) for text in ("-2h", "+3d 09:00", "13-01 09:00", "02-30 09:00", "Mo 09:00")),
        *((parse_after_notice, text) for text in ("-2h", "day:5 09:00")),
        *((parse_quiet, text) for text in ("07:30-07:29", "08:00-06:30", "06:01-06:00")),
        *((parse_theme_day, text) for text in ("每月第二周周三", "第一个周五", "每月5日")),
    ],
)
def test_all_else_is_refused_with_advice(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"; write|no date of the calendar|the number must be 1 to"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("每月5日", ("day:5",)),
        ("每个月的5号", ("day:5",)),
        ("第一个周五", ("nth:1,Fri",)),
        ("每月第一个星期五", ("nth:1,Fri",)),
        ("每月最后一个周五", ("last:Fri",)),
        ("每月第二周周三", ("nth:2,Wed", "nth-week:2,Wed")),
        ("每月第二个星期的星期三", ("nth:2,Wed", "nth-week:2,Wed")),
        ("nth：2，Wed", ("nth:2,Wed",)),
        ("2026-12-04", ("2026-12-04",)),
        *((text, ()) for text in ("每月32日", "第二周三", "月底", "第六个周五", "nth:6,Fri")),
    ],
)
def test_a_rule_in_plain_chinese_is_read_and_never_guessed(text: str, rules: tuple[str, ...]) -> None:
    assert readings(text) == rules
    assert all(parse_theme_day(rule) for rule in rules)


def test_the_config_says_both_readings() -> None:
    with pytest.raises(ValueError, match="write nth:2,Wed or nth-week:2,Wed"):
        parse_theme_day("每月第二周周三")
