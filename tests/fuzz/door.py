"""A door: a decoder that strangers reach, with what it may say to nonsense and what sound input looks like."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.message import NotOurs

MOST_SECONDS = 2.0  # of CPU for one input of up to a callback's 64 KiB; what is hostile costs no more than what is not


@dataclass(frozen=True, slots=True)
class Door:
    """`feed` hands bytes to the decoder and holds its promises; `refusals` are the errors that it may raise."""

    name: str
    feed: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    refusals: tuple[type[Exception], ...] = (NotOurs,)

    def try_bytes(self, data: bytes) -> None:
        """Feeds bytes. Raises whatever the door may not raise, and AssertionError where it takes too long."""
        began = time.thread_time()
        with contextlib.suppress(*self.refusals):
            self.feed(data)
        spent = time.thread_time() - began
        assert spent < MOST_SECONDS, f"{self.name} took {spent:.1f} s for {len(data)} bytes"
