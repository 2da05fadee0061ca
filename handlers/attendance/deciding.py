"""What `/todo` does about meetings: leave, 补学 and corrections are decided by the secretary."""

from __future__ import annotations

import json
from typing import Any

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from handlers.activities import by_id, label
from handlers.attendance import leave
from handlers.attendance.operations import NEWEST_ANSWER, refuse_leave


def decide_leave(tx: Tx, row: Any, ok: bool, by: Who, _why: str) -> str:
    """Yes: 已批. No: 未批, and the member is asked again. Raises Refused where the answer was changed since, and for
    one's own leave."""
    subject = json.loads(row.subject)
    activity, member = by_id(tx, subject["activity"]), subject["member"]
    if member == by.member:
        raise Refused("自己的请假请另一位书记或组织委员处理。")
    newest = tx.one(NEWEST_ANSWER, activity=activity.id, member=member)
    if newest is None or newest.id != subject["answer"]:
        raise Refused("本人已经改了回复，这一项不用处理了。")
    if ok:
        leave.approve(tx, activity, member, newest.id, by)
        return f"已批：{row.title}"
    refuse_leave(tx, activity, member, newest.reason, by)
    return f"未批：{row.title}"


def leave_words(tx: Tx, row: Any, ok: bool, why: str) -> tuple[int, str]:
    """What the member hears of his leave, alone: no kind of reason in it."""
    subject = json.loads(row.subject)
    activity = by_id(tx, subject["activity"])
    if ok:
        return subject["member"], f"您的请假已批：{label(tx, activity)}"
    reason = f"（{why}）" if why else ""
    how = f"能到会请回复：参加 #{activity.number}；确实不能到会，请直接和书记说。"
    return subject["member"], f"您的请假没有批{reason}：{label(tx, activity)}\n{how}"
