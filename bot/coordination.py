"""What replicas share beside the database: the minutes of rate-limited robots and access tokens.

In one process it is kept in memory, with more than one in Redis. It is never the judge of what was done: that
are the rows. When Redis can't be reached, pushes slow down to a safe share of the rate and answering goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Protocol

Fetch = Callable[[], Awaitable[tuple[str, float]]]


class Coordination(Protocol):
    """Rate windows and tokens, for one process or for many."""

    async def window(self, key: str, limit: int, seconds: float, cost: int = 1) -> float:
        """0 where `cost` messages may go to `key` now (and they are counted), else the seconds to wait."""
        ...

    async def token(self, key: str, fetch: Fetch, stale: str = "") -> str:
        """See bot.message.TokenKeeper."""
        ...

    async def lease(self, key: str, seconds: float) -> bool:
        """Takes the lease `key` for this process or keeps it; False where another holds it, or nobody can tell."""
        ...

    async def ready(self) -> str:
        """An empty string, or why it is not usable."""
        ...

    async def close(self) -> None:
        """Lets go of connections."""
        ...


class InProcess:
    """For one replica: everything in memory."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self._sent: dict[str, deque[float]] = defaultdict(deque)
        self._tokens: dict[str, tuple[str, float]] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def window(self, key: str, limit: int, seconds: float, cost: int = 1) -> float:
        sent, now, need = self._sent[key], self.now(), min(cost, limit)
        while sent and sent[0] <= now - seconds:
            sent.popleft()
        over = len(sent) + need - limit
        if over > 0:
            return sent[over - 1] + seconds - now
        sent.extend([now] * need)
        return 0.0

    async def token(self, key: str, fetch: Fetch, stale: str = "") -> str:
        async with self._locks[key]:
            token, until = self._tokens.get(key, ("", 0.0))
            if not token or token == stale or until <= self.now():
                token, seconds = await fetch()
                self._tokens[key] = (token, self.now() + seconds)
            return token

    async def lease(self, key: str, seconds: float) -> bool:
        return True

    async def ready(self) -> str:
        return ""

    async def close(self) -> None:
        return None


def coordination(url: str) -> Coordination:
    """By URL: empty for one process, redis://… for many."""
    if not url:
        return InProcess()
    from bot.coordination_redis import Shared  # a twentieth of the memory, which one process alone does without

    return Shared(url)
