"""Connections to SQLite and PostgreSQL that behave alike: one writer at a time, no wait without an end."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.abc import RV, PQGen

from bot.message import Trouble

LOCK_MILLISECONDS = 4000  # below the five seconds after which WeCom gives up on us
CONNECT_SECONDS = 4
WRITE_SECONDS = 8.0  # for one statement of the writer: a server that is frozen still holds its socket open
ONE_WRITER = 0x5A48_4943  # any number that is ours
# Writers go one after the other on both engines, also those of other processes: batches that met inside would
# deadlock on their rows, and the trail's numbers would collide. A process that stops in the middle loses its turn.
BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": f"BEGIN; SELECT pg_advisory_xact_lock({ONE_WRITER})"}
BEGIN_READING = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ"}
ERRORS = (sqlite3.Error, psycopg.Error)


class DatabaseDown(Trouble):
    """The database can't take or give anything now; nothing was changed. The platform is told 503 and repeats."""


def engine_of(url: str) -> str:
    """ "sqlite" or "postgresql"."""
    return "sqlite" if url.startswith("sqlite") else "postgresql"


def is_down(error: BaseException) -> bool:
    """Whether an error is the database's own (busy, full, broken, gone) and not that of one statement."""
    if isinstance(error, sqlite3.OperationalError):
        return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF != sqlite3.SQLITE_ERROR
    return type(error) is sqlite3.DatabaseError or isinstance(error, psycopg.OperationalError)


def down(error: BaseException, what: str = "the database failed") -> DatabaseDown:
    """A DatabaseDown in one line, caused by `error`."""
    made = DatabaseDown(f"{what}: {' '.join(str(error).split())}")
    made.__cause__ = error
    return made


def connect(url: str, *, read_only: bool = False, seconds: float = 0) -> Any:
    """A raw connection in autocommit mode, so that BEGIN and COMMIT are ours.

    `sqlite:///path` or `postgresql+psycopg://…`. A server that takes more than `seconds` for a statement (0: for ever)
    counts as gone. Raises DatabaseDown.
    """
    try:
        if engine_of(url) == "sqlite":
            return _connect_sqlite(url.removeprefix("sqlite:///"), read_only)
        return _connect_postgresql(url.replace("+psycopg", "", 1), read_only, seconds)
    except ERRORS as error:
        raise down(error, "cannot open the database") from error


def _connect_sqlite(path: str, read_only: bool) -> sqlite3.Connection:
    name = f"file:{quote(path)}" + ("?mode=ro" if read_only else "")
    connection = sqlite3.connect(name, uri=True, isolation_level=None, check_same_thread=False, cached_statements=512)
    try:
        connection.execute(f"PRAGMA busy_timeout = {LOCK_MILLISECONDS}")
        connection.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


class _Patient(psycopg.Connection[Any]):
    """Waits for an answer, but not for ever: neither the kernel nor the server ends a wait for a server that froze."""

    seconds = 0.0

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """As psycopg's own. Raises OperationalError; the connection is of no use then."""
        try:
            return super().wait(gen, interval, timeout or self.seconds or None)
        except psycopg.OperationalError as error:
            if self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE and self.seconds:
                raise psycopg.OperationalError(f"no answer for {self.seconds:.0f} s") from error
            raise


def _connect_postgresql(url: str, read_only: bool, seconds: float) -> Any:
    connection = _Patient.connect(
        url,
        autocommit=True,
        connect_timeout=CONNECT_SECONDS,
        tcp_user_timeout=2 * LOCK_MILLISECONDS,  # a server that vanished is noticed, not waited for
        keepalives_idle=30,
    )
    connection.seconds = seconds
    try:
        connection.execute(f"SET lock_timeout = {LOCK_MILLISECONDS}".encode())
        if read_only:
            connection.execute("SET default_transaction_read_only = on")
        else:
            connection.execute(f"SET idle_in_transaction_session_timeout = {2 * LOCK_MILLISECONDS}".encode())
    except psycopg.Error:
        connection.close()
        raise
    return connection
