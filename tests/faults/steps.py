"""The steps between hearing a message and having said the answer, numbered; and a bot that dies at one of them.

Nothing of this is in the product: the seams are the names that the product's modules look up when they are called.
`serve` itself runs unchanged, in a process of its own.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial, partialmethod
from pathlib import Path
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import delivery, dispatch, web, writer
from bot.cli import place
from bot.engines import engine_of
from bot.outbox import CLAIM, SETTLE
from bot.pipeline import Pipeline

STEPS = (
    "received",  # the bytes are here, nothing is verified
    "read",  # verified and understood
    "begun",  # a transaction has begun
    "done",  # the words are done, their rows written
    "remembered",  # the message is in `seen`
    "committing",  # all is written, nothing is kept
    "committed",  # kept, and nobody knows yet
    "answered",  # the answer is drawn and on no wire
    "claimed",  # a promise is claimed, and that is not kept
    "claim kept",  # it is
    "sending",  # the platform is about to hear it
    "on its way",  # the platform has heard it, its yes has not arrived
    "sent",  # it has
    "noting",  # that it was sent is written and not kept
    "noted",  # it is kept
)
PAUSE_SECONDS = 0.08  # between two looks at the outbox, instead of one second
JUMP_SECONDS = 70.0  # that SIGUSR1 moves the house's clock: more than a claim's lease


@dataclass
class Fate:
    """What shall happen: `kill` at the n-th time of a step; at that of `step` the clock moves by so many seconds."""

    now: float = 0.0
    kill: tuple[str, int] = ("", 0)
    step: tuple[str, int, float] = ("", 0, 0.0)
    counts: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    file: Path = Path()

    def begin(self, order: dict[str, Any]) -> None:
        """A new life, or another turn of this one."""
        self.now, self.began, self.file = order["now"], time.monotonic(), Path(order["fate"])
        self.kill, self.step = tuple(order["kill"]), tuple(order["step"])
        self.counts.clear()

    def turn(self, *_: object) -> None:
        """What is decided from now on; a signal handler."""
        self.begin(json.loads(self.file.read_text(encoding="utf-8")))
        self.file.unlink()

    def at(self, name: str) -> None:
        """Passes a step."""
        self.counts[name] += 1
        if (name, self.counts[name]) == self.step[:2]:
            self.now += self.step[2]
        if (name, self.counts[name]) == self.kill:
            os.kill(os.getpid(), signal.SIGKILL)

    def jump(self, *_: object) -> None:
        """Moves the clock forward; a signal handler."""
        self.now += JUMP_SECONDS

    def clock(self, zone: Any) -> datetime:
        """The house's time."""
        return datetime.fromtimestamp(self.now + time.monotonic() - self.began, zone)


class _Cursor:
    """Counts what goes to the database by what it is for."""

    def __init__(self, cursor: Any, fate: Fate, engine: str) -> None:
        self._cursor, self._fate = cursor, fate
        self._named = {dispatch.REMEMBER.on(engine)[0]: "remembered", CLAIM.on(engine)[0]: "claimed"}
        self._named[SETTLE.on(engine)[0]] = "noting"
        self._kept = {"remembered": "committed", "claimed": "claim kept", "noting": "noted"}
        self._done: list[str] = []

    def execute(self, text: str, *values: Any) -> Any:
        """As the cursor's own, with the steps before and after."""
        if text == "COMMIT" and "remembered" in self._done:
            self._fate.at("committing")
        result = self._cursor.execute(text, *values)
        if text.startswith("BEGIN"):
            self._fate.at("begun")
        if name := self._named.get(text):
            self._done.append(name)
            self._fate.at(name)
        if text == "COMMIT":
            for name in dict.fromkeys(self._done):
                self._fate.at(self._kept[name])
        return result

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._cursor, name)
        return partial(self._later, found) if name == "later" else found

    def _later(self, later: Callable[..., None], text: str, values: Any, **granted: bool) -> None:
        later(text, values, **granted)
        if name := self._named.get(text):
            self._done.append(name)
            self._fate.at(name)


class _Connection:
    def __init__(self, connection: Any, fate: Fate, engine: str) -> None:
        self._connection, self._fate, self._engine = connection, fate, engine

    def cursor(self) -> _Cursor:
        """A cursor that counts."""
        return _Cursor(self._connection.cursor(), self._fate, self._engine)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def keep_time(fate: Fate) -> None:
    """Gives this process the clock of a fate, and a heart that beats by the real one."""
    type.__setattr__(place.Clock, "__call__", lambda clock: fate.clock(clock.config.zone))
    type.__setattr__(AsyncIOScheduler, "add_job", partialmethod(_at_once, AsyncIOScheduler.add_job))


def arm(fate: Fate) -> None:
    """Puts the steps into this process, which has started nothing yet."""
    keep_time(fate)
    signal.signal(signal.SIGUSR1, fate.jump)
    signal.signal(signal.SIGUSR2, fate.turn)
    connect, respond, hook, made = vars(writer)["connect"], dispatch.respond, web.hook, place.make_platforms

    def counted(url: str, **options: Any) -> _Connection:
        return _Connection(connect(url, **options), fate, engine_of(url))

    def piped(*given: Any) -> _Connection:
        return _Connection(Pipeline(*given), fate, "postgresql")

    def responded(*given: Any) -> Any:
        reply = respond(*given)
        fate.at("done")
        return reply

    async def hooked(request: Any, **given: Any) -> Any:
        fate.at("received")
        response = await hook(request, **given)
        fate.at("answered")
        return response

    def platforms(*given: Any) -> Any:
        found = made(*given)
        for one in found.values():
            _watch(one, fate)
        return found

    vars(writer)["connect"], vars(writer)["Pipeline"] = counted, piped
    vars(dispatch)["respond"] = responded
    vars(web)["hook"], vars(place)["make_platforms"] = hooked, platforms
    vars(delivery)["run"] = partial(delivery.run, pause=PAUSE_SECONDS)


def _at_once(heart: Any, add_job: Callable[..., Any], *given: Any, **options: Any) -> Any:
    """The heart beats by the real clock: it would make up for every beat since the house's day."""
    if "next_run_time" in options:
        options["next_run_time"] = datetime.now(UTC)
    return add_job(heart, *given, **options)


def _watch(platform: Any, fate: Fate) -> None:
    """Steps around what a platform reads and says."""
    receive: Callable[..., Any] = platform.receive

    def received(knock: Any) -> Any:
        found = receive(knock)
        fate.at("read")
        return found

    def said(send: Callable[..., Any]) -> Callable[..., Any]:
        async def sending(*given: Any) -> Any:
            fate.at("sending")
            result = await send(*given)
            fate.at("sent")
            return result

        return sending

    platform.receive = received
    for name in ("send", "send_many"):
        if hasattr(platform, name):
            setattr(platform, name, said(getattr(platform, name)))
