"""The writer's cursor on PostgreSQL: statements that nobody waits for travel with the next one that somebody does.

A round trip to the server costs more than the statement: some 70 µs, of which the server works 10. What needs no
answer (a line of the trail, "this message was seen") is queued and sent together with the next question; the server
does all of it in order, so each statement sees what was written before it. Everything is prepared once per connection.
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import pq

NAMED = re.compile(r"%\((\w+)\)s|%%")
FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.PIPELINE_ABORTED)
INTEGER, BYTES, BOOLEAN, FLOAT = 20, 17, 16, 701  # pg_type's numbers; a text's type is left to the server


def _number(text: bytes) -> int | Decimal:
    return Decimal(text.decode()) if b"." in text else int(text)


DECODERS: dict[int, Callable[[bytes], Any]] = {
    **dict.fromkeys((20, 21, 23, 26), int),
    1700: _number,
    BOOLEAN: lambda text: text == b"t",
    BYTES: lambda text: bytes.fromhex(text[2:].decode()),
    **dict.fromkeys((700, FLOAT), float),
}


Queued = tuple[str, Mapping[str, Any], bool]
Given = tuple[bytes | None, int, int]


class Unmet(Exception):
    """A queued statement, long gone by, changed no row although it was taken for granted that it would."""


class Pipeline:
    """A cursor as the writer needs it, on psycopg's connection to the server. Errors are psycopg's own."""

    def __init__(self, connection: psycopg.Connection[Any], seconds: float) -> None:
        """An answer that doesn't come within `seconds` (0: for ever) ends the connection."""
        self.rowcount = -1
        self._wire = connection.pgconn
        self._seconds = seconds
        self._poll = select.poll()
        self._poll.register(self._wire.socket, select.POLLIN)
        self._texts: dict[str, tuple[bytes, tuple[str, ...]]] = {}
        self._prepared: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self._named = 0
        self._queue: list[Queued] = []
        self._rows: pq.abc.PGresult | None = None
        self._next = 0

    def cursor(self) -> Pipeline:
        """The only one there is: a writer does one thing at a time."""
        return self

    def later(self, text: str, values: Mapping[str, Any], *, granted: bool) -> None:
        """Queues a statement. `granted`: it must change a row, else the next one that is waited for raises Unmet."""
        self._queue.append((text, values, granted))

    def execute(self, text: str, values: Mapping[str, Any] | None = None) -> None:
        """Sends what is queued and this one, and waits for all of it. Several commands in one text take no values."""
        if text == "COMMIT" and self._queue:  # what was granted must be true before it stands
            self._flush(self._taken())
        if values is None and ";" in text:
            for one in text.split(";"):
                self._queue.append((one.strip(), {}, False))
        else:
            self._queue.append((text, values or {}, False))
        self._rows, self._next = self._flush(self._taken())[-1], 0
        self.rowcount = self._rows.command_tuples or 0

    def ahead(self, asked: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[tuple[Any, ...]]]:
        """Sends several questions at once; the rows of each."""
        before, queue = len(self._queue), self._taken()
        found = self._flush([*queue, *((text, values, False) for text, values in asked)])[before:]
        return [[self._row(rows, at) for at in range(rows.ntuples)] for rows in found]

    def _taken(self) -> list[Queued]:
        queue, self._queue = self._queue, []
        return queue

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        rows, at = self._rows, self._next
        if rows is None or at >= rows.ntuples:
            return None
        self._next += 1
        return self._row(rows, at)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that were not fetched yet."""
        return list(iter(self.fetchone, None))

    def close(self) -> None:
        """Forgets what was queued; the connection and what it has prepared stay."""
        self._queue.clear()
        self._rows = None

    def _row(self, rows: pq.abc.PGresult, at: int) -> tuple[Any, ...]:
        return tuple(self._cell(rows, at, column) for column in range(rows.nfields))

    @staticmethod
    def _cell(rows: pq.abc.PGresult, row: int, column: int) -> Any:
        value = rows.get_value(row, column)
        if value is None:
            return None
        decode = DECODERS.get(rows.ftype(column))
        return decode(value) if decode else value.decode()

    def _flush(self, queue: Sequence[Queued]) -> list[pq.abc.PGresult]:
        """Sends all of it and waits; the result of each. Raises what the first of them came to that failed."""
        try:
            sends = [self._encoded(*one) for one in queue]
        except psycopg.Error:
            self._prepared.clear()  # some of them were named and never sent
            raise  # what others had queued is lost: the batch is done anew
        wire, granted = self._wire, list[bool | None]()  # None: only its preparing
        wire.enter_pipeline_mode()
        for name, fresh, given, granting in sends:
            if fresh:
                wire.send_prepare(name, *fresh)
                granted.append(None)
            wire.send_query_prepared(name, [one[0] for one in given], [one[2] for one in given])
            granted.append(granting)
        wire.pipeline_sync()
        results = self._results(time.monotonic() + self._seconds if self._seconds else None)
        wire.exit_pipeline_mode()
        for result, must in zip(results, granted, strict=True):
            if result.status in FAILED:
                self._prepared.clear()  # not all of them may have come to be; names are never used twice
                raise psycopg.errors.error_from_result(result)
            if must and not result.command_tuples:
                raise Unmet
        return [result for result, must in zip(results, granted, strict=True) if must is not None]

    def _encoded(self, text: str, values: Mapping[str, Any], granted: bool) -> tuple[bytes, Any, list[Given], bool]:
        """(its name, text and types where it is to be prepared, its values, whether it must change a row)."""
        query, names = self._read(text)
        if missing := [name for name in names if name not in values]:
            raise psycopg.ProgrammingError(f"not given: {', '.join(missing)}")
        given = [_given(values[name]) for name in names]
        types = tuple(one[1] for one in given)
        name, fresh = self._prepared.get((text, types)), None
        if name is None:
            self._named += 1
            name, fresh = b"s%d" % self._named, (query, types)
            self._prepared[text, types] = name
        return name, fresh, given, granted

    def _read(self, text: str) -> tuple[bytes, tuple[str, ...]]:
        """The text with $1, $2 … in place of the names, and the names in that order."""
        known = self._texts.get(text)
        if known is None:
            names: dict[str, int] = {}

            def numbered(found: re.Match[str]) -> str:
                return f"${names.setdefault(found[1], len(names) + 1)}" if found[1] else "%"

            known = self._texts[text] = (NAMED.sub(numbered, text).encode(), tuple(names))
        return known

    def _results(self, deadline: float | None) -> list[pq.abc.PGresult]:
        """All results up to the end of the pipeline."""
        found: list[pq.abc.PGresult] = []
        while True:
            self._wait(deadline)
            result = self._wire.get_result()
            if result is None:
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                return found
            found.append(result)

    def _wait(self, deadline: float | None) -> None:
        """Until a result is there. Raises OperationalError where none comes; the connection is closed then."""
        wire = self._wire
        while (unsent := wire.flush()) or wire.is_busy():
            self._poll.modify(wire.socket, select.POLLIN | select.POLLOUT if unsent else select.POLLIN)
            left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
            if not self._poll.poll(left):
                wire.finish()
                raise psycopg.OperationalError(f"no answer for {self._seconds:.0f} s")
            wire.consume_input()


def _given(value: Any) -> Given:
    """(as the server reads it, its type or 0, 1 where it is binary)."""
    if value is None:
        return None, 0, 0
    if isinstance(value, str):
        if "\0" in value:
            raise psycopg.DataError("a text can't hold the character 0")
        try:
            return value.encode(), 0, 0
        except UnicodeEncodeError as error:
            raise psycopg.DataError(f"a text can't hold half a character: {error.reason}") from error
    if isinstance(value, bool):
        return b"t" if value else b"f", BOOLEAN, 0
    if isinstance(value, int):
        return b"%d" % value, INTEGER, 0
    if isinstance(value, bytes):
        return value, BYTES, 1
    return repr(value).encode(), FLOAT, 0
