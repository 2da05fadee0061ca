"""What members say while they serve: 签到, 签退; and what the secretary decides about it."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from bot.commands import Ask, Who
from bot.db import Tx, micros
from bot.language import Call, Reading, which
from bot.message import Refused, Reply
from handlers.phrases import day_and_time
from handlers.register import branch_of
from handlers.shifts import hours, marks, store
from handlers.shifts.lines import heading
from handlers.shifts.marks import end_of
from handlers.shifts.meant import which_shift
from handlers.shifts.store import NoShift

LONGEST_AGAIN = 40  # characters of an answer that is kept until it is known which shift is meant
CLOCK = re.compile(r"(?<!\d)(\d{1,2})\s*(?:[:：]\s*(\d{2})|[点时](?:(半)|(\d{1,2})分?)?)(?!\d)")


def check_in_is_meant(tx: Tx, ask: Ask) -> bool:
    """Whether 签到 is for a shift: its number was named, or one that the sender has a seat in runs now."""
    if ask.slots.get("persons") or ask.slots.get("code"):
        return False
    if ask.number:
        return store.found(tx, ask.who.branch, ask.number) is not None
    return bool(ask.who.member and marks.running(tx, ask.who.member))


def say_check_in(tx: Tx, ask: Ask) -> Reply:
    """签到 [#3] of a shift that begins within the hour or runs."""
    found = _meant(tx, ask, marks.running(tx, ask.who.member), "签到", "现在没有您报名的志愿服务。")
    if isinstance(found, Reply):
        return found
    new = marks.check_in(tx, found, ask.who.member, ask.who, ask.rule)
    return Reply(f"{'已签到' if new else '之前已签到'}：{heading(tx, found)}\n结束时请发：签退")


def say_check_out(tx: Tx, ask: Ask) -> Reply:
    """签退 [#3] [11:00 | 9:00-11:00 | 2小时]: the hours go to the secretary; what isn't known is asked, not guessed."""
    if any(name != ask.who.name for name in ask.slots.get("persons", ())):
        raise Refused("签退要本人来，别人的时长请告诉书记登记。")
    rows = marks.staying_of(tx, ask.who.member) or marks.served_lately(tx, ask.who.member)
    nothing = "没有您这两天的志愿服务。社区等其他服务的时长，请告诉书记登记。"
    found = _meant(tx, ask, rows, "签退", nothing)
    if isinstance(found, Reply):
        return found
    came = marks.mark_of(tx, found.id, ask.who.member, marks.IN)
    minutes = _minutes(tx, ask, found, came)
    if minutes == 0:
        return Reply(f"已签退：{heading(tx, found)}\n不满半小时，不计时长。")
    hours.ask(tx, found, ask.who.member, ask.who.name, minutes, ask.who)
    return Reply(f"已签退：{heading(tx, found)}\n时长 {hours.words(minutes)}，等书记确认。")


def _meant(tx: Tx, ask: Ask, rows: list[Any], word: str, nothing: str) -> Any:
    """The shift that is meant, or the question which. Raises NoShift, with `nothing`."""
    if ask.number:
        return store.numbered(tx, branch_of(ask), ask.number)
    by_number = {row.number: row for row in rows if row.branch_id == branch_of(ask)}
    calls = tuple(Call(row.number, row.name, row.name, tx.moment(row.starts_at), "shift") for row in by_number.values())
    slots = {key: value for key, value in ask.slots.items() if key in ("activity", "item")}
    fits = which(Reading(ask.intent, slots, ask.rule), calls, tx.now) if calls else ()
    if not fits:
        raise NoShift(nothing)
    if len(fits) > 1:
        if len(ask.text) > LONGEST_AGAIN:
            raise Refused(f"是哪一班？请写上编号再说一遍，如：{word} #{fits[0].number}")
        return which_shift(tx, ask, [call.number for call in fits], word, again=ask.text)
    return store.by_id(tx, by_number[fits[0].number].id)


def _minutes(tx: Tx, ask: Ask, shift: Any, came: int) -> int:
    """What counts of his service: from-to or hours as he tells them, else from 签到 until now or until the time he
    names. Raises Refused where that can't be known: nobody guesses when somebody went."""
    told = _told_span(tx, ask, shift, came)
    if told is not None:
        if came and not marks.mark_of(tx, shift.id, ask.who.member, marks.OUT):
            marks.check_out(tx, shift, ask.who.member, told[1], ask.who, ask.rule)
        return marks.counted(*told)
    clock = CLOCK.search(ask.text)
    if clock is None and came and tx.at >= end_of(shift) + marks.FORGOTTEN_AFTER:
        raise Refused(
            f"{heading(tx, shift)} 早已结束，不能按现在算。实际几点结束？请发：签退 #{shift.number} "
            f"{tx.moment(end_of(shift)):%H:%M}"
        )
    went = _after(shift.starts_at, _on_the_day(tx, shift, _hour(clock))) if clock else tx.at
    stay = marks.check_out(tx, shift, ask.who.member, went, ask.who, ask.rule)
    return stay.minutes


def _told_span(tx: Tx, ask: Ask, shift: Any, came: int) -> tuple[int, int] | None:
    """From when to when he says he served, or None. Raises Refused for what can't be."""
    if "start" in ask.slots:
        start = _on_the_day(tx, shift, ask.slots["start"])
        end = _after(start, _on_the_day(tx, shift, ask.slots["end"]))
    elif "hours" in ask.slots:
        start = max(came, shift.starts_at)
        end = start + round(float(ask.slots["hours"]) * marks.HOUR)
    else:
        return None
    if end > tx.at:
        raise Refused("这段时间还没过完，结束后再报。")
    if end - start > marks.LONGEST:
        raise Refused("一次最多记 12 小时，请核对。")
    if abs(start - shift.starts_at) > marks.LONGEST:
        raise Refused(f"和 {heading(tx, shift)} 的时间对不上，请核对。")
    return start, end


def _hour(clock: re.Match[str]) -> str:
    minute = clock[2] or ("30" if clock[3] else clock[4]) or "00"
    if int(clock[1]) > 24 or int(minute) > 59:
        raise Refused("没看懂几点，请写成 11:00 这样。")
    return f"{int(clock[1]) % 24:02d}:{int(minute):02d}"


def _on_the_day(tx: Tx, shift: Any, clock: str) -> int:
    """The instant of a time of day on the day on which a shift begins."""
    begins: datetime = tx.moment(shift.starts_at)
    return micros(begins.replace(hour=int(clock[:2]), minute=int(clock[3:]), second=0, microsecond=0))


def _after(start: int, end: int) -> int:
    """The end of a span whose end may be on the next day."""
    return end if end > start else end + round(timedelta(days=1).total_seconds()) * 1_000_000


def decide_hours(tx: Tx, row: Any, ok: bool, by: Who, why: str) -> str:
    """What /todo does with hours that were asked for."""
    asked = hours.decide(tx, json.loads(row.subject)["row"], ok, by, why)
    return f"{'已确认' if ok else '已退回'}：{asked.name} {hours.words(asked.minutes)}（{asked.what}）"


def hours_words(tx: Tx, row: Any, ok: bool, why: str) -> tuple[int, str]:
    """What the member hears of the hours that were asked for him, alone."""
    asked = hours.asked(tx, json.loads(row.subject)["row"])
    what = f"{hours.words(asked.minutes)}（{asked.what}）"
    if ok:
        return asked.member_id, f"您的志愿时长已确认：{what}"
    return asked.member_id, f"您的志愿时长没有确认：{what}" + (f"：{why}" if why else "。要改请告诉书记。")


def undo_hours(tx: Tx, ask: Ask, row: int) -> str:
    """撤销 of 签退: its hours are no longer asked for, and he may check out again."""
    asked = hours.take_back(tx, row, ask.who)
    shift = store.by_id(tx, asked.shift_id)
    if marks.mark_of(tx, shift.id, ask.who.member, marks.OUT):
        marks.take_back(tx, shift, ask.who.member, marks.OUT, ask.who)
    return f"已撤销签退和时长：{heading(tx, shift)}"


def mine(tx: Tx, branch: int, member: int) -> list[str]:
    """A member's own lines for 我的: this year's hours, what waits, what he was asked."""
    first, last = tx.now.date().replace(month=1, day=1), tx.now.date().replace(month=12, day=31)
    minutes = sum(one.minutes for one in hours.served_by(tx, member, first, last))
    asked = hours.waiting(tx, member, first, last)
    lines = [f"今年志愿时长：{hours.words(minutes)}" + (f"，另有 {hours.words(asked)} 等书记确认" if asked else "")]
    lines = lines if minutes or asked else []
    lines += [_own(tx, row, member) for row in store.joined(tx, branch, member)]
    for row in hours.forgotten(tx, marks.staying_of(tx, member)):
        lines.append(f"#{row.number} {row.name} 还没有签退，请发：签退 #{row.number} {tx.moment(end_of(row)):%H:%M}")
    return lines


def _own(tx: Tx, row: Any, member: int) -> str:
    """How a member stands in a coming shift."""
    known = store.mine(tx, row.id, member)
    if known.confirm_by:
        until = day_and_time(tx.moment(known.confirm_by))
        return f"#{row.number} {row.name} 轮到您了，{until}前请发：报名 #{row.number}"
    if known.seated_at:
        return f"已报名 {heading(tx, row)}"
    return f"候补第 {store.place(tx, row.id, known.id)} 位 {heading(tx, row)}"
