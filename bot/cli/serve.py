"""`serve`: the bot at work. SIGTERM drains it: no new work, units in flight finish, exit 0."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Coroutine
from functools import partial
from typing import Any

from aiohttp import web

from bot import delivery
from bot.cli.demo import furnish
from bot.cli.ear import HouseEar
from bot.cli.nightly import nightly
from bot.cli.place import Place, opened
from bot.config import Config
from bot.message import Trouble
from bot.pages import console as console_page
from bot.pages import site as pages
from bot.web import application
from scheduler import papers
from scheduler.runner import heartbeat

log = logging.getLogger(__name__)

IDLE_SECONDS = 75.0  # longer than a reverse proxy keeps a connection; also what is granted to the head of a request
LINGER_SECONDS = 1.0  # in which what is left of a body that was refused is still read, so that the answer arrives
DRAIN_SECONDS = 4.0  # aiohttp may wait twice as long, and a supervisor waits ten


async def serve(config: Config, *, demo: bool = False) -> None:
    """Runs until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    async with opened(config) as place:
        if demo:
            await furnish(place)
        runner, port = await _listen(place)
        window = place.coordination.window
        speaking = watched("speaking", delivery.run(place.database, place.platforms, window, lost=place.lost))
        hearing = [watched(name, one.listen(HouseEar(place, name))) for name, one in place.listeners()]
        making = watched("papers", papers.run(place.database, config))
        settle()
        beating = heartbeat(place.database, place.setting, partial(nightly, place))
        address = f"http://{config.web.host}:{port}"
        print(f"{address}/console" if config.web.console else address, flush=True)
        await stop.wait()
        beating.shutdown(wait=False)
        for task in (speaking, making, *hearing):
            task.cancel()
        await asyncio.gather(runner.cleanup(), speaking, making, *hearing, return_exceptions=True)


def watched(name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Runs what shall never end by itself; where it does, the log says so at that moment."""

    def over(task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            log.error("%s has stopped; restart the bot", name, exc_info=task.exception())

    task = asyncio.create_task(work)
    task.add_done_callback(over)
    return task


def settle() -> None:
    """What was imported and made at the start never dies: the garbage collector need not look at it again and again.

    Threads change places more often than Python's 5 ms, since a writer that waits holds up everybody's answer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    sys.setswitchinterval(0.0005)


async def _listen(place: Place) -> tuple[web.AppRunner, int]:
    app = application(place.database, place.platforms, place.house, place.ready, place.gauges)
    if place.config.web.console:
        console_page.add_to(app, place)
    pages.add_to(app, place)
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=DRAIN_SECONDS,
        keepalive_timeout=IDLE_SECONDS,
        lingering_time=LINGER_SECONDS,
    )
    await runner.setup()
    site = web.TCPSite(runner, place.config.web.host, place.config.web.port, backlog=1024)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise Trouble(f"web.host, web.port: {error.strerror}; is the bot running already?") from None
    port: int = runner.addresses[0][1]
    return runner, port
