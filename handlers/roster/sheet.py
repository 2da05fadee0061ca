"""Duty rosters as hospitals write them: a list (姓名, 日期, 班次), or a name a row and a day a column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from bot.rules import Quiet
from handlers.roster.duty import NIGHT, ROUND_THE_CLOCK
from handlers.sheet.errors import SheetError

Line = tuple[int, list[str]]
ONE = timedelta(days=1)
NAME, DEPARTMENT, DATE, SHIFT = "姓名", "科室", "日期", "班次"
NIGHTS = ("夜", "夜班", "大夜", "小夜", "大夜班", "小夜班", "晚", "晚班", "N")
WHOLE_DAYS = ("24", "24h", "24H", "24小时", "24小时班", "全天", "总值班", "值", "值班", "通班")
NOT_CALLED = (
    *("", "-", "—", "/", "白", "白班", "日", "日班", "早", "早班", "中", "中班", "上", "门诊", "行政", "D", "A", "P"),
    *("休", "休息", "假", "下夜", "下夜班", "下", "补休", "年休", "公休", "备", "备班"),
)
MONTH_UNKNOWN = (
    "看不出是哪一天的班：请在表头写日期，如 2026-12-01；只写 1、2、3 的，第一行请写“2026年12月”（或 --month 2026-12）。"
)
TITLE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月")
DAY = re.compile(r"(?:(\d{4})[-/.年])?(?:(\d{1,2})[-/.月])?(\d{1,2})[日号]?(?:[T ].*)?(?:\s*[（(]?(?:周|星期).[)）]?)?")


@dataclass(slots=True)
class Found:
    """What a roster says: duties as (line, name, department, kind, day), and what was not understood, cell by cell."""

    duties: list[tuple[int, str, str, str, date]] = field(default_factory=list)
    people: dict[tuple[str, str], int] = field(default_factory=dict)
    months: set[str] = field(default_factory=set)
    unclear: list[str] = field(default_factory=list)


def read_roster(lines: Sequence[Line], month: str = "") -> Found:
    """The duties in a roster's lines; `month` (YYYY-MM) says of which, where the sheet itself doesn't.

    A word for a shift that isn't known is listed in `unclear` and taken for nothing. Raises SheetError where the sheet
    is no roster or its month can't be known.
    """
    head = next((at for at, (_, cells) in enumerate(lines) if NAME in cells), None)
    if head is None:
        raise SheetError(["没有“姓名”这一列。值班表可以是：姓名、日期、班次；或每人一行、每天一列。"])
    title = " ".join(cell for _, cells in lines[:head] for cell in cells)
    month = month or "-".join(f"{int(part):02}" for part in match.groups()) if (match := TITLE.search(title)) else month
    header, body = lines[head][1], lines[head + 1 :]
    found = Found()
    if DATE in header and SHIFT in header:
        _list(found, header, body, month)
    else:
        _grid(found, header, body, month)
    if not found.people:
        raise SheetError(["值班表里没有一行是有姓名的。"])
    return found


def _list(found: Found, header: list[str], body: Sequence[Line], month: str) -> None:
    place = {name: header.index(name) for name in (NAME, DEPARTMENT, DATE, SHIFT) if name in header}
    for number, cells in body:
        cell = {name: cells[at] if at < len(cells) else "" for name, at in place.items()}
        if not cell[NAME]:
            continue
        day = _day(cell[DATE], month)
        if day is None:
            found.unclear.append(f"第 {number} 行：日期“{cell[DATE][:20]}”")
            continue
        _take(found, number, cell[NAME], cell.get(DEPARTMENT, ""), cell[SHIFT], day)


def _grid(found: Found, header: list[str], body: Sequence[Line], month: str) -> None:
    days = {at: day for at, cell in enumerate(header) if cell and (day := _day(cell, month))}
    if not days:
        raise SheetError([MONTH_UNKNOWN])
    name, department = header.index(NAME), header.index(DEPARTMENT) if DEPARTMENT in header else -1
    for number, cells in body:
        if name >= len(cells) or not cells[name]:
            continue
        where = cells[department] if 0 <= department < len(cells) else ""
        for at, day in days.items():
            _take(found, number, cells[name], where, cells[at] if at < len(cells) else "", day)


def _take(found: Found, number: int, name: str, department: str, word: str, day: date) -> None:
    found.people.setdefault((name, department), number)
    found.months.add(f"{day:%Y-%m}")
    word = word.strip()
    if word in NIGHTS or word in WHOLE_DAYS:
        kind = NIGHT if word in NIGHTS else ROUND_THE_CLOCK
        found.duties.append((number, name, department, kind, day))
    elif word not in NOT_CALLED:
        found.unclear.append(f"第 {number} 行 {name} {day.month}月{day.day}日：班次“{word[:10]}”")


def _day(text: str, month: str) -> date | None:
    match = DAY.fullmatch(text.strip())
    if match is None:
        return None
    year, of_month, day = match.groups()
    if not (of_month or month) or not (year or month):
        return None
    try:
        return date(int(year or month[:4]), int(of_month or month[5:]), int(day))
    except ValueError:
        return None


def hours(kind: str, day: date, night: Quiet, zone: tzinfo) -> tuple[datetime, datetime]:
    """From when to when a duty of a day lasts: the night as configured, round the clock from its end to its end."""
    if kind == NIGHT:
        start = datetime.combine(day, night.start, zone)
        return start, datetime.combine(day + (ONE if night.end <= night.start else ONE * 0), night.end, zone)
    start = datetime.combine(day, night.end, zone)
    return start, start + ONE
