"""/volunteer export: the year's service as a workbook for the secretary; cells are text or numbers, never formulas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from bot import files
from bot.commands import Ask
from bot.db import Tx, micros
from bot.message import Reply
from bot.sql import p, sql
from handlers.looks import HOURS, note_branch
from handlers.register import ACTIVE, branch_of
from handlers.registers.dates import period
from handlers.sheet.book import Book
from handlers.shifts import community, hours, store
from handlers.tables import shifts

Cell = str | int | float
OF_PERIOD = sql(
    select(shifts)
    .where(shifts.c.branch_id == p("branch"), shifts.c.starts_at >= p("since"), shifts.c.starts_at < p("until"))
    .order_by(shifts.c.starts_at, shifts.c.number)
)
STATES = {"open": "报名中", "closed": "已截止", "cancelled": "已取消"}
SHIFT = ("编号", "名称", "开始", "结束", "地点", "名额", "已报", "随行", "状态", "名单")
QUARTERS = ("一季度", "二季度", "三季度", "四季度")


def say_export(tx: Tx, ask: Ask) -> Reply:
    """/volunteer export [年]: records, sums per member and quarter, shifts, 双报到; in private only."""
    _, first, last = period(ask.text, tx.now)
    served = hours.served(tx, branch_of(ask), first, last)
    note_branch(tx, ask.who, branch_of(ask), HOURS)
    book = Book()
    book.sheet("时长记录", ("日期", "姓名", "内容", "班次", "小时"), _records(tx, served))
    book.sheet("汇总", ("姓名", "社区", "报到日期", *QUARTERS, "合计"), _sums(tx, branch_of(ask), served))
    book.sheet("班次", SHIFT, _shifts(tx, ask, first, last))
    name = f"志愿服务{first.year}.xlsx"
    text = f"{first.year}年志愿服务：{len(served)} 条记录。志愿服务证明由登记的志愿服务组织出具，这份清单可供核对。"
    return Reply(text, private=True, attachments=(files.attach(tx, name, book.data()),))


def _records(tx: Tx, served: Iterable[hours.Served]) -> list[Sequence[Cell]]:
    return [(one.on, one.name, one.what, _number(tx, one.shift), one.minutes / 60) for one in served]


def _number(tx: Tx, shift: int) -> str:
    return f"#{store.by_id(tx, shift).number}" if shift else ""


def _sums(tx: Tx, branch: int, served: Iterable[hours.Served]) -> list[Sequence[Cell]]:
    """A line per member in the register's order; who has left since stands behind them."""
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0] * 4)
    names = {row.id: row.name for row in tx.all(ACTIVE, branch=branch)}
    for one in served:
        sums[one.member][(int(one.on[5:7]) - 1) // 3] += one.minutes / 60
        names.setdefault(one.member, one.name)
    places = {row.id: (row.community, row.reported_on) for row in community.reports(tx, branch)}
    return [(name, *places.get(member, ("", "")), *sums[member], sum(sums[member])) for member, name in names.items()]


def _shifts(tx: Tx, ask: Ask, first: date, last: date) -> list[Sequence[Cell]]:
    until = last.toordinal() + 1
    span = {"since": _midnight(tx, first), "until": _midnight(tx, date.fromordinal(until))}
    return [_shift(tx, row) for row in tx.all(OF_PERIOD, branch=branch_of(ask), **span)]


def _midnight(tx: Tx, day: date) -> int:
    return micros(
        tx.now.replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0)
    )


def _shift(tx: Tx, row: Any) -> Sequence[Cell]:
    seated, _ = store.counts(tx, row.id)
    names = "、".join(one.name for one in store.there(tx, row.id) if one.seated_at)
    ends = f"{tx.moment(row.ends_at):%Y-%m-%d %H:%M}" if row.ends_at else ""
    starts = f"{tx.moment(row.starts_at):%Y-%m-%d %H:%M}"
    what = (f"#{row.number}", row.name, starts, ends, row.place, row.capacity, seated)
    return (*what, store.guests(tx, row.id), STATES[row.state], names)
