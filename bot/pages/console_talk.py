"""What is typed and tapped on the console goes the way of every message; what each message wrote is kept beside it."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp import web

from bot.cli.place import Place
from bot.db import Tx
from bot.dispatch import handle
from bot.logs import about
from bot.message import Incoming, Kind, Reply
from bot.pages import body, cast
from bot.pages.console_rows import of_promise, watched
from bot.pages.console_told import told
from bot.pages.feed import Feed
from bot.platforms.console import NAME, Bubble
from bot.web import MOST_WAITING

LONGEST_TEXT = 61 * 1024  # bytes; with what surrounds it a request stays below the 64 KiB of the door
LONGEST_NAME = 200  # bytes
KEEPS = 1000  # bubbles whose rows are known
MOST_TAPS = 20  # of one card


class Talk:
    """Hears what the page sends, and knows what each message wrote."""

    def __init__(self, place: Place, feed: Feed) -> None:
        self.place = place
        self.feed = feed
        self._written: OrderedDict[int, list[dict[str, Any]]] = OrderedDict()

    async def say(self, data: dict[str, Any]) -> dict[str, Any]:
        """Somebody types; the answer appears below. Raises Unfit."""
        text = body.text(data, "text", LONGEST_TEXT)
        if not text.strip():
            raise body.Unfit("请先写点什么。")
        incoming = await self._incoming(data, text, "text")
        said = self.place.console.show(incoming.chat, incoming.private, incoming.sender, Reply(text))
        reply, entry = await self._record(incoming)
        self._note(said.number, entry)
        heard = reply.text if reply else ""
        return {"bubble": said.number, "answer": self._answered(incoming, reply, entry), "heard": heard}

    async def tap(self, data: dict[str, Any]) -> dict[str, Any]:
        """Somebody taps a button; a new card takes the old one's place. Raises Unfit."""
        command = body.text(data, "command", LONGEST_TEXT)
        number = body.number(data, "bubble", 1, 2**53)
        incoming = await self._incoming(data, command, "press", str(number))
        tapped = self.feed.find(number)
        if tapped is None or (tapped.chat, tapped.private) != (incoming.chat, incoming.private):
            raise body.Unfit("这张卡片已经不在了，请直接打字。", 404)
        reply, entry = await self._record(incoming)
        self._note(number, entry)
        if reply is not None and reply.card is not None and not reply.card.mine:
            self.feed.change(number, reply)
            return {"bubble": number, "answer": number}
        answer = replace(reply, card=None) if reply else None
        return {"bubble": number, "answer": self._answered(incoming, answer, entry)}

    async def rows(self, number: int) -> list[dict[str, Any]]:
        """What the message behind a bubble wrote, the latest tap first; for a push, what was written with its promise.

        Raises Unfit.
        """
        bubble = self.feed.find(number)
        if bubble is None:
            raise body.Unfit("这条消息已经不在了。", 404)
        pushed = [await self.place.database.read_long(partial(self._pushed, bubble=bubble))] if bubble.key else []
        return [*reversed(self._written.get(number, [])), *pushed]

    def _pushed(self, tx: Tx, bubble: Bubble) -> dict[str, Any]:
        return {"who": "支部小助手", "text": bubble.text, **told(tx, of_promise(tx, bubble.key))}

    def _answered(self, incoming: Incoming, reply: Reply | None, entry: dict[str, Any]) -> int | None:
        if reply is None:
            return None
        answer = self.place.console.show(incoming.chat, incoming.private, "", reply)
        self._note(answer.number, entry)
        return answer.number

    async def _record(self, incoming: Incoming) -> tuple[Reply | None, dict[str, Any]]:
        if self.place.database.waiting() > MOST_WAITING:
            raise web.HTTPServiceUnavailable
        about.set(incoming.message_id)
        return await self.place.database.write(partial(self._handle, incoming=incoming))

    def _handle(self, tx: Tx, incoming: Incoming) -> tuple[Reply | None, dict[str, Any]]:
        reply, written = watched(tx, partial(handle, incoming=incoming, house=self.place.house))
        name = cast.name_of(tx, self.place, incoming.sender)
        return reply, {"who": name, "text": incoming.text, **told(tx, written)}

    def _note(self, number: int, entry: dict[str, Any]) -> None:
        entries = self._written.setdefault(number, [])
        entries.append(entry)
        del entries[:-MOST_TAPS]
        while len(self._written) > KEEPS:
            self._written.popitem(last=False)

    async def _incoming(self, data: dict[str, Any], text: str, kind: Kind, card: str = "") -> Incoming:
        sender, private = body.text(data, "as", LONGEST_NAME), body.flag(data, "private")
        chat = sender if private else body.text(data, "chat", LONGEST_NAME)
        await self.place.database.read(partial(self._know, sender=sender, chat="" if private else chat))
        return Incoming(NAME, str(uuid.uuid4()), chat, sender, text, private, kind, card=card)

    def _know(self, tx: Tx, sender: str, chat: str) -> None:
        """The sender and the group (if any) are ones that the page lists. Raises Unfit."""
        if not cast.name_of(tx, self.place, sender):
            raise body.Unfit("没有这个人，请重新打开页面。", 404)
        if chat and not cast.has_chat(tx, chat):
            raise body.Unfit("没有这个群，请重新打开页面。", 404)
