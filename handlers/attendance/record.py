"""会议记录: what the bot knows of a meeting, what was typed, and what is still missing.

A record holds 时间 地点 主持人 记录人 应到 实到 缺席及原因 列席 议题 决议 表决. One with an empty mandatory field
is not complete, and the meeting doesn't count. The speeches stay on paper: there is no field for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.activities import label
from handlers.activities.kinds import DECIDING, LESSON
from handlers.attendance.ballots import ballots_of
from handlers.attendance.known import ALWAYS, Held, Stand, as_held, held, stands
from handlers.meetings_tables import record_lines

# What is typed: the field and its name in the record. The bot knows the rest.
FIELDS = {
    "place": "地点",
    "host": "主持人",
    "recorder": "记录人",
    "guests": "列席",
    "lecturer": "主讲人",
    "agenda": "议题",
    "resolution": "决议",
}
NEEDED = ("host", "recorder", "agenda")  # of every meeting
LONGEST = {"agenda": 500, "resolution": 500}
LONGEST_NAME = 60

ADD = insert_row(record_lines, "activity_id", "field", "words", "at", "recorded_by", "by_member")
_newest = (
    select(func.max(record_lines.c.id))
    .where(record_lines.c.activity_id == p("activity"), record_lines.c.at <= p("known"))
    .group_by(record_lines.c.field)
)
LINES = sql(select(record_lines.c.field, record_lines.c.words).where(record_lines.c.id.in_(_newest)))


@dataclass(frozen=True, slots=True)
class Record:
    """A meeting's record as known at an instant; `missing` are the names of what it lacks, () for a complete one."""

    held: Held
    people: list[Stand]
    lines: Mapping[str, str]
    ballots: list[Any]
    missing: tuple[str, ...]

    @property
    def present(self) -> list[Stand]:
        """实到."""
        return [one for one in self.people if one.present]

    @property
    def absent(self) -> list[Stand]:
        """缺席, with leave or without."""
        return [one for one in self.people if not one.present]


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A meeting that does not count yet, and what its record lacks."""

    held: Held
    missing: tuple[str, ...]


def write(tx: Tx, activity: Any, lines: Mapping[str, str], by: Who) -> int:
    """Types fields (keys of FIELDS) of a record; how many were new. Raises Refused: called off, or too long."""
    if activity.state == "cancelled":
        raise Refused(f"{label(tx, activity)} 已取消，没有会议记录。")
    known = lines_of(tx, activity.id)
    for field, words in lines.items():
        most = LONGEST.get(field, LONGEST_NAME)
        if len(words) > most:
            raise Refused(f"{FIELDS[field]}最多 {most} 字。")
    new = {field: words for field, words in lines.items() if known.get(field) != words}
    for field, words in new.items():
        values = {"field": field, "words": words, "at": tx.at, "recorded_by": by.label, "by_member": by.member}
        tx.run(ADD, activity_id=activity.id, **values)
    if new:
        note(tx, activity.branch_id, by.label, by.member, "record", f"activity:{activity.id}", fields=sorted(new))
    return len(new)


def lines_of(tx: Tx, activity: int, known: int = ALWAYS) -> dict[str, str]:
    """What was typed of a record, the newest of each field."""
    return {row.field: row.words for row in tx.all(LINES, activity=activity, known=known)}


def record_of(tx: Tx, one: Held, known: int = ALWAYS) -> Record:
    """The record of a meeting as known at an instant, and what it lacks."""
    people, lines = stands(tx, one.row, known), lines_of(tx, one.id, known)
    missing = missing_of(one, any(stand.present for stand in people), lines)
    return Record(one, people, lines, ballots_of(tx, one.id, known), tuple(missing))


def missing_of(one: Held, attended: bool, lines: Mapping[str, str]) -> list[str]:
    """The names of what the record of a meeting lacks, given whether anybody was there."""
    needed = [*NEEDED]
    needed += ["lecturer"] if LESSON in one.kinds else []
    needed += ["resolution"] if set(one.kinds) & set(DECIDING) else []
    missing = [] if lines.get("place") or one.place else [FIELDS["place"]]
    missing += [FIELDS[field] for field in needed if not lines.get(field)]
    missing += [] if attended else ["实到"]
    return missing + ([] if one.state == "closed" else ["结束登记"])


def complete_meetings(tx: Tx, branch: int, first: int, last: int, known: int = ALWAYS) -> list[Record]:
    """The records of the meetings that count among those that began in [first, last) (UTC microseconds)."""
    records = [record_of(tx, one, known) for one in held(tx, branch, first, last, known) if one.state == "closed"]
    return [one for one in records if not one.missing]


def incomplete_records(tx: Tx, branch: int, first: int, last: int, known: int = ALWAYS) -> list[Incomplete]:
    """The meetings that began in [first, last) and don't count yet, soonest first; called off ones left out.

    Instants are UTC microseconds; what lies in the future is not incomplete yet.
    """
    last = min(last, tx.at)
    begun = (one for one in held(tx, branch, first, last, known) if one.state != "cancelled")
    return [Incomplete(one, missing) for one in begun if (missing := record_of(tx, one, known).missing)]


def record_now(tx: Tx, activity: Any) -> Record:
    """The record of a row of `activities` as it stands now."""
    return record_of(tx, as_held(activity))
