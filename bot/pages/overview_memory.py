"""What was reckoned is remembered until a row changes, so that a figure of ten thousand members is reckoned once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import func, select

from bot.db import Tx
from bot.sql import sql
from bot.tables import trail

T = TypeVar("T")
MOST = 200  # values; the largest holds the sheet of 300 branches
SLOT = 5 * 60_000_000  # microseconds: a meeting that begins changes a figure without a row

NEWEST = sql(select(func.max(trail.c.id)))


def version(tx: Tx) -> tuple[int, int]:
    """Changes with every row that anybody wrote, and every five minutes."""
    return int(tx.value(NEWEST) or 0), tx.at // SLOT


@dataclass(slots=True)
class _Kept:
    version: Hashable
    value: Any


class Memory:
    """Values by what was asked; who asks for one that is being reckoned waits for it instead of reckoning it again."""

    def __init__(self) -> None:
        self.reckoned = 0
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._doors: dict[Hashable, asyncio.Lock] = {}

    async def get(self, key: Hashable, at: Hashable, reckon: Callable[[], Awaitable[T]]) -> T:
        """The value of a key at a version, reckoned where it is new or another version. Raises what `reckon` raises."""
        door = self._doors.setdefault(key, asyncio.Lock())
        try:
            async with door:
                kept = self._kept.get(key)
                if kept is None or kept.version != at:
                    self.reckoned += 1
                    kept = self._kept[key] = _Kept(at, await reckon())
                self._kept.move_to_end(key)
                while len(self._kept) > MOST:
                    self._kept.popitem(last=False)
                found: T = kept.value
                return found
        finally:
            if not door.locked():
                self._doors.pop(key, None)
