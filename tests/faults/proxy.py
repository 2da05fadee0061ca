"""A network that fails on command: between the bot and PostgreSQL, Redis or a platform, by real TCP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Self
from urllib.parse import parse_qs, urlsplit

CHUNK = 64 * 1024
Target = tuple[str, int] | str  # host and port, or the path of a Unix socket


class Proxy:
    """Use as `async with`; `port` is there from then on. What can be done to the network:

    `cut()` breaks every connection, `refuse` lets none in, `freeze()` and `thaw()` stop and start every byte while the
    sockets stay open, `lag` seconds delay each piece, `half_close()` ends what comes from the target while it can still
    be spoken to, `cut_after(pieces)` breaks all in the middle of a later piece, `on_answer` is called when the target
    has answered and nobody has heard it yet.
    """

    def __init__(self, target: Target) -> None:
        self.target, self.port = target, 0
        self.refuse, self.lag = False, 0.0
        self.on_answer: Callable[[], None] | None = None
        self._pieces = -1
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._near: set[asyncio.StreamWriter] = set()
        self._all: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._near)

    def cut(self) -> None:
        """Resets every connection; new ones are let in."""
        for writer in tuple(self._all):
            writer.transport.abort()

    def cut_after(self, pieces: int) -> None:
        """Breaks all connections in the middle of the piece after so many more."""
        self._pieces = pieces

    def freeze(self) -> None:
        """Nothing passes any more and nothing breaks."""
        self._flowing.clear()

    def thaw(self) -> None:
        """What was held up passes."""
        self._flowing.set()

    def half_close(self) -> None:
        """Ends the stream towards the bot; what the bot says still arrives."""
        for writer in tuple(self._near):
            with suppress(OSError):
                writer.write_eof()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuse:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if isinstance(self.target, str):
                far_reader, far = await asyncio.open_unix_connection(self.target)
            else:
                far_reader, far = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            self._tasks.discard(task)
            return
        self._near.add(writer)
        self._all |= {writer, far}
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(self._pump(reader, far, False), self._pump(far_reader, writer, True))
        for one in (writer, far):
            one.close()
        self._near.discard(writer)
        self._all -= {writer, far}
        self._tasks.discard(task)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: bool) -> None:
        while data := await reader.read(CHUNK):
            if answers and self.on_answer:
                called, self.on_answer = self.on_answer, None
                called()
            await self._flowing.wait()
            if self.lag:
                await asyncio.sleep(self.lag)
            if self._pieces >= 0:
                self._pieces -= 1
                if self._pieces < 0:
                    writer.write(data[: len(data) // 2])
                    self.cut()
                    return
            writer.write(data)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()


def postgresql_target(url: str) -> Target:
    """Where the server of such a URL listens."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host", [""])[0]
    return f"{folder}/.s.PGSQL.{parts.port or 5432}" if folder else (parts.hostname or "127.0.0.1", parts.port or 5432)


def through(url: str, proxy: Proxy) -> str:
    """The same database or Redis, spoken to through the proxy."""
    parts = urlsplit(url)
    user = f"{parts.username}{':' + parts.password if parts.password else ''}@" if parts.username else ""
    return f"{parts.scheme}://{user}127.0.0.1:{proxy.port}{parts.path}"
