"""The notice of the State Council on a year's holidays: pasted as it is published, kept in the schema of holiday-cn.

An administrator's notice holds for all branches, a secretary's for his own (a hospital may have days of its own).
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

from bot.commands import Ask
from bot.db import Tx
from bot.message import Refused, Reply
from bot.sql import insert_row
from bot.trail import note
from handlers.clock_tables import year_notices
from scheduler.calendar.festivals import days_between, festivals
from scheduler.calendar.years import of_notice, read_year

HOLIDAYS_EXAMPLE = "/remind holidays 2027年 元旦：1月1日至3日放假，共3天。1月4日上班。"
ADD = insert_row(year_notices, "branch_id", "year", "body", "recorded_at", "recorded_by")
YEAR = re.compile(r"(\d{4})\s*年")
YEARS = range(2000, 2100)
NAMES = "元旦|春节|清明节|劳动节|端午节|中秋节|国庆节"
SECTION = re.compile(rf"((?:{NAMES})(?:\s*[、和]\s*(?:{NAMES}))*)\s*[:：]")
SPAN = re.compile(
    r"(?:(?:(\d{4})年)?(\d{1,2})月)?(\d{1,2})日(?:\s*[至到—–~-]+\s*(?:(?:\d{4}年)?(\d{1,2})月)?(\d{1,2})日)?"
)
ASIDE = re.compile(r"[(（][^()（）]*[)）]")
TOTAL = re.compile(r"共\s*(\d{1,2})\s*天")
LONGEST_BREAK = 14


def say_holidays(tx: Tx, ask: Ask) -> Reply:
    """holidays 2027年 元旦：…: reads the whole notice or nothing of it, and says how it was read."""
    body = notice_of(ask.text)
    branch = 0 if "admin" in ask.who.roles else ask.who.branch
    keep(tx, branch, body, ask.who.label, ask.who.member)
    days = body["days"]
    lines = [
        f"{name}：休 {_days(days, name, True)}" + (f"；上班 {worked}" if (worked := _days(days, name, False)) else "")
        for name in dict.fromkeys(one["name"] for one in days)
    ]
    whose = "所有支部" if branch == 0 else ask.who.branch_name
    return Reply(
        "\n".join([f"已登记{body['year']}年节假日安排（{whose}），主题党日随之重算：", *lines, "不对就改好再发一次。"])
    )


def keep(tx: Tx, branch: int, body: dict[str, Any], by: str, member: int) -> None:
    """Keeps a notice in holiday-cn's form for a branch (0 = all). Raises ValueError as `read_year` does."""
    read_year(body)
    text = json.dumps(body, ensure_ascii=False)
    tx.run(ADD, branch_id=branch, year=body["year"], body=text, recorded_at=tx.at, recorded_by=by)
    note(tx, branch, by, member, "holidays", f"year:{body['year']}", days=len(body["days"]))


def notice_of(text: str) -> dict[str, Any]:
    """The notice's days in holiday-cn's form. Raises Refused for what can't be read to the last day."""
    year_found = YEAR.search(text)
    year = int(year_found[1]) if year_found else 0
    if year not in YEARS:
        raise Refused(f"请写明是哪一年。例：{HOLIDAYS_EXAMPLE}")
    parts = SECTION.split(text)
    if len(parts) < 3:
        raise Refused(f"没看懂放假通知，请把通知整段粘贴过来。例：{HOLIDAYS_EXAMPLE}")
    days: dict[date, dict[str, Any]] = {}
    for name, words in zip(parts[1::2], parts[2::2], strict=True):
        for day, off in _section(year, name, words):
            if day in days:
                raise Refused(f"{day} 写了两次（{days[day]['name']}、{name}），没有登记，请核对。")
            days[day] = {"name": name, "date": day.isoformat(), "isOffDay": off}
    _check(year, days)
    return {"year": year, "papers": [], "days": [days[day] for day in sorted(days)]}


def _section(year: int, name: str, words: str) -> list[tuple[date, bool]]:
    """One holiday: the days of the sentences with 放假, and of those with 上班; the number in 共 N 天 must agree."""
    found: list[tuple[date, bool]] = []
    for sentence in re.split(r"[。;；\n]", ASIDE.sub("", words)):
        off, work = "放假" in sentence or "休息" in sentence, "上班" in sentence
        if off == work:
            continue
        days = _spans(year, name, sentence)
        total = TOTAL.search(sentence)
        if total and off and int(total[1]) != len(days):
            raise Refused(f"{name}：写着共 {total[1]} 天，数出来 {len(days)} 天，没有登记，请核对。")
        found += [(day, off) for day in days]
    if not any(off for _, off in found):
        raise Refused(f"{name}：没看懂哪几天放假，没有登记。")
    return found


def _spans(year: int, name: str, sentence: str) -> list[date]:
    days: list[date] = []
    month = 0
    for of_year, first_month, first_day, last_month, last_day in SPAN.findall(sentence):
        month = int(first_month or month)
        first = _own(year, name, _date(int(of_year or _year(year, name, month)), month, first_day, name))
        days.append(first)
        if last_day:
            end_month = int(last_month or month)
            last = _date(first.year + (end_month < month), end_month, last_day, name)
            if not first < last < first + timedelta(days=LONGEST_BREAK):
                raise Refused(f"{name}：{first} 到 {last} 不像一个假期，没有登记，请核对。")
            days += list(days_between(first, _own(year, name, last)))[1:]
            month = end_month
    return days


def _year(year: int, name: str, month: int) -> int:
    """元旦 may begin in the December before its year."""
    return year - 1 if name.startswith("元旦") and month == 12 else year


def _date(year: int, month: int, day: str, name: str) -> date:
    try:
        return date(year, month, int(day))
    except ValueError:
        raise Refused(f"{name}：没有 {month}月{day}日 这一天，没有登记。") from None


def _own(year: int, name: str, day: date) -> date:
    """The day, of which a notice of that year may speak. Raises Refused where it may not."""
    if not of_notice(day, year):
        raise Refused(f"{name}：{day} 不在{year}年，没有登记，请核对。")
    return day


def _check(year: int, days: dict[date, dict[str, Any]]) -> None:
    """What the law gives can't be worked, so a notice that says so was misread."""
    law = {day for one in festivals(year) for day in one.statutory}
    wrong = sorted(day for day in law & set(days) if not days[day]["isOffDay"])
    if wrong:
        raise Refused(f"{wrong[0]} 是法定节假日，不会上班，没有登记，请核对。")


def _days(days: list[dict[str, Any]], name: str, off: bool) -> str:
    found = [date.fromisoformat(one["date"]) for one in days if one["name"] == name and one["isOffDay"] is off]
    return "、".join(f"{day.month}月{day.day}日" for day in found)
