"""What a secretary's line means: which activity, and a time that leaves nothing to guess."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.commands import Ask
from bot.db import Tx
from bot.message import Refused, Reply
from handlers.activities import as_call, label, numbered, open_now
from handlers.choosing import choose
from handlers.phrases import span

OPEN_EXAMPLE = "/attendance open 主题党日 12月4日15:00 三楼会议室"
ENTER_EXAMPLE = "/attendance enter 主题党日 11月6日15:00-17:00 三楼会议室 名单 刘敏 请假 其余 到"
MOST_SHOWN = 120  # characters of what was typed, in an example
NONE_AMONG = "现在没有正在登记的活动，也没有记录不全的。以前的写编号，例："
NUMBER = re.compile(r"^(?:[#＃]\s*(\d+)|(\d{1,6}))号?(?=\s|$)")


def exact(when: Any) -> tuple[datetime, datetime | None]:
    """The start and end of a time that leaves nothing to guess. Raises Refused for 周末, 12月4日 without an hour."""
    if when.ambiguous:
        choices = "，还是".join(span(moment, None) for moment in when.ambiguous)
        raise Refused(f"“{when.text}”是{choices}？请写明日期和时间。")
    if not when.clock:
        raise Refused(f"“{when.text}”没写几点，例：{when.start.month}月{when.start.day}日15:00")
    return when.start, when.end


def target(tx: Tx, ask: Ask, sub: str, among: list[Any] | None = None, *, bare: bool = True) -> tuple[Any, str] | Reply:
    """The activity that a secretary means (`#12 …`, or the only open one) and the rest of the text.

    A number that is none of the branch's is refused: it never falls back to what happens to be open. `among` are the
    rows to choose from where it is not the open ones; without `bare` a number needs its #.
    """
    match = NUMBER.match(ask.text)
    if match and (match[1] or bare):
        return numbered(tx, ask.who.branch, _small(match[1] or match[2])), ask.text[match.end() :].strip()
    rows = open_now(tx, ask.who.branch) if among is None else among
    again = f"/attendance {sub}"
    calls = [as_call(tx, row) for row in rows]
    asked = replace(ask, slots={}, intent="attend")
    if len(calls) > 1 and ask.text:
        said = ask.text if len(ask.text) <= MOST_SHOWN else f"{ask.text[:MOST_SHOWN]}…"
        raise Refused(f"有 {len(calls)} 个活动，请写编号，例：{again} #{calls[0].number} {said}")
    none = f"现在没有正在登记的活动。例：{OPEN_EXAMPLE}" if among is None else f"{NONE_AMONG}{again} #12"
    call = choose(tx, asked, calls, again, none)
    if isinstance(call, Reply):
        return call
    return next(row for row in rows if row.number == call.number), ask.text


def alone(tx: Tx, ask: Ask, sub: str, among: list[Any] | None = None) -> Any:
    """The activity that is meant, or the question which, where no more than its number or its name is typed.

    Raises Refused for other words in place of a number: they may mean another one.
    """
    meant = target(tx, ask, sub, among)
    if isinstance(meant, Reply):
        return meant
    activity, rest = meant
    if not NUMBER.match(ask.text) and rest not in label(tx, activity):
        example = f"/attendance {sub} #{activity.number}"
        raise Refused(f"“{rest[:20]}”和 {label(tx, activity)} 对不上，没有做。就是这一场请发：{example}")
    return activity


def _small(digits: str) -> int:
    if len(digits) > 6:
        raise Refused(f"没有编号 #{digits[:9]} 的活动。发 /attendance 看现在有哪些。")
    return int(digits)
