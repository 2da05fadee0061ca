"""The rows behind /remind: what a branch set, what it paused, what was said and what could not be."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, get_origin

from pydantic import ValidationError
from sqlalchemy import func, or_, select, update

from bot.config import Reminders
from bot.db import Tx
from bot.sql import insert_row, p, sql
from bot.tables import jobs
from bot.tables import outbox as promises
from handlers.clock_tables import reminder_pauses, reminder_resends, reminder_settings, reminders

log = logging.getLogger(__name__)

BETWEEN_TIMES = re.compile(r"\s*[,，、;；]\s*")
_p = promises

SET = insert_row(reminder_settings, "branch_id", "name", "value", "recorded_at", "recorded_by", "by_member")
_newest = (select(func.max(reminder_settings.c.id)).where(reminder_settings.c.branch_id == p("branch"))).group_by(
    reminder_settings.c.name
)
SETTINGS = sql(
    select(reminder_settings)
    .where(reminder_settings.c.id.in_(_newest), reminder_settings.c.value != "")
    .order_by(reminder_settings.c.id)
)

PAUSE = insert_row(reminder_pauses, "branch_id", "job", "from_at", "until_at", "reason", "recorded_by", "by_member")
PAUSES = sql(
    select(reminder_pauses)
    .where(
        reminder_pauses.c.branch_id == p("branch"),
        reminder_pauses.c.ended_at == 0,
        or_(reminder_pauses.c.until_at == 0, reminder_pauses.c.until_at > p("at")),
    )
    .order_by(reminder_pauses.c.id)
)
END_PAUSE = sql(
    update(reminder_pauses)
    .where(reminder_pauses.c.id == p("pause"), reminder_pauses.c.ended_at == 0)
    .values(ended_at=p("at"), ended_by=p("who"))
)

OWN = sql(
    select(_p.c.due_at, _p.c.reply)
    .where(_p.c.branch_id == p("branch"), _p.c.state == "planned", _p.c.purpose == "once", _p.c.due_at > p("at"))
    .order_by(_p.c.due_at)
)
_resent = select(reminder_resends.c.promise_id).where(reminder_resends.c.promise_id == _p.c.id)
_troubled = (_p.c.branch_id == p("branch"), _p.c.state.in_(("failed", "unknown")), ~_resent.exists())
TROUBLED = sql(
    select(_p.c.id, _p.c.state, _p.c.due_at, _p.c.error, _p.c.platform, _p.c.private, _p.c.reply)
    .where(*_troubled, _p.c.purpose != "answer", _p.c.settled_at > p("since"))
    .order_by(_p.c.id.desc())
    .limit(5)
)
PROMISE = sql(select(_p).where(_p.c.id == p("promise"), _p.c.branch_id == p("branch")))
RESEND = insert_row(reminder_resends, "promise_id", "recorded_at", "recorded_by", "by_member", conflict=["promise_id"])
_mine = func.substr(jobs.c.period, 1, func.length(p("start"))) == p("start")
MISSED = sql(
    select(jobs.c.job, jobs.c.period, jobs.c.at, jobs.c.outcome)
    .where(_mine, jobs.c.at > p("since"), jobs.c.outcome.in_(("too late", "over budget")))
    .order_by(jobs.c.at.desc())
    .limit(5)
)
UNREACHED = sql(
    select(reminders.c.text, reminders.c.said_at)
    .where(
        reminders.c.branch_id == p("branch"),
        reminders.c.member_id == p("member"),
        reminders.c.promise == "",
        reminders.c.said_at > p("since"),
    )
    .order_by(reminders.c.id.desc())
    .limit(5)
)
LATEST = sql(
    select(reminders)
    .where(reminders.c.branch_id == p("branch"), reminders.c.member_id.in_((p("member"), 0)))
    .order_by(reminders.c.said_at.desc(), reminders.c.id.desc())
    .limit(30)
)


def effective(base: Reminders, own: Mapping[str, str]) -> Reminders:
    """[reminders] with what a branch set on top. Raises pydantic's ValidationError."""
    given = {name: _value(name, text) for name, text in own.items()}
    return Reminders.model_validate({**base.model_dump(), **given})


@lru_cache(maxsize=1024)
def in_force(base: Reminders, own: tuple[tuple[str, str], ...], branch: str) -> Reminders:
    """What was set holds as long as the configuration still allows it together with the rest."""
    try:
        return effective(base, dict(own)) if own else base
    except ValidationError as error:
        log.warning(
            "what %s set for its reminders no longer fits the configuration: %s", branch, error.errors()[0]["msg"]
        )
        return base


def rules_of(tx: Tx, base: Reminders, branch: int, name: str) -> Reminders:
    """[reminders] as it holds for a branch: the configuration's `base`, and on top what was set in chat."""
    return in_force(base, tuple((row.name, row.value) for row in tx.all(SETTINGS, branch=branch)), name)


def _value(name: str, text: str) -> Any:
    text = "" if text == "无" else text
    if get_origin(Reminders.model_fields[name].annotation) is tuple:
        return tuple(one for one in BETWEEN_TIMES.split(text) if one)
    return text
