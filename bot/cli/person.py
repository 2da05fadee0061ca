"""`export person NAME`: all that is held on one person, as a file that only its owner can read."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.cli.people import SERVER
from bot.cli.place import opened
from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from bot.sql import p, sql
from bot.trail import note
from handlers.looks import ALL, note_look
from handlers.people import branch_named, find_people
from handlers.personal.holding import file_of, held_on
from handlers.tables import branches, members

GONE = sql(
    select(members, branches.c.name.label("branch_name"))
    .join(branches, branches.c.id == members.c.branch_id)
    .where(members.c.name == p("name"), members.c.left_at > 0)
)
MEANING = (
    "rows: 关于本人的每一行，按表；recorded: 本人登记的、关于别人的有几行（内容属于别人，不列）。"
    "fen 是分，minutes 是分钟；日期按当地时间。"
)


def export_person(config: Config, name: str, branch: str, target: Path) -> str:
    """Writes the file; what was done. Raises Refused for nobody, for several, and where the file is there already."""
    if target.exists():
        raise Refused(f"{target} exists already: name another file with --out")
    told = asyncio.run(_asked(config, name, branch))
    text = json.dumps(told, ensure_ascii=False, indent=1)
    with open(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
    rows = sum(len(some) for some in told["rows"].values())
    return f"已写好 {target}：{told['person']}（{told['branch']}）的 {rows} 行"


async def _asked(config: Config, name: str, branch: str) -> dict[str, Any]:
    async with opened(config) as place:
        return await place.database.write(lambda tx: _told(tx, name, branch))


def _told(tx: Tx, name: str, branch: str) -> dict[str, Any]:
    """The file's content; the look is noted in the trail of the person's branch."""
    where = branch_named(tx, branch).id if branch else 0
    found = find_people(tx, name, where) or [row for row in tx.all(GONE, name=name) if where in (0, row.branch_id)]
    if not found:
        raise Refused(f"nobody in the register is called {name[:40]}")
    if len(found) > 1:
        places = ", ".join(f"{row.name} {row.department or row.party_group} ({row.branch_name})" for row in found[:6])
        same = len({(row.branch_id, row.department, row.party_group) for row in found}) == 1
        apart = (
            "give each a 科室 of its own in the member sheet and import it"
            if same
            else "add the department, or --branch"
        )
        raise Refused(f"{len(found)} people are meant: {places}; {apart}")
    (person,) = found
    held = held_on(tx, person.id)
    note_look(tx, SERVER, person.id, ALL)
    note(tx, person.branch_id, SERVER.label, 0, "export_person", f"member:{person.id}")
    return file_of(tx, person.name, person.branch_name, held, meaning=MEANING)
