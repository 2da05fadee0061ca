"""学时 per member and year, for the member and the clerk: who still lacks how much, in the register's order.

32 学时 for members, 56 and a concentrated training for the secretary and the committee: 全国党员教育培训工作规划.
轮训: a share of the members (30 %, a local target) takes part in a concentrated training each year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.commands import Ask, Command
from bot.config import Registers
from bot.db import Tx
from bot.message import Reply
from bot.sql import p, sql
from handlers.looks import STUDY, note_looks
from handlers.people.history import Standing, register_at
from handlers.people.who import roles_of
from handlers.registers.dates import period
from handlers.registers.meetings import Sat, of_branch, of_member, within, without_typed
from handlers.registers.rows import ALWAYS, known
from handlers.registers_tables import register_rows as _r
from handlers.tables import memberships

CONCENTRATED, LECTURE, MAKEUP = "集中培训", "讲党课", "补学"
MOST_LINES = 40
DEFAULT = Registers()

_of_year = (_r.c.register == "study", _r.c.on_date.between(p("first"), p("last")), *known(p("at")))
_typed = select(_r.c.member_id, _r.c.kind, _r.c.on_date, _r.c.quantity)
OF_MEMBER = sql(_typed.where(_r.c.member_id == p("member"), *_of_year))
OF_BRANCH = sql(
    _typed.where(
        _r.c.member_id.in_(select(memberships.c.member_id).where(memberships.c.branch_id == p("branch"))), *_of_year
    )
)


@dataclass(frozen=True, slots=True)
class Short:
    """A member who lacks hours: what he has and needs in minutes (60 = 1 学时), `training` where that is missing."""

    member: int
    name: str
    minutes: int
    needed: int
    training: bool


@dataclass(frozen=True, slots=True)
class Rotation:
    """轮训 of a year: the ids of the members who took part in a concentrated training, and of those who did not."""

    took: tuple[int, ...]
    lack: tuple[int, ...]
    target: int  # percent

    @property
    def percent(self) -> int:
        """The share of those who took part, rounded down; 0 where there is nobody."""
        everybody = len(self.took) + len(self.lack)
        return len(self.took) * 100 // everybody if everybody else 0


def hours_of(tx: Tx, member: int, year: int, at: int = ALWAYS, rules: Registers = DEFAULT) -> dict[str, int]:
    """A member's minutes by source in a calendar year (60 = 1 学时), typed or from meetings, as known at an instant."""
    typed = _rows(tx.all(OF_MEMBER, member=member, at=at, **within(year)), rules)
    return _by_source(without_typed(of_member(tx, member, year, at, rules), typed))


def _rows(rows: list[Any], rules: Registers) -> list[Sat]:
    found = []
    for row in rows:
        minutes = counted_minutes(row.kind, int(row.quantity), rules)
        if minutes is not None:
            found.append(Sat(row.member_id, row.kind, row.on_date, minutes))
    return found


def counted_minutes(kind: str, minutes: int, rules: Registers) -> int | None:
    """What a typed entry gives: a lecture perhaps double, 补学 perhaps nothing (None)."""
    if kind == MAKEUP and not rules.study_makeup:
        return None
    return minutes * (rules.study_lecture_factor if kind == LECTURE else 1)


def _by_source(sat: list[Sat]) -> dict[str, int]:
    sources: dict[str, int] = {}
    for one in sat:
        sources[one.kind] = sources.get(one.kind, 0) + one.minutes
    return sources


def needed_by(duty: str, rules: Registers = DEFAULT) -> int:
    """The minutes a year that a duty asks for."""
    leader = roles_of(duty) & {"secretary", "committee"}
    return round((rules.study_leader_hours if leader else rules.study_member_hours) * 60)


def _sources(tx: Tx, branch: int, year: int, rules: Registers, at: int) -> dict[int, dict[str, int]]:
    have: dict[int, list[Sat]] = {}
    typed = _rows(tx.all(OF_BRANCH, branch=branch, at=at, **within(year)), rules)
    for sat in without_typed(of_branch(tx, branch, year, at, rules), typed):
        have.setdefault(sat.member, []).append(sat)
    return {member: _by_source(sat) for member, sat in have.items()}


def shortfall(tx: Tx, branch: int, year: int, rules: Registers = DEFAULT, at: int = ALWAYS) -> list[Short]:
    """Who lacks hours in a year, in the register's order, as known at an instant. For the clerk's eyes only."""
    have, people = _sources(tx, branch, year, rules, at), register_at(tx, branch, at)
    return [short for one in people if (short := _lacks(one, have.get(one.member, {}), rules))]


def rotation(tx: Tx, branch: int, year: int, rules: Registers = DEFAULT, at: int = ALWAYS) -> Rotation:
    """轮训 of a branch's members in a year, as known at an instant."""
    have = _sources(tx, branch, year, rules, at)
    people = [one.member for one in register_at(tx, branch, at)]
    took = tuple(one for one in people if CONCENTRATED in have.get(one, {}))
    return Rotation(took, tuple(one for one in people if one not in took), rules.study_rotation_percent)


def _lacks(one: Standing, sources: dict[str, int], rules: Registers) -> Short | None:
    minutes, needed = sum(sources.values()), needed_by(one.duty, rules)
    training = bool(roles_of(one.duty) & {"secretary", "committee"}) and CONCENTRATED not in sources
    return Short(one.member, one.name, minutes, needed, training) if minutes < needed or training else None


def say_short(tx: Tx, ask: Ask) -> Reply:
    """/study short [年]: who lacks hours, and how far 轮训 has come; private."""
    _, first, _ = period(ask.text, tx.now)
    rules = ask.house.config.registers
    found = shortfall(tx, ask.who.branch, first.year, rules)
    head = f"{first.year}年学时未满 {len(found)} 人（按名册顺序）：" if found else f"{first.year}年学时：都够了。"
    lines = [_line(one) for one in found[:MOST_LINES]]
    note_looks(tx, ask.who, (one.member for one in found[:MOST_LINES]), STUDY)
    more = [f"…… 还有 {len(found) - MOST_LINES} 人"] if len(found) > MOST_LINES else []
    return Reply("\n".join([head, *lines, *more, rotation_line(rotation(tx, ask.who.branch, first.year, rules))]))


def _line(one: Short) -> str:
    hours = f"{one.name} {one.minutes / 60:g}/{one.needed / 60:g}"
    return f"{hours}（还缺集中培训）" if one.training else hours


def rotation_line(one: Rotation) -> str:
    """轮训（集中培训）2/14 人，占 14 %，目标 30 %"""
    everybody = len(one.took) + len(one.lack)
    return f"轮训（集中培训）{len(one.took)}/{everybody} 人，占 {one.percent} %，目标 {one.target} %"


def mine(tx: Tx, member: int, duty: str = "", rules: Registers = DEFAULT) -> list[str]:
    """A member's own line for `我的`; [] where nothing is recorded this year."""
    sources = hours_of(tx, member, tx.now.year, ALWAYS, rules)
    if not sources:
        return []
    return [f"今年学时：{sum(sources.values()) / 60:g}（全年 {needed_by(duty, rules) / 60:g}）"]


SHORT = Command("short", "缺口", "谁的学时还不够（私聊）", "/study short 2026", say_short, writes=False, secret=True)
