"""How long to wait before the long connection is tried again: impatient with the net, patient with people.

Source: WeCom doc 101463 (back-off, frequency of subscribing) and the official SDKs.
"""

from __future__ import annotations

import random
from collections.abc import Callable

LONGEST = 30.0  # seconds between attempts while it is only the net
FIRM = 5  # refused subscriptions after which it is no accident
SLOW = 300.0  # seconds: somebody has to do something
SLOWEST = 3600.0
LASTED = 900.0  # seconds a connection must last before earlier kicks are forgotten
OFTEN = 60.0


class Patience:
    """Counts what went wrong; everything but the kicks is forgotten at a successful subscription.

    `jitter` gives a factor of at least 1, so that replicas don't knock together.
    """

    def __init__(self, jitter: Callable[[], float] = lambda: random.uniform(1.0, 1.2)) -> None:  # noqa: S311
        self._jitter = jitter
        self._failed = self._refused = self._kicked = 0

    def failed(self) -> float:
        """Seconds to wait after the net failed: 1, 2, 4 … 30."""
        self._failed += 1
        return min(2.0 ** min(self._failed - 1, 10), LONGEST) * self._jitter()

    def refused(self) -> float:
        """Seconds to wait after the robot's name or secret was refused: as above, after five times minutes."""
        self._refused += 1
        return SLOW * self._jitter() if self._refused >= FIRM else min(2.0**self._refused, LONGEST) * self._jitter()

    def often(self) -> float:
        """Seconds to wait after subscribing too often (45009)."""
        return OFTEN * self._jitter()

    def subscribed(self) -> None:
        """It worked: failures and refusals are forgotten."""
        self._failed = self._refused = 0

    def kicked(self, lasted: float) -> float:
        """Seconds to wait after another connection took over, when ours had lasted so many seconds: 5 minutes, 10 …

        Two that kick each other would go on for ever; each kick soon after a subscription doubles the wait.
        """
        self._kicked = 0 if lasted >= LASTED else self._kicked
        self._kicked += 1
        return min(SLOW * 2.0 ** min(self._kicked - 1, 10), SLOWEST) * self._jitter()
