"""`export trail YEAR`: the trail of a year as a file, checked before it is handed over."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from pathlib import Path

from bot import anchors
from bot.cli.place import opened
from bot.config import Config
from bot.db import Tx
from bot.message import Refused


def export_trail(config: Config, year: int, target: Path) -> str:
    """Writes the file; what was done. Raises Refused where it is there already, and where a chain is broken."""
    if target.exists():
        raise Refused(f"{target} exists already: name another file with --out")
    lines = asyncio.run(_lines(config, year))
    faults = anchors.checked(iter(lines))
    with open(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    if faults:
        raise Refused("\n".join([f"{target} was written, but the trail is not whole:", *faults]))
    return f"已写好 {target}：{year} 年的 {len(lines) - 1} 条留痕，逐条核对过。请和年度档案一起保存。"


async def _lines(config: Config, year: int) -> list[str]:
    since, until = (datetime(one, 1, 1, tzinfo=config.zone) for one in (year, year + 1))

    def work(tx: Tx) -> list[str]:
        return list(anchors.written(tx, since, until))

    async with opened(config) as place:
        await place.database.write(anchors.anchor)
        return await place.database.read_long(work)
