"""The migration makes exactly the tables that the code declares, on both engines and over a database of 0001."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

import handlers.registers_tables
import handlers.tables  # noqa: F401
from bot.sql import metadata


def test_the_shape_is_the_declared_one(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found: list[Any] = compare_metadata(context, metadata)
    engine.dispose()
    mine = ("wishes", "wish_events", "register_rows", "candidates", "candidate_steps")
    assert [one for one in found if any(name in str(one) for name in mine)] == []
