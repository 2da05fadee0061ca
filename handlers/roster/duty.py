"""The hours of duty as rows: asked for the moment of a reminder and for the hours of a meeting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.commands import Who
from bot.db import Tx, micros
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.clock_tables import duties
from handlers.tables import members

NIGHT, ROUND_THE_CLOCK = "night", "24h"
KINDS = {NIGHT: "夜班", ROUND_THE_CLOCK: "24小时班"}

ADD = insert_row(
    duties, "member_id", "month", "kind", "starts_at", "ends_at", "recorded_at", "recorded_by", "replaced_at"
)
REPLACE = sql(
    update(duties)
    .where(duties.c.member_id == p("member"), duties.c.month == p("of_month"), duties.c.replaced_at == 0)
    .values(replaced_at=p("at"))
)
_covers = (
    duties.c.replaced_at == 0,
    duties.c.starts_at < p("until"),
    duties.c.ends_at > p("since"),
    members.c.branch_id == p("branch"),
)
DURING = sql(
    select(duties.c.member_id, duties.c.kind, duties.c.starts_at, duties.c.ends_at)
    .join(members, members.c.id == duties.c.member_id)
    .where(*_covers)
    .order_by(duties.c.starts_at)
)


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of a member: `kind` is a key of KINDS."""

    member: int
    kind: str
    start: datetime
    end: datetime


def replace_month(tx: Tx, branch: int, month: str, duties_of: dict[int, list[Duty]], by: Who) -> int:
    """Puts a roster's month ("YYYY-MM") in the place of what was known of these members; how many duties it has.

    Who isn't on the roster keeps what an earlier one said of him.
    """
    count = 0
    for member, found in duties_of.items():
        tx.run(REPLACE, member=member, of_month=month, at=tx.at)
        for one in found:
            tx.run(
                ADD,
                member_id=member,
                month=month,
                kind=one.kind,
                starts_at=micros(one.start),
                ends_at=micros(one.end),
                recorded_at=tx.at,
                recorded_by=by.label,
                replaced_at=0,
            )
        count += len(found)
    note(tx, branch, by.label, by.member, "roster", f"roster:{month}", people=len(duties_of), duties=count)
    return count


def during(tx: Tx, branch: int, start: int, end: int) -> list[Any]:
    """The duties of a branch's members that touch [start, end) (UTC microseconds)."""
    return tx.all(DURING, branch=branch, since=start, until=max(end, start + 1))


def on_duty(tx: Tx, branch: int, people: Iterable[int]) -> set[int]:
    """Which of these members are on night or 24-hour duty now: nobody calls them in these hours."""
    now = {row.member_id for row in during(tx, branch, tx.at, tx.at)}
    return now & set(people)


def duty_of(tx: Tx, branch: int, member: int) -> Duty | None:
    """The duty that a member has at this moment, or None."""
    row = next((one for one in during(tx, branch, tx.at, tx.at) if one.member_id == member), None)
    return Duty(member, row.kind, tx.moment(row.starts_at), tx.moment(row.ends_at)) if row else None
