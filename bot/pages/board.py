"""What the screens of meetings show: read once per change for all of them, however many look.

One look a second at the trail finds what changed in any meeting, also where another replica wrote it; only those
meetings are read again. The check-in code is reckoned, not asked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from bot.cli.place import Place
from bot.db import DatabaseDown, micros
from bot.trail import newest
from handlers.attendance.code import code_at
from handlers.attendance.screen import RollCall, changed, roll_call

LOOK_SECONDS = 1.0


class Board:
    """What one meeting's screens show, and who waits for it to change."""

    def __init__(self, shown: RollCall) -> None:
        self.shown = shown
        self.change = 0
        self.seats = 0
        self.news = asyncio.Event()

    def show(self, shown: RollCall) -> None:
        """Wakes everybody who waits, where anything is different."""
        if shown != self.shown:
            self.shown = shown
            self.wake()

    def wake(self) -> None:
        """Lets everybody who waits look again."""
        self.change += 1
        news, self.news = self.news, asyncio.Event()
        news.set()


class Boards:
    """The boards of the meetings that anybody looks at, and the one who watches the trail for them."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.closed = False
        self.reads = 0  # of meetings: one for the first screen, one per change
        self._boards: dict[int, Board] = {}
        self._door = asyncio.Lock()  # one reads at a time, so that an older reading never covers a newer one
        self._mark = 0
        self._watching: asyncio.Task[None] | None = None

    @property
    def screens(self) -> int:
        """How many look now."""
        return sum(board.seats for board in self._boards.values())

    def now(self) -> int:
        """The house's time in UTC microseconds."""
        return micros(self.place.clock())

    async def read(self, activity: int) -> RollCall:
        """What a meeting's screens show now."""
        self.reads += 1
        return await self.place.database.read(partial(roll_call, activity=activity))

    @asynccontextmanager
    async def seat(self, activity: int) -> AsyncIterator[Board]:
        """The meeting's board, kept up to date for as long as somebody sits there."""
        async with self._door:
            if not self._boards:
                self._mark = await self.place.database.read(newest)
            board = self._boards.get(activity) or Board(await self.read(activity))
            self._boards[activity] = board
            board.seats += 1
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        try:
            yield board
        finally:
            board.seats -= 1
            if not board.seats and self._boards.get(activity) is board:
                del self._boards[activity]

    async def _watch(self) -> None:
        while self._boards and not self.closed:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except DatabaseDown:
                continue  # the screens keep what they show; `/readyz` and the answering say that the database is down

    async def look(self) -> None:
        """Reads the watched meetings of which anything was recorded since the last look. Raises DatabaseDown."""
        async with self._door:
            meetings, mark = await self.place.database.read(partial(changed, after=self._mark))
            for activity in meetings & set(self._boards):
                shown = await self.read(activity)
                if activity in self._boards:
                    self._boards[activity].show(shown)
            self._mark = mark

    def close(self) -> None:
        """Lets everybody who waits go."""
        self.closed = True
        for board in self._boards.values():
            board.wake()
        if self._watching is not None:
            self._watching.cancel()

    def state(self, shown: RollCall) -> dict[str, Any]:
        """What a screen draws now; the digits only while check-in asks for them."""
        names = shown.names if self.place.config.web.roll_call_names else ()
        state: dict[str, Any] = {
            "title": shown.title,
            "when": shown.when,
            "place": shown.place,
            "due": shown.due,
            "present": shown.present,
            "leave": shown.leave,
            "names": list(names),
            "more": shown.present - len(names) if names else 0,
            "says": says(shown),
            "over": shown.state != "open",
            "digits": "",
            "seconds": 0,
        }
        if shown.state == "open" and shown.checkin and shown.code:
            code = code_at(self.place.house.key, shown, self.now())
            state |= {"digits": code.digits, "seconds": code.seconds}
        return state

    def line(self, shown: RollCall) -> str:
        """The state as an event."""
        return f"event: state\ndata: {json.dumps(self.state(shown), ensure_ascii=False)}\n\n"


def says(shown: RollCall) -> str:
    """What people are asked to do now."""
    if shown.state != "open":
        return "登记已结束" if shown.state == "closed" else "活动已取消"
    if not shown.checkin:
        return "签到还没开始，或已结束"
    return "请回复：签到 四位数字" if shown.code else "请回复：签到"
