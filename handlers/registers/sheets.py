"""The books as sheets: what goes out can come in again. A cell is read by the function that reads the words in chat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select

from bot import files
from bot.commands import Ask, Command
from bot.db import Tx
from bot.message import Reply
from bot.sql import p, sql
from handlers.register import branch_of
from handlers.registers import fields, rows
from handlers.registers.books import Book
from handlers.registers.fields import Field, Label
from handlers.registers.words import note_entries, of_period
from handlers.sheet.writing import workbook
from handlers.tables import branches, members

NUMBER, BRANCH, STATE, DONE_ON, EVIDENCE, REASON = "编号", "支部", "状态", "完成日期", "依据", "更正原因"
EVERYBODY = sql(select(members.c.id, members.c.name, members.c.department).where(members.c.branch_id == p("branch")))
ANYBODY = sql(select(members.c.name).where(members.c.id == p("member")))
BRANCH_NAME = sql(select(branches.c.name).where(branches.c.id == p("branch")))
HINTS = {
    fields.on_date: "写成 2026-11-20 这样",
    fields.due: "写成 2026-12-31 这样",
    fields.hours: "如 4、2.5、半天、3天",
    fields.count: "整数，空着是 1",
    fields.members: "本支部党员的姓名，几位之间用顿号；同名的写 姓名(科室)",
    fields.member: "本支部党员的姓名；同名的写 姓名(科室)",
    fields.pair: "两位党员的姓名，用顿号隔开",
    fields.media: "报纸、网站、公众号的名称",
    fields.evidence: "在哪里可以查到",
}


def sheet_fields(book: Book) -> tuple[Field, ...]:
    """The fields that have a column; 采用 is told by the state."""
    return tuple(one for one in book.fields if one.kind is not fields.adopted)


def columns(book: Book) -> tuple[str, ...]:
    """The columns of a book's sheet, in their order: a public contract, once shipped."""
    states = (STATE, DONE_ON, EVIDENCE) if book.states else ()
    return (NUMBER, BRANCH, *(one.column for one in sheet_fields(book)), *states, REASON)


def required(book: Book) -> tuple[str, ...]:
    """The columns that a sheet must have."""
    return (BRANCH, *(one.column for one in sheet_fields(book) if one.needed))


def explained(book: Book) -> dict[str, str]:
    """What may stand in each column."""
    notes = {NUMBER: "空着是新的一条；写编号是更正那一条，空着的格不改", BRANCH: "必填，如 第一党支部"}
    for one in sheet_fields(book):
        hint = one.hint or HINTS.get(one.kind, "") or "、".join(one.kind.options)
        notes[one.column] = ("必填。" if one.needed else "") + (hint or "文字，不写电话和证件号码")
    if book.states:
        notes[STATE] = "、".join(word for _, word in book.states) + "；空着是第一种"
        notes[DONE_ON] = f"{book.done_word}的日期，写成 2026-11-20 这样"
        notes[EVIDENCE] = "在哪里可以查到" + ("；完成的必填" if book.proved else "")
    return notes | {REASON: "只在更正时写"}


def labels(tx: Tx, branch: int) -> Label:
    """How a sheet names the members of a branch: 姓名, and 姓名(科室) for those who share it."""
    people = tx.all(EVERYBODY, branch=branch)
    shared = {name for name, count in Counter(row.name for row in people).items() if count > 1}
    known = {row.id: f"{row.name}({row.department})" if row.name in shared else row.name for row in people}
    return lambda member: known.get(member) or str(tx.value(ANYBODY, member=member) or "")


def cells_of(tx: Tx, book: Book, row: Any, label: Label) -> dict[str, str]:
    """An entry as its line in a sheet, by column; without 支部 and 更正原因."""
    cells = {NUMBER: str(row.number)} | {one.column: one.kind.show(row, label) for one in sheet_fields(book)}
    if book.states:
        cells |= {STATE: dict(book.states).get(row.state, ""), DONE_ON: row.done_on, EVIDENCE: row.evidence}
    return cells


def export(tx: Tx, branch: int, book: Book, first: date, last: date) -> tuple[bytes, int]:
    """(an XLSX of the entries of a period, how many they are). Raises nothing; an empty one has its header."""
    label, name = labels(tx, branch), str(tx.value(BRANCH_NAME, branch=branch))
    found = rows.listed(tx, branch, book, first, last)
    lines = [{**cells_of(tx, book, row, label), BRANCH: name} for row in found]
    wanted = columns(book)
    table = [[line.get(column, "") for column in wanted] for line in lines]
    return workbook(book.chinese, wanted, table, explained(book)), len(found)


def say_export(book: Book, tx: Tx, ask: Ask) -> Reply:
    """/book export [年|月]: the sheet, in private."""
    branch = branch_of(ask)
    called, first, last = of_period(tx, book, ask.text)
    data, number = export(tx, branch, book, first, last)
    note_entries(tx, ask, book, rows.listed(tx, branch, book, first, last))
    name = f"{book.chinese}_{ask.who.branch_name}_{called}.xlsx"
    return Reply(
        f"{book.chinese} {called}：{number} 条，见表格。", private=True, attachments=(files.attach(tx, name, data),)
    )


def export_command(book: Book) -> Command:
    """The subcommand that every book has."""
    return Command(
        "export",
        "导出",
        "导出表格（私聊）",
        f"/{book.name} export",
        partial(say_export, book),
        writes=True,
        secret=True,
    )


def empty(book: Book) -> bytes:
    """The sheet that the office fills in, explained where it is filled in."""
    none: Sequence[Sequence[str]] = ()
    return workbook(book.chinese, columns(book), none, explained(book), required(book))
