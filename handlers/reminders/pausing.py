"""/remind pause and resume: a kind of reminder, or all of them, rests until a day or until somebody resumes.

Always with a reason, since others will ask.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bot.commands import Ask, Who
from bot.db import Tx, micros
from bot.language import find_when
from bot.message import Refused, Reply
from bot.trail import note
from handlers.phrases import day_and_time
from handlers.register import branch_of
from handlers.reminders import rows
from handlers.reminders.names import NAMES, job_named

REASON = "原因"
LONGEST_REASON = 60
BEFORE_UNTIL, AFTER_UNTIL = re.compile(r"(?<!签)[到至]\s*$"), re.compile(r"^\s*(?:[为之以]?[前止])")
EDGES = " ，,：:"
EXAMPLE = "/remind pause 党费 到12月20日 原因 系统检修"
RESUME_EXAMPLE = "/remind resume 党费 原因 检修完成"


def say_pause(tx: Tx, ask: Ask) -> Reply:
    """pause [提醒] [到 日期] 原因 …: what falls due meanwhile is not said later either."""
    head, reason = _with_reason(ask.text, EXAMPLE)
    when = find_when(head, tx.now)
    if when is not None:
        start, end = when.span
        head = f"{BEFORE_UNTIL.sub('', head[:start])} {AFTER_UNTIL.sub('', head[end:])}"
        if when.start <= tx.now:
            raise Refused(f"{day_and_time(when.start)} 已经过去了，请写以后的日期。")
    job = job_named(head.strip(EDGES))
    pause(tx, branch_of(ask), job, when.start if when else None, reason, ask.who)
    until = f"到{day_and_time(when.start)}" if when else "，直到恢复"
    return Reply(
        f"已暂停{called(job)}{until}。期间到点的不再补发。恢复：/remind resume {NAMES.get(job, '全部')} 原因 …"
    )


def pause(tx: Tx, branch: int, job: str, until: datetime | None, reason: str, by: Who) -> None:
    """Lets a kind of reminder ("" = all) rest, until an instant or until somebody resumes.

    Raises Refused where it rests already, and for a reason that is missing or too long.
    """
    _checked(reason, EXAMPLE)
    if any(row.job == job for row in paused(tx, branch)):
        raise Refused(f"{called(job)}已经暂停了。恢复：/remind resume {NAMES.get(job, '全部')} 原因 …")
    tx.run(
        rows.PAUSE,
        branch_id=branch,
        job=job,
        from_at=tx.at,
        until_at=micros(until) if until else 0,
        reason=reason,
        recorded_by=by.label,
        by_member=by.member,
    )
    note(tx, branch, by.label, by.member, "remind_pause", f"reminder:{job}", why=reason)


def say_resume(tx: Tx, ask: Ask) -> Reply:
    """resume [提醒] 原因 …"""
    head, reason = _with_reason(ask.text, RESUME_EXAMPLE)
    ended = resume(tx, branch_of(ask), job_named(head.strip(EDGES)), reason, ask.who)
    return Reply(f"已恢复{'、'.join(called(one) for one in ended)}。")


def resume(tx: Tx, branch: int, job: str, reason: str, by: Who) -> list[str]:
    """Ends the pauses of a kind of reminder ("" = every pause); the kinds. Raises Refused where nothing rests."""
    _checked(reason, RESUME_EXAMPLE)
    resting = paused(tx, branch)
    ended = [row for row in resting if job in ("", row.job)]
    if not ended and resting and not all(row.job for row in resting):
        raise Refused(f"暂停的是全部提醒，不能只恢复{called(job)}。恢复：/remind resume 全部 原因 …")
    if not ended:
        raise Refused(f"{called(job)}没有暂停，不用恢复。")
    for row in ended:
        tx.run(rows.END_PAUSE, pause=row.id, at=tx.at, who=by.label)
    note(tx, branch, by.label, by.member, "remind_resume", f"reminder:{job}", why=reason)
    return [row.job for row in ended]


def paused(tx: Tx, branch: int) -> list[Any]:
    """What rests now in a branch."""
    return tx.all(rows.PAUSES, branch=branch, at=tx.at)


def called(job: str) -> str:
    """A kind of reminder as people name it."""
    return f"“{NAMES[job]}”提醒" if job else "全部提醒"


def _with_reason(text: str, example: str) -> tuple[str, str]:
    head, marked, reason = text.partition(REASON)
    reason = reason.strip(EDGES) if marked else ""
    _checked(reason, example)
    return head.strip(), reason


def _checked(reason: str, example: str) -> None:
    if not reason:
        raise Refused(f"请写明原因。例：{example}")
    if len(reason) > LONGEST_REASON:
        raise Refused(f"原因最多 {LONGEST_REASON} 字。")
