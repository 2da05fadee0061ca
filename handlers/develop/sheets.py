"""发展党员 as a sheet: a line per person, a column per step. A day that stands is never written over by a sheet."""

from __future__ import annotations

from datetime import date
from functools import partial

from bot import files
from bot.commands import Ask, Who
from bot.db import Tx
from bot.message import Reply
from handlers.develop import operations
from handlers.develop.operations import KNOWN, Way
from handlers.develop.steps import STAGES, STEPS
from handlers.looks import DEVELOP, note_names
from handlers.register import branch_of
from handlers.registers.dates import past_day
from handlers.registers.importing import Cells, Progress, Taken, Unfit, branch_in, each_line, number_of, within
from handlers.registers.line import plain
from handlers.registers.sheets import BRANCH, BRANCH_NAME, NUMBER
from handlers.sheet.files import Line
from handlers.sheet.writing import workbook

NAME, ENDED = "姓名", "终止日期"
STEP_COLUMNS = {number: f"{number}{step.name}" for number, step in STEPS.items()}
COLUMNS = (NUMBER, BRANCH, NAME, *STEP_COLUMNS.values(), ENDED)
REQUIRED = (BRANCH, NAME)
EXPLAINED = {
    NUMBER: "导出时有；同名的靠它区分",
    BRANCH: "必填，如 第一党支部",
    NAME: "必填；名单里没有的会登记为新的一位",
    **{
        column: f"{STAGES[STEPS[number].stage]}：日期，写成 2026-11-20 这样"
        + ("；几次的用顿号隔开" if STEPS[number].repeats else "")
        for number, column in STEP_COLUMNS.items()
    },
    ENDED: "发展终止的日期，不写原因",
}
LONGEST_NAME = 20


def import_develop(tx: Tx, lines: list[Line], by: Who, progress: Progress | None = None) -> Taken:
    """Takes people and the days of their steps in, all or none. Raises SheetError, also for a day that can't be.

    A step that has another day already is a fault: days are corrected in chat, with a reason.
    """
    taken = Taken()
    taken.warnings += each_line(lines, COLUMNS, REQUIRED, lambda line, cells: _take(tx, cells, by, taken), progress)
    return taken


def _take(tx: Tx, cells: Cells, by: Who, taken: Taken) -> None:
    branch = branch_in(tx, cells)
    way, new = _person(tx, branch, cells, by)
    days = _days(tx, branch, way)
    changed = new
    for number, column in [*STEP_COLUMNS.items(), (operations.ENDED, ENDED)]:
        for day in _wanted(tx, column, cells.get(column, "")):
            if day.isoformat() in days.get(number, ()):
                continue
            way = within(column, partial(operations.step, tx, branch, way, number, day, by))
            changed = True
    taken.added += new
    taken.corrected += changed and not new
    taken.unchanged += not changed


def _person(tx: Tx, branch: int, cells: Cells, by: Who) -> tuple[Way, bool]:
    if NAME not in cells:
        raise Unfit(NAME, "不能空着")
    name = within(NAME, lambda: plain(cells[NAME], LONGEST_NAME, "姓名"))
    if NUMBER in cells:
        return within(NUMBER, lambda: operations.found(tx, branch, f"#{number_of(cells)}")), False
    if any(way.name == name for way in operations.ways(tx, branch)):
        return within(NAME, lambda: operations.found(tx, branch, name)), False
    if " " in name:
        raise Unfit(NAME, "只写姓名")
    return within(NAME, lambda: operations.add(tx, branch, name, by)), True


def _days(tx: Tx, branch: int, way: Way) -> dict[int, set[str]]:
    """Every day that stands, by step."""
    days: dict[int, set[str]] = {}
    for row in tx.all(KNOWN, branch=branch, at=operations.ALWAYS):
        if row.candidate_id == way.id:
            days.setdefault(row.step, set()).add(row.on_date)
    return days


def _wanted(tx: Tx, column: str, cell: str) -> list[date]:
    found = []
    for word in filter(None, cell.replace("，", "、").replace(",", "、").split("、")):
        day = within(column, partial(past_day, word.strip(), tx.now))
        if day is None:
            raise Unfit(column, f"「{word[:20]}」不是日期")
        found.append(day)
    return found


def export_develop(tx: Tx, branch: int) -> tuple[bytes, int]:
    """(an XLSX of everybody who is or was on the way, how many they are)."""
    name, found = str(tx.value(BRANCH_NAME, branch=branch)), operations.ways(tx, branch)
    table = []
    for way in found:
        days = _days(tx, branch, way)
        steps = ["、".join(sorted(days.get(number, ()))) for number in (*STEP_COLUMNS, operations.ENDED)]
        table.append([str(way.number), name, way.name, *steps])
    return workbook("发展党员", COLUMNS, table, EXPLAINED), len(found)


def empty() -> bytes:
    """The sheet that the office fills in."""
    return workbook("发展党员", COLUMNS, (), EXPLAINED, REQUIRED)


def say_export(tx: Tx, ask: Ask) -> Reply:
    """/develop export: the sheet, in private."""
    data, number = export_develop(tx, branch_of(ask))
    note_names(tx, ask.who, branch_of(ask), [way.name for way in operations.ways(tx, branch_of(ask))], DEVELOP)
    attached = files.attach(tx, f"发展党员_{ask.who.branch_name}_{tx.now:%Y-%m-%d}.xlsx", data)
    return Reply(f"发展党员：{number} 人，见表格。", private=True, attachments=(attached,))
