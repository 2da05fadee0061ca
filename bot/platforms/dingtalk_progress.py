"""Long replies go out in parts: what was said stays said, though a later part has to be tried again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.message import Retry, Unknown

KEPT = 1000  # promises; the oldest are forgotten, and after a restart all are: then parts are said again

Step = Callable[[], Awaitable[None]]


class Progress:
    """How many parts of each unfinished promise were said by this process."""

    def __init__(self) -> None:
        self._said: dict[str, int] = {}

    async def say(self, key: str, steps: Sequence[Step]) -> None:
        """Takes the steps that are left, in order; hands on what they raise."""
        done = self._said.pop(key, 0)
        try:
            for index in range(done, len(steps)):
                await steps[index]()
                done = index + 1
        except (Retry, Unknown):
            self._keep(key, done)
            raise

    def _keep(self, key: str, done: int) -> None:
        if done:
            self._said[key] = done
        if len(self._said) > KEPT:
            del self._said[next(iter(self._said))]
