"""The house's own chore of the night: a copy of a SQLite database, looked through, once a day; old ones are let go."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from pathlib import Path

from sqlalchemy import delete

from bot.cli.backup import copy_out
from bot.cli.place import Place
from bot.db import DatabaseDown, Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.tables import jobs

log = logging.getLogger(__name__)

HOUR = 3
KEPT = 14
CLAIM = insert_row(jobs, "job", "period", "audience", "at", "outcome", conflict=["job", "period", "audience"])
GIVE_BACK = sql(delete(jobs).where(jobs.c.job == "backup", jobs.c.period == p("period")))


async def nightly(place: Place) -> None:
    """Copies the database into data_dir/backups after three at night; a day that was missed is made up for at once.

    Where it fails it is tried again an hour later. A PostgreSQL is copied by `python -m bot backup` in a process of its
    own: it takes minutes of this one.
    """
    if not place.config.bot.database.startswith("sqlite") or place.clock().hour < HOUR:
        return
    day = f"{place.clock():%Y-%m-%d}"
    try:
        if not await place.database.write(partial(_claim, period=day)):
            return
        folder = place.config.bot.data_dir / "backups"
        await asyncio.to_thread(copy, place, folder, day)
    except (DatabaseDown, Refused, OSError) as error:
        log.warning("tonight's backup failed, it is tried again in an hour: %s", error)
        await _again(place, day)


async def _again(place: Place, day: str) -> None:
    try:
        await place.database.write(partial(_give_back, period=day))
    except DatabaseDown as error:
        log.warning("that the backup failed can't be noted, it waits for tomorrow: %s", error)


def copy(place: Place, folder: Path, day: str) -> None:
    """A new file for the day beside the last KEPT; one that a killed process left is written anew."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{day}.db"
    target.unlink(missing_ok=True)
    found = copy_out(place.config, target)
    if found:
        log.warning("tonight's copy is made; what `verify` finds in it: %s", "; ".join(found))
    for old in sorted(folder.glob("????-??-??.db"))[:-KEPT]:
        old.unlink()


def _claim(tx: Tx, period: str) -> int:
    return tx.run(CLAIM, job="backup", period=period, audience="house", at=tx.at, outcome="done")


def _give_back(tx: Tx, period: str) -> int:
    return tx.run(GIVE_BACK, period=period)
