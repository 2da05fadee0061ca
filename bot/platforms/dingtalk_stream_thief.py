"""Another process with the same app_key takes messages away. Nothing tells so but one thing: what it leaves behind.

A message that comes long after it was written, for the first time, though a connection was open all the while, was
pushed elsewhere first and not acknowledged there. One or two may be a replica of ours that was stopped just then.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Callable

from bot.platforms.dingtalk_stream_frames import Frame, created

log = logging.getLogger(__name__)

LATE_MS = 10_000  # a message again is pushed again after 16 to 60 seconds, a new one within one
SLACK_SECONDS = 10.0  # between DingTalk's clock and ours
REMEMBERED = 5_000  # message ids
TOLD_FOR = 600.0  # seconds after the last sign
SIGNS = 3  # within that time
WORDS = (
    "another process connects with this app_key and takes messages away: stop it, or give it an application of its own"
)


class Thief:
    """`clock` gives unix seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._met: OrderedDict[str, None] = OrderedDict()
        self._all_ears_since = clock()
        self._signs: deque[float] = deque(maxlen=SIGNS)

    def deaf_until(self, moment: float) -> None:
        """Not all was heard until `moment` (unix seconds): what was written before may be late for that reason."""
        self._all_ears_since = moment

    def watch(self, frame: Frame, message_id: str) -> None:
        """Looks at a message as it comes."""
        known = message_id in self._met
        self._met[message_id] = None
        if len(self._met) > REMEMBERED:
            self._met.popitem(last=False)
        if known or not frame.pushed:
            return
        written = created(frame.data)
        if written and frame.pushed - written > LATE_MS and written / 1000 > self._all_ears_since + SLACK_SECONDS:
            told = self.trouble()
            self._signs.append(self._clock())
            if self.trouble() and not told:
                log.warning("DingTalk: %s", WORDS)

    def trouble(self) -> str:
        """The suspicion in one line while it is fresh, else ""."""
        fresh = len(self._signs) == SIGNS and self._clock() - self._signs[0] < TOLD_FOR
        return WORDS if fresh else ""
