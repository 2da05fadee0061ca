"""Migrations go forward only, on both engines, and one process at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

import handlers.tables
from bot import engines, migrations
from bot.sql import metadata
from tests.cast import configure

assert handlers.tables  # its tables are in the metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'deep' / 'new.db'}"
        return
    used = request.getfixturevalue("postgresql")
    with psycopg.connect(used.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    yield used


def run(url: str, folder: Path) -> subprocess.Popen[str]:
    """A call of the command line that does nothing but migrate and look."""
    configure(url, folder)
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "verify", "--config", str(folder / "config.toml")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def test_a_fresh_database_has_exactly_the_tables_of_the_code(empty: str) -> None:
    assert migrations.current(_with_folder(empty)) == ""
    assert migrations.migrate(empty) is True
    assert migrations.migrate(empty) is False
    engine = create_engine(empty)
    with engine.connect() as connection:
        defaults = engine.dialect.name != "sqlite"  # SQLite gives a default back in its quotes
        options = {"compare_type": True, "compare_server_default": defaults}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def _with_folder(url: str) -> str:
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
    return url


def test_processes_that_start_at_once_migrate_once(empty: str, tmp_path: Path) -> None:
    started = [run(empty, tmp_path) for _ in range(2)]
    assert [(one.communicate(timeout=120), one.returncode) for one in started] == [(("ok\n", ""), 0)] * 2
    assert migrations.current(empty) == migrations.newest()


def test_a_database_of_a_newer_program_is_refused_in_one_line(database_url: str, tmp_path: Path) -> None:
    connection = engines.connect(database_url)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    called = run(database_url, tmp_path)
    out, err = called.communicate(timeout=120)
    assert called.returncode == 1
    assert out == ""
    assert err.count("\n") == 1
    assert "9999" in err
    assert "install the newer program" in err


def test_there_is_no_way_back() -> None:
    files = sorted((migrations.FOLDER / "versions").glob("*.py"))
    assert len(migrations.chain()) == len(files)
    assert len(set(migrations.chain())) == len(files)
    for path in [*files, migrations.FOLDER / "script.py.mako"]:
        assert "downgrade" not in path.read_text(encoding="utf-8"), path


def test_a_file_that_is_no_database_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "house.db").write_text("these are not the rows you are looking for" * 100, encoding="utf-8")
    called = run(f"sqlite:///{tmp_path / 'house.db'}", tmp_path)
    _, err = called.communicate(timeout=120)
    assert called.returncode == 1
    assert err.count("\n") == 1
    assert "database" in err
