"""签到表 on paper: numbered rows that are printed, signed, and typed back in one line.

A row's number is kept with its member at the first printing, so it never means another one later; who comes to be due
after that gets the next number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from handlers.activities import entered_by, label, title
from handlers.attendance.known import Stand, stands
from handlers.attendance.record import lines_of
from handlers.meetings_tables import sheet_rows
from handlers.phrases import span
from handlers.tables import branches

BRANCH = sql(select(branches.c.name).where(branches.c.id == p("branch")))
ADD = insert_row(sheet_rows, "activity_id", "number", "member_id")
ROWS = sql(
    select(sheet_rows.c.number, sheet_rows.c.member_id)
    .where(sheet_rows.c.activity_id == p("activity"))
    .order_by(sheet_rows.c.number)
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A 签到表: what stands above it, its numbered rows, and what is signed below."""

    title: str
    facts: dict[str, str]
    rows: list[tuple[int, Stand]]

    HEADER = ("序号", "姓名", "科室", "签到", "情况")
    SIGNED = ("主持人", "记录人")

    def cells(self) -> list[tuple[int, str, str, str, str]]:
        """The rows as they are printed: the place to sign is empty, a leave is told without its kind."""
        return [(number, one.name, one.department, "", _state(one)) for number, one in self.rows]


def _state(one: Stand) -> str:
    if one.present:
        return one.outcome
    return "请假" if one.declared == "leave" else ""


def sheet_of(tx: Tx, activity: Any) -> Sheet:
    """The 签到表 of a meeting as it stands; rows without a number get one. Raises Refused where nobody is due."""
    people = {one.member: one for one in stands(tx, activity)}
    if not people:
        raise Refused(f"{label(tx, activity)} 的应到名单是空的。")
    numbers = {row.member_id: row.number for row in tx.all(ROWS, activity=activity.id)}
    for member in people:
        if member not in numbers:
            numbers[member] = max(numbers.values(), default=0) + 1
            tx.run(ADD, activity_id=activity.id, number=numbers[member], member_id=member)
    return Sheet(
        f"{title(activity)}签到表",
        _facts(tx, activity, len(people)),
        sorted(((numbers[member], one) for member, one in people.items()), key=lambda row: row[0]),
    )


def for_the_file(tx: Tx, activity: Any) -> dict[str, str]:
    """What tells a paper from those of other branches and years: the branch, and the time with its year."""
    start = tx.moment(activity.starts_at)
    end = tx.moment(activity.ends_at) if activity.ends_at else None
    branch = str(tx.value(BRANCH, branch=activity.branch_id))
    return {"党支部": branch, "时间": f"{start.year}年{span(start, end)}"}


def _facts(tx: Tx, activity: Any, due: int) -> dict[str, str]:
    lines = lines_of(tx, activity.id)
    facts = {
        "编号": f"#{activity.number}",
        **for_the_file(tx, activity),
        "地点": lines.get("place") or activity.place,
        "应到": f"{due} 人",
        "列席": lines.get("guests", ""),
        "补录": entered_by(tx, activity),
    }
    return {name: words for name, words in facts.items() if words}


def members_at(tx: Tx, activity: Any, first: int, last: int) -> list[int]:
    """The members in the rows first to last of the printed sheet. Raises Refused for a row that isn't there."""
    rows = {row.number: row.member_id for row in tx.all(ROWS, activity=activity.id)}
    if not rows:
        raise Refused(f"{label(tx, activity)} 还没有导出签到表，不能按序号登记。活动编号请写成 #{first}。")
    if first > last:
        raise Refused(f"“{first}-{last}”写反了。")
    missing = next((number for number in range(first, last + 1) if number not in rows), 0)
    if missing or first < 1:
        raise Refused(f"签到表没有第 {missing or first} 行，最后一行是 {max(rows)}。")
    return [rows[number] for number in range(first, last + 1)]
