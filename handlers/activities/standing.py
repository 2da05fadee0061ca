"""Who is due at a meeting and where it stands: counted from the rows, never kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import Any

from bot.db import Tx
from bot.language import Call
from bot.message import Refused
from bot.sql import Statement
from bot.tx import Asked, Source, instant
from handlers.activities.due import audience
from handlers.activities.statements import (
    ANSWER,
    BY_ID,
    COUNTS,
    IS_DUE,
    ONE,
    OPEN,
    PRESENCE,
    ROLL,
    SAID,
    SILENT,
    SILENT_ROWS,
    WAS,
)
from handlers.phrases import span

MINUTE = 60 * 1_000_000
HOUR = 60 * MINUTE
STAYS_OPEN = 36 * HOUR  # after it began, an activity still takes late answers, then only corrections

COMING = ("attend", "online", "late")
PRESENT = ("present", "late", "early", "online")
ENTERED = "entered"  # the origin of a meeting that was put down after it was held (补录)


def found(tx: Tx, branch: int, number: int) -> Any:
    """The activity `#number` of a branch in whatever state, or None."""
    return tx.one(ONE, branch=branch, number=number)


def by_id(tx: Tx, activity: int) -> Any:
    """The row of an activity."""
    return tx.one(BY_ID, activity=activity)


def numbered(tx: Tx, branch: int, number: int) -> Any:
    """The activity `#number` of a branch. Raises Refused."""
    row = found(tx, branch, number)
    if row is None:
        raise Refused(f"没有编号 #{number} 的活动。发 /attendance 看现在有哪些。")
    return row


def open_now(tx: Tx, branch: int) -> list[Any]:
    """The activities that still take answers, soonest first."""
    asked = asks_open(tx, branch)
    return [row for row in tx.same(asked.statement, **asked.values) if row.starts_at > tx.at - STAYS_OPEN]


def asks_open(tx: Tx, branch: int) -> Asked:
    """What `open_now` asks, counted by the minute, so that all who answer at once ask the same."""
    since = tx.at - STAYS_OPEN
    return Asked(OPEN, {"branch": branch, "since": since - since % MINUTE})


def as_call(tx: Tx, row: Any) -> Call:
    """An activity as the language's `which` wants it."""
    return Call(row.number, row.kind, title(row), tx.moment(row.starts_at), "activity")


def is_due(tx: Tx, activity: Any, member: int) -> bool:
    """Whether the activity is for this member."""
    listed, keys = audience(activity)
    return tx.one(IS_DUE[listed], member=member, **keys) is not None


def said(tx: Tx, activity: Any, member: int) -> Any:
    """(due, id, state, reason, by_member): whether the activity is for him, and his newest answer (else None)."""
    statement, group, keys = _said(activity, member)
    return tx.foreseen(statement, group, **keys)[0]


def asks_said(activity: Any, member: int) -> Asked:
    """What `said` asks: the answers of others to the same activity change nothing in it."""
    statement, group, keys = _said(activity, member)
    return Asked(statement, keys, group, (("answers", (activity.id, member)), *_behind_due(activity)))


def _said(activity: Any, member: int) -> tuple[Statement, tuple[Any, ...], dict[str, int]]:
    listed, keys = audience(activity)
    return SAID[listed], ("said", activity.id, member), {**keys, "member": member}


def _behind_due(activity: Any) -> tuple[Source, ...]:
    return ("invited", activity.id), ("memberships", None), ("exclusions", None)


def was(tx: Tx, activity: Any, member: int) -> Any:
    """(due, id, state): whether the activity is for him, and his newest presence (else None)."""
    listed, keys = audience(activity)
    return tx.one(WAS[listed], member=member, **keys)


def roll(tx: Tx, activity: Any) -> list[Any]:
    """Everybody who is due: (id, name, department, declared, reason, actual); None where nothing was said."""
    listed, keys = audience(activity)
    return tx.all(ROLL[listed], **keys)


def silent(tx: Tx, activity: Any) -> list[Any]:
    """未回: who is due and has said neither yes nor no; who takes back or wavers is still asked."""
    return [row for row in roll(tx, activity) if row.declared is None or row.declared in SILENT]


