"""How much of the organisation's monthly quota this process has used, until the house writes it into rows.

The standard edition allows 5,000 API calls a month and 3,000 messages by webhook and stream, heard and said together,
for the whole organisation. Source: open.dingtalk.com, "API call quota" and "webhook and stream quota" (2025-11-19).
Tokens and the address book are free. Whether messages by HTTP callback count is not said: they are counted, so that
the figure is never too small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Literal

Kind = Literal["api", "message"]
ALLOWED: Mapping[Kind, int] = {"api": 5_000, "message": 3_000}
METER = "钉钉"
ZONE = timezone(timedelta(hours=8))  # DingTalk's months are China's


class Usage:
    """Counts what was used and not yet taken. `clock` gives unix seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._used: Counter[tuple[str, str]] = Counter()

    def count(self, kind: Kind) -> None:
        """One more; refused and failed ones too, as a part of them is counted by DingTalk."""
        self._used[datetime.fromtimestamp(self._clock(), ZONE).date().isoformat(), kind] += 1

    def take(self) -> dict[tuple[str, str], int]:
        """{(YYYY-MM-DD, kind): how many since the last take}; the house adds them to its rows."""
        taken, self._used = dict(self._used), Counter()
        return taken

    def give_back(self, taken: Mapping[tuple[str, str], int]) -> None:
        """What was taken and could not be written is counted again."""
        self._used.update(taken)
