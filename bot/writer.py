"""The one thread that writes: takes what waits, commits it together, says afterwards how each unit ended."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from bot.engines import BEGIN, ERRORS, DatabaseDown, connect, down, engine_of, is_down
from bot.tx import Again, Memo, Tx
from bot.vault import Vault

log = logging.getLogger(__name__)
Now = Callable[[], datetime]

BATCH_UNITS = 64  # keeps the turns of several processes short
ATTEMPTS = 3
TURNED_AWAY = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)  # worth another attempt


@dataclass(slots=True)
class Unit:
    """A function of a `Tx`, and where its result goes."""

    work: Callable[[Tx], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: BaseException | None = None
    told: Iterable[str] = ()
    context: Context = field(default_factory=copy_context)
    """What the caller's log lines are about, so that those of the work say it too."""


class Writer(threading.Thread):
    """Takes what waits, commits it together. Nothing that a unit or a listener does can end it."""

    def __init__(self, url: str, now: Now, hear: Callable[[set[str]], None], keys: Vault) -> None:
        super().__init__(name="writer", daemon=True)
        self.url, self.now, self.hear, self.keys = url, now, hear, keys
        self.engine = engine_of(url)
        self.waiting: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self.connection: Any = None
        self.batches = 0
        self.units = 0

    def run(self) -> None:
        """Until a None is taken: then what waits before it is still done."""
        last = False
        while not last:
            batch, last = self._take()
            if batch:
                self._commit(batch)
                _finish(batch)
        self._drop_connection()

    def _take(self) -> tuple[list[Unit], bool]:
        """What waits, at most BATCH_UNITS, and whether it is the last."""
        unit = self.waiting.get()
        batch: list[Unit] = []
        while unit is not None:
            batch.append(unit)
            if len(batch) == BATCH_UNITS:
                return batch, False
            try:
                unit = self.waiting.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _commit(self, batch: list[Unit], attempt: int = 1) -> None:
        """One transaction for all; those that met the locks of somebody else are tried again one by one."""
        try:
            self._transaction(batch)
        except TURNED_AWAY as error:
            if attempt == ATTEMPTS:
                _fail(batch, error)
                return
            for unit in batch:
                self._commit([unit], attempt + 1)
        except BaseException as error:
            if not isinstance(error, (*ERRORS, DatabaseDown)):
                log.exception("a batch failed in a way that is not the database's")
            self._drop_connection()
            _fail(batch, error)
        else:
            self.batches += 1
            self.units += len(batch)
            told = set().union(*(unit.told for unit in batch))
            if told:
                self.hear(told)

    def _transaction(self, batch: list[Unit]) -> None:
        """First without savepoints: they cost as much as two more statements, and hardly any unit takes back."""
        try:
            self._attempt(batch, self._bare_unit)
        except Again:
            self._attempt(batch, self._guarded_unit)

    def _attempt(self, batch: list[Unit], one: Callable[[Any, Unit, Memo], None]) -> None:
        cursor = self._begin()
        memo = Memo()
        try:
            for unit in batch:
                one(cursor, unit, memo)
            cursor.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            cursor.close()

    def _begin(self) -> Any:
        """A cursor in a transaction. A connection that died in its idle time is made anew, and nobody notices."""
        if self.connection is not None:
            try:
                return begun(self.connection, BEGIN[self.engine])
            except psycopg.OperationalError:
                if not self.connection.closed:
                    raise
        self.connection = connect(self.url)
        return begun(self.connection, BEGIN[self.engine])

    def _bare_unit(self, cursor: Any, unit: Unit, memo: Memo) -> None:
        """Runs one unit. Where it fails with something written, Again; errors of the database itself end the batch."""
        tx = Tx(cursor, self.engine, self.now(), memo, guarded=False, keys=self.keys)
        unit.result, unit.error, unit.told = None, None, ()
        try:
            unit.result = unit.context.run(unit.work, tx)
            unit.told = tx.told
        except Exception as error:
            if is_down(error):
                raise
            if tx.wrote or isinstance(error, psycopg.Error):  # PostgreSQL goes on only from a savepoint
                raise Again from error
            unit.error = error

    def _guarded_unit(self, cursor: Any, unit: Unit, memo: Memo) -> None:
        """Runs one unit in its savepoint. Errors of the database itself end the batch instead."""
        tx = Tx(cursor, self.engine, self.now(), memo, keys=self.keys)
        unit.result, unit.error, unit.told = None, None, ()
        cursor.execute("SAVEPOINT unit")
        try:
            unit.result = unit.context.run(unit.work, tx)
            cursor.execute("RELEASE SAVEPOINT unit")
            unit.told = tx.told
        except Exception as error:
            if is_down(error):
                raise
            unit.error = error
            memo.clear()
            cursor.execute("ROLLBACK TO SAVEPOINT unit")
            cursor.execute("RELEASE SAVEPOINT unit")

    def _roll_back(self) -> None:
        try:
            self.connection.execute("ROLLBACK")
        except ERRORS:
            self._drop_connection()  # the engine rolled back by itself, or the connection is gone

    def _drop_connection(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


def begun(connection: Any, begin: str) -> Any:
    """A cursor of a connection, after `begin`."""
    cursor = connection.cursor()
    try:
        cursor.execute(begin)
    except BaseException:
        cursor.close()
        raise
    return cursor


def _fail(units: list[Unit], error: BaseException) -> None:
    for unit in units:
        unit.error = error if isinstance(error, DatabaseDown) else down(error)


def _finish(batch: list[Unit]) -> None:
    by_loop = defaultdict(list)
    for unit in batch:
        by_loop[unit.loop].append(unit)
    for loop, units in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_set_results, units)


def _set_results(units: list[Unit]) -> None:
    for unit in units:
        if unit.future.cancelled():
            continue
        if unit.error is not None:
            unit.future.set_exception(unit.error)
        else:
            unit.future.set_result(unit.result)
