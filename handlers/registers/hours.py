"""学时 per member and year, for the member and the clerk: who still lacks how much, in the register's order, unranked.

32 学时 for members, 56 and a concentrated training for the secretary and the committee: 全国党员教育培训工作规划.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.commands import Ask, Command
from bot.db import Tx
from bot.message import Reply
from bot.sql import p, sql
from handlers.people.who import roles_of
from handlers.register import ACTIVE
from handlers.registers.dates import period
from handlers.registers.meetings import Sat, of_branch, of_member, within, without_typed
from handlers.registers.rows import ALWAYS, known
from handlers.registers_tables import register_rows as _r
from handlers.tables import members

MEMBER_MINUTES = 32 * 60
LEADER_MINUTES = 56 * 60
CONCENTRATED = "集中培训"
MOST_LINES = 40

_of_year = (_r.c.register == "study", _r.c.on_date.between(p("first"), p("last")), *known(p("at")))
_typed = select(_r.c.member_id, _r.c.kind, _r.c.on_date, _r.c.quantity)
OF_MEMBER = sql(_typed.where(_r.c.member_id == p("member"), *_of_year))
OF_BRANCH = sql(
    _typed.where(_r.c.member_id.in_(select(members.c.id).where(members.c.branch_id == p("branch"))), *_of_year)
)


@dataclass(frozen=True, slots=True)
class Short:
    """A member who lacks hours: what he has and needs in minutes (60 = 1 学时), `training` where that is missing."""

    member: int
    name: str
    minutes: int
    needed: int
    training: bool


def hours_of(tx: Tx, member: int, year: int, at: int = ALWAYS) -> dict[str, int]:
    """A member's minutes by source in a calendar year (60 = 1 学时), typed or from meetings, as known at an instant."""
    typed = _rows(tx.all(OF_MEMBER, member=member, at=at, **within(year)))
    return _by_source(without_typed(of_member(tx, member, year, at), typed))


def _rows(rows: list[Any]) -> list[Sat]:
    return [Sat(row.member_id, row.kind, row.on_date, int(row.quantity)) for row in rows]


def _by_source(sat: list[Sat]) -> dict[str, int]:
    sources: dict[str, int] = {}
    for one in sat:
        sources[one.kind] = sources.get(one.kind, 0) + one.minutes
    return sources


def needed_by(duty: str) -> int:
    """The minutes a year that a duty asks for."""
    return LEADER_MINUTES if roles_of(duty) & {"secretary", "committee"} else MEMBER_MINUTES


def shortfall(tx: Tx, branch: int, year: int) -> list[Short]:
    """Today's members who lack hours in a year, in the register's order. For the clerk's eyes only."""
    have: dict[int, list[Sat]] = {}
    typed = _rows(tx.all(OF_BRANCH, branch=branch, at=ALWAYS, **within(year)))
    for sat in without_typed(of_branch(tx, branch, year, ALWAYS), typed):
        have.setdefault(sat.member, []).append(sat)
    people = tx.all(ACTIVE, branch=branch)
    return [short for one in people if (short := _lacks(one, _by_source(have.get(one.id, []))))]


def _lacks(one: Any, sources: dict[str, int]) -> Short | None:
    minutes, needed = sum(sources.values()), needed_by(one.duty)
    training = needed == LEADER_MINUTES and CONCENTRATED not in sources
    return Short(one.id, one.name, minutes, needed, training) if minutes < needed or training else None


def say_short(tx: Tx, ask: Ask) -> Reply:
    """/study short [年]: who lacks hours; private."""
    _, first, _ = period(ask.text, tx.now)
    found = shortfall(tx, ask.who.branch, first.year)
    if not found:
        return Reply(f"{first.year}年学时：都够了。")
    lines = [_line(one) for one in found[:MOST_LINES]]
    more = [f"…… 还有 {len(found) - MOST_LINES} 人"] if len(found) > MOST_LINES else []
    return Reply("\n".join([f"{first.year}年学时未满 {len(found)} 人（按名册顺序）：", *lines, *more]))


def _line(one: Short) -> str:
    hours = f"{one.name} {one.minutes / 60:g}/{one.needed // 60}"
    return f"{hours}（还缺集中培训）" if one.training else hours


def mine(tx: Tx, member: int, duty: str = "") -> list[str]:
    """A member's own line for `我的`; [] where nothing is recorded this year."""
    sources = hours_of(tx, member, tx.now.year)
    if not sources:
        return []
    return [f"今年学时：{sum(sources.values()) / 60:g}（全年 {needed_by(duty) // 60}）"]


SHORT = Command("short", "缺口", "谁的学时还不够（私聊）", "/study short 2026", say_short, writes=False, secret=True)
