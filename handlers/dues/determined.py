"""年度核定表: who decided which base, when, from which month to which, by which rule, and what less was approved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.db import Tx, micros
from bot.sql import p, sql
from handlers.dues.bases import following
from handlers.dues.workbook import Page, money
from handlers.ledger_tables import dues_waivers
from handlers.rates import KINDS
from handlers.sheet.book import Value
from handlers.tables import dues_bases, members, memberships

COLUMNS = ("序号", "姓名", "类别", "核定基数", "比例", "月交额", "自", "至", "核定人", "核定日期", "依据", "原因或文件")
SHEET_WORDS: dict[str, str] = {kind: word for word, kind in KINDS.items()}


def _of_branch(member: Any, decided_at: Any) -> Any:
    """Who belonged to the branch in the year; of who has left it, what was decided by then: the rest is elsewhere."""
    one = memberships.c
    left_later = (one.to_at > p("start")) & (one.to_at > decided_at)
    return (
        select(one.id)
        .where(one.member_id == member, one.branch_id == p("branch"), one.from_at < p("end"))
        .where((one.to_at == 0) | left_later)
        .exists()
    )


BASES = sql(
    select(dues_bases, members.c.name)
    .join(members, members.c.id == dues_bases.c.member_id)
    .where(_of_branch(dues_bases.c.member_id, dues_bases.c.decided_at))
    .order_by(dues_bases.c.member_id, dues_bases.c.id)
)
WAIVERS = sql(
    select(dues_waivers, members.c.name)
    .join(members, members.c.id == dues_waivers.c.member_id)
    .where(_of_branch(dues_waivers.c.member_id, dues_waivers.c.recorded_at), dues_waivers.c.valid_from <= p("last"))
    .where((dues_waivers.c.valid_to == "") | (dues_waivers.c.valid_to >= p("first")))
    .order_by(dues_waivers.c.member_id, dues_waivers.c.id)
)


def determinations(tx: Tx, branch: int, name: str, year: str) -> Page:
    """Every determination that counts in some month of a year, each with the month before the next as its last."""
    first, last = f"{year}-01", f"{year}-12"
    start, end = (micros(datetime(at, 1, 1, tzinfo=tx.now.tzinfo)) for at in (int(year), int(year) + 1))
    whose = {"branch": branch, "start": start, "end": end}
    lines = [_base(tx, row, until) for row, until in _in_force(tx.all(BASES, **whose), first, last)]
    lines += [_waiver(tx, row) for row in tx.all(WAIVERS, **whose, first=first, last=last)]
    rows = [[number, *line] for number, line in enumerate(lines, 1)]
    return Page("核定", f"{name} {year}年党费核定表", COLUMNS, rows)


def _in_force(rows: list[Any], first: str, last: str) -> list[tuple[Any, str]]:
    """(row, its last month or "") of those that reach into the year: a member's next decision ends the one before."""
    found = []
    for at, row in enumerate(rows):
        after = rows[at + 1] if at + 1 < len(rows) and rows[at + 1].member_id == row.member_id else None
        until = following(after.valid_from, -1) if after else row.valid_to
        if row.valid_from <= last and (not until or until >= max(first, row.valid_from)):
            found.append((row, until))
    return found


def _base(tx: Tx, row: Any, until: str) -> list[Value]:
    rate = f"{row.rate / 100:g}%" if row.rate else "定额"
    decided = f"{tx.moment(row.decided_at):%Y-%m-%d}"
    kept = (SHEET_WORDS.get(row.kind, row.kind), money(row.base_fen), rate, money(row.month_fen))
    return [row.name, *kept, row.valid_from, until, row.decided_by, decided, row.rule, row.reason]


def _waiver(tx: Tx, row: Any) -> list[Value]:
    what = "恢复" if row.ends else "少交" if row.month_fen else "免交"
    fen = None if row.ends else money(row.month_fen)
    day = f"{tx.moment(row.recorded_at):%Y-%m-%d}"
    return [row.name, what, None, None, fen, row.valid_from, row.valid_to, row.recorded_by, day, "", row.document]
