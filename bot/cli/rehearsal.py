"""A unit of work that is tried and given up again: what `--dry-run` of every import does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from bot.db import Database, Tx

T = TypeVar("T")


class _GivenUp(Exception):
    def __init__(self, result: Any) -> None:
        self.result = result


async def kept_or_tried(database: Database, work: Callable[[Tx], T], *, dry_run: bool) -> T:
    """What `work` gives; with `dry_run` nothing of it is kept. Raises what `work` raises."""

    def tried(tx: Tx) -> T:
        raise _GivenUp(work(tx))

    try:
        return await database.write(tried if dry_run else work)
    except _GivenUp as given:
        result: T = given.result
        return result
