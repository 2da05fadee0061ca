"""Who asks and asks: beyond `questions_per_minute` nobody needs an answer, and others wait for theirs.

What records something is never held up: it is recorded, confirmed and not counted. Questions are counted in this
process alone, where it costs nothing; a second replica would let a few more through.
"""

from __future__ import annotations

from bot.message import Incoming, Reply

MINUTE = 60_000_000  # microseconds
TOLD = "您问得太快了，这一分钟里我先不回答了。登记的事（参加、请假、签到、已交）照记照回。"


class Pace:
    """How many questions each sender has asked in this minute."""

    __slots__ = ("_counts", "_minute")

    def __init__(self) -> None:
        self._minute, self._counts = 0, dict[tuple[str, str], int]()

    def answer(self, incoming: Incoming, reply: Reply, most: int, at: int) -> Reply | None:
        """The answer to a question; beyond `most` of its sender in this minute one line, then silence (0: no limit).

        `at` in UTC microseconds.
        """
        if at // MINUTE != self._minute:
            self._minute, self._counts = at // MINUTE, {}
        sender = incoming.platform, incoming.sender
        asked = self._counts[sender] = self._counts.get(sender, 0) + 1
        if not most or asked <= most:
            return reply
        return Reply(TOLD) if asked == most + 1 else None
