"""What the console page shows, in the order it changed, so that a client that comes back misses nothing.

A client is a place in this order and nothing more: one that never reads costs no memory here.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from bot.message import Reply
from bot.platforms.console import Bubble, Console

KEEPS = 1000  # bubbles; a client that is farther behind is told to start anew


@dataclass(frozen=True, slots=True)
class Shown:
    """A bubble as it stands, its place in the order of changes, and when it was said."""

    change: int
    at: datetime
    bubble: Bubble

    def json(self) -> dict[str, Any]:
        """For the page."""
        return {**asdict(self.bubble), "at": self.at.isoformat(timespec="seconds")}


class Feed:
    """The bubbles of a console by number, the latest change last."""

    def __init__(self, console: Console, now: Callable[[], datetime]) -> None:
        self.closed = False
        self._now = now
        self._born = secrets.token_hex(4)
        self._shown: OrderedDict[int, Shown] = OrderedDict()
        self._changes = 0
        self._lost = 0
        self._news = asyncio.Event()
        for bubble in console.bubbles:
            self._hear(bubble)
        console.listeners.add(self._hear)

    def _hear(self, bubble: Bubble) -> None:
        self._keep(bubble, self._now())

    def _keep(self, bubble: Bubble, at: datetime) -> None:
        self._changes += 1
        self._shown[bubble.number] = Shown(self._changes, at, bubble)
        self._shown.move_to_end(bubble.number)
        while len(self._shown) > KEEPS:
            _, oldest = self._shown.popitem(last=False)
            self._lost = oldest.change
        self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def find(self, number: int) -> Bubble | None:
        """The bubble as it stands, if it is still kept."""
        shown = self._shown.get(number)
        return shown.bubble if shown else None

    def change(self, number: int, reply: Reply) -> None:
        """The bubble says `reply` from now on, at its old place."""
        shown = self._shown[number]
        self._keep(replace(shown.bubble, text=reply.text, card=reply.card, mention=reply.mention), shown.at)

    def all(self) -> list[Shown]:
        """Every kept bubble, oldest first."""
        return sorted(self._shown.values(), key=lambda shown: shown.bubble.number)

    def last(self) -> int:
        """The place of the latest change."""
        return self._changes

    def mark(self, change: int) -> str:
        """The name of a place in the order; it means nothing to another process."""
        return f"{self._born}-{change}"

    def place(self, mark: str) -> int | None:
        """The place that `mark` names; None where it is not ours or changes since then were let go."""
        born, _, change = mark.partition("-")
        if born != self._born or not change.isdecimal() or len(change) > 15:
            return None
        return int(change) if self._lost <= int(change) <= self._changes else None

    def since(self, change: int) -> list[Shown]:
        """What changed after `change`, in the order it did."""
        found = []
        for shown in reversed(self._shown.values()):
            if shown.change <= change:
                break
            found.append(shown)
        return found[::-1]

    async def wait(self, change: int) -> None:
        """Until something changes after `change`, or the feed is closed."""
        while self._changes <= change and not self.closed:
            await self._news.wait()

    def close(self) -> None:
        """Lets everybody who waits go."""
        self.closed = True
        self._wake()
