"""`import BOOK`: a register's sheet comes in whole, or every fault of it comes back."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.progress import Progress

from bot.cli.people import SERVER
from bot.cli.place import opened
from bot.cli.rehearsal import kept_or_tried
from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from handlers.registers import Taken, summary
from handlers.sheet import rows_of
from handlers.sheets import SHEETS


async def import_sheet(config: Config, name: str, path: Path, *, dry_run: bool) -> str:
    """Imports a book's sheet, all rows or none; what was done. Warnings go to stderr."""
    lines, book = rows_of(path), SHEETS[name]
    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(path.name, total=len(lines))

        def work(tx: Tx) -> Taken:
            return book.take(tx, lines, SERVER, config.registers, lambda done, _all: bar.update(task, completed=done))

        async with opened(config) as place:
            taken = await kept_or_tried(place.database, work, dry_run=dry_run)
    for warning in taken.warnings:
        print(f"提示：{warning}", file=sys.stderr)
    return ("试运行，没有写入：" if dry_run else "") + f"{book.chinese}：{summary(taken)}"


def write_template(name: str, path: Path) -> None:
    """An empty sheet with explanations. Refuses to write over a file."""
    if path.exists():
        raise Refused(f"{path} exists already: name another file")
    path.write_bytes(SHEETS[name].empty())
    print(f"已写好空表：{path}")
