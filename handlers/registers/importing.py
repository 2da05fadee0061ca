"""Takes a book's sheet in, or nothing of it: every faulty cell is named with its line and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, TypeVar

from bot.commands import Who
from bot.config import Registers
from bot.db import Tx
from bot.message import Refused
from handlers.people.branches import branch_named
from handlers.register import BETWEEN_NAMES, member_named
from handlers.registers import fields, rows
from handlers.registers.books import Book
from handlers.registers.dates import past_day
from handlers.registers.fields import Field, Label, Values
from handlers.registers.line import Line, plain
from handlers.registers.sheets import (
    BRANCH,
    DONE_ON,
    EVIDENCE,
    NUMBER,
    REASON,
    STATE,
    cells_of,
    columns,
    labels,
    required,
    sheet_fields,
)
from handlers.registers.words import check
from handlers.sheet import SheetError
from handlers.sheet.check import filled_cells, headed, line_of, read_header, unfit
from handlers.sheet.errors import fault
from handlers.sheet.files import Line as SheetLine

ROW = "整行"
NUMBERED = re.compile(r"[#＃]?(\d{1,6})号?")
Progress = Callable[[int, int], None]
Cells = Mapping[str, str]
T = TypeVar("T")


@dataclass(slots=True)
class Taken:
    """What an import did: entries that are new, corrected, and as they were; `warnings` are lines to look at."""

    added: int = 0
    corrected: int = 0
    unchanged: int = 0
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Place:
    """A branch while its lines are read: how its members are called, and what its entries say -> where they stand."""

    branch: int
    label: Label
    entries: dict[tuple[Any, ...], str]


@dataclass(slots=True)
class _Import:
    """One import on its way."""

    tx: Tx
    book: Book
    by: Who
    rules: Registers
    taken: Taken
    places: dict[str, _Place] = field(default_factory=dict)


class Unfit(Exception):
    """A line that can't be taken: the column to look at, and why."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column, self.why = column, why


def import_book(
    tx: Tx, book: Book, lines: list[SheetLine], by: Who, rules: Registers, progress: Progress | None = None
) -> Taken:
    """Takes a sheet's numbered lines into a book, all or none. Raises SheetError with a line per fault.

    A line without 编号 is a new entry, with one a correction: empty cells change nothing. What stands in the book
    already is not entered again, and said.
    """
    job = _Import(tx, book, by, rules, Taken())
    job.taken.warnings += each_line(
        lines, columns(book), required(book), lambda line, cells: _take(job, line, cells), progress
    )
    return job.taken


def each_line(
    lines: list[SheetLine],
    wanted: tuple[str, ...],
    needed: tuple[str, ...],
    take: Callable[[int, Cells], None],
    progress: Progress | None = None,
) -> list[str]:
    """Hands every line to `take`, by column; the warnings about columns. Raises SheetError with all faults at once."""
    if not lines:
        raise SheetError(["表是空的。第 1 行要写列名：" + "、".join(wanted)])
    lines = headed(lines, needed)
    header, warnings = read_header(*lines[0], wanted, needed)
    faults: list[str] = []
    for done, (line, cells) in enumerate(lines[1:], 1):
        filled = filled_cells(line, cells, header, wanted, faults)
        bad = [fault(line, column, why) for column, cell in filled.items() if (why := unfit(cell))]
        faults += bad
        if not bad:
            try:
                take(line, filled)
            except Unfit as found:
                faults.append(fault(line, found.column, found.why))
        if progress:
            progress(done, len(lines) - 1)
    if faults:
        raise SheetError(sorted(faults, key=line_of))
    return warnings


def within(column: str, work: Callable[[], T]) -> T:
    """What `work` gives; its refusal becomes a fault of the column."""
    try:
        return work()
    except Refused as refusal:
        raise Unfit(column, refusal.text) from None


def branch_in(tx: Tx, cells: Cells) -> int:
    """The branch that a line names."""
    if BRANCH not in cells:
        raise Unfit(BRANCH, "不能空着")
    return int(within(BRANCH, lambda: branch_named(tx, cells[BRANCH])).id)


def number_of(cells: Cells) -> int:
    """The number in a line."""
    found = NUMBERED.fullmatch(cells[NUMBER])
    if found is None:
        raise Unfit(NUMBER, f"{cells[NUMBER][:20]} 不是编号")
    return int(found[1])


def _take(job: _Import, line: int, cells: Cells) -> None:
    name = cells.get(BRANCH, "")
    if name not in job.places:
        branch = branch_in(job.tx, cells)
        there = {_key(row): f"#{row.number}" for row in rows.everything(job.tx, branch, job.book)}
        job.places[name] = _Place(branch, labels(job.tx, branch), there)
    if NUMBER in cells:
        _correct(job, job.places[name], cells)
    else:
        _add(job, line, job.places[name], cells)


