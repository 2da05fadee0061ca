"""台账 to print from the desk: a branch's year, meeting by meeting (三会一课, 主题党日 …), and its other books.

What is printed is what the sheets of `/report excel` and of each book's `export` hold, for the same eyes; of leave only
that there was one, and sums only for who collects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from bot.commands import may
from bot.config import Config
from bot.db import Tx, micros
from bot.message import Refused
from handlers import figures, registers
from handlers.activities import entered
from handlers.activities.kinds import KINDS
from handlers.attendance.known import held
from handlers.attendance.record import Record, record_of
from handlers.desk_page import clerk
from handlers.desk_parts import Bench
from handlers.links import Pass
from handlers.looks import note_branch
from handlers.papers import sheets
from handlers.papers.ledgers import Wanted
from handlers.phrases import day_and_time
from handlers.registers.books import BY_NAME
from handlers.registers.sheets import BRANCH, REASON, cells_of, columns, labels

MOST_ROWS = 2000  # on paper; the sheets have all
FIRST_YEAR = 2000
MEETINGS = "meetings"
AMOUNT = "金额（元）"
MEETING_HEAD = ("编号", "时间", "地点", "主持人", "记录人", "应到", "实到", "请假", "议题", "决议", "记录")
# Sheets of `/report excel` by their names in an address.
PAPERS = {"attendance": "考勤", "volunteers": "志愿服务", "payments": "党费", "hours": "学时", "wishes": "微心愿"}
TITLES = {MEETINGS: "三会一课和主题党日", **PAPERS, **{name: f"{book.chinese}登记" for name, book in BY_NAME.items()}}


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a ledger; its rows are text."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger as it is printed: `cut` says that only its first rows stand in it."""

    title: str
    branch: str
    year: int
    printed: str
    tables: tuple[Table, ...]
    cut: bool


def ledger(tx: Tx, bench: Bench, name: str, year: int, config: Config) -> Ledger:
    """A book of the branch's year. Raises Refused for a book that is none and a year that isn't here yet."""
    if name not in TITLES:
        raise Refused("没有这样的台账。")
    if not FIRST_YEAR <= year <= tx.now.year:
        raise Refused(f"{year} 年没有台账可打印。")
    tables = _meetings(tx, bench, year) if name == MEETINGS else [_book(tx, bench, name, year, config)]
    cut = any(len(one.rows) > MOST_ROWS for one in tables)
    kept = tuple(Table(one.title, one.head, one.rows[:MOST_ROWS]) for one in tables)
    return Ledger(TITLES[name], bench.who.branch_name, year, f"{tx.now:%Y-%m-%d}", kept, cut)


def note_ledger(tx: Tx, given: Pass, name: str) -> None:
    """Notes that somebody was shown the branch's rows of a book; meetings name nobody who was not there."""
    if name != MEETINGS:
        note_branch(tx, clerk(tx, given), given.branch, f"{TITLES[name]}台账")


def _meetings(tx: Tx, bench: Bench, year: int) -> list[Table]:
    """A table for each kind that was held, in the order of the rules; one session of two kinds stands in both."""
    zone = tx.now.tzinfo
    first, last = (micros(datetime(one, 1, 1, tzinfo=zone)) for one in (year, year + 1))
    begun = (one for one in held(tx, bench.who.branch, first, min(last, tx.at)) if one.state != "cancelled")
    records = [record_of(tx, one) for one in islice(begun, MOST_ROWS + 1)]
    kinds = dict.fromkeys([*KINDS, *(kind for one in records for kind in one.held.kinds)])
    found = ((kind, [one for one in records if kind in one.held.kinds]) for kind in kinds)
    return [
        Table(f"{kind}（{len(rows)} 次）", MEETING_HEAD, [_meeting(tx, one) for one in rows])
        for kind, rows in found
        if rows
    ]


def _meeting(tx: Tx, one: Record) -> tuple[str, ...]:
    lines = one.lines
    counts = (len(one.people), len(one.present), sum(stand.on_leave for stand in one.people))
    return (
        *(f"#{one.held.number}", day_and_time(tx.moment(one.held.starts_at)), lines.get("place") or one.held.place),
        *(lines.get("host", ""), lines.get("recorder", ""), *map(str, counts)),
        *(lines.get("agenda", ""), lines.get("resolution", "")),
        (f"缺 {'、'.join(one.missing)}" if one.missing else "齐全") + entered(one.held.row),
    )


def _book(tx: Tx, bench: Bench, name: str, year: int, config: Config) -> Table:
    head, rows = _entries(tx, bench, name, year) if name in BY_NAME else _paper(tx, bench, name, year, config)
    write = [yuan_on_paper if column == AMOUNT else _text for column in head]
    shown = [tuple(one(cell) for one, cell in zip(write, row, strict=True)) for row in islice(rows, MOST_ROWS + 1)]
    return Table(f"{TITLES[name]}（{min(len(shown), MOST_ROWS)} 条）", head, shown)


def _entries(tx: Tx, bench: Bench, name: str, year: int) -> tuple[tuple[str, ...], Iterator[Sequence[Any]]]:
    book, branch = BY_NAME[name], bench.who.branch
    head = tuple(one for one in columns(book) if one not in (BRANCH, REASON))
    label = labels(tx, branch)
    found = registers.listed(tx, branch, book, date(year, 1, 1), date(year, 12, 31))
    cells = (cells_of(tx, book, row, label) for row in found)
    return head, ([one.get(column, "") for column in head] for one in cells)


def _paper(
    tx: Tx, bench: Bench, name: str, year: int, config: Config
) -> tuple[tuple[str, ...], Iterable[Sequence[Any]]]:
    """A sheet of `/report excel`, without the column that names the branch."""
    sheet = sheets.titled(PAPERS[name])
    asked = figures.question(tx, figures.made(year, 1, 12), bench.who.branch, config)
    place = {bench.who.branch: bench.who.branch_name}
    wanted = Wanted(tx, asked, bench.who.branch_name, place, config, may(bench.who, "collector"))
    return sheet.head[1:], (row[1:] for row in sheet.write(wanted))


def _text(cell: Any) -> str:
    """A cell of a book: hours and scores as they are said (2, 2.5)."""
    return f"{cell:.2f}".removesuffix(".00") if isinstance(cell, float) else str(cell)


def yuan_on_paper(cell: Any) -> str:
    """A sum in yuan as it is written on paper, always with 角 and 分."""
    return f"{cell:.2f}" if isinstance(cell, float | int) else str(cell)
