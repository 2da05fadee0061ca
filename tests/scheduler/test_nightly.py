"""Every night a copy of the SQLite file, once, also with several processes; a night that was missed is made up for."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cli.nightly import KEPT, nightly
from bot.tables import jobs
from tests.cast import Cast, opened_cast


async def copies(cast: Cast) -> list[str]:
    return sorted(path.name for path in (cast.place.config.bot.data_dir / "backups").glob("*"))


async def test_a_copy_a_night(one_cast: Cast) -> None:
    cast = one_cast
    await cast.says("张三", "参加")
    await asyncio.gather(*(nightly(cast.place) for _ in range(5)))
    assert await copies(cast) == ["2026-11-21.db"]
    with closing(sqlite3.connect(cast.place.config.bot.data_dir / "backups" / "2026-11-21.db")) as copy:
        assert copy.execute("SELECT count(*) FROM members").fetchone() == (18,)
    await cast.until("2026-11-22 02:59")
    await nightly(cast.place)
    assert len(await copies(cast)) == 1
    await cast.until("2026-11-22 03:10")
    await nightly(cast.place)
    assert len(await copies(cast)) == 2


async def test_old_copies_are_let_go_and_other_files_are_not(one_cast: Cast) -> None:
    folder = one_cast.place.config.bot.data_dir / "backups"
    folder.mkdir()
    (folder / "before-upgrade.db").write_bytes(b"mine")
    for day in range(1, KEPT + 3):
        (folder / f"2026-10-{day:02}.db").write_bytes(b"old")
    await nightly(one_cast.place)
    found = await copies(one_cast)
    assert len(found) == KEPT + 1
    assert "before-upgrade.db" in found
    assert "2026-11-21.db" in found
    assert "2026-10-01.db" not in found


async def test_where_it_fails_it_is_tried_again(one_cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    folder = one_cast.place.config.bot.data_dir / "backups"
    folder.write_text("a file where the folder should be")
    await nightly(one_cast.place)
    assert "tonight's backup failed" in caplog.text
    assert not await one_cast.rows(select(jobs).where(jobs.c.job == "backup"))
    folder.unlink()
    await nightly(one_cast.place)
    assert await copies(one_cast) == ["2026-11-21.db"]


async def test_postgresql_has_its_own_tools(postgresql: str, tmp_path: Path) -> None:
    async with opened_cast(postgresql, tmp_path) as cast:
        await nightly(cast.place)
        assert not (tmp_path / "backups").exists()
