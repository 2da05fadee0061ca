"""What replicas share, in Redis. When it can't be reached, pushes slow down to a safe share and answering goes on."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from redis import asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import LockError, RedisError

from bot.coordination import Fetch, InProcess

log = logging.getLogger(__name__)

SAFE_SHARE = 4  # without Redis each replica takes a quarter of the rate: four replicas stay within it
AWAY_SECONDS = 5.0  # Redis is asked again only after this, so that an absent one doesn't slow every push
LOCK_SECONDS = 15.0  # longer than a fetch may take
LOCK_WAIT_SECONDS = 10.0

# KEYS[1] the window; ARGV: window (microseconds), limit, a unique member. Returns the microseconds to wait. The time
# is that of Redis: replicas whose clocks differ would cut each other's windows short.
WINDOW = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
local limit, need = tonumber(ARGV[2]), math.min(tonumber(ARGV[4]), tonumber(ARGV[2]))
local over = redis.call('ZCARD', KEYS[1]) + need - limit
if over <= 0 then
  for part = 1, need do redis.call('ZADD', KEYS[1], now, ARGV[3] .. ':' .. part) end
  redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[1] / 1000))
  return 0
end
return redis.call('ZRANGE', KEYS[1], over - 1, over - 1, 'WITHSCORES')[2] + ARGV[1] - now
"""

# KEYS[1] the lease; ARGV: who asks, for how many milliseconds. 0 where it is the asker's now, else the milliseconds
# that it is somebody else's.
LEASE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return math.max(1, redis.call('PTTL', KEYS[1])) end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0
"""


class Shared:
    """For many replicas: in Redis, with a slower memory of its own for the time Redis is away."""

    def __init__(self, url: str, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.redis: Any = redis.from_url(
            url, socket_timeout=2, socket_connect_timeout=2, decode_responses=True, retry=Retry(NoBackoff(), 1)
        )
        self._window = self.redis.register_script(WINDOW)
        self._lease = self.redis.register_script(LEASE)
        self._alone = InProcess(now)
        self._name = uuid.uuid4().hex
        self._serial = 0
        self._away_until = 0.0
        self._taken_until: dict[str, float] = {}

    async def window(self, key: str, limit: int, seconds: float, cost: int = 1) -> float:
        self._serial += 1
        given: list[str | int] = [round(seconds * 1e6), limit, f"{self._name}:{self._serial}", cost]
        wait = await self._ask(lambda: self._window(keys=[f"zhibu:window:{key}"], args=given))
        if wait is None:
            return await self._alone.window(key, max(1, limit // SAFE_SHARE), seconds, cost)
        return float(wait) / 1_000_000

    async def token(self, key: str, fetch: Fetch, stale: str = "") -> str:
        name = f"zhibu:token:{key}"
        kept = await self._ask(lambda: self.redis.get(name))
        if kept and kept != stale:
            return str(kept)
        lock = self.redis.lock(f"{name}:lock", LOCK_SECONDS, sleep=0.02, blocking_timeout=LOCK_WAIT_SECONDS)
        if not await self._ask(lock.acquire):
            return await self._alone.token(key, fetch, stale)
        try:
            kept = await self._ask(lambda: self.redis.get(name))
            if kept and kept != stale:
                return str(kept)
            token, seconds = await fetch()
            await self._ask(lambda: self.redis.set(name, token, px=max(1, round(seconds * 1000))))
            return token
        finally:
            with suppress(LockError):  # it lapsed: the fetch took too long
                await self._ask(lock.release)

    async def lease(self, key: str, seconds: float) -> bool:
        """As Coordination's. A Redis that comes back empty has forgotten who held it; who was refused has not."""
        if self.now() < self._taken_until.get(key, 0.0):
            return False
        given: list[str | int] = [self._name, round(seconds * 1000)]
        taken = await self._ask(lambda: self._lease(keys=[f"zhibu:lease:{key}"], args=given))
        self._taken_until[key] = self.now() + float(taken or 0) / 1000
        return bool(taken == 0)

    async def _ask(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """What Redis answers; None where it is away. The log tells it once each time."""
        if self.now() < self._away_until:
            return None
        try:
            return await ask()
        except LockError:
            raise
        except (RedisError, OSError) as error:
            self._away_until = self.now() + AWAY_SECONDS
            log.warning("Redis is away, pushes slow down and this replica keeps its own tokens: %s", error)
            return None

    async def ready(self) -> str:
        try:
            await self.redis.ping()
        except (RedisError, OSError) as error:
            return f"redis: {error}"
        return ""

    async def close(self) -> None:
        await self.redis.aclose()
