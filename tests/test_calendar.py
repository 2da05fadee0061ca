"""The calendar: the collisions of 2026-12 to 2027-10, every make-up day of 2026, and what must hold on any day."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import Quiet, parse_quiet, parse_theme_day
from scheduler.calendar import (
    Day,
    Planned,
    Roll,
    Years,
    after_quiet,
    calendar_times,
    days,
    load_years,
    notices,
    theme_day,
    workday,
)
from scheduler.calendar.festivals import festivals

SHANGHAI = ZoneInfo("Asia/Shanghai")
NONE = Years()
ONE = timedelta(days=1)
# 国务院办公厅关于2026年部分节假日安排的通知, 2025-11-04: first day off, last day off, days worked instead.
NOTICE_2026 = {
    "元旦": ("01-01", "01-03", ["01-04"]),
    "春节": ("02-15", "02-23", ["02-14", "02-28"]),
    "清明节": ("04-04", "04-06", []),
    "劳动节": ("05-01", "05-05", ["05-09"]),
    "端午节": ("06-19", "06-21", []),
    "中秋节": ("09-25", "09-27", []),
    "国庆节": ("10-01", "10-07", ["09-20", "10-10"]),
}


def the(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def every_day(first: date, last: date) -> list[date]:
    return [first + ONE * ahead for ahead in range((last - first).days + 1)]


def plan(rule: str, month: str, roll: Roll = "next", years: Years = NONE) -> Planned:
    first = the(f"{month}-01")
    planned = theme_day(parse_theme_day(rule), roll, first.year, first.month, years)
    assert planned
    return planned


@pytest.fixture
def nothing_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "_packaged", lambda year: False)


def year_file(folder: Path, year: int, *rows: tuple[str, str, Any]) -> None:
    body = {"year": year, "days": [{"name": name, "date": day, "isOffDay": off} for name, day, off in rows]}
    (folder / f"{year}.json").write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")


# --- working days ----------------------------------------------------------------------------------------------------


def off_in_2026() -> set[date]:
    spans = (every_day(the(f"2026-{first}"), the(f"2026-{last}")) for first, last, _ in NOTICE_2026.values())
    return {day for span in spans for day in span}


def make_up_of_2026() -> set[date]:
    return {the(f"2026-{day}") for _, _, worked in NOTICE_2026.values() for day in worked}


@pytest.mark.parametrize("day", sorted(make_up_of_2026()))
def test_make_up_days_of_2026_are_worked(day: date) -> None:
    found = workday(day, NONE)
    assert (found.working, found.certain, day.weekday() >= 5) == (True, True, True)
    assert found.name in NOTICE_2026


def test_the_whole_of_2026_follows_its_notice() -> None:
    off, worked = off_in_2026(), make_up_of_2026()
    for day in every_day(date(2026, 1, 1), date(2026, 12, 31)):
        found = workday(day, NONE)
        assert found.working == (day in worked or (day.weekday() < 5 and day not in off)), day
        assert not found.name or found.name in NOTICE_2026


def test_2026_is_certain_and_a_year_without_its_notice_is_not() -> None:
    assert all(workday(day, NONE).certain for day in every_day(date(2026, 1, 1), date(2026, 12, 31)))
    assert not any(workday(day, NONE).certain for day in every_day(date(2150, 3, 1), date(2150, 3, 31)))


@pytest.mark.usefixtures("nothing_published")
def test_2026_by_the_rule_alone_is_close_to_its_notice() -> None:
    wrong = [
        day
        for day in every_day(date(2026, 1, 1), date(2026, 12, 31))
        if workday(day, NONE).working != chinese_calendar.is_workday(day)
    ]
    assert set(wrong) == make_up_of_2026(), "only the make-up days can't be guessed"


@pytest.mark.usefixtures("nothing_published")
def test_the_law_gives_thirteen_days() -> None:
    for year in range(2025, 2100):
        by_law = [day for one in festivals(year) for day in one.statutory]
        assert len(by_law) == 13
        assert all(not workday(day, NONE).working and workday(day, NONE).certain for day in by_law)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2027-02-05", "春节"),
        ("2027-02-06", "春节"),
        ("2027-04-05", "清明节"),
        ("2028-04-04", "清明节"),
        ("2027-06-09", "端午节"),
        ("2027-09-15", "中秋节"),
        ("2027-10-03", "国庆节"),
    ],
)
@pytest.mark.usefixtures("nothing_published")
def test_days_off_by_law(day: str, name: str) -> None:
    assert workday(the(day), NONE) == Day(working=False, certain=True, name=name)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2027-02-12", Day(False, False, "春节")),  # 初七
        ("2027-05-05", Day(False, False, "劳动节")),
        ("2027-10-07", Day(False, False, "国庆节")),
        ("2028-01-03", Day(False, False, "元旦")),  # the Monday for a Saturday
        ("2028-10-08", Day(False, False, "国庆节")),  # a Sunday; 中秋 is 10-03
        ("2029-12-31", Day(False, False, "元旦")),  # the Monday before a Tuesday
        ("2027-02-13", Day(False, False)),  # may become a make-up day
        ("2027-02-15", Day(True, False)),
        ("2027-03-10", Day(True, False)),
        ("2027-03-13", Day(False, False)),
        ("2150-03-10", Day(True, False)),
    ],
)
@pytest.mark.usefixtures("nothing_published")
def test_days_that_await_their_notice(day: str, expected: Day) -> None:
    assert workday(the(day), NONE) == expected


# --- year files ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_published")
def test_a_year_file_settles_its_festivals(tmp_path: Path) -> None:
    off = [("春节", f"2027-02-{day:02}", True) for day in range(5, 12)]
    year_file(tmp_path, 2027, *off, ("春节", "2027-02-20", False))
    year_file(tmp_path, 2028)
    years = load_years(tmp_path)
    assert workday(the("2027-02-20"), years) == Day(True, True, "春节")
    assert workday(the("2027-02-12"), years) == Day(True, True)
    assert plan("day:5", "2027-02", years=years) == Planned(the("2027-02-12"), True, the("2027-02-05"))
    assert not workday(the("2027-10-06"), years).certain, "国庆节 is not in the file yet"
    assert not workday(the("2028-01-27"), years).working


def test_a_year_file_is_heard_before_the_package(tmp_path: Path) -> None:
    year_file(tmp_path, 2026, ("停课", "2026-03-10", True))
    assert workday(the("2026-03-10"), load_years(tmp_path)) == Day(False, True, "停课")
    assert workday(the("2026-02-14"), load_years(tmp_path)).working


def test_december_may_be_moved_by_the_next_year(tmp_path: Path) -> None:
    year_file(tmp_path, 2026, ("元旦", "2026-12-31", True))
    year_file(tmp_path, 2027, ("元旦", "2026-12-31", False), ("元旦", "2027-01-01", True))
    years = load_years(tmp_path)
    assert workday(the("2026-12-31"), years) == Day(True, True, "元旦")
    assert workday(the("2026-12-26"), years) == Day(False, True)


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([("春节", "2027-02-05", True), ("春节", "2027-02-05", True)], "2027-02-05 is there twice"),
        ([("春节", "2027-02-30", True)], '"2027-02-30" is no date'),
        ([("春节", "2028-02-05", True)], "2028-02-05 is not of 2027"),
        ([("春节", "2026-11-30", True)], "2026-11-30 is not of 2027"),
        ([("春节", "2027-02-05", 1)], "2027-02-05: write isOffDay as true or false"),
        ([("春节", "2月5日", True)], '"2月5日" is no date'),
    ],
)
def test_a_faulty_year_file_names_file_and_day(
    rows: list[tuple[str, Any, Any]], complaint: str, tmp_path: Path
) -> None:
    year_file(tmp_path, 2027, *rows)
    with pytest.raises(ValueError, match=complaint) as caught:
        load_years(tmp_path)
    assert "2027.json" in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"year": 2027}', '{"year": 2027, "days": [1]}', '{"days": []}'])
def test_a_file_of_another_form_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "2027.json").write_text(text)
    with pytest.raises(ValueError, match=r"2027\.json"):
        load_years(tmp_path)


def test_no_folder_is_no_file(tmp_path: Path) -> None:
    assert load_years(None) == load_years(tmp_path) == load_years(tmp_path / "none") == Years()


# --- theme days ------------------------------------------------------------------------------------------------------

# month, rule, wished, held, certain: both conventions, as long as the notice of 2027 is awaited.
COLLISIONS = [
    ("2026-12", "day:5", "2026-12-05", "2026-12-07", True),
    ("2026-12", "nth:1,Fri", "2026-12-04", "2026-12-04", True),
    ("2027-01", "day:5", "2027-01-05", "2027-01-05", False),
    ("2027-01", "nth:1,Fri", "2027-01-01", "2027-01-04", False),
    ("2027-02", "day:5", "2027-02-05", "2027-02-15", False),
    ("2027-02", "nth:1,Fri", "2027-02-05", "2027-02-15", False),
    ("2027-03", "day:5", "2027-03-05", "2027-03-05", False),
    ("2027-03", "nth:1,Fri", "2027-03-05", "2027-03-05", False),
    ("2027-04", "day:5", "2027-04-05", "2027-04-06", False),
    ("2027-04", "nth:1,Fri", "2027-04-02", "2027-04-02", False),
    ("2027-05", "day:5", "2027-05-05", "2027-05-06", False),
    ("2027-05", "nth:1,Fri", "2027-05-07", "2027-05-07", False),
    ("2027-06", "day:5", "2027-06-05", "2027-06-07", False),
    ("2027-06", "nth:1,Fri", "2027-06-04", "2027-06-04", False),
    ("2027-07", "day:5", "2027-07-05", "2027-07-05", False),
    ("2027-07", "nth:1,Fri", "2027-07-02", "2027-07-02", False),
    ("2027-08", "day:5", "2027-08-05", "2027-08-05", False),
    ("2027-08", "nth:1,Fri", "2027-08-06", "2027-08-06", False),
    ("2027-09", "day:5", "2027-09-05", "2027-09-06", False),
    ("2027-09", "nth:1,Fri", "2027-09-03", "2027-09-03", False),
    ("2027-10", "day:5", "2027-10-05", "2027-10-08", False),
    ("2027-10", "nth:1,Fri", "2027-10-01", "2027-10-08", False),
]


@pytest.mark.parametrize(("month", "rule", "wished", "held", "certain"), COLLISIONS)
def test_collisions(
    month: str, rule: str, wished: str, held: str, certain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "_packaged", lambda year: year <= 2026)
    assert plan(rule, month) == Planned(the(held), certain, the(wished))


@pytest.mark.parametrize(
    ("rule", "month", "wished"),
    [
        ("day:31", "2026-06", "2026-06-30"),
        ("day:31", "2026-02", "2026-02-28"),
        ("day:29", "2024-02", "2024-02-29"),
        ("day:29", "2026-02", "2026-02-28"),
        ("nth:5,Fri", "2026-10", "2026-10-30"),
        ("nth:5,Fri", "2026-11", "2026-11-27"),  # no fifth: the last
        ("last:Fri", "2026-11", "2026-11-27"),
        ("last:周一", "2026-11", "2026-11-30"),
        ("nth:2,Wed", "2027-01", "2027-01-13"),
        ("nth-week:2,Wed", "2027-01", "2027-01-06"),
        ("nth-week:2,Wed", "2026-12", "2026-12-09"),
        ("nth-week:1,Wed", "2027-01", "2027-01-06"),  # the first week's lies in December
        ("nth-week:5,Sun", "2027-02", "2027-02-28"),  # the fifth week's lies in March
    ],
)
def test_wished_days(rule: str, month: str, wished: str) -> None:
    assert plan(rule, month, "none").day == the(wished)


@pytest.mark.parametrize(
    ("rule", "month", "roll", "held"),
    [
        ("day:31", "2026-05", "next", "2026-05-29"),  # Sunday at the month's end: it turns back
        ("day:31", "2026-05", "none", "2026-05-31"),
        ("day:1", "2026-05", "previous", "2026-05-06"),  # the holiday at the month's start: it turns forward
        ("day:1", "2026-08", "previous", "2026-08-03"),
        ("day:5", "2026-12", "previous", "2026-12-04"),
        ("day:5", "2026-12", "nearest", "2026-12-04"),
        ("day:6", "2026-12", "nearest", "2026-12-07"),
        ("day:5", "2026-04", "nearest", "2026-04-07"),  # 04-03 is as far: the later
        ("day:3", "2026-01", "next", "2026-01-04"),  # a make-up Sunday is a working day
        ("day:14", "2026-02", "next", "2026-02-14"),
        ("day:20", "2026-02", "next", "2026-02-24"),
        ("day:29", "2020-02", "next", "2020-02-28"),  # leap day on a Saturday
    ],
)
def test_rolls(rule: str, month: str, roll: Roll, held: str) -> None:
    assert plan(rule, month, roll).day == the(held)


def test_a_typed_date_is_kept_and_of_its_month_only() -> None:
    assert plan("2026-12-05", "2026-12") == Planned(the("2026-12-05"), True, the("2026-12-05"))
    assert theme_day(parse_theme_day("2026-12-05"), "next", 2026, 11, NONE) is None
    assert theme_day(parse_theme_day(""), "next", 2026, 11, NONE) is None


def test_a_month_without_a_working_day_keeps_the_wish() -> None:
    closed = Years({day: Day(False, True) for day in every_day(the("2026-03-01"), the("2026-03-31"))})
    assert plan("day:5", "2026-03", years=closed) == Planned(the("2026-03-05"), False, the("2026-03-05"))


# --- moments ---------------------------------------------------------------------------------------------------------


def test_notices_count_back_from_the_meeting() -> None:
    assert notices(at("2026-12-04T15:00"), ["-2h", "-1d 17:00", "-3d 09:00", "-0d 16:00"]) == [
        ("-3d 09:00", at("2026-12-01T09:00")),
        ("-1d 17:00", at("2026-12-03T17:00")),
        ("-2h", at("2026-12-04T13:00")),
    ]


def test_hours_are_real_hours() -> None:
    start = datetime(2026, 3, 29, 4, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert notices(start, ["-2h"])[0][1].hour == 1


def test_dues_have_their_place_in_the_month() -> None:
    rules = ("last-2d 17:00", "day:20 09:00", "day:5 09:00", "day:31 08:00")
    assert calendar_times(rules, 2028, 2, SHANGHAI) == (
        ("day:5 09:00", at("2028-02-05T09:00")),
        ("day:20 09:00", at("2028-02-20T09:00")),
        ("last-2d 17:00", at("2028-02-27T17:00")),
        ("day:31 08:00", at("2028-02-29T08:00")),
    )


@pytest.mark.parametrize(
    ("quiet", "moment", "spoken"),
    [
        ("21:00-07:30", "2026-12-31T22:00", "2027-01-01T07:30"),
        ("21:00-07:30", "2026-12-04T21:00", "2026-12-05T07:30"),
        ("21:00-07:30", "2026-12-04T06:00", "2026-12-04T07:30"),
        ("21:00-07:30", "2026-12-04T07:30", "2026-12-04T07:30"),
        ("21:00-07:30", "2026-12-04T20:59:59", "2026-12-04T20:59:59"),
        ("12:00-14:00", "2026-12-04T12:00", "2026-12-04T14:00"),
        ("12:00-14:00", "2026-12-04T14:00", "2026-12-04T14:00"),
        ("12:00-14:00", "2026-12-04T22:00", "2026-12-04T22:00"),
        ("21:00-00:00", "2026-12-04T22:00", "2026-12-05T00:00"),
        ("00:00-07:00", "2026-12-04T00:00", "2026-12-04T07:00"),
        ("", "2026-12-04T03:00", "2026-12-04T03:00"),
    ],
)
def test_quiet_hours(quiet: str, moment: str, spoken: str) -> None:
    assert after_quiet(at(moment), parse_quiet(quiet)) == at(spoken)


# --- on any day ------------------------------------------------------------------------------------------------------

weekdays = st.sampled_from(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
fifth = st.integers(1, 5)
rules = st.one_of(
    st.integers(1, 31).map("day:{}".format),
    st.tuples(st.sampled_from(["nth", "nth-week"]), fifth, weekdays).map(lambda one: "{}:{},{}".format(*one)),
    weekdays.map("last:{}".format),
)
rolls = st.sampled_from(["next", "previous", "nearest", "none"])


@given(rules, rolls, st.integers(2004, 2099), st.integers(1, 12))
def test_a_planned_day_is_in_its_month_and_worked(rule: str, roll: Roll, year: int, month: int) -> None:
    planned = theme_day(parse_theme_day(rule), roll, year, month, NONE)
    assert planned
    assert (planned.day.year, planned.day.month) == (planned.wished.year, planned.wished.month) == (year, month)
    assert roll == "none" or workday(planned.day, NONE).working
    assert planned.day == planned.wished or not workday(planned.wished, NONE).working


@given(st.times(), st.times(), st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_after_quiet_is_never_quiet_and_never_earlier(start: time, end: time, moment: datetime) -> None:
    quiet = Quiet(start.replace(fold=0), end.replace(fold=0))
    if quiet.start == quiet.end:
        return
    spoken = after_quiet(moment.replace(tzinfo=SHANGHAI), quiet)
    assert timedelta() <= spoken - moment.replace(tzinfo=SHANGHAI) < timedelta(days=1)
    assert after_quiet(spoken, quiet) == spoken
