"""How dates, times and lists are written in chat, in one place, so that people learn to read them once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.message import Refused

WEEKDAYS = "一二三四五六日"
LONGEST_WHY = 60  # characters of the reason for which something is called off


def no_longer(text: str, what: str, most: int) -> str:
    """The same text. Raises Refused for one of more characters than are kept: nothing of it is cut off unsaid."""
    if len(text) > most:
        raise Refused(f"{what}最多 {most} 字，您写了 {len(text)} 字，没有办。请写短一点再发。")
    return text


def day(moment: datetime) -> str:
    """12月4日(周五)"""
    return f"{moment.month}月{moment.day}日(周{WEEKDAYS[moment.weekday()]})"


def day_and_time(moment: datetime) -> str:
    """12月4日(周五)15:00"""
    return f"{day(moment)}{moment.hour:02}:{moment.minute:02}"


def span(start: datetime, end: datetime | None) -> str:
    """12月4日(周五)15:00-17:00, or the start alone."""
    if end is None:
        return day_and_time(start)
    last = f"{end:%H:%M}" if end.date() == start.date() else day_and_time(end)
    return f"{day_and_time(start)}-{last}"


def names(people: Iterable[str], most: int = 60) -> str:
    """张三、李四 等 80 人: a list that never breaks a message."""
    listed = list(people)
    text = "、".join(listed[:most])
    return f"{text} 等 {len(listed)} 人" if len(listed) > most else text
