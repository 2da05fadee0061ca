"""Files as they come from county offices: CSV in two encodings, XLSX, and everything that only looks like one."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from handlers.sheet.errors import SheetError

LARGEST_FILE = 20_000_000  # bytes, as it comes
LARGEST_UNPACKED = 200_000_000  # bytes; a 10,000 row sheet has about ten million
MOST_LINES = 50_000
MOST_COLUMNS = 64

Line = tuple[int, list[str]]


def rows_of(path: Path) -> list[Line]:
    """The lines of a file that hold anything, numbered as the person sees them (the header is line 1).

    The content decides what it is, not the name. Raises SheetError.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SheetError([f"文件太大（最多 {LARGEST_FILE // 1_000_000} MB）。"])
        body = path.read_bytes()
    except OSError as error:
        raise SheetError([f"打不开文件 {path.name}：{error.strerror or error}"]) from error
    return rows_of_bytes(body)


def rows_of_bytes(body: bytes) -> list[Line]:
    """The same for a file already read."""
    if body.startswith(b"PK"):
        return _kept(_xlsx(body))
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetError(["这是旧版 .xls 文件，请另存为 .xlsx 再导入。"])
    return _kept(_csv(_decoded(body)))


def _kept(lines: Iterable[Line]) -> list[Line]:
    kept = []
    for number, cells in lines:
        if number > MOST_LINES:
            raise SheetError([f"表太长（最多 {MOST_LINES} 行），请分成几个文件。"])
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            kept.append((number, cells))
    return kept


def _decoded(body: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetError(["看不懂文件的编码，请另存为 UTF-8 的 CSV 或 .xlsx。"])


def _csv(text: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, [cell.strip() for cell in cells]
            number = reader.line_num + 1
    except csv.Error as error:
        raise SheetError([f"第 {number} 行：引号没有配对，或一格太长（{error}）。"]) from error


def _xlsx(body: bytes) -> Iterator[Line]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of every extension of Excel that it passes over
        try:
            _refuse_bomb(body)
            lines = _cells(body, values=False)
            if any(isinstance(cell, str) and cell.startswith("=") for _, cells in lines for cell in cells):
                lines = _filled(lines, _cells(body, values=True))
        except SheetError:
            raise
        except Exception as error:  # openpyxl lets through whatever its parsers met
            raise SheetError(["打不开这个 .xlsx 文件，可能已损坏，请重新另存一次。"]) from error
    yield from ((number, [_text(cell) for cell in cells]) for number, cells in lines)


def _refuse_bomb(body: bytes) -> None:
    """zipfile gives no more bytes than an entry declares, so the declared sizes are the limit."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
            raise SheetError(["这个 .xlsx 解开后太大，没有读。"])


def _cells(body: bytes, *, values: bool) -> list[tuple[int, list[Any]]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(body), read_only=True, data_only=values)
    try:
        rows = book.worksheets[0].iter_rows(values_only=True, max_row=MOST_LINES + 1, max_col=MOST_COLUMNS)
        return [(number, list(cells)) for number, cells in enumerate(rows, 1) if any(c is not None for c in cells)]
    finally:
        book.close()


def _filled(lines: list[tuple[int, list[Any]]], worked_out: list[tuple[int, list[Any]]]) -> list[tuple[int, list[Any]]]:
    """Formulas give the value that was last worked out; text that only begins with = stays text."""
    known = dict(worked_out)
    return [
        (number, [_either(cell, value) for cell, value in zip(cells, known.get(number, [None] * len(cells)))])  # noqa: B905
        for number, cells in lines
    ]


def _either(cell: Any, value: Any) -> Any:
    return value if value is not None and isinstance(cell, str) and cell.startswith("=") else cell


def _text(cell: Any) -> str:
    """A cell as it would be typed: whole numbers without a point, days as YYYY-MM-DD."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == datetime.min.time() else cell).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return format(cell, ".15g")  # as Excel shows it: 0.1 + 0.2 is 0.3
    return str(cell).strip()