def _key(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in rows.KEPT)


def _add(job: _Import, line: int, place: _Place, cells: Cells) -> None:
    book, values = job.book, dict[str, Any]()
    for one in sheet_fields(book):
        if one.needed and one.column not in cells:
            raise Unfit(one.column, "不能空着")
        values |= _read(job, place, one, cells[one.column]) if one.column in cells else one.default
    if book.today:
        values.setdefault("on_date", job.tx.now.date().isoformat())
    values |= _state(job, cells, {**rows.EMPTY, **values})
    within(ROW, lambda: check(book, values))
    people = values.pop("member_id", 0)
    for member in people if isinstance(people, list) else [people]:
        _add_one(job, line, place, rows.started(book, {**values, "member_id": member}))


def _add_one(job: _Import, line: int, place: _Place, entry: Values) -> None:
    key = tuple(entry[name] for name in rows.KEPT)
    if key in place.entries:
        job.taken.unchanged += 1
        job.taken.warnings.append(f"第 {line} 行：和{job.book.chinese} {place.entries[key]} 一样，没有再登记")
        return
    (made,) = within(ROW, lambda: rows.add(job.tx, place.branch, job.book, entry, job.by))
    place.entries[key] = f"#{made.number}（第 {line} 行）"
    job.taken.added += 1


def _correct(job: _Import, place: _Place, cells: Cells) -> None:
    number = number_of(cells)
    old = within(NUMBER, lambda: rows.one(job.tx, place.branch, job.book, number))
    stands = cells_of(job.tx, job.book, old, place.label)
    changed = {one: cell for one, cell in cells.items() if one in stands and one != NUMBER and cell != stands[one]}
    if not changed:
        job.taken.unchanged += 1
        return
    values: Values = {}
    for one in sheet_fields(job.book):
        values |= _read(job, place, one, changed[one.column]) if one.column in changed else {}
    now = {name: getattr(old, name) for name in rows.KEPT} | values
    if job.book.states and {STATE, DONE_ON, EVIDENCE} & changed.keys():
        values |= _state(job, {**stands, **cells}, now)
    within(ROW, lambda: check(job.book, now))
    reason = within(REASON, lambda: plain(cells.get(REASON, "导入更正"), 60, "原因"))
    within(ROW, lambda: rows.correct(job.tx, place.branch, job.book, number, values, reason, job.by))
    job.taken.corrected += 1


def _read(job: _Import, place: _Place, one: Field, cell: str) -> Values:
    """What a cell says, read as the words would be in chat."""
    line = Line(job.tx, place.branch, one.kind.words(cell), job.rules)
    if one.kind in (fields.members, fields.member, fields.pair):
        for name in filter(None, BETWEEN_NAMES.split(cell)):
            within(one.column, partial(member_named, job.tx, place.branch, name))
    found = within(one.column, lambda: one.kind.take(line))
    if not found or line.words:
        options = f"，可以写：{'、'.join(one.kind.options)}" if one.kind.options else ""
        raise Unfit(one.column, f"「{cell[:20]}」没看懂{options}")
    return found


def _state(job: _Import, cells: Cells, values: Values) -> Values:
    """The state that a line tells of, with the day and what proves it."""
    states = job.book.states
    if not states:
        return {}
    word = cells.get(STATE) or states[0][1]
    state = next((code for code, name in states if name == word), "")
    if not state:
        raise Unfit(STATE, f"「{word[:20]}」没看懂，可以写：{'、'.join(name for _, name in states)}")
    evidence = within(EVIDENCE, lambda: plain(cells.get(EVIDENCE, ""), 60, "依据"))
    done = state == job.book.done_state
    if done and job.book.proved and not evidence:
        raise Unfit(EVIDENCE, f"{job.book.done_word}的要写依据")
    return {"state": state, "done_on": _done_on(job, cells, values) if done else "", "evidence": evidence}


def _done_on(job: _Import, cells: Cells, values: Values) -> str:
    cell = cells.get(DONE_ON, "")
    if not cell:
        raise Unfit(DONE_ON, f"{job.book.done_word}的要写日期")
    on: date | None = within(DONE_ON, lambda: past_day(cell, job.tx.now))
    if on is None:
        raise Unfit(DONE_ON, f"「{cell[:20]}」不是日期")
    if on.isoformat() < values["on_date"]:
        raise Unfit(DONE_ON, f"{on} 比登记的日期 {values['on_date']} 还早")
    return on.isoformat()


def summary(taken: Taken) -> str:
    """新增 3 条，更正 1 条，没有变化 2 条"""
    return f"新增 {taken.added} 条，更正 {taken.corrected} 条，没有变化 {taken.unchanged} 条"
