"""/remind resend: what was not delivered, or perhaps not, is said again; once, and only when a person says so."""

from __future__ import annotations

import re

from bot import outbox
from bot.commands import Ask
from bot.db import Tx
from bot.message import Refused, Reply, unpack
from bot.trail import note
from handlers.phrases import day_and_time
from handlers.reminders import rows

NUMBER = re.compile(r"[#＃]?(\d{1,15})")


def say_resend(tx: Tx, ask: Ask) -> Reply:
    """resend N: the number stands in /remind."""
    match = NUMBER.fullmatch(ask.text.strip())
    if match is None:
        raise Refused("请写编号，如：/remind resend 12。编号见 /remind。")
    row = tx.one(rows.PROMISE, promise=int(match[1]), branch=ask.who.branch)
    if row is None or row.purpose == "answer":
        raise Refused(f"本支部没有编号 {match[1]} 的提醒。发 /remind 看有哪些没发出。")
    if row.state not in ("failed", "unknown"):
        raise Refused("这一条已经发出了，不用补发。" if row.state == "sent" else "这一条正在发，不用补发。")
    who = {"recorded_at": tx.at, "recorded_by": ask.who.label, "by_member": ask.who.member}
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
    note(tx, ask.who.branch, ask.who.label, ask.who.member, "remind_resend", f"promise:{row.id}")
    return Reply(f"好的，补发 {day_and_time(tx.moment(row.due_at))} 的那一条。")
