"""/remind alone and its preview: what comes next, in what words, and what could not be said."""

from __future__ import annotations

from typing import Any

from bot.commands import Ask
from bot.db import Tx, micros
from bot.message import Refused, Reply, unpack
from handlers import quota
from handlers.phrases import day_and_time
from handlers.reminders import rows
from handlers.reminders.names import AUDIENCES, NAMES, job_named

SHOWN, PREVIEWED = 8, 3
WEEK = 7 * 86_400_000_000
STATES = {"failed": "没发出", "unknown": "不确定是否发出"}
OUTCOMES = {"too late": "过时未提醒", "over budget": "群里当天已满，私下告诉了书记"}


def say_coming(tx: Tx, ask: Ask) -> Reply:
    """The next reminders, what is paused, what could not be delivered this week, and how a monthly quota stands.

    A group reads what groups will hear; what is for somebody's own eyes is listed in private only.
    """
    private = ask.incoming.private
    planned = [
        (micros(one.at), _line(one))
        for one in ask.house.coming(tx, ask.who.branch)
        if private or one.audience == "branch"
    ]
    own = {(row.due_at, unpack(row.reply).text) for row in tx.all(rows.OWN, branch=ask.who.branch, at=tx.at)}
    lines = [f"{day_and_time(tx.moment(at))} {text}" for at, text in sorted([*planned, *own])]
    more = [f"…… 之后还有 {len(lines) - SHOWN} 条"] if len(lines) > SHOWN else []
    text = "\n".join(["接下来的提醒：", *lines[:SHOWN], *more]) if lines else "接下来一个月没有要发的提醒。"
    month = quota.lines(tx, ask.who.branch, ask.house.meters, ask.house.coming)
    mine = _for_me(tx, ask) if private else []
    return Reply("\n".join([text, *_paused(tx, ask), *_troubled(tx, ask), *month, *mine]))


def _line(one: Any) -> str:
    return str(one.text) if one.audience == "branch" else f"{one.text} → {AUDIENCES[one.audience]}"


def _paused(tx: Tx, ask: Ask) -> list[str]:
    found = tx.all(rows.PAUSES, branch=ask.who.branch, at=tx.at)
    return [
        f"已暂停：{NAMES.get(row.job, '全部提醒')}"
        f"{'，到' + day_and_time(tx.moment(row.until_at)) if row.until_at else ''}（{row.reason}，{row.recorded_by}）"
        for row in found
    ]


def _troubled(tx: Tx, ask: Ask) -> list[str]:
    """What was not delivered, with the number by which it is sent again, and what could not be said at all."""
    since = tx.at - WEEK
    lines = [
        f"{STATES[row.state]}：{day_and_time(tx.moment(row.due_at))}（{row.platform}：{row.error[:60]}），"
        f"要再发：/remind resend {row.id}"
        for row in tx.all(rows.TROUBLED, branch=ask.who.branch, since=since)
    ]
    missed = tx.all(rows.MISSED, start=f"{ask.who.branch}:", since=since)
    return lines + [
        f"{OUTCOMES[row.outcome]}：{day_and_time(tx.moment(row.at))} {NAMES.get(row.job, row.job)}" for row in missed
    ]


def _for_me(tx: Tx, ask: Ask) -> list[str]:
    """What was meant for the sender's own eyes and could not be pushed to him."""
    found = tx.all(rows.UNREACHED, branch=ask.who.branch, member=ask.who.member, since=tx.at - WEEK)
    return [f"给您的（{day_and_time(tx.moment(row.said_at))}）：{row.text}" for row in found]


def say_preview(tx: Tx, ask: Ask) -> Reply:
    """preview [提醒]: the next reminders in the words they would have now; nothing is said or kept."""
    job = job_named(ask.text.strip())
    found = ask.house.preview(tx, ask.who.branch, job, PREVIEWED)
    if not found:
        raise Refused("接下来一个月没有这样的提醒。")
    lines = []
    for one, words in found:
        lines.append(f"【{day_and_time(one.at)} {AUDIENCES[one.audience]}】")
        lines.append(words or "按现在的情况没有人要提醒，到时候不发。")
    return Reply("\n".join(["按现在的情况会这样说：", *lines]), private=True)
