"""A unit of work is a plain function of a `Tx`; all units that wait are committed together.

N writer threads, each with its own connection and queue: one on SQLite, a few on PostgreSQL. A batch is one
transaction with a savepoint per unit and one commit, so a hundred answers cost one fsync. A unit that fails
rolls back to its savepoint and takes nobody with it; a batch that fails at COMMIT fails all its units, and the
platforms send their messages again. Units can't await, so no HTTP, Redis or sleep can hide in a transaction.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import psycopg

from bot.message import Trouble
from bot.sql import Statement

log = logging.getLogger(__name__)
T = TypeVar("T")
Now = Callable[[], datetime]

BATCH_UNITS = 64  # keeps locks on PostgreSQL short
BUSY_MILLISECONDS = 4000  # below the five seconds after which WeCom gives up on us
ATTEMPTS = 3


class DatabaseDown(Trouble):
    """The database can't take or give anything now; nothing was changed. The platform is told 503 and repeats."""


def micros(moment: datetime) -> int:
    """UTC microseconds of an aware datetime: how instants stand in rows."""
    return round(moment.timestamp() * 1_000_000)


class Tx:
    """One unit's view of the database: its connection, and a `now` that doesn't move (aware, in the house's zone)."""

    __slots__ = ("_cursor", "_engine", "at", "now", "told")

    def __init__(self, cursor: Any, engine: str, now: datetime) -> None:
        self._cursor = cursor
        self._engine = engine
        self.now = now
        self.at = micros(now)
        self.told: set[str] = set()

    def run(self, statement: Statement, **values: Any) -> int:
        """Executes and counts the rows it changed."""
        text, constants, _ = statement.on(self._engine)
        self._cursor.execute(text, {**constants, **values} if constants else values)
        return int(self._cursor.rowcount)

    def all(self, statement: Statement, **values: Any) -> list[Any]:
        """Every row, as named tuples."""
        text, constants, make = statement.on(self._engine)
        self._cursor.execute(text, {**constants, **values} if constants else values)
        return list(map(make, self._cursor.fetchall())) if make else []

    def one(self, statement: Statement, **values: Any) -> Any:
        """The first row as a named tuple, or None."""
        text, constants, make = statement.on(self._engine)
        self._cursor.execute(text, {**constants, **values} if constants else values)
        row = self._cursor.fetchone()
        return make(row) if make and row is not None else None

    def value(self, statement: Statement, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.one(statement, **values)
        return None if row is None else row[0]

    def restart(self) -> None:
        """Forgets all that this unit has written so far, so that a refusal leaves nothing but itself."""
        self._cursor.execute("ROLLBACK TO SAVEPOINT unit")
        self.told.clear()

    def tell(self, what: str) -> None:
        """Lets the database's listeners hear `what` once this unit is committed."""
        self.told.add(what)

    def moment(self, at: int) -> datetime:
        """The instant of a row in the house's zone."""
        return datetime.fromtimestamp(at / 1_000_000, UTC).astimezone(self.now.tzinfo)


@dataclass(slots=True)
class _Unit:
    work: Callable[[Tx], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: BaseException | None = None
    told: Iterable[str] = ()


def connect(url: str, *, read_only: bool = False) -> Any:
    """A raw connection in autocommit mode, so that BEGIN and COMMIT are ours.

    `sqlite:///path` or `postgresql+psycopg://…`. Raises DatabaseDown.
    """
    try:
        if url.startswith("sqlite"):
            return _connect_sqlite(url.removeprefix("sqlite:///"), read_only)
        connection = psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True, connect_timeout=4)
        if read_only:
            connection.execute("SET default_transaction_read_only = on")
        return connection
    except (sqlite3.Error, psycopg.Error) as error:
        raise DatabaseDown(f"cannot open the database: {error}") from error


def _connect_sqlite(path: str, read_only: bool) -> sqlite3.Connection:
    name = f"file:{path}?mode=ro" if read_only else f"file:{path}"
    connection = sqlite3.connect(name, uri=True, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    connection.execute("PRAGMA foreign_keys = ON")
    if not read_only:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    return connection


class _Writer(threading.Thread):
    """Takes what waits, commits it together."""

    def __init__(self, url: str, now: Now, hear: Callable[[set[str]], None]) -> None:
        super().__init__(name="writer", daemon=True)
        self.url, self.now, self.hear = url, now, hear
        self.engine = "sqlite" if url.startswith("sqlite") else "postgresql"
        self.begin = "BEGIN IMMEDIATE" if self.engine == "sqlite" else "BEGIN"
        self.waiting: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self.connection: Any = None
        self.batches = 0
        self.units = 0

    def run(self) -> None:
        while (first := self.waiting.get()) is not None:
            batch, last = self._take(first)
            self._commit(batch)
            _finish(batch)
            if last:
                break
        if self.connection is not None:
            self.connection.close()

    def _take(self, first: _Unit) -> tuple[list[_Unit], bool]:
        batch = [first]
        while len(batch) < BATCH_UNITS:
            try:
                unit = self.waiting.get_nowait()
            except queue.Empty:
                break
            if unit is None:
                return batch, True
            batch.append(unit)
        return batch, False

    def _commit(self, batch: list[_Unit]) -> None:
        try:
            self._transaction(batch)
        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
            self._alone(batch)
        except (sqlite3.Error, psycopg.Error, DatabaseDown) as error:
            self._drop_connection()
            _fail(batch, error)
        except BaseException as error:
            log.exception("a batch failed in a way that is not the database's")
            self._drop_connection()
            _fail(batch, error)
        else:
            self.batches += 1
            self.units += len(batch)
            told = set().union(*(unit.told for unit in batch))
            if told:
                self.hear(told)

    def _alone(self, batch: list[_Unit]) -> None:
        """Units that met another replica's locks are tried one by one; the last failure stays."""
        for unit in batch:
            for attempt in range(ATTEMPTS):
                try:
                    self._transaction([unit])
                    self.hear(set(unit.told))
                    break
                except psycopg.Error as error:
                    if attempt == ATTEMPTS - 1 or not isinstance(error, psycopg.errors.TransactionRollback):
                        self._drop_connection()
                        _fail([unit], error)
                        break

    def _transaction(self, batch: list[_Unit]) -> None:
        if self.connection is None:
            self.connection = connect(self.url)
        cursor = self.connection.cursor()
        try:
            cursor.execute(self.begin)
            for unit in batch:
                self._unit(cursor, unit)
            cursor.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            cursor.close()

    def _unit(self, cursor: Any, unit: _Unit) -> None:
        """Runs one unit in its savepoint. Errors of the connection itself end the batch instead."""
        tx = Tx(cursor, self.engine, self.now())
        unit.result, unit.error, unit.told = None, None, ()
        cursor.execute("SAVEPOINT unit")
        try:
            unit.result = unit.work(tx)
            cursor.execute("RELEASE SAVEPOINT unit")
            unit.told = tx.told
        except psycopg.errors.TransactionRollback:
            raise
        except Exception as error:
            if isinstance(error, sqlite3.OperationalError | psycopg.OperationalError):
                raise
            unit.error = error
            cursor.execute("ROLLBACK TO SAVEPOINT unit")
            cursor.execute("RELEASE SAVEPOINT unit")

    def _roll_back(self) -> None:
        try:
            self.connection.execute("ROLLBACK")
        except (sqlite3.Error, psycopg.Error):
            self._drop_connection()  # nothing was begun, or the connection is gone: a new one is made

    def _drop_connection(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


def _fail(units: list[_Unit], error: BaseException) -> None:
    down = error if isinstance(error, DatabaseDown) else DatabaseDown(f"the database failed: {error}")
    down.__cause__ = error if down is not error else None
    for unit in units:
        unit.error = down


def _finish(batch: list[_Unit]) -> None:
    by_loop = defaultdict(list)
    for unit in batch:
        by_loop[unit.loop].append(unit)
    for loop, units in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_set_results, units)


def _set_results(units: list[_Unit]) -> None:
    for unit in units:
        if unit.future.cancelled():
            continue
        if unit.error is not None:
            unit.future.set_exception(unit.error)
        else:
            unit.future.set_result(unit.result)


class Database:
    """The one door to the rows. `write` and `read` take plain functions of a `Tx`."""

    def __init__(
        self, url: str, zone: ZoneInfo, *, writers: int = 0, now: Callable[[], datetime] | None = None
    ) -> None:
        self.url = url
        self.zone = zone
        self.now: Now = now or (lambda: datetime.now(zone))
        self.engine = "sqlite" if url.startswith("sqlite") else "postgresql"
        self.listeners: list[Callable[[set[str]], None]] = []
        count = 1 if self.engine == "sqlite" else writers or 4
        self._writers = [_Writer(url, self.now, self._hear) for _ in range(count)]
        self._readers = ThreadPoolExecutor(2, "reader")
        self._local = threading.local()
        self._reading: list[Any] = []
        for writer in self._writers:
            writer.start()

    def _hear(self, told: set[str]) -> None:
        for listener in self.listeners:
            listener(told)

    def write(self, work: Callable[[Tx], T], lane: str = "") -> asyncio.Future[T]:
        """Runs `work` in a transaction; the future is done after its COMMIT.

        Units of one `lane` (a group) go through the same writer, in order. Raises what `work` raised, with
        nothing of it kept, or DatabaseDown.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        writer = self._writers[hash(lane) % len(self._writers)]
        writer.waiting.put(_Unit(work, future, loop))
        return future

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Runs `work` on a read-only snapshot, beside the writers. Raises what `work` raised or DatabaseDown."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Tx], T]) -> T:
        if getattr(self._local, "connection", None) is None:
            self._local.connection = connect(self.url, read_only=True)
            self._reading.append(self._local.connection)
        connection = self._local.connection
        try:
            connection.execute("BEGIN" if self.engine == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ")
            try:
                return work(Tx(connection.cursor(), self.engine, self.now()))
            finally:
                connection.execute("ROLLBACK")
        except (sqlite3.OperationalError, psycopg.OperationalError) as error:
            connection.close()
            self._local.connection = None
            raise DatabaseDown(f"the database failed: {error}") from error

    def waiting(self) -> int:
        """How many units wait to be written."""
        return sum(writer.waiting.qsize() for writer in self._writers)

    def counts(self) -> tuple[int, int]:
        """(batches, units) committed since the start."""
        return sum(w.batches for w in self._writers), sum(w.units for w in self._writers)

    async def close(self) -> None:
        """Lets the units in flight finish, then closes every connection."""
        for writer in self._writers:
            writer.waiting.put(None)
        for writer in self._writers:
            await asyncio.to_thread(writer.join, 9)
        self._readers.shutdown()
        for connection in self._reading:
            connection.close()
