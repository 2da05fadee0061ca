"""On the desk: the reminders that are planned, what rests, and what could not be said."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.db import Tx, micros
from bot.message import unpack
from handlers.desk_parts import Act, Bench, Do, Entry, Field, Given, Look, Section
from handlers.phrases import day_and_time
from handlers.reminders import rows
from handlers.reminders.coming import STATES, WEEK
from handlers.reminders.names import AUDIENCES, NAMES, job_named
from handlers.reminders.once import LONGEST_TEXT, remind_once
from handlers.reminders.pausing import LONGEST_REASON, called, pause, paused, resume
from handlers.reminders.sending import resend

WHY = Field("why", "原因", needed=True, longest=LONGEST_REASON)


def planned(tx: Tx, bench: Bench, look: Look) -> list[Section]:
    """The next month's reminders in time order; before them what was not delivered this week, and what rests."""
    branch = bench.who.branch
    entries = [_troubled(tx, row) for row in tx.all(rows.TROUBLED, branch=branch, since=tx.at - WEEK)]
    resting = paused(tx, branch)
    entries += [_paused(tx, row) for row in resting]
    rest = {row.job for row in resting}
    coming = [(micros(one.at), _coming(one, rest)) for one in bench.house.coming(tx, branch)]
    own = {(row.due_at, unpack(row.reply).text) for row in tx.all(rows.OWN, branch=branch, at=tx.at)}
    coming += [(at, Entry(text, (f"{day_and_time(tx.moment(at))} · 群里",))) for at, text in sorted(own)]
    entries += [entry for _, entry in sorted(coming, key=lambda one: one[0])]
    asks = (
        Field("when", "时间", "datetime-local", needed=True),
        Field("words", "内容", needed=True, longest=LONGEST_TEXT),
    )
    once = Act("once", "加一条", asks=asks, primary=False)
    found = tuple(look.of(entries))
    return [Section("reminders", "接下来的提醒", len(entries), found, "接下来一个月没有要发的提醒。", acts=(once,))]


def _troubled(tx: Tx, row: Any) -> Entry:
    text = unpack(row.reply).text if not row.private else "给一位同志的私信"
    notes = (f"{STATES[row.state]} · {day_and_time(tx.moment(row.due_at))} · {row.platform}", row.error[:60])
    return Entry(text, notes, (Act("resend", "补发", {"promise": str(row.id)}),))


def _paused(tx: Tx, row: Any) -> Entry:
    until = f"到{day_and_time(tx.moment(row.until_at))}" if row.until_at else "直到恢复"
    notes = (f"{until} · {row.reason} · {row.recorded_by}",)
    return Entry(f"已暂停：{called(row.job)}", notes, (Act("resume", "恢复", {"job": row.job}, (WHY,)),))


def _coming(one: Any, resting: set[str]) -> Entry:
    notes = (f"{day_and_time(one.at)} · {AUDIENCES[one.audience]}", "" if one.certain else "时间可能会变")
    rests = one.job in resting or "" in resting
    act = Act("pause", f"暂停“{NAMES.get(one.job, one.job)}”提醒", {"job": one.job}, (WHY,), primary=False)
    return Entry(one.text, notes, () if rests or one.job not in NAMES else (act,))


def _pause(tx: Tx, bench: Bench, given: Given) -> str:
    job = job_named(given.text("job"))
    pause(tx, bench.who.branch, job, None, given.text("why"), bench.who)
    return f"已暂停{called(job)}，直到恢复。期间到点的不再补发。"


def _resume(tx: Tx, bench: Bench, given: Given) -> str:
    ended = resume(tx, bench.who.branch, job_named(given.text("job")), given.text("why"), bench.who)
    return f"已恢复{'、'.join(called(one) for one in ended)}。"


def _resend(tx: Tx, bench: Bench, given: Given) -> str:
    row = resend(tx, bench.who.branch, given.number("promise"), bench.who)
    return f"好的，补发 {day_and_time(tx.moment(row.due_at))} 的那一条。"


def _once(tx: Tx, bench: Bench, given: Given) -> str:
    """The same words at the same time are promised once, however often the button was pressed."""
    when, words = given.moment("when", tx.now), given.text("words", LONGEST_TEXT)
    groups = remind_once(tx, bench.who.branch, when, words, _key(bench, when, words), bench.who)
    return f"好的，{day_and_time(when)} 在 {groups} 个群里提醒：{words}"


def _key(bench: Bench, when: datetime, words: str) -> str:
    told = hashlib.sha256(words.encode()).hexdigest()[:16]
    return f"once:desk:{bench.who.branch}:{when:%Y%m%d%H%M}:{told}"


ACTS: Mapping[str, Do] = {"pause": _pause, "resume": _resume, "resend": _resend, "once": _once}
