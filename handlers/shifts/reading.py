"""What is typed behind `/volunteer open` and `edit`: name, time, place, seats and options, in nearly any order."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot.language import When, find_when
from bot.message import Refused
from handlers.shifts.opening import CLAIM_MINUTES, MOST_SEATS, Terms
from handlers.shifts.skills import read_skills

USAGE = "请这样发：/volunteer open 义诊 12月6日9:00-11:00 人民广场 10人"
LONGEST_NAME, LONGEST_PLACE, MOST_SHIFTS = 30, 60, 20
_count = r"(?<![\d.])(-?\d+(?:\.\d+)?)"
PEOPLE = re.compile(rf"(?:名额|限额|限|人数)?[:：]?\s*{_count}\s*[人名个位](?=$|[\s,，])")
BARE = re.compile(rf"(?:名额|限额|限|人数)?[:：]?\s*{_count}(?=$|[\s,，])")
OPTION = re.compile(r"(?:^|(?<=[\s,，]))(至少|技能|退出截止|候补确认)[\s:：]*")
AT_LEAST = re.compile(r"(\d{1,4})\s*[人名个位]?")
CLAIM = re.compile(r"(\d{1,3})\s*(?:个)?(小时|分钟)?|不用|无")
ENDS = " \n;；"
NEW_LINE = re.compile(r"\s*[\n；;]+\s*")
EDITED = re.compile(r"(时间|地点|人数|名额|至少|技能|退出截止|候补确认)[\s:：]*(.*)", re.S)


def read_shift(text: str, now: datetime) -> Terms | When:
    """The shift that is typed in one line, or its time where that may be two. Raises Refused."""
    head, options = _options(text.strip(ENDS))
    when = find_when(head, now)
    if when is None:
        raise Refused(f"没看到时间。{USAGE}")
    if not when.clock:
        raise Refused(f"请写明几点。{USAGE}")
    if len(when.ambiguous) > 1:
        return when
    name, place, capacity = around(head, when.span)
    return _with_options(Terms(name, when.start, when.end, place, capacity), options, now)


def read_event(text: str, now: datetime) -> list[Terms]:
    """The shifts of an event: the first line names it, its place and perhaps the day, each other line is a shift.

    `义诊 人民广场 12月6日` / `9:00-11:00 10人 测血压` / `13:00-15:00 8人 中医 技能 中医`. Raises Refused.
    """
    head, *lines = [line for line in NEW_LINE.split(text.strip()) if line]
    if len(lines) > MOST_SHIFTS:
        raise Refused(f"一次最多 {MOST_SHIFTS} 班，请分开发布。")
    head, shared = _options(head)
    when = find_when(head, now)
    if when is not None and when.clock:
        raise Refused("几班一起发布时，第一行写名称、地点和日期，每班的时间和人数各写一行。")
    day = head[when.span[0] : when.span[1]] if when else ""
    rest = f"{head[: when.span[0]]} {head[when.span[1] :]}" if when else head
    name, place = _name_and_place(_words(rest))
    return [_one_of_event(f"{day}{line}", name, place, shared, now) for line in lines]


def several(text: str) -> bool:
    """Whether more than one line stands there; what ends the last one makes no other."""
    return bool(NEW_LINE.search(text.strip(ENDS)))


def _one_of_event(line: str, name: str, place: str, shared: dict[str, str], now: datetime) -> Terms:
    head, options = _options(line)
    when = find_when(head, now)
    if when is None or not when.clock or len(when.ambiguous) > 1:
        raise Refused(f"这一班的时间没看懂：{line[:30]}。请写成 9:00-11:00 10人 岗位")
    capacity, rest = _seats(f"{head[: when.span[0]]} {head[when.span[1] :]}")
    post = " ".join(_words(rest))
    if len(f"{name}·{post}") > LONGEST_NAME:
        raise Refused(f"名称和岗位一共最多 {LONGEST_NAME} 字。")
    terms = Terms(f"{name}·{post}" if post else name, when.start, when.end, place, capacity)
    return _with_options(terms, {**shared, **options}, now)


def around(text: str, span: tuple[int, int]) -> tuple[str, str, int]:
    """(name, place, capacity) of what stands around the time. Raises Refused."""
    capacity, rest = _seats(f"{text[: span[0]]} {text[span[1] :]}")
    name, place = _name_and_place(_words(rest))
    return name, place, capacity


def _seats(rest: str) -> tuple[int, str]:
    found = list(PEOPLE.finditer(rest)) or list(BARE.finditer(rest))
    if not found:
        raise Refused(f"没看到人数。{USAGE}")
    return _capacity(found[-1][1]), f"{rest[: found[-1].start()]} {rest[found[-1].end() :]}"


def _capacity(count: str) -> int:
    if not count.isdecimal() or not 1 <= int(count) <= MOST_SEATS:
        raise Refused(f"人数要是 1 到 {MOST_SEATS} 之间的整数。")
    return int(count)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s，,]+", text) if word]


def _name_and_place(words: list[str]) -> tuple[str, str]:
    if not words:
        raise Refused(f"没看到名称。{USAGE}")
    name, place = words[0], " ".join(words[1:])
    if len(name) > LONGEST_NAME or len(place) > LONGEST_PLACE:
        raise Refused(f"名称最多 {LONGEST_NAME} 字，地点最多 {LONGEST_PLACE} 字。")
    return name, place


def _options(text: str) -> tuple[str, dict[str, str]]:
    """The text before the first option, and the options by their words."""
    parts = OPTION.split(text)
    return parts[0], {parts[i]: parts[i + 1].strip(" ，,") for i in range(1, len(parts) - 1, 2)}


def _with_options(terms: Terms, options: dict[str, str], now: datetime) -> Terms:
    for word, value in options.items():
        terms = edited(terms, word, value, now)
    return terms


def edited(terms: Terms, word: str, value: str, now: datetime) -> Terms:
    """The terms with one of them changed as it was typed. Raises Refused for what can't be read."""
    if word == "时间":
        start, end = _time(value, now)
        late = terms.leave_by is not None and terms.leave_by > start
        return replace(terms, start=start, end=end, leave_by=None if late else terms.leave_by)
    if word == "地点":
        if not 0 < len(value) <= LONGEST_PLACE:
            raise Refused(f"地点要 1 到 {LONGEST_PLACE} 字。")
        return replace(terms, place=value)
    if word in ("人数", "名额"):
        return replace(terms, capacity=_capacity(value.rstrip("人名个位 ")))
    if word == "至少":
        least = AT_LEAST.fullmatch(value)
        if least is None:
            raise Refused("没看懂至少几人。例：至少 4人")
        return replace(terms, at_least=int(least[1]))
    if word == "退出截止":
        return replace(terms, leave_by=_time(value, now)[0])
    if word == "技能":
        return replace(terms, skills=tuple(read_skills(_words(value.replace("、", " ")))))
    return replace(terms, claim_minutes=_claim(value))


def _time(value: str, now: datetime) -> tuple[datetime, datetime | None]:
    when = find_when(value, now)
    if when is None or not when.clock or len(when.ambiguous) > 1:
        raise Refused("没看懂时间，请写几月几日几点，如：12月5日18:00")
    return when.start, when.end


def _claim(value: str) -> int:
    """Minutes: 6小时, 30分钟, 0, 不用; "" = the usual ones."""
    if not value:
        return CLAIM_MINUTES
    found = CLAIM.fullmatch(value)
    if found is None:
        raise Refused("没看懂候补确认的时间。例：候补确认 6小时，不用确认写 0")
    return int(found[1]) * (1 if found[2] == "分钟" else 60) if found[1] else 0
