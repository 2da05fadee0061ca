"""`report`: a work report, a workbook or a picture, written to a file; the ending of its name says which."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from rich.progress import Progress

from bot.cli import figures as pages
from bot.cli.place import Place, opened
from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from handlers import figures
from handlers.papers import charts, sheets
from handlers.papers.printed import Print
from handlers.papers.render import rendered
from handlers.papers.templates import template

ENDINGS = (".docx", ".xlsx", ".png")


async def write(config: Config, period: str, branch: str, name: str, out: Path, as_known: str) -> str:
    """Writes the paper and says so. Raises Refused; a file that is there is replaced only by a finished one."""
    if out.suffix.lower() not in ENDINGS:
        raise Refused(f"--out {out}: end the name with {', '.join(ENDINGS)}")
    span, day = figures.coded(period), pages.known_day(as_known)
    async with opened(config) as place:

        def question(tx: Tx) -> tuple[figures.Question, str]:
            asked, scope = pages.asked_of(tx, config, span, branch, day)
            figures.check_first_record(tx, asked)
            return asked, scope

        asked, scope = await place.database.read(question)
        with Progress(disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task(out.name, total=None)

            def shown(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            data = await place.database.read_long(partial(_made, place, asked, scope, name, out.suffix.lower(), shown))
    return _kept(out, data)


def _made(
    place: Place, asked: figures.Question, scope: str, name: str, ending: str, shown: sheets.Progress, tx: Tx
) -> bytes:
    config = place.config
    if ending == ".docx":
        paper = Print(tx, asked, scope, config.bot.organisation)
        return rendered(name, template(config.bot.data_dir, name), paper)
    if ending == ".png":
        return charts.picture(tx, asked, scope, config)
    wanted = sheets.named(name)
    return sheets.workbook(tx, asked, scope, wanted, config=config, amounts=True, progress=shown)


def blank(config: Config, name: str, out: Path) -> str:
    """Writes a template itself, to be changed and put into the folder `templates` of data_dir."""
    return _kept(out, template(config.bot.data_dir, name))


def _kept(out: Path, data: bytes) -> str:
    half = out.with_name(f".{out.name}.part")
    try:
        half.write_bytes(data)
        half.replace(out)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise Refused(f"--out {out}: can't be written ({error.strerror})") from None
    return f"{out}: {len(data)} bytes"
