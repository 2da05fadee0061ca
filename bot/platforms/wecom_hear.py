"""What comes through the long connection gets to the rows: nobody sends it again, so it is tried until it is kept.

Source: WeCom doc 101463: a callback is not acknowledged and no redelivery is documented (unverified; should one
come, its msgid is known).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)

AGAIN_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 60.0)  # then it is given up, and said
MOST = 5000  # messages on their way to the rows; one more is given up at once
DRAIN_SECONDS = 5.0

Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")


class GivenUp(Exception):
    """What was tried did not work until the end."""


async def insist(do: Callable[[], Awaitable[T]], sleep: Sleep) -> T:
    """The result of `do`, tried again for about two and a half minutes. Raises GivenUp; the last reason is logged.

    A database that is away comes back; a bug fails every time, and is logged once.
    """
    for seconds in (*AGAIN_SECONDS, None):
        try:
            return await do()
        except Exception as error:
            if seconds is None:
                log.exception("given up")
                raise GivenUp from error
            log.info("not kept yet, trying again in %s s (%s)", seconds, type(error).__name__)
            await sleep(seconds)
    raise GivenUp  # not reached


class Crew:
    """Tasks that outlive the connection they came through, and are waited for at the end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], *, needed: bool = False) -> bool:
        """Runs it beside everything else; False (and it is not run) where too many run already, but for `needed`."""
        if len(self._tasks) >= MOST and not needed:
            work.close()
            return False
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._over)
        return True

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a bug while hearing", exc_info=error)

    async def finish(self, seconds: float = DRAIN_SECONDS) -> None:
        """Lets what runs come to its end, for so many seconds at most."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
