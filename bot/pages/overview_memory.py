"""What was reckoned is remembered until a row changes, so that a figure of ten thousand members is reckoned once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from bot.db import Tx
from bot.trail import newest

T = TypeVar("T")
MOST = 200  # values; the largest holds the sheet of 300 branches
MINUTE = 60_000_000  # microseconds
SLOT = 5 * MINUTE  # a meeting that begins changes a figure without a row


class Stand(NamedTuple):
    """How far the rows have come: `version` changes with every row that anybody wrote, and every five minutes; `at` is
    now in UTC microseconds."""

    version: tuple[int, int]
    at: int


def stand(tx: Tx, *, past: bool) -> Stand:
    """The stand of now; of a day of the past, which doesn't change any more."""
    return Stand((0, 0) if past else (newest(tx), tx.at // SLOT), tx.at)


@dataclass(slots=True)
class _Kept:
    version: Hashable
    value: Any
    at: int


class Memory:
    """Values by what was asked; who asks for one that is being reckoned waits for it instead of reckoning it again."""

    def __init__(self) -> None:
        self.reckoned = 0
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._doors: dict[Hashable, asyncio.Lock] = {}

    async def get(self, key: Hashable, stand: Stand, reckon: Callable[[], Awaitable[T]], age: int = 0) -> tuple[T, int]:
        """(the value of a key at a stand, when it was reckoned), anew where it isn't of that version and older than
        `age` microseconds. Raises what `reckon` raises."""
        door = self._doors.setdefault(key, asyncio.Lock())
        try:
            async with door:
                kept = self._kept.get(key)
                if kept is None or (kept.version != stand.version and stand.at - kept.at >= age):
                    self.reckoned += 1
                    kept = self._kept[key] = _Kept(stand.version, await reckon(), stand.at)
                self._kept.move_to_end(key)
                while len(self._kept) > MOST:
                    self._kept.popitem(last=False)
                return kept.value, kept.at
        finally:
            if not door.locked():
                self._doors.pop(key, None)
