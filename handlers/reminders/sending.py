"""/remind resend: what was not delivered, or perhaps not, is said again; once, and only when a person says so."""

from __future__ import annotations

import re
from typing import Any

from bot import outbox
from bot.commands import Ask, Who
from bot.db import Tx
from bot.message import Refused, Reply, unpack
from bot.trail import note
from handlers.phrases import day_and_time
from handlers.register import branch_of
from handlers.reminders import rows

NUMBER = re.compile(r"[#＃]?(\d{1,15})")


def say_resend(tx: Tx, ask: Ask) -> Reply:
    """resend N: the number stands in /remind."""
    match = NUMBER.fullmatch(ask.text.strip())
    if match is None:
        raise Refused("请写编号，如：/remind resend 12。编号见 /remind。")
    row = resend(tx, branch_of(ask), int(match[1]), ask.who)
    return Reply(f"好的，补发 {day_and_time(tx.moment(row.due_at))} 的那一条。")


def resend(tx: Tx, branch: int, promise: int, by: Who) -> Any:
    """Says a promise of the branch again, once; its row.

    Raises Refused where there is none, it was said, or its group is no longer the branch's.
    """
    row = tx.one(rows.PROMISE, promise=promise, branch=branch)
    if row is None or row.purpose == "answer":
        raise Refused(f"本支部没有编号 {promise} 的提醒。发 /remind 看有哪些没发出。")
    if row.state not in ("failed", "unknown"):
        raise Refused("这一条已经发出了，不用补发。" if row.state == "sent" else "这一条正在发，不用补发。")
    if not row.private and not _of_branch(tx, branch, row.platform, row.target):
        raise Refused("那个群已经不是本支部的群，不能补发到那里。要在现在的群里说：/remind once 时间 内容")
    who = {"recorded_at": tx.at, "recorded_by": by.label, "by_member": by.member}
    if tx.run(rows.RESEND, promise_id=row.id, **who) == 0:
        raise Refused("这一条已经补发过了。")
    outbox.put(
        tx,
        row.platform,
        row.target,
        unpack(row.reply),
        key=f"again:{row.key}",
        purpose="reminder",
        branch=row.branch_id,
        private=bool(row.private),
    )
    note(tx, branch, by.label, by.member, "remind_resend", f"promise:{row.id}")
    return row


def _of_branch(tx: Tx, branch: int, platform: str, target: str) -> bool:
    groups = tx.all(outbox.GROUPS, branch_id=branch)
    return any((one.push_platform or one.platform, one.push_target or one.chat) == (platform, target) for one in groups)
