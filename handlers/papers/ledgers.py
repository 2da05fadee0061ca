"""The rows of the 台账: who was where, who served, who paid, who studied, what was wished for. Branch by branch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.config import Config
from bot.db import Tx
from bot.sql import p, sql
from handlers import figures
from handlers.activities import entered
from handlers.attendance.known import held, stands
from handlers.figures import deeds, hours, money, people
from handlers.figures.rows import Rows
from handlers.registers.hours import needed_by
from handlers.registers_tables import wish_events, wishes
from handlers.tables import members
from handlers.wishes.store import HOLDS, LETS_GO

ATTENDANCE = ("支部", "编号", "日期", "时间", "活动", "地点", "姓名", "科室", "情况")
VOLUNTEERS = ("支部", "日期", "服务", "姓名")
DUES = ("支部", "收款日期", "所属月份", "姓名", "金额（元）")
STUDY = ("支部", "姓名", "学时", "应达学时", "是否达到", "集中培训")
WISHES = ("支部", "编号", "心愿", "类别", "征集日期", "认领人", "认领日期", "兑现日期")
STATES = {"open": "未结束", "cancelled": "已取消"}

NAMES = sql(select(members.c.id, members.c.name))
OF_WISHES = sql(
    select(
        *(wishes.c.id, wishes.c.number, wishes.c.title, wishes.c.kind),
        *(wish_events.c.action, wish_events.c.member_id, wish_events.c.on_date),
    )
    .join_from(wishes, wish_events, wish_events.c.wish_id == wishes.c.id)
    .where(wishes.c.branch_id == p("branch"), wish_events.c.recorded_at <= p("at"))
    .order_by(wishes.c.number, wish_events.c.id)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a workbook is made for: the question, its scope's name, the branches in it, and whether amounts may show."""

    tx: Tx
    asked: figures.Question
    scope: str
    branches: Mapping[int, str]
    config: Config
    amounts: bool

    def names(self) -> dict[int, str]:
        """Everybody's name."""
        return {row.id: row.name for row in self.tx.all(NAMES)}

    def each(self, rows: Rows) -> Iterator[tuple[str, Any]]:
        """(branch, row) of what counts, one branch after the other."""
        for branch, name in self.branches.items():
            reading = figures.Reading(self.tx, self.asked.of(branch))
            yield from ((name, row) for row in reading.listed(rows) if row.sound)


def attendance(wanted: Wanted) -> Iterator[Sequence[Any]]:
    """A row for each person who was due at a meeting; of leave only that there was one, never why."""
    values, known = wanted.asked.values(), wanted.asked.known
    for branch, name in wanted.branches.items():
        for one in held(wanted.tx, branch, values["start"], values["end"], known):
            start = wanted.tx.moment(one.starts_at)
            what = "、".join(one.kinds) + (f"（{STATES[one.state]}）" if one.state in STATES else "") + entered(one.row)
            for person in stands(wanted.tx, one.row, known):
                yield (
                    *(name, one.number, f"{start:%Y-%m-%d}", f"{start:%H:%M}", what, one.place),
                    *(person.name, person.department, person.outcome),
                )


def volunteers(wanted: Wanted) -> Iterator[Sequence[Any]]:
    """A row for each person and shift."""
    names = wanted.names()
    for branch, row in wanted.each(_VOLUNTEERS):
        yield branch, f"{wanted.tx.moment(row.moment):%Y-%m-%d}", row.what, names[row.member_id]


def dues(wanted: Wanted) -> Iterator[Sequence[Any]]:
    """A row for each payment; what somebody paid tells what he earns, so the amount shows to collectors only."""
    names = wanted.names()
    for branch, row in wanted.each(_DUES):
        amount: Any = int(row.quantity) / 100 if wanted.amounts else "已交" if row.quantity > 0 else "冲正"
        yield branch, f"{wanted.tx.moment(row.moment):%Y-%m-%d}", row.what, names[row.member_id], amount


def study(wanted: Wanted) -> Iterator[Sequence[Any]]:
    """A row for each member: what he has and what is asked of him in the year, in the register's order."""
    names = wanted.names()
    reading = figures.Reading(wanted.tx, wanted.asked)
    have = {row.member_id: row for row in reading.shared(hours.STUDIED)}
    for one in reading.shared(_PEOPLE):
        needed = needed_by(one.facts.get("duty", ""), wanted.asked.rules)
        found = have.get(one.member_id)
        minutes = found.quantity if found else 0
        trained = "是" if found and found.what else "否"
        branch = wanted.branches[one.branch_id]
        yield branch, names[one.key], minutes / 60, needed / 60, "是" if minutes >= needed else "否", trained


def wish_list(wanted: Wanted) -> Iterator[Sequence[Any]]:
    """A row for each wish to which something happened in the period."""
    names, days = wanted.names(), (wanted.asked.span.first.isoformat(), wanted.asked.cutoff.isoformat())
    for branch, name in wanted.branches.items():
        events: dict[int, list[Any]] = {}
        for row in wanted.tx.all(OF_WISHES, branch=branch, at=wanted.asked.known):
            events.setdefault(row.id, []).append(row)
        for rows in events.values():
            if any(days[0] <= row.on_date <= days[1] for row in rows):
                yield name, *_wish(rows, names)


def _wish(rows: list[Any], names: Mapping[int, str]) -> tuple[Any, ...]:
    first = rows[0]
    added = next((row.on_date for row in rows if row.action == "add"), "")
    held_by: dict[int, str] = {}
    for row in rows:
        if row.action in HOLDS:
            held_by[row.member_id] = row.on_date
        elif row.action in LETS_GO:
            held_by.pop(row.member_id, None)
    done = next((row.on_date for row in rows if row.action == "done"), "")
    holders = "、".join(names[one] for one in held_by)
    return first.number, first.title, first.kind, added, holders, min(held_by.values(), default=""), done


_VOLUNTEERS, _DUES, _PEOPLE = deeds.volunteers(), money.received(), people.PEOPLE
