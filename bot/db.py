"""A unit of work is a plain function of a `Tx`; all units that wait are committed together.

One writer thread with its own connection and queue. A batch is one transaction with a savepoint per unit and one
commit, so a hundred answers cost one fsync. A unit that fails rolls back to its savepoint and takes nobody with it;
a batch that fails at COMMIT fails all its units, and the platforms send their messages again. Units can't await, so
no HTTP, Redis or sleep can hide in a transaction.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot import vault
from bot.engines import BEGIN_READING, ERRORS, DatabaseDown, connect, down, engine_of, is_down
from bot.tx import Ahead, Tx, micros
from bot.vault import Vault
from bot.writer import BATCH_UNITS, Now, Unit, Writer, begun

__all__ = ["Database", "DatabaseDown", "Tx", "connect", "micros"]

log = logging.getLogger(__name__)
T = TypeVar("T")

READERS = 2
READ_SECONDS = 30.0  # for one statement of a page or a figure
LONG_SECONDS = 600.0  # for one of an export
MOST_WAITING = 2000  # units
TELL_SECONDS = 5.0  # between two lines about it
WAIT_SECONDS = 3.0  # that a message may wait for its turn: WeCom gives up after five
CLOSE_SECONDS = 5  # more than a lock is waited for


class _Stoppable:
    """A cursor that takes no further statement once its database is closed, so that a long reading ends with it."""

    def __init__(self, cursor: Any, database: Database) -> None:
        self._cursor, self._database = cursor, database

    def execute(self, text: str, values: Any = ()) -> Any:
        """As the cursor's own. Raises DatabaseDown after the end."""
        if self._database.closed:
            raise DatabaseDown("the database is closed: the bot is stopping")
        return self._cursor.execute(text, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


class Database:
    """The one door to the rows. `write` and `read` take plain functions of a `Tx`."""

    def __init__(self, url: str, zone: ZoneInfo, *, now: Now | None = None, keys: Vault = vault.NONE) -> None:
        self.url = url
        self.keys = keys
        self.zone = zone
        self.now: Now = now or (lambda: datetime.now(zone))
        self.engine = engine_of(url)
        self.listeners: list[Callable[[set[str]], None]] = []
        self._closed = False
        self._silent_until = 0.0
        self._writer = Writer(url, self.now, self._hear, keys)
        self._coming: list[Unit] = []
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self._patient = ThreadPoolExecutor(1, "patient reader")
        self._local = threading.local()
        self._reading: set[Any] = set()
        self._writer.start()

    def _hear(self, told: set[str]) -> None:
        for listener in tuple(self.listeners):
            try:
                listener(told)
            except Exception:
                log.exception("a listener met a bug; the rows are committed")

    def write(self, work: Callable[[Tx], T], ahead: Ahead = lambda _tx: iter(())) -> asyncio.Future[T]:
        """Runs `work` in a transaction, in the order of the calls; the future is done after its COMMIT.

        `ahead` gives what `work` will ask first, then what follows from that, and so on (see `Tx.foreseen`), so that
        units that wait together ask it together.
        Raises what `work` raised, with nothing of it kept, or DatabaseDown.
        """
        if self._closed:
            raise DatabaseDown("the database is closed: the bot is stopping")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._coming:
            loop.call_soon(self._hand_over)
        self._coming.append(Unit(work, future, loop, ahead=ahead))
        return future

    def _hand_over(self) -> None:
        """Wakes the writer once for all that came in one turn of the loop, not in the midst of them."""
        coming, self._coming = self._coming, []
        for unit in coming:
            self._writer.waiting.put(unit)

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Runs `work` on a read-only snapshot, beside the writer. Raises what `work` raised or DatabaseDown."""
        return await self._read_by(self._readers, partial(self._read, work))

    async def read_long(self, work: Callable[[Tx], T]) -> T:
        """The same for what takes long (an export): one at a time, so that no short reading waits for it.

        Raises DatabaseDown at its next statement once the database is closed.
        """
        return await self._read_by(self._patient, partial(self._read, work, stoppable=True))

    async def _read_by(self, readers: ThreadPoolExecutor, read: Callable[[], T]) -> T:
        if self._closed:
            raise DatabaseDown("the database is closed: the bot is stopping")
        return await asyncio.get_running_loop().run_in_executor(readers, read)

    def _read(self, work: Callable[[Tx], T], *, stoppable: bool = False) -> T:
        try:
            cursor = self._snapshot(LONG_SECONDS if stoppable else READ_SECONDS)
            seen = _Stoppable(cursor, self) if stoppable else cursor
            return work(Tx(seen, self.engine, self.now(), keys=self.keys))
        except ERRORS as error:
            if is_down(error):
                raise down(error) from error
            raise
        finally:
            self._end_snapshot()

    def _snapshot(self, seconds: float) -> Any:
        """A cursor in a read-only transaction of this thread's connection, made anew where it died."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            try:
                return begun(connection, BEGIN_READING[self.engine])
            except ERRORS:
                self._end_snapshot()
        connection = self._local.connection = connect(self.url, read_only=True, seconds=seconds)
        self._reading.add(connection)
        return begun(connection, BEGIN_READING[self.engine])

    def _end_snapshot(self) -> None:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            return
        try:
            connection.execute("ROLLBACK")
        except ERRORS:
            connection.close()
            self._reading.discard(connection)
            self._local.connection = None

    @property
    def closed(self) -> bool:
        """Whether it takes no more work."""
        return self._closed

    def waiting(self) -> int:
        """How many units wait to be written."""
        return self._writer.waiting.qsize() + len(self._coming)

    def full(self) -> str:
        """Why what came now would wait longer than a platform does; "" where there is room. The log says it too."""
        waiting = self.waiting()
        reason = self._writer.trouble() or (f"{waiting} units wait" if waiting > self._room() else "")
        if reason and time.monotonic() > self._silent_until:
            self._silent_until = time.monotonic() + TELL_SECONDS
            log.error("503: messages are turned away: %s", reason)
        return reason

    def trouble(self) -> str:
        """Why the writer makes no way; "" where it does."""
        return self._writer.trouble()

    def _room(self) -> int:
        """How many units may wait: as many as are done in WAIT_SECONDS, judged by the full batches of late."""
        seconds = self._writer.full_seconds
        if seconds == 0:
            return MOST_WAITING
        return min(MOST_WAITING, max(BATCH_UNITS, round(WAIT_SECONDS / seconds * BATCH_UNITS)))

    def counts(self) -> tuple[int, int]:
        """(batches, units) committed since the start."""
        return self._writer.batches, self._writer.units

    async def close(self) -> None:
        """Lets the units in flight finish, then closes every connection; later calls raise DatabaseDown.

        The writer's is the last: only that one takes what stands beside a SQLite file into it.
        """
        self._closed = True
        self._hand_over()
        await asyncio.to_thread(self._readers.shutdown)
        await asyncio.to_thread(self._patient.shutdown)
        for connection in self._reading:
            connection.close()
        self._writer.waiting.put(None)
        await asyncio.to_thread(self._writer.join, CLOSE_SECONDS)
