"""PostgreSQL is away, hangs up or freezes: 503 at once, a reason, nothing lost, and no restart when it is back."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.faults.door import Door, door
from tests.faults.proxy import Proxy, postgresql_target, through

AT_ONCE = 1.2  # seconds, below every limit that a frozen server could be waited for


async def test_away_cut_half_closed_and_frozen(postgresql: str, tmp_path: Path) -> None:
    async with (
        Proxy(postgresql_target(postgresql)) as network,
        door(postgresql, through(postgresql, network), tmp_path) as bot,
    ):
        assert await bot.say(1) == 200
        await _away(bot, network)
        network.cut()
        await bot.until_heard(3)
        network.half_close()
        await bot.until_heard(4)
        network.lag = 0.02
        assert await bot.say(5) == 200
        network.lag = 0.0
        await _frozen(bot, network)
        await bot.whole()


async def _away(bot: Door, network: Proxy) -> None:
    network.refuse = True
    network.cut()
    assert await bot.say(2) == 503
    status, reasons = await bot.ready()
    assert (status, reasons.startswith("database: ")) == (503, True)
    assert (await bot.http.get("/healthz")).status_code == 200
    assert "503: cannot open the database" in bot.log()
    network.refuse = False
    assert await bot.say(2) == 200
    assert await bot.ready() == (200, "ready\n")


async def _frozen(bot: Door, network: Proxy) -> None:
    """The sockets stay open and nobody answers: neither kernel nor server would ever end that wait."""
    network.freeze()
    taken = await asyncio.gather(*(_timed(bot, number) for number in range(10, 20)))
    assert {status for status, _ in taken} == {503}
    later = []
    for number in range(20, 32):  # one of them tries the database again, the others needn't wait for it
        later.append(asyncio.create_task(_timed(bot, number)))
        await asyncio.sleep(0.1)
    tried = await asyncio.gather(*later)
    assert {status for status, _ in tried} == {503}
    assert sorted(seconds for _, seconds in tried)[len(tried) // 3] < AT_ONCE
    assert (await bot.ready())[0] == 503
    assert "no answer for" in bot.log()
    network.cut()
    network.thaw()
    for number in range(10, 32):
        await bot.until_heard(number)
    async with asyncio.timeout(20):
        while (await bot.ready())[0] != 200:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


async def _timed(bot: Door, number: int) -> tuple[int, float]:
    began = time.perf_counter()
    return await bot.say(number), time.perf_counter() - began
