"""A reminder's rule for people: members read 提前1天17:00 where config.toml has "-1d 17:00"."""

from __future__ import annotations

from bot.rules import CHINESE_WEEKDAYS, Notice, parse_notice
from handlers.reminders.names import NAMES


def told(rule: str) -> str:
    """The rule that stands beside a reminder's row, in words; what is none of the configuration's stays as it is."""
    try:
        return _words(parse_notice(rule.partition(" = ")[2]))
    except ValueError:
        return NAMES.get(rule, rule)


def _words(notice: Notice) -> str:
    at = notice.at.strftime("%H:%M") if notice.at else ""
    if notice.anchor == "meeting":
        before = f"{notice.hours}小时" if notice.hours else f"{notice.minutes}分钟" if notice.minutes else ""
        return f"提前{before}" if before else f"提前{notice.days}天{at}" if notice.days else f"当天{at}"
    days = {
        "after": f"过后第{notice.days}天" if notice.days else "当天",
        "day": f"每月{notice.days}日",
        "last": f"每月最后一天之前{notice.days}天" if notice.days else "每月最后一天",
        "week": f"每周{CHINESE_WEEKDAYS[notice.weekday]}",
        "year": f"每年{notice.month}月{notice.days}日",
    }
    return days[notice.anchor] + at
