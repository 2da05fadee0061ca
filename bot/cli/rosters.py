"""`import roster` and `import holidays`: who is on duty, and which days of a year are off."""

from __future__ import annotations

import json
import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

from bot.cli.people import SERVER
from bot.cli.place import opened
from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from bot.rules import parse_quiet
from handlers.reminders.duties import said
from handlers.reminders.holidays import keep, notice_of
from handlers.roster import Taken, read_roster, take
from handlers.sheet.files import rows_of
from scheduler.jobs import Books, Setting, branches_of

MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


async def import_roster(config: Config, path: Path, branch: str, month: str) -> str:
    """Takes a duty roster in; what was done. Names that aren't members and words not understood go to stderr."""
    if month and not MONTH.fullmatch(month):
        raise Refused(f"--month {month}: write a month like 2026-12")
    found = read_roster(rows_of(path), month)

    def work(tx: Tx, setting: Setting) -> Taken:
        books = Books(tx, setting, tx.now, tx.now)
        nights = {one.name: parse_quiet(books.rules(one).night_duty) for one in branches_of(tx)}
        return take(tx, found, nights, SERVER, branch)

    async with opened(config) as place:
        taken = await place.database.write(partial(work, setting=place.setting))
    for line in (*taken.unknown, *taken.unclear):
        print(f"提示：{line}，没有登记", file=sys.stderr)
    return said(taken)


async def import_holidays(config: Config, path: Path) -> str:
    """Takes a year's notice in: its text as published, or a file of holiday-cn's form; what was done."""
    body = _notice(path)

    def work(tx: Tx) -> None:
        keep(tx, 0, body, SERVER.label, SERVER.member)

    async with opened(config) as place:
        try:
            await place.database.write(work)
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(f"{path}: {error}") from error
    off = sum(bool(one["isOffDay"]) for one in body["days"])
    return f"{body['year']}年节假日安排已登记：放假 {off} 天，调休上班 {len(body['days']) - off} 天"


def _notice(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path}: can't be read as UTF-8 text ({error})") from error
    if not text.lstrip().startswith("{"):
        return notice_of(text)
    try:
        found: dict[str, Any] = json.loads(text)
        return {"year": int(found["year"]), "papers": list(found.get("papers", ())), "days": list(found["days"])}
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f'{path}: not of the form {{"year": …, "days": [{{"name", "date", "isOffDay"}}]}}') from error
