"""/remind set: the keys of [reminders] as a branch may change them for itself, in the words of the office."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from bot.commands import Ask
from bot.db import Tx
from bot.dispatch import ask_back
from bot.message import Refused, Reply
from bot.rules import MOST_DAYS_AFTER, parse_theme_day, readings
from bot.trail import note
from handlers.activities import FARTHEST_DAYS
from handlers.activities.templates import rule_words
from handlers.phrases import day, day_and_time
from handlers.register import branch_of
from handlers.reminders import rows
from scheduler.calendar import wished_day

SET_EXAMPLE = "/remind set 主题党日 每月5日"
BACK = ("默认", "恢复默认")
# Key -> (its name in chat, an example of its value).
KEYS: dict[str, tuple[str, str]] = {
    "theme_day": ("主题党日", "每月5日、第一个周五、最后一个周五、2026-12-04，或：无"),
    "theme_day_time": ("党日时间", "15:00"),
    "theme_day_place": ("党日地点", "三楼会议室"),
    "theme_day_roll": ("遇节假日", "往后、往前、就近、不动"),
    "theme_day_notice": ("党日通知", "-3d 09:00、-1d 17:00、-2h"),
    "meeting_notice": ("会前提醒", "-1d 17:00、-2h"),
    "deadline_notice": ("截止提醒", "-2h"),
    "checkin_notice": ("开始签到", "-15m"),
    "record_notice": ("记录提醒", "+3d 09:00"),
    "makeup_notice": ("补学提醒", "-1d 09:00"),
    "shift_notice": ("志愿提醒", "-1d 18:00"),
    "dues_notice": ("党费提醒", "day:5 09:00、last-2d 17:00"),
    "dues_overdue": ("欠交提醒", "day:6 09:00"),
    "month_close": ("封账提醒", "day:8 09:00"),
    "dues_bases": ("核定提醒", "01-05 09:00"),
    "month_watch": ("每月频次", "day:20 09:00"),
    "quarter_watch": ("每季频次", "03-01 09:00、06-01 09:00"),
    "year_watch": ("全年频次", "09-01 09:00"),
    "development_notice": ("发展提醒", "Mon 09:00"),
    "overdue_notice": ("逾期提醒", "Mon 09:00"),
    "contact_notice": ("流动提醒", "05-20 09:00、11-20 09:00"),
    "month_digest": ("上月小结", "day:1 09:00"),
    "year_plan": ("计划提醒", "12-10 09:00"),
    "night_duty": ("夜班时间", "20:00-08:00"),
    "quiet_hours": ("安静时间", "21:00-07:30，至少留两小时可以提醒"),
    "group_budget_per_day": ("每天条数", "4（0 是不限）"),
}
ROLLS = {"往后": "next", "顺延": "next", "往前": "previous", "提前": "previous", "就近": "nearest", "不动": "none"}
LONGEST = 200


def say_set(tx: Tx, ask: Ask) -> Reply:
    """set [KEY VALUE]: alone, what this branch has set; 默认 gives a key back to the configuration."""
    word, _, value = ask.text.strip().partition(" ")
    if not word:
        return _now(tx, ask)
    key = next((one for one, (name, _) in KEYS.items() if word in (one, name)), None)
    if key is None:
        raise Refused(f"没有“{word[:20]}”这一项。可以设：{'、'.join(name for name, _ in KEYS.values())}")
    name, example = KEYS[key]
    value = value.strip()
    if not value or len(value) > LONGEST:
        raise Refused(f"请写{name}改成什么，如：{example}；写“默认”就恢复。")
    if value in BACK:
        return _record(tx, ask, key, "", f"{name}已恢复默认。")
    if key == "theme_day" and value != "无":
        return _theme_day(tx, ask, value)
    kept = ROLLS.get(value, value) if key == "theme_day_roll" else value
    return _record(tx, ask, key, kept, f"{name}已改为：{value}")


def _now(tx: Tx, ask: Ask) -> Reply:
    found = tx.all(rows.SETTINGS, branch=branch_of(ask))
    lines = [_line(tx, row) for row in found if row.name in KEYS]
    return Reply(
        "\n".join(["本支部自己设的：", *lines]) if lines else f"本支部没有自己设的，都按默认。例：{SET_EXAMPLE}"
    )


def _line(tx: Tx, row: Any) -> str:
    when = day_and_time(tx.moment(row.recorded_at))
    return f"{KEYS[row.name][0]}：{_as_said(row.name, row.value)}（{when} {row.recorded_by}）"


def _as_said(key: str, value: str) -> str:
    """A value as people say it; what they wrote themselves stays as it is."""
    if key == "theme_day_roll":
        return next((word for word, roll in ROLLS.items() if roll == value), value)
    return value if key != "theme_day" or value == "无" else rule_words(value)


def _theme_day(tx: Tx, ask: Ask, value: str) -> Reply:
    """第二周周三 means two things: both are shown with their days, and asked for."""
    meant = readings(value)
    if not meant:
        raise Refused(f"没看懂“{value}”。例：{KEYS['theme_day'][1]}")
    if len(meant) > 1:
        options = [(f"{_in_words(rule)}：{_days(tx.now, rule)}", f"/remind set theme_day {rule}") for rule in meant]
        return ask_back(tx, ask, f"“{value}”有两种算法，是哪一种？", options)
    rule = parse_theme_day(meant[0])
    if rule and rule.day and rule.day < tx.now.date():
        raise Refused(f"{meant[0]} 已经过去了，这样永远不会提醒。请写以后的日期，或每月的规则。")
    if rule and rule.day and (rule.day - tx.now.date()).days > FARTHEST_DAYS:
        raise Refused(f"{meant[0]} 太远了，请核对年份，或写每月的规则。")
    shown = _days(tx.now, meant[0])
    return _record(tx, ask, "theme_day", meant[0], f"主题党日已改为：{value}\n接下来（遇节假日另调）：{shown}")


def _in_words(rule: str) -> str:
    return "第几周里的那一天" if rule.startswith("nth-week") else "当月第几个"


def _days(now: datetime, rule: str) -> str:
    """The next three days that a rule names, days off not yet looked at."""
    parsed, found = parse_theme_day(rule), []
    first = now.replace(day=1)
    for _ in range(14):
        wished = wished_day(parsed, first.year, first.month) if parsed else None
        if wished and wished >= now.date():
            found.append(day(datetime(wished.year, wished.month, wished.day, tzinfo=now.tzinfo)))
        first = (first + timedelta(days=32)).replace(day=1)
    return "、".join(found[:3]) or "没有"


def _record(tx: Tx, ask: Ask, key: str, value: str, said: str) -> Reply:
    """Keeps a value that fits together with the rest. Raises Refused, and then nothing is changed."""
    branch, house = branch_of(ask), ask.house.config.reminders_for(ask.who.branch_name)
    own = {row.name: row.value for row in tx.all(rows.SETTINGS, branch=branch)} | {key: value}
    try:
        rows.effective(house, {name: one for name, one in own.items() if one})
    except ValidationError as error:
        name, example = KEYS[key]
        raise Refused(f"“{value}”不能用作{name}，没有改。例：{example}{_hint(error)}") from error
    who = {"recorded_at": tx.at, "recorded_by": ask.who.label, "by_member": ask.who.member}
    tx.run(rows.SET, branch_id=branch, name=key, value=value, **who)
    note(tx, branch, ask.who.label, ask.who.member, "remind_set", f"setting:{key}", value=value)
    return Reply(said)


def _hint(error: ValidationError) -> str:
    said = str(error.errors()[0]["msg"])
    if "never fires" in said:
        return "。通知要在开会之前，不然永远不会发"
    if "too late" in said:
        return f"。会后最多 {MOST_DAYS_AFTER} 天"
    if "whole day" in said or "leaves less" in said:
        return "。这样几乎全天安静，什么都发不出去"
    return ""
