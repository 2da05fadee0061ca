"""/volunteer hours and proof: the year's hours, for the secretary and for oneself; never ranked, no list in a group."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

from bot.commands import Ask
from bot.db import Tx
from bot.message import Refused, Reply
from handlers.desk_telling import tell_alone
from handlers.looks import HOURS as HOURS_SERVED
from handlers.looks import note_branch, note_looks
from handlers.phrases import day_and_time, no_longer
from handlers.phrases import names as listed
from handlers.register import ACTIVE, branch_of, member_named
from handlers.registers.dates import past_day, period
from handlers.shifts import community, hours, marks, store
from handlers.shifts.lines import heading
from handlers.shifts.meant import BETWEEN

EXAMPLE = "/volunteer hours 3 张三 2.5小时"
OUTSIDE = "/volunteer hours 张三 11月20日 3小时 阳光社区清雪"
HOURS = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)\s*(?:个)?(?:小时|h)?")
WITH_UNIT = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)\s*(?:个)?(?:小时|h)")
SHIFT = re.compile(r"#?(\d{1,6})号?")
YEAR = re.compile(r"(?:(?:19|20)\d{2}年?|今年|去年)")
STATES = {hours.ASKED: "申报", hours.OK: "记", hours.NO: "不计"}
MOST_LINES = 80
LONGEST_WHY = 60
NOT_OURS = "志愿服务证明由登记的志愿服务组织出具（民政部令第67号），我不能开。以下是已确认的记录，可以交给他们核对："


def say_hours(tx: Tx, ask: Ask) -> Reply:
    """hours [年]: the list; hours N 姓名 2.5小时 [姓名 2小时] [原因 …], or hours 姓名 日期 3小时 做了什么: entries.

    hours N 姓名: what was asked, decided and entered of his hours in a shift.
    """
    text = ask.text.strip()
    if not text or YEAR.fullmatch(text):
        note_branch(tx, ask.who, branch_of(ask), HOURS_SERVED)
        return Reply(_list(tx, branch_of(ask), text), private=True)
    first, _, rest = text.partition(" ")
    number = SHIFT.fullmatch(first)
    return _enter(tx, ask, int(number[1]), rest) if number else _enter_outside(tx, ask, text)


def _list(tx: Tx, branch: int, text: str) -> str:
    _, first, last = period(text, tx.now)
    total: Counter[int] = Counter()
    for one in hours.served(tx, branch, first, last):
        total[one.member] += one.minutes
    people = {row.id: row.name for row in tx.all(ACTIVE, branch=branch)}
    people |= {one.member: f"{one.name}（已不在本支部）" for one in _gone(tx, branch, first, last, people)}
    lines = [f"{name} {total[member] / 60:g}" for member, name in people.items() if total[member]]
    head = f"{first.year}年志愿时长（小时，按名册顺序）：" if lines else f"{first.year}年还没有已确认的志愿时长。"
    more = [f"…… 还有 {len(lines) - MOST_LINES} 人，全部见 /volunteer export"] if len(lines) > MOST_LINES else []
    open_ends = [f"{row.who}（#{row.number}）" for row in hours.forgotten(tx, _here(tx, branch))]
    asked = [f"签到了没有签退、还没报时长：{listed(open_ends, 20)}"] if open_ends else []
    return "\n".join([head, *lines[:MOST_LINES], *more, *asked, f"登记：{EXAMPLE}"])


def _gone(tx: Tx, branch: int, first: date, last: date, people: dict[int, str]) -> list[hours.Served]:
    return [one for one in hours.served(tx, branch, first, last) if one.member not in people]


def _here(tx: Tx, branch: int) -> list[Any]:
    return [row for row in marks.staying(tx, tx.at - 366 * 24 * marks.HOUR) if row.branch_id == branch]


def _enter(tx: Tx, ask: Ask, number: int, rest: str) -> Reply:
    """Hours of one or several people in a shift: all of them or none."""
    shift = store.numbered(tx, branch_of(ask), number)
    typed, _, behind = rest.partition("原因")
    reason = no_longer(behind.strip(" ：:"), "原因", LONGEST_WHY)
    waiting: list[str] = []
    lines = []
    for word in (word for word in BETWEEN.split(typed) if word):
        found = HOURS.fullmatch(word)
        if found is None:
            waiting.append(word)
            continue
        for name in waiting or _nobody():
            person = member_named(tx, branch_of(ask), name)
            minutes = round(float(found[1]) * 60)
            done = hours.enter(tx, shift, person.id, minutes, ask.who, reason)
            _tell(tx, ask, shift, person.id, minutes, reason, done)
            lines.append(f"{person.name} {hours.words(minutes)}")
        waiting = []
    if len(waiting) == 1 and not lines:
        return _history(tx, ask, shift, member_named(tx, branch_of(ask), waiting[0]))
    if waiting or not lines:
        raise Refused(f"请写姓名和小时，如：{EXAMPLE}")
    return Reply("\n".join([f"已记时长：{heading(tx, shift)}", *lines]))


def _tell(tx: Tx, ask: Ask, shift: Any, member: int, minutes: int, reason: str, done: hours.Entered) -> None:
    """Who had confirmed hours hears alone that they were changed, from what to what, and why."""
    if done.before is None:
        return
    what = f"{hours.words(done.before)} 改为 {hours.words(minutes)}（{shift.name}），原因：{reason}"
    text = f"您的志愿时长已更正：{what}。登记人 {ask.who.label}，有疑问请告诉书记。"
    tell_alone(tx, ask.house, shift.branch_id, member, text, ask.who, key=f"hours:{done.row}")


def _history(tx: Tx, ask: Ask, shift: Any, person: Any) -> Reply:
    """What was asked, decided and entered of one person's hours in a shift, for the secretary alone."""
    note_looks(tx, ask.who, [person.id], HOURS_SERVED)
    rows = [_line(tx, row) for row in hours.history(tx, shift.id, person.id)] or ["还没有时长记录。"]
    return Reply("\n".join([f"{person.name} 的时长：{heading(tx, shift)}", *rows, f"登记：{EXAMPLE}"]), private=True)