def silent_page(tx: Tx, activity: Any, start: int, most: int) -> list[Any]:
    """The same from a place on, some at a time: (id, name, department)."""
    listed, keys = audience(activity)
    return tx.all(SILENT_ROWS[listed], passed=start, most=most, **keys)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many are due, said they come, asked for leave, and were there."""

    due: int
    coming: int
    leave: int
    present: int

    @property
    def silent(self) -> int:
        """未回: how many have said neither."""
        return self.due - self.coming - self.leave


def standing(tx: Tx, activity: Any) -> Standing:
    """Where an activity stands: counted from the rows, once for all who answer in one transaction."""
    kept: Standing | None = tx.memo.kept(*_key(activity))
    return kept or _keep(tx, activity, _counted(tx, activity))


def _key(activity: Any) -> tuple[Any, Any]:
    return ("standing", activity.id), (activity.starts_at, activity.audience)


def asks_counts(activity: Any) -> Asked:
    """What `standing` asks."""
    listed, keys = audience(activity)
    return Asked(COUNTS[listed], keys, ("counts", activity.id), _behind_counts(activity))


def _behind_counts(activity: Any) -> tuple[Source, ...]:
    return ("answers", activity.id), ("presences", activity.id), *_behind_due(activity)


def _counted(tx: Tx, activity: Any) -> Standing:
    listed, keys = audience(activity)
    stands = tx.foreseen(COUNTS[listed], ("counts", activity.id), **keys)
    return Standing(
        sum(row.people for row in stands),
        sum(row.people for row in stands if row.declared in COMING),
        sum(row.people for row in stands if row.declared == "leave"),
        sum(row.people for row in stands if row.actual in PRESENT),
    )


def _keep(tx: Tx, activity: Any, value: Standing) -> Standing:
    tx.memo.keep(*_key(activity), value, _behind_counts(activity))
    return value


def add_answer(tx: Tx, activity: Any, before: str, now: str, row: dict[str, Any]) -> int:
    """Writes the newest answer of somebody who is due, and keeps the count true without counting again."""
    known = standing(tx, activity)
    made = tx.made(ANSWER, activity_id=activity.id, state=now, **row)
    coming = known.coming + (now in COMING) - (before in COMING)
    leave = known.leave + (now == "leave") - (before == "leave")
    _keep(tx, activity, Standing(known.due, coming, leave, known.present))
    return made


def add_presence(tx: Tx, activity: Any, before: str, now: str, row: dict[str, Any]) -> int:
    """Writes the newest presence of somebody who is due, and keeps the count true without counting again."""
    known = standing(tx, activity)
    made = tx.made(PRESENCE, activity_id=activity.id, state=now, **row)
    present = known.present + (now in PRESENT) - (before in PRESENT)
    _keep(tx, activity, Standing(known.due, known.coming, known.leave, present))
    return made


def state_line(tx: Tx, activity: Any) -> str:
    """`应到 20 · 参加 12 · 请假 3 · 未回 5`, with ` · 实到 11` once check-in has begun."""
    stands = standing(tx, activity)
    due, coming, leave, present = stands.due, stands.coming, stands.leave, stands.present
    line = f"应到 {due} · 参加 {coming} · 请假 {leave} · 未回 {due - coming - leave}"
    return f"{line} · 实到 {present}" if activity.checkin or present else line


def label(tx: Tx, activity: Any) -> str:
    """`#12 主题党日 12月4日(周五)15:00`"""
    return f"#{activity.number} {title(activity)} {_when(activity.starts_at, activity.ends_at, tx.now.tzinfo)}"


@lru_cache(maxsize=512)
def _when(start: int, end: int, zone: tzinfo | None) -> str:
    """The span of a meeting in words; every answer to it says the same."""
    return span(instant(start, zone), instant(end, zone) if end else None)


def entered(activity: Any) -> str:
    """`（补录）` behind what was put down after it was held, "" behind all else."""
    return "（补录）" if activity.origin == ENTERED else ""


def entered_by(tx: Tx, activity: Any) -> str:
    """`周敏 2026-11-22 15:11`: who put a meeting down after it was held, and when; "" of every other one."""
    return f"{activity.opened_by} {tx.moment(activity.opened_at):%Y-%m-%d %H:%M}" if entered(activity) else ""


def title(activity: Any) -> str:
    """`主题党日`, or `主题党日+党课` where one session is both."""
    return f"{activity.kind}+{activity.also.replace('、', '+')}" if activity.also else str(activity.kind)
