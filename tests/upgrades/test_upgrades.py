"""A database of every earlier program migrates to the newest shape, on both engines, and is whole: `verify` says so.

The rows are of programs that ran (`make.py`); nothing that people recorded is lost on the way.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, func, insert, inspect, select, text

from bot import migrations
from bot.cli.check import verify
from bot.cli.place import opened as opened_place
from bot.tables import trail
from handlers.tables import answers, members
from tests.cast import Cast, Moved, configure
from tests.upgrades.make import HERE, KEPT, opened

COUNTED = {"members": members, "answers": answers, "trail": trail}


def put(revision: str, url: str, folder: Path) -> dict[str, int]:
    """Puts a kept database where `url` leads; how many rows of some tables it has."""
    kept = folder / "kept.db"
    opened(revision, kept)
    if url.startswith("sqlite"):
        opened(revision, Path(url.removeprefix("sqlite:///")))
    else:
        migrations.migrate(url, revision)
        copy(kept, url)
    with closing(sqlite3.connect(kept)) as connection:
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in COUNTED}


def copy(kept: Path, url: str) -> None:
    """Every row into the same tables of PostgreSQL, whose counters go on behind them."""
    source, target = create_engine(f"sqlite:///{kept}"), create_engine(url)
    shape = MetaData()
    shape.reflect(target)
    with source.connect() as old, target.begin() as new:
        new.execute(text("DELETE FROM alembic_version"))
        for table in shape.sorted_tables:
            rows: list[Any] = [dict(row._mapping) for row in old.execute(text(f'SELECT * FROM "{table.name}"'))]
            if rows:
                new.execute(insert(table), rows)
            column = table.autoincrement_column
            if rows and column is not None and inspect(new).get_columns(table.name):
                new.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), max({column.name}))"
                        f" FROM {table.name}"
                    )
                )
    source.dispose()
    target.dispose()


@pytest.mark.parametrize("revision", KEPT)
async def test_an_earlier_database_migrates_and_is_whole(revision: str, empty_url: str, tmp_path: Path) -> None:
    before = put(revision, empty_url, tmp_path)
    assert before["members"] >= 18
    assert before["answers"] >= 4
    assert migrations.current(empty_url) == revision
    config = configure(empty_url, tmp_path, 'secret_key = "always the same digits"\n')
    async with opened_place(config, Moved(config)) as place:
        assert migrations.current(empty_url) == migrations.newest()
        cast = Cast(place)
        cast.serial = itertools.count(10_000)  # the numbers of before are answered as they were
        for name, table in COUNTED.items():
            [[count]] = await cast.rows(select(func.count()).select_from(table))
            assert count >= before[name], name
        place.clock.ahead += timedelta(days=11)
        heard = await cast.says("张三", "我的", "")
        assert "主题党日" in heard
        assert "42.38" in await cast.says("张三", "我的党费", "")
        opened_now = await cast.says("周敏", "/attendance open 党课 12月9日15:00")
        number = re.findall(r"#\d+", opened_now)[0]
        assert "已记：参加" in await cast.says("张三", f"参加 {number}")
    assert await verify(config) == []


def test_every_kept_revision_has_its_file_and_is_small() -> None:
    assert {path.name for path in HERE.glob("*.sql.gz")} == {f"{revision}.sql.gz" for revision in KEPT}
    assert all(path.stat().st_size < 32 * 1024 for path in HERE.glob("*.sql.gz"))