def _line(tx: Tx, row: Any) -> str:
    why = f"（{row.reason}）" if row.reason else ""
    when = day_and_time(tx.moment(row.recorded_at))
    return f"{when} {row.recorded_by} {STATES[row.state]} {hours.words(row.minutes)}{why}"


def _nobody() -> list[str]:
    raise Refused(f"小时前面要有姓名，如：{EXAMPLE}")


def _enter_outside(tx: Tx, ask: Ask, text: str) -> Reply:
    name, *words = [word for word in BETWEEN.split(text) if word] or [""]
    found = next(((word, match) for word in words if (match := WITH_UNIT.fullmatch(word))), None)
    day = next(((word, on) for word in words if (on := past_day(word, tx.now))), None)
    if found is None or day is None:
        raise Refused(f"请写姓名、日期、小时和内容，如：{OUTSIDE}")
    person = member_named(tx, branch_of(ask), name)
    what = " ".join(word for word in words if word not in (found[0], day[0]))
    if not 0 < len(what) <= 30:
        raise Refused(f"请写做了什么（最多 30 字），如：{OUTSIDE}")
    minutes = round(float(found[1][1]) * 60)
    hours.enter_outside(tx, branch_of(ask), person.id, day[1], minutes, what, ask.who)
    return Reply(f"已记时长：{person.name} {day[1]} {what} {hours.words(minutes)}")


def say_proof(tx: Tx, ask: Ask) -> Reply:
    """/volunteer proof [年]: certificates aren't ours; one's own confirmed records, to hand on."""
    if not ask.who.member:
        raise Refused("我还不认识您。请先说：我是 姓名")
    _, first, last = period(ask.text, tx.now)
    found = hours.served_by(tx, ask.who.member, first, last)
    lines = [f"{one.on} {one.what} {hours.words(one.minutes)}" for one in found]
    total = f"{first.year}年合计 {hours.words(sum(one.minutes for one in found))}"
    return Reply("\n".join([NOT_OURS, *lines[-MOST_LINES:], *_reported(tx, ask.who.member), total]), private=True)


def _reported(tx: Tx, member: int) -> list[str]:
    known = community.reported(tx, member)
    return [f"双报到：{known.community}，{known.reported_on}"] if known is not None else []
