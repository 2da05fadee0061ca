"""How Alembic reaches the database: one connection, one transaction, and one process at a time."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import create_engine, event, text

LOCK = 0x5A48_4942  # any number that is ours

url: str = context.config.attributes["url"]
engine = create_engine(url)

if engine.dialect.name == "sqlite":

    @event.listens_for(engine, "connect")
    def _no_implicit_begin(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout = 20000")
        connection.execute("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "begin")
    def _begin_immediate(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # a second process waits here, then finds nothing to do


with engine.begin() as connection:
    if engine.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    context.configure(connection=connection, transactional_ddl=True, transaction_per_migration=False)
    context.run_migrations()
engine.dispose()
