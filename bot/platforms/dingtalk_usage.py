"""How much of the organisation's monthly quota this process has used, until the house writes it into rows.

The standard edition allows 5,000 API calls a month and 3,000 messages by webhook and stream, heard and said together,
for the whole organisation. Source: open.dingtalk.com, "API call quota" and "webhook and stream quota" (2025-11-19).
Tokens and the address book are free. Whether messages by HTTP callback count is not said: they are counted, so that
the figure is never too small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

Kind = Literal["api", "message"]
ALLOWED: Mapping[Kind, int] = {"api": 5_000, "message": 3_000}
WARN_AT = 0.8
ZONE = timezone(timedelta(hours=8))  # DingTalk's months are China's


class Usage:
    """Counts what was used and not yet taken. `clock` gives unix seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._used: Counter[tuple[str, Kind]] = Counter()

    def count(self, kind: Kind) -> None:
        """One more; refused and failed ones too, as a part of them is counted by DingTalk."""
        month = datetime.fromtimestamp(self._clock(), UTC).astimezone(ZONE).strftime("%Y-%m")
        self._used[month, kind] += 1

    def take(self) -> dict[tuple[str, Kind], int]:
        """{(YYYY-MM, kind): how many since the last take}; the house adds them to its rows."""
        taken, self._used = dict(self._used), Counter()
        return taken

    def give_back(self, taken: Mapping[tuple[str, Kind], int]) -> None:
        """What was taken and could not be written is counted again."""
        self._used.update(taken)


def outlook(used: Mapping[Kind, int], planned: Mapping[Kind, int]) -> list[str]:
    """A line for the admin per kind that is at 80 % of the month, or will be above it with what is planned."""
    lines = []
    kinds: tuple[tuple[Kind, str], ...] = (("api", "接口调用"), ("message", "Webhook 与 Stream 消息"))
    for kind, words in kinds:
        now, ahead, allowed = used.get(kind, 0), planned.get(kind, 0), ALLOWED[kind]
        if now + ahead >= allowed * WARN_AT:
            lines.append(f"钉钉本月{words}：已用 {now}，计划中的提醒还要 {ahead}，标准版每月 {allowed}。")
    return lines
