"""The writer's cursor on PostgreSQL: statements that nobody waits for are on their way while the writer goes on.

To wait for the server's answer costs more than the statement. What needs no answer (a line of the trail, "this message
was seen") is sent, and its answer read with that of the next question; the server does all of it in order, so each
statement sees what was written before it, and it works while the next words are read here. Everything is prepared once
per connection.
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import pq

NAMED = re.compile(r"%\((\w+)\)s|%%")
FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.PIPELINE_ABORTED)
INTEGER, BYTES, BOOLEAN, FLOAT = 20, 17, 16, 701  # pg_type's numbers
TYPES: dict[type, int] = {int: INTEGER, bytes: BYTES, bool: BOOLEAN, float: FLOAT}  # of the rest the server decides


def _number(text: bytes) -> int | Decimal:
    return Decimal(text.decode()) if b"." in text else int(text)


DECODERS: dict[int, Callable[[bytes], Any]] = {
    **dict.fromkeys((20, 21, 23, 26), int),
    1700: _number,
    BOOLEAN: lambda text: text == b"t",
    BYTES: lambda text: bytes.fromhex(text[2:].decode()),
    **dict.fromkeys((700, FLOAT), float),
}


Prepared = tuple[bytes, tuple[str, ...], dict[tuple[type, ...], bytes]]


class Unmet(Exception):
    """A statement, long gone by, changed no row although it was taken for granted that it would."""


class Pipeline:
    """A cursor as the writer needs it, on psycopg's connection to the server. Errors are psycopg's own."""

    def __init__(self, connection: psycopg.Connection[Any], seconds: float) -> None:
        """An answer that doesn't come within `seconds` (0: for ever) ends the connection."""
        self.rowcount = -1
        self._wire = connection.pgconn
        self._seconds = seconds
        self._poll = select.poll()
        self._poll.register(self._wire.socket, select.POLLIN)
        self._texts: dict[str, Prepared] = {}
        self._named = 0
        self._sent: list[bool | None] = []  # unanswered: whether it must change a row; None for a preparing
        self._rows: Iterator[tuple[Any, ...]] = iter(())

    def cursor(self) -> Pipeline:
        """The only one there is: a writer does one thing at a time."""
        return self

    def later(self, text: str, values: Mapping[str, Any], *, granted: bool = False) -> None:
        """Sends a statement. `granted`: it must change a row, else the next one that is waited for raises Unmet."""
        name, fresh, given, formats = self._encoded(text, values)
        if not self._sent:
            self._wire.enter_pipeline_mode()
        if fresh:
            self._wire.send_prepare(name, *fresh)
            self._sent.append(None)
        self._wire.send_query_prepared(name, given, formats)
        self._sent.append(granted)

    def execute(self, text: str, values: Mapping[str, Any] | None = None) -> None:
        """Sends this one and waits for all that were sent. Several commands in one text take no values."""
        if text == "COMMIT" and self._sent:  # what was granted must be true before it stands
            self._answers()
        for one in text.split(";") if values is None else (text,):
            self.later(one.strip(), values or {})
        result = self._answers()[-1]
        self._rows, self.rowcount = iter(_rows(result)), result.command_tuples or 0

    def ahead(self, asked: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[tuple[Any, ...]]]:
        """Sends several questions at once; the rows of each."""
        for text, values in asked:
            self.later(text, values)
        return [_rows(result) for result in self._answers()[-len(asked) :]]

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that were not fetched yet."""
        return list(self._rows)

    def close(self) -> None:
        """Lets what was sent come to its end, and forgets it; the connection and what it has prepared stay."""
        self._rows = iter(())
        if self._sent:
            with suppress(psycopg.Error, Unmet):  # who closes now takes all of it back
                self._answers()

    def _answers(self) -> list[pq.abc.PGresult]:
        """Waits for all that were sent; the result of each. Raises what the first of them came to that failed."""
        sent, self._sent = self._sent, []
        self._wire.pipeline_sync()
        results = self._results(time.monotonic() + self._seconds if self._seconds else None)
        self._wire.exit_pipeline_mode()
        for result, must in zip(results, sent, strict=True):
            if result.status in FAILED:
                self._texts.clear()  # not all of them may have come to be; names are never used twice
                raise psycopg.errors.error_from_result(result)
            if must and not result.command_tuples:
                raise Unmet
        return [result for result, must in zip(results, sent, strict=True) if must is not None]

    def _encoded(self, text: str, values: Mapping[str, Any]) -> tuple[bytes, Any, list[bytes | None], list[int] | None]:
        """(its name, text and types where it is to be prepared, its values, their formats where some are binary)."""
        query, names, prepared = self._texts.get(text) or self._read(text)
        try:
            given = [values[name] for name in names]
            kinds = tuple(map(type, given))
            encoded = [ENCODERS[kind](value) for kind, value in zip(kinds, given, strict=True)]
        except KeyError as error:
            raise psycopg.ProgrammingError(f"not given, or nothing for a row: {error.args[0]}") from None
        name, fresh = prepared.get(kinds), None
        if name is None:
            self._named += 1
            name = prepared[kinds] = b"s%d" % self._named
            fresh = query, [TYPES.get(kind, 0) for kind in kinds]
        return name, fresh, encoded, [int(kind is bytes) for kind in kinds] if bytes in kinds else None

    def _read(self, text: str) -> Prepared:
        """The text with $1, $2 … for the names, the names in that order, and what it is called by kinds of values."""
        names: dict[str, int] = {}

        def numbered(found: re.Match[str]) -> str:
            return f"${names.setdefault(found[1], len(names) + 1)}" if found[1] else "%"

        query = NAMED.sub(numbered, text).encode()
        known = self._texts[text] = (query, tuple(names), {})
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


def _rows(result: pq.abc.PGresult) -> list[tuple[Any, ...]]:
    """What was found, as Python's values."""
    columns = [(column, DECODERS.get(result.ftype(column), bytes.decode)) for column in range(result.nfields)]
    return [
        tuple(None if (cell := result.get_value(row, column)) is None else decode(cell) for column, decode in columns)
        for row in range(result.ntuples)
    ]


def _text(value: str) -> bytes:
    if "\0" in value:
        raise psycopg.DataError("a text can't hold the character 0")
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise psycopg.DataError(f"a text can't hold half a character: {error.reason}") from error


ENCODERS: dict[type, Callable[[Any], bytes | None]] = {
    str: _text,
    int: b"%d".__mod__,
    bool: lambda value: b"t" if value else b"f",
    bytes: lambda value: value,
    float: lambda value: repr(value).encode(),
    type(None): lambda _value: None,
}
