"""The chat that needs no account: members, groups and pushes in one process, for the page and the terminal.

What people type here lives in memory only, like in any other group: chatter is not stored.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.message import Ability, Card, Incoming, Knock, NotOurs, Promise, Reply, Wire

NAME = "console"
KEEPS = 2000  # bubbles
FILES = 50  # files, in memory; a real platform keeps them for the person


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the screen. `chat` is a group's id or, in private, the account; `sender` is "" for the bot."""

    number: int
    chat: str
    private: bool
    sender: str
    text: str
    card: Card | None = None
    mention: tuple[str, ...] = ()
    pushed: bool = False
    key: str = ""  # of the promise, for what was pushed
    files: tuple[str, ...] = ()


class Console:
    """A platform whose wire is the page: answers come back at once, pushes appear as bubbles."""

    name = NAME
    inline = True
    abilities: frozenset[Ability] = frozenset({"answer", "push", "private", "mention", "buttons"})
    window = (1000, 1.0)

    def __init__(self) -> None:
        self.bubbles: deque[Bubble] = deque(maxlen=KEEPS)
        self.listeners: set[Callable[[Bubble], None]] = set()
        self.files: dict[tuple[int, int], bytes] = {}  # (bubble, place) -> what is in it
        self._number = 0

    def show(self, chat: str, private: bool, sender: str, reply: Reply, **more: Any) -> Bubble:
        """Adds a bubble and tells everybody who looks."""
        self._number += 1
        names = tuple(one.name for one in reply.attachments)
        bubble = Bubble(self._number, chat, private, sender, reply.text, reply.card, reply.mention, files=names, **more)
        self.bubbles.append(bubble)
        for listener in list(self.listeners):
            listener(bubble)
        return bubble

    def receive(self, knock: Knock) -> Incoming | Wire:
        """The console has no hook of its own: its page speaks to the database directly."""
        raise NotOurs("the console has no hook", status=404)

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        """Never asked: see `receive`."""
        return Wire()

    async def send(self, promise: Promise) -> None:
        """A push appears in its chat."""
        data = [await asyncio.to_thread(Path(one.path).read_bytes) for one in promise.reply.attachments]
        self.files.update({(self._number + 1, place): one for place, one in enumerate(data)})
        while len(self.files) > FILES:
            self.files.pop(next(iter(self.files)))
        self.show(promise.target, promise.private, "", promise.reply, pushed=True, key=promise.key)

    async def close(self) -> None:
        """Nothing to let go of."""
