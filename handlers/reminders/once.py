"""/remind once: a reminder of the secretary's own, said once in the branch's groups."""

from __future__ import annotations

from datetime import datetime

from bot import outbox
from bot.commands import Ask, Who
from bot.db import Tx, micros
from bot.language import find_when
from bot.message import Refused, Reply
from bot.trail import note
from handlers.activities import FARTHEST_DAYS
from handlers.attendance.target import exact
from handlers.phrases import day_and_time
from handlers.register import branch_of

ONCE_EXAMPLE = "/remind once 12月3日9:00 请带党费证"
LONGEST_TEXT = 300


def say_once(tx: Tx, ask: Ask) -> Reply:
    """once WHEN TEXT: said in the branch's groups at that time, once."""
    when = find_when(ask.text, tx.now)
    if when is None:
        raise Refused(f"没看懂时间。例：{ONCE_EXAMPLE}")
    start, _ = exact(when)
    text = (ask.text[: when.span[0]] + ask.text[when.span[1] :]).strip(" ，,：:")
    key = f"once:{ask.incoming.platform}:{ask.incoming.message_id}"
    groups = remind_once(tx, branch_of(ask), start, text, key, ask.who)
    return Reply(f"好的，{day_and_time(start)} 在 {groups} 个群里提醒：{text}")


def remind_once(tx: Tx, branch: int, start: datetime, text: str, key: str, by: Who) -> int:
    """Promises a reminder to the branch's groups; how many. The same `key` is promised once.

    Raises Refused for a time that is over or too far, words that are missing or too long, and where there is no group.
    """
    if start <= tx.now:
        raise Refused(f"{day_and_time(start)} 已经过去了，请写以后的时间。")
    if (start - tx.now).days > FARTHEST_DAYS:
        raise Refused(f"{start.year}年{day_and_time(start)} 太远了，请核对年份。")
    if not text or len(text) > LONGEST_TEXT:
        raise Refused(f"请写提醒的内容（最多 {LONGEST_TEXT} 字）。例：{ONCE_EXAMPLE}")
    reply = Reply(f"提醒：{text}")
    groups = outbox.put_to_branch(tx, branch, lambda _of, _by: reply, key=key, purpose="once", due=micros(start))
    if groups == 0:
        raise Refused("这个支部还没有绑定群，没有地方可以提醒。")
    note(tx, branch, by.label, by.member, "remind_once", key)
    return groups
