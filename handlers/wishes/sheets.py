"""微心愿 as a sheet: new wishes come in verified, all of them go out. What happened to a wish is told in chat only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot import files
from bot.commands import Ask, Who
from bot.db import Tx
from bot.message import Reply
from bot.sql import p, sql
from handlers.register import branch_of
from handlers.registers.dates import period
from handlers.registers.importing import Cells, Progress, Taken, Unfit, branch_in, each_line, number_of, within
from handlers.registers.line import plain
from handlers.registers.sheets import BRANCH, BRANCH_NAME, NUMBER
from handlers.registers_tables import wishes
from handlers.sheet.files import Line
from handlers.sheet.writing import workbook
from handlers.wishes import operations, store
from handlers.wishes.lines import STATES
from handlers.wishes.words import LONGEST, RESIDENT, kind_of

TITLE, KIND, CODE, STATE, HOLDERS, DUE, DONE_ON = "心愿", "类别", "居民代码", "状态", "认领人", "期限", "兑现日期"
COLUMNS = (NUMBER, BRANCH, TITLE, KIND, CODE, STATE, HOLDERS, DUE, DONE_ON)
REQUIRED = (BRANCH, TITLE)
EXPLAINED = {
    NUMBER: "空着是新的心愿；有编号的行只核对，不改动",
    BRANCH: "必填，如 第一党支部",
    TITLE: "必填，不写姓名、电话，如 一副老花镜（300度）",
    KIND: "物品、服务；空着按心愿的文字判断，判断不了就空着",
    CODE: "居民的代码，如 A07；不写姓名",
    STATE: "导出时有，导入不读",
    HOLDERS: "导出时有，导入不读",
    DUE: "导出时有，导入不读",
    DONE_ON: "导出时有，导入不读",
}
ALL = sql(select(wishes).where(wishes.c.branch_id == p("branch")).order_by(wishes.c.number))


def import_wishes(tx: Tx, lines: list[Line], by: Who, progress: Progress | None = None) -> Taken:
    """Takes new wishes in, all or none; one that waits to be claimed under the same words is not taken twice."""
    taken, alive = Taken(), dict[int, dict[tuple[str, str], int]]()

    def take(line: int, cells: Cells) -> None:
        branch = branch_in(tx, cells)
        there = alive.setdefault(branch, {(row.title, row.resident): row.number for row in store.alive(tx, branch)})
        if NUMBER in cells:
            _compare(tx, branch, cells, taken)
            return
        title, kind, code = _read(cells)
        if (title, code) in there:
            taken.unchanged += 1
            taken.warnings.append(f"第 {line} 行：和微心愿 #{there[title, code]} 一样，没有再登记")
            return
        row = operations.add(tx, branch, title, kind, code, by, verified=True)
        there[title, code] = row.number
        taken.added += 1

    taken.warnings += each_line(lines, COLUMNS, REQUIRED, take, progress)
    return taken


def _compare(tx: Tx, branch: int, cells: Cells, taken: Taken) -> None:
    row = within(NUMBER, lambda: store.numbered(tx, branch, number_of(cells)))
    if cells.get(TITLE, row.title) != row.title:
        raise Unfit(TITLE, f"#{row.number} 登记的是“{row.title}”。要改请发 /wish correct {row.number} 新的心愿 原因 …")
    taken.unchanged += 1


def _read(cells: Cells) -> tuple[str, str, str]:
    """(title, kind, the resident's code)."""
    if TITLE not in cells:
        raise Unfit(TITLE, "不能空着")
    title = within(TITLE, lambda: plain(cells[TITLE], LONGEST, "心愿"))
    kind = cells.get(KIND, "") or kind_of(title)
    if kind not in ("", "物品", "服务"):
        raise Unfit(KIND, f"「{kind[:20]}」没看懂，可以写：物品、服务")
    code = cells.get(CODE, "")
    if code and not RESIDENT.fullmatch(f"居民代码{code}"):
        raise Unfit(CODE, f"「{code[:20]}」不是代码：字母、数字，最多 12 位，不写姓名")
    return title, kind, within(CODE, lambda: plain(code, 12, "居民代码"))


def export_wishes(tx: Tx, branch: int) -> tuple[bytes, int]:
    """(an XLSX of all wishes of a branch, how many they are): for the secretary, it says who has them."""
    name, found = str(tx.value(BRANCH_NAME, branch=branch)), tx.all(ALL, branch=branch)
    return workbook("微心愿", COLUMNS, [_line(tx, row, name) for row in found], EXPLAINED), len(found)


def _line(tx: Tx, row: Any, branch: str) -> list[str]:
    holders = "、".join(one.name for one in store.holders(tx, row.id))
    done = next((event.on_date for event in store.events(tx, row.id) if event.action == "done"), "")
    return [str(row.number), branch, row.title, row.kind, row.resident, STATES[row.state], holders, row.due_on, done]


def empty() -> bytes:
    """The sheet that the office fills in."""
    return workbook("微心愿", COLUMNS, (), EXPLAINED, REQUIRED)


def say_export(tx: Tx, ask: Ask) -> Reply:
    """/wish export: the sheet, in private."""
    data, number = export_wishes(tx, branch_of(ask))
    called, _, _ = period("", tx.now)
    attached = files.attach(tx, f"微心愿_{ask.who.branch_name}_{called}.xlsx", data)
    return Reply(f"微心愿：{number} 个，见表格。", private=True, attachments=(attached,))
