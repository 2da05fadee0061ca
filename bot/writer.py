"""The one thread that writes: takes what waits, commits it together, says afterwards how each unit ended."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from bot.engines import BEGIN, ERRORS, WRITE_SECONDS, DatabaseDown, connect, down, engine_of, is_down
from bot.pipeline import Pipeline, Unmet
from bot.tx import Again, Ahead, Memo, Tx
from bot.vault import Vault

log = logging.getLogger(__name__)
Now = Callable[[], datetime]

BATCH_UNITS = 64  # keeps the turns of several processes short
ATTEMPTS = 3
HOPELESS_SECONDS = 1.0  # a batch that took longer to fail says that what waits behind it would fail as slowly
LATE_SECONDS = 3.0  # a platform waits five
SICK_SECONDS = 0.2  # where the batch before has failed too
NEED_SAVEPOINTS = (psycopg.Error, Unmet)  # PostgreSQL goes on only from a savepoint; what was granted is asked for
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
    ahead: Ahead = lambda _tx: iter(())
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
        self._line: Any = None  # what cursors come from
        self._memo: Memo | None = None  # what the last transaction left behind
        self._version = 0  # of the SQLite file, by which the writing of other processes is noticed
        self.batches = 0
        self.units = 0
        self.full_seconds = 0.0  # that a full batch took of late; 0 where the queue was emptied since
        self._since = 0.0  # when the batch in hand was begun, 0 where none is
        self._fault = ""  # why the last batch failed

    def run(self) -> None:
        """Until a None is taken: then what waits before it is still done."""
        last = False
        while not last:
            batch, last = self._take()
            if batch:
                began = self._since = time.monotonic()
                self._commit(batch)
                self._since = 0.0
                self._measure(batch, time.monotonic() - began)
                _finish(batch)
        self._drop_connection()

    def trouble(self) -> str:
        """Why what comes now would wait longer than a platform does; "" where it would not."""
        since, fault = self._since, self._fault
        seconds = time.monotonic() - since if since else 0.0
        if seconds <= (SICK_SECONDS if fault else LATE_SECONDS):
            return ""
        return f"no answer for {seconds:.0f} s" + (f", after: {fault}" if fault else "")

    def _measure(self, batch: list[Unit], seconds: float) -> None:
        full = len(batch) == BATCH_UNITS
        self.full_seconds = (self.full_seconds + seconds) / 2 if full and self.full_seconds else seconds * full
        failed = [unit.error for unit in batch if isinstance(unit.error, DatabaseDown)]
        self._fault = str(failed[0]) if failed else ""
        if failed and seconds > HOPELESS_SECONDS:
            self._turn_away(failed[0])

    def _turn_away(self, error: DatabaseDown) -> None:
        """Fails what waits: the platforms hear of it now, and not each after its own share of the wall."""
        units: list[Unit] = []
        stop = False
        with suppress(queue.Empty):
            while True:
                unit = self.waiting.get_nowait()
                if unit is None:
                    stop = True
                    continue
                unit.error = DatabaseDown(str(error))
                units.append(unit)
        _finish(units)
        if stop:
            self.waiting.put(None)

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
            self._attempt(batch, self._bare_unit, foresees=self.engine == "postgresql" and len(batch) > 1)
        except (Again, *NEED_SAVEPOINTS) as error:
            if is_down(error):
                raise
            self._attempt(batch, self._guarded_unit)

    def _attempt(self, batch: list[Unit], one: Callable[[Any, Unit, Memo], None], *, foresees: bool = False) -> None:
        cursor = self._begin()
        try:
            with closing(cursor):  # what was sent comes to its end before it is taken back
                memo = self._remembered(cursor, len(batch))
                if foresees:
                    _foresee(Tx(cursor, self.engine, self.now(), memo, keys=self.keys), batch)
                for unit in batch:
                    one(cursor, unit, memo)
                cursor.execute("COMMIT")
            self._memo = memo
        except BaseException:
            self._roll_back()
            raise

    def _remembered(self, cursor: Any, units: int) -> Memo:
        """What is known from the transaction before; on PostgreSQL, or where somebody else wrote, nothing.

        SQLite's data_version changes with every commit of another connection, and only with those.
        """
        before, self._memo = self._memo, None
        if self.engine != "sqlite":
            return Memo(units)
        version, self._version = self._version, int(cursor.execute("PRAGMA data_version").fetchone()[0])
        return before if before and not before.full and version == self._version else Memo(units)

    def _begin(self) -> Any:
        """A cursor in a transaction. A connection that died in its idle time is made anew, and nobody notices."""
        if self.connection is not None:
            try:
                return begun(self._line, BEGIN[self.engine])
            except psycopg.OperationalError:
                if not self.connection.closed:
                    raise
        self.connection = connect(self.url, seconds=WRITE_SECONDS)
        self._line = Pipeline(self.connection, WRITE_SECONDS) if self.engine == "postgresql" else self.connection
        return begun(self._line, BEGIN[self.engine])

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
            if tx.wrote or isinstance(error, NEED_SAVEPOINTS):
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
        connection, self.connection, self._memo = self.connection, None, None
        if connection is not None:
            connection.close()


def _foresee(tx: Tx, batch: list[Unit]) -> None:
    """Asks for all units at once what each will ask first, then what follows from that, and so on.

    Raises Again where that meets a bug: then each asks for itself.
    """
    try:
        asking = [unit.ahead(tx) for unit in batch]
        while asking:
            steps = [(one, next(one, None)) for one in asking]
            tx.foresee([each for _, step in steps for each in step or ()])
            asking = [one for one, step in steps if step is not None]
    except psycopg.Error:
        raise
    except Exception as error:
        log.exception("what a batch asks ahead met a bug; each message asks for itself")
        raise Again from error


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
