"""/remind (/提醒): what the calendar will say next, what could not be said, and a reminder of one's own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot import outbox
from bot.commands import Ask, Command
from bot.db import Tx, micros
from bot.language import find_when
from bot.message import Refused, Reply, unpack
from bot.sql import p, sql
from bot.tables import outbox as promises
from bot.trail import note
from handlers import quota
from handlers.activities import FARTHEST_DAYS
from handlers.attendance.target import exact
from handlers.phrases import day_and_time

ONCE_EXAMPLE = "/remind once 12月3日9:00 请带党费证"
SHOWN = 8
LONGEST_TEXT = 300

OWN = sql(
    select(promises.c.due_at, promises.c.reply)
    .where(
        promises.c.branch_id == p("branch"),
        promises.c.state == "planned",
        promises.c.purpose == "once",
        promises.c.due_at > p("at"),
    )
    .order_by(promises.c.due_at)
)
TROUBLED = sql(
    select(promises.c.state, promises.c.due_at, promises.c.error, promises.c.platform)
    .where(
        promises.c.branch_id == p("branch"),
        promises.c.state.in_(("failed", "unknown")),
        promises.c.settled_at > p("since"),
    )
    .order_by(promises.c.id.desc())
    .limit(5)
)
WEEK = 7 * 86_400_000_000


def say_coming(tx: Tx, ask: Ask) -> Reply:
    """The next reminders with their hours, what could not be delivered this week, and how a monthly quota stands."""
    planned = [(micros(one.at), one.text) for one in ask.house.coming(tx, ask.who.branch)]
    own = {(row.due_at, unpack(row.reply).text) for row in tx.all(OWN, branch=ask.who.branch, at=tx.at)}
    lines = [f"{day_and_time(tx.moment(at))} {text}" for at, text in sorted([*planned, *own])]
    more = [f"…… 之后还有 {len(lines) - SHOWN} 条"] if len(lines) > SHOWN else []
    text = "\n".join(["接下来的提醒：", *lines[:SHOWN], *more]) if lines else "接下来一个月没有要发的提醒。"
    month = quota.lines(tx, ask.who.branch, ask.house.meters, ask.house.coming)
    return Reply("\n".join([text, *_troubled(tx, ask), *month]))


def _troubled(tx: Tx, ask: Ask) -> list[str]:
    rows = tx.all(TROUBLED, branch=ask.who.branch, since=tx.at - WEEK)
    words = {"failed": "没发出", "unknown": "不确定是否发出"}
    return [
        f"{words[row.state]}：{day_and_time(tx.moment(row.due_at))}（{row.platform}：{row.error[:60]}）" for row in rows
    ]


def say_once(tx: Tx, ask: Ask) -> Reply:
    """once WHEN TEXT: said in the branch's groups at that time, once."""
    when = find_when(ask.text, tx.now)
    if when is None:
        raise Refused(f"没看懂时间。例：{ONCE_EXAMPLE}")
    start, _ = exact(when)
    text = (ask.text[: when.span[0]] + ask.text[when.span[1] :]).strip(" ，,：:")
    if start <= tx.now:
        raise Refused(f"{day_and_time(start)} 已经过去了，请写以后的时间。")
    if (start - tx.now).days > FARTHEST_DAYS:
        raise Refused(f"{start.year}年{day_and_time(start)} 太远了，请核对年份。")
    if not text or len(text) > LONGEST_TEXT:
        raise Refused(f"请写提醒的内容（最多 {LONGEST_TEXT} 字）。例：{ONCE_EXAMPLE}")
    key = f"once:{ask.incoming.platform}:{ask.incoming.message_id}"
    reply = Reply(f"提醒：{text}")
    groups = outbox.put_to_branch(
        tx, ask.who.branch, lambda _of, _by: reply, key=key, purpose="once", due=micros(start)
    )
    if groups == 0:
        raise Refused("这个支部还没有绑定群，没有地方可以提醒。")
    note(tx, ask.who.branch, ask.who.label, ask.who.member, "remind_once", key)
    return Reply(f"好的，{day_and_time(start)} 在 {groups} 个群里提醒：{text}")


COMMANDS: tuple[Any, ...] = (
    Command(
        "remind",
        "提醒",
        "接下来的提醒",
        "/remind",
        say_coming,
        writes=False,
        subs=(Command("once", "一次", "到时候提醒一次", ONCE_EXAMPLE, say_once),),
    ),
)
