"""Says everything that is wrong with a sheet, before anything of it touches the register."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from handlers.rates import KINDS
from handlers.sheet.columns import ACCOUNTS, COLUMNS, DATES, EXPLAINED, KNOWN, LONGEST, LONGEST_CELL, REQUIRED
from handlers.sheet.errors import SheetError, fault
from handlers.sheet.tidy import tidy

MOST_ABOVE = 5  # lines that may stand before the one that names the columns
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YUAN = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,2})?")
_BREAKS = re.compile(r"[\t\r\n]+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One person's line: the cells that are filled, by column, and the dues in our own words.

    `kind` is "" and `base_fen` 0 where the sheet says nothing (or nothing known).
    """

    line: int
    cells: Mapping[str, str]
    kind: str = ""
    base_fen: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sound sheet, and what the importer should look at."""

    rows: tuple[SheetRow, ...]
    warnings: tuple[str, ...] = ()


def check(lines: list[tuple[int, list[str]]]) -> Sheet:
    """Checks numbered lines, of which one names the columns. Raises SheetError with a line per fault.

    1. the header  2. each cell  3. what may stand only once in a sheet  4. what is unknown: kept, with a warning.
    """
    if not lines:
        raise SheetError(["表是空的。第 1 行要写列名：" + "、".join(COLUMNS)])
    lines = headed(lines, REQUIRED)
    header, warnings = read_header(*lines[0], COLUMNS, REQUIRED)
    faults: list[str] = []
    rows = [_row(line, cells, header, faults) for line, cells in lines[1:]]
    faults += _twice(rows)
    if faults:
        raise SheetError(sorted(faults, key=line_of))
    return Sheet(tuple(rows), (*warnings, *_unknown(rows), *_namesakes(rows)))


def headed(lines: list[tuple[int, list[str]]], required: Sequence[str]) -> list[tuple[int, list[str]]]:
    """The lines from the one that names the columns on: a title may stand above it."""
    known = (bool(set(required) & {"".join(cell.split()) for cell in cells}) for _, cells in lines[:MOST_ABOVE])
    return lines[next((at for at, named in enumerate(known) if named), 0) :]


def read_header(
    line: int, cells: Sequence[str], columns: Sequence[str], required: Sequence[str]
) -> tuple[list[str], list[str]]:
    """(the column of each place, warnings about those that aren't known). Raises SheetError."""
    header = ["".join(cell.split()) for cell in cells]
    missing = [column for column in required if column not in header]
    twice = sorted({column for column in header if column and header.count(column) > 1})
    faults = [f"第 {line} 行：缺少“{column}”这一列" for column in missing]
    faults += [f"第 {line} 行：“{column[:20]}”这一列有两个" for column in twice]
    if faults:
        raise SheetError(faults)
    strange = [column for column in header if column and column not in columns]
    return header, [f"不认识“{column[:20]}”这一列，没有读。" for column in strange]


def filled_cells(
    line: int, cells: Sequence[str], header: Sequence[str], columns: Sequence[str], faults: list[str]
) -> dict[str, str]:
    """The cells of a line that hold anything, by column, each in one line of text."""
    if any(cells[len(header) :]):
        faults.append(f"第 {line} 行：比第 1 行多出几格，内容里有逗号的要加引号")
    filled = {column: _BREAKS.sub(" ", cell) for column, cell in zip(header, cells, strict=False) if cell}
    return {column: cell for column, cell in filled.items() if column in columns}


def _row(line: int, cells: Sequence[str], header: Sequence[str], faults: list[str]) -> SheetRow:
    filled = filled_cells(line, cells, header, COLUMNS, faults)
    filled = {column: tidy(column, cell) for column, cell in filled.items()}
    faults += [fault(line, column, "不能空着") for column in REQUIRED if column not in filled]
    bad = {column: why for column, cell in filled.items() if (why := _why_not(column, cell))}
    faults += [fault(line, column, why) for column, why in bad.items()]
    base = "" if "党费基数" in bad else filled.get("党费基数", "")
    return SheetRow(line, filled, KINDS.get(filled.get("党费类别", ""), ""), int(Decimal(base or 0) * 100))


def _why_not(column: str, cell: str) -> str:
    """Why a cell can't be taken; "" where it can."""
    if why := unfit(cell, LONGEST.get(column, LONGEST_CELL)):
        return why
    if column in DATES and not _is_day(cell):
        return f"{cell[:20]} 不是日期（要写成 1990-02-28 这样）"
    if column == "党费基数" and not (_YUAN.fullmatch(cell) and Decimal(cell) > 0):
        return f"{cell[:20]} 不是金额（要写成 3000.50 这样，至少 0.01，最多两位小数）"
    return ""


def unfit(cell: str, longest: int = LONGEST_CELL) -> str:
    """Why no cell may be like this: too long, or with signs that nobody sees; "" where it may."""
    if len(cell) > longest:
        return f"太长（{len(cell)} 字），最多 {longest} 字"
    return "有看不见的控制字符，请重新输入" if _UNSEEN.search(cell) else ""


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and date.fromisoformat(text).year >= 1900
    except ValueError:
        return False


def _twice(rows: Sequence[SheetRow]) -> list[str]:
    """Accounts and people that stand in more than one line."""
    faults, first = [], dict[tuple[str, ...], int]()
    for row in rows:
        keys = [(column, row.cells[column].casefold()) for column in ACCOUNTS if column in row.cells]
        for key in keys:
            if first.setdefault(key, row.line) != row.line:
                faults.append(fault(row.line, key[0], f"{row.cells[key[0]][:40]} 在第 {first[key]} 行已经有了"))
        person = tuple(row.cells.get(column, "") for column in ("姓名", "支部", "科室"))
        if not keys and all(person[:2]) and first.setdefault(person, row.line) != row.line:
            same = f"和第 {first[person]} 行的姓名、支部、科室都一样，请填账号来区分，或删去一行"
            faults.append(fault(row.line, "姓名", same))
    return faults


def _unknown(rows: Sequence[SheetRow]) -> list[str]:
    lost = strangers(rows, "党费类别", KINDS.__contains__, f"党费没有导入。可以写：{EXPLAINED['党费类别']}")
    for column, known in KNOWN.items():
        end = f"照样记下，请核对。可以写：{EXPLAINED[column]}"
        lost += strangers(rows, column, known.__contains__, end)
    return lost


def _namesakes(rows: Sequence[SheetRow]) -> list[str]:
    """Two people whom nothing but their accounts tells apart: mostly one person, entered twice."""
    first, warnings = dict[tuple[str, ...], int](), []
    for row in rows:
        person = tuple(row.cells.get(column, "") for column in ("姓名", "支部", "科室"))
        if first.setdefault(person, row.line) != row.line:
            same = f"{person[0]} 和第 {first[person]} 行的姓名、支部、科室都一样，按两位党员记下"
            warnings.append(f"第 {row.line} 行：{same}。是同一个人请删去一行；是两个人请把科室写得不一样，群里才分得清")
    return warnings


def strangers(
    rows: Iterable[SheetRow], column: str, known: Callable[[str], bool], end: str = "照样记下，请核对"
) -> list[str]:
    """One warning per value of `column` that is not `known`, however often it stands."""
    seen: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if column in row.cells and not known(row.cells[column]):
            seen[row.cells[column]].append(row.line)
    return [
        f"第 {lines[0]} 行{f'等 {len(lines)} 行' if len(lines) > 1 else ''}“{column}”：不认识 {value[:20]}，{end}"
        for value, lines in seen.items()
    ]


def line_of(text: str) -> int:
    """The line that a fault names, 0 where it names none."""
    found = re.match(r"第 (\d+) 行", text)
    return int(found[1]) if found else 0
