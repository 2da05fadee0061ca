"""What replicas share, in Redis. When it can't be reached, pushes slow down to a safe share and answering goes on."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from redis.exceptions import AskError, LockError, RedisClusterException, RedisError

from bot.coordination import Fetch, InProcess
from bot.redis_client import connected

log = logging.getLogger(__name__)

SAFE_SHARE = 4  # without Redis each replica takes a quarter of the rate: four replicas stay within it
AWAY_SECONDS = 5.0  # Redis is asked again only after this, so that an absent one doesn't slow every push
ASK_SECONDS = 5.0  # for one question in all, however many nodes or Sentinels are tried; a lease lives much longer
LOCK_SECONDS = 15.0  # longer than a fetch may take
LOCK_WAIT_SECONDS = 10.0
AWAY = (RedisError, RedisClusterException, OSError)  # the second is none of the first in redis-py

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

# KEYS: the lease, and what this server knows of itself; in a Cluster they lie in one slot. ARGV: who asks, for how many
# milliseconds, 1 where he held it until now. Returns 1 where it is his now.
#
# A server that was promoted may lack the last writes of the one before, one that was restarted may lack all: for the
# length of a lease it gives one that is not there to nobody but who held it until now. Two can't have held it.
LEASE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local known = redis.call('HMGET', KEYS[2], 'server', 'since')
if known[1] ~= server then
  redis.call('HSET', KEYS[2], 'server', server, 'since', now)
  known[2] = now
end
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if not holder and ARGV[3] == '0' and now - known[2] < tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""


class Shared:
    """For many replicas: in Redis, with a slower memory of its own for the time Redis is away."""

    def __init__(self, url: str, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.redis, self._watchers = connected(url)
        self._window = self.redis.register_script(WINDOW)
        self._lease = self.redis.register_script(LEASE)
        self._alone = InProcess(now)
        self._name = uuid.uuid4().hex
        self._serial = 0
        self._away_until = 0.0
        self._held_until: dict[str, float] = {}

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
        if not await self._ask(lock.acquire, LOCK_WAIT_SECONDS + ASK_SECONDS):
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
        """As Coordination's. After a failover or a restart of Redis it lapses to nobody rather than two (LEASE)."""
        asked = self.now()
        held = int(asked < self._held_until.get(key, 0.0))
        given: list[str | int] = [self._name, round(seconds * 1000), held]
        taken = await self._ask(lambda: self._granted(f"zhibu:lease:{key}", given))
        if taken is not None:  # else what he was given last stays true until its end
            self._held_until[key] = asked + seconds if taken else 0.0
        return bool(taken)

    async def _granted(self, name: str, given: list[str | int]) -> Any:
        """The master is looked up each time: one that was thought dead may still listen on a connection of before."""
        if self._watchers:
            await self.redis.connection_pool.get_master_address()
        return await self._lease(keys=[name, f"zhibu:server:{{{name}}}"], args=given)

    async def _ask(self, ask: Callable[[], Awaitable[Any]], seconds: float = ASK_SECONDS) -> Any:
        """What Redis answers; None where it is away. The log tells it once each time."""
        if self.now() < self._away_until:
            return None
        try:
            async with asyncio.timeout(seconds):
                return await ask()
        except LockError:
            raise
        except AWAY as error:
            self._away_until = self.now() + AWAY_SECONDS
            log.warning("Redis is away, pushes slow down and this replica keeps its own tokens: %s", _why(error))
            return None

    async def ready(self) -> str:
        """A key is written: a Cluster that lacks a master, or a master that lacks replicas, still answers a ping."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await self.redis.set("zhibu:ready", 1, px=1000)
        except AWAY as error:
            return f"redis: {_why(error)}"
        return ""

    async def close(self) -> None:
        await self.redis.aclose()
        if self._watchers:
            await self._watchers.aclose()


def _why(error: Exception) -> str:
    """Of each Sentinel that was asked the kind of its error, where redis-py has a page on it."""
    if isinstance(error, AskError):  # and MovedError, of which redis-py says a number only
        return "this server is one of a Cluster; write redis+cluster://"
    said, _, pages = str(error).partition(" : <")
    kinds = ", ".join(re.findall(r" - \w+:(\w+)", pages))
    return (f"{said} ({kinds})" if kinds else said) or f"no answer for {ASK_SECONDS:.0f} s"
