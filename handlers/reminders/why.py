"""为什么提醒我: the rule, the dates and the rows behind the last reminders that concerned the sender, in private."""

from __future__ import annotations

from typing import Any

from bot.commands import Ask
from bot.db import Tx
from bot.message import Reply
from handlers import dues
from handlers.activities import by_id, is_due, label
from handlers.attendance.operations import DECLARED, NEWEST_ANSWER
from handlers.dues.months import month_word
from handlers.phrases import day_and_time
from handlers.reminders import rows, rule_words
from handlers.reminders.names import AUDIENCES, NAMES
from handlers.roster import duty_of
from handlers.roster.duty import KINDS

SHOWN = 3


def say_why_reminded(tx: Tx, ask: Ask) -> Reply:
    """The last reminders that called the sender or were said in his group, newest first."""
    branch, me = ask.who.home or ask.who.branch, ask.who.member
    found, seen = [], set()
    for row in tx.all(rows.LATEST, branch=branch, member=me):
        # One reminder is said in several groups, and calls only those who owe an answer.
        if (row.job, row.period) in seen or not _concerns(row, me):
            continue
        seen.add((row.job, row.period))
        found.append(row)
    if not found:
        return Reply("最近没有提醒过您。", private=True)
    parts = [_told(tx, row, me) for row in found[:SHOWN]]
    duty = duty_of(tx, branch, me)
    resting = [f"您现在正值{KINDS[duty.kind]}，到{day_and_time(duty.end)}前不会@您。"] if duty else []
    return Reply("\n".join(["最近的提醒：", *parts, *resting]), private=True)


def _concerns(row: Any, me: int) -> bool:
    return bool(row.member_id == me or not row.asked or str(me) in row.asked.split(","))


def _told(tx: Tx, row: Any, me: int) -> str:
    lines = [
        f"【{NAMES.get(row.job, row.job)}】{day_and_time(tx.moment(row.said_at))}，{AUDIENCES[row.audience]}",
        f"规则：{rule_words.told(row.rule)}" if row.rule else "",
        f"日期：{row.dates}" if row.dates else "",
        f"到{day_and_time(tx.moment(row.until_at))}为止有用",
        _row_of(tx, row, me),
    ]
    return "\n".join(filter(None, lines))


def _row_of(tx: Tx, row: Any, me: int) -> str:
    """What the books say of the sender himself in that matter."""
    kind, _, key = row.subject.partition(":")
    if kind == "activity" or row.job == "theme_day_notice":
        return _answer(tx, int(key) if key else 0, me)
    if kind == "month":
        return _dues(tx, key, me)
    if row.asked:
        return "当时叫到了您" if str(me) in row.asked.split(",") else ""
    return ""


def _answer(tx: Tx, activity: int, me: int) -> str:
    row = by_id(tx, activity) if activity else None
    if row is None or not is_due(tx, row, me):
        return "依据：这是对全支部的通知"
    newest = tx.one(NEWEST_ANSWER, activity=activity, member=me)
    state = DECLARED[newest.state] if newest and newest.state != "none" else "还没回复"
    return f"依据：{label(tx, row)} 的应到名单里有您；您现在：{state}"


def _dues(tx: Tx, month: str, me: int) -> str:
    one = dues.due_in(tx, me, month)
    state = "已交" if one.settled else "未核定" if not one.due else "未交"
    return f"依据：您{month_word(month, tx)}的党费：{state}"
