"""The smart robot by long connection: no public address is needed, the bot calls WeCom and stays on the line.

Messages are answered through the outbox: recorded with their promise, said by `send` under the message's own req_id
while its connection lives, as a new message after that. A press and an opened chat can only be answered within 5
seconds under their own req_id; a durable promise could not keep that, so for these kinds (`at_once`) the answer comes
back from `hear` after the commit and goes out right there, waiting for no outbox and no earlier promise. What is lost
by a crash in between is the picture of a card, never a row; where WeCom refuses the update, the answer is said as a
new message. Source: WeCom doc 101463; cards: 101032.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.message import (
    Ability,
    Ear,
    Incoming,
    Kind,
    Knock,
    NotOurs,
    Promise,
    Reply,
    Retry,
    TokenKeeper,
    Trouble,
    Undeliverable,
    Unknown,
    Wire,
)
from bot.platforms.wecom import WeCom, WeComSettings
from bot.platforms.wecom_files import Parcel, packed
from bot.platforms.wecom_frame import RESPOND, SEND, UPDATE, WELCOME, Frame, Stale
from bot.platforms.wecom_hear import Crew, GivenUp, insist
from bot.platforms.wecom_link import Link, Sleep
from bot.platforms.wecom_patience import Patience
from bot.platforms.wecom_progress import Progress
from bot.platforms.wecom_read import Reader
from bot.platforms.wecom_say import buttons, card, passive, pushed
from bot.platforms.wecom_stay import Line
from bot.platforms.wecom_text import mention_of
from bot.platforms.wecom_upload import upload

log = logging.getLogger(__name__)

ANSWER_SECONDS = 5.0  # for an acknowledgement, and for the answer to a press
DAY = 24 * 3600 * 1_000_000  # microseconds in which a message may be answered under its req_id
KNOWN = 10_000  # spellings of userids remembered


def robot(name: str, settings: WeComSettings, token: TokenKeeper) -> WeCom | WeComSocket:
    """The smart robot in the mode of its settings."""
    return (WeCom if settings.mode == "callback" else WeComSocket)(name, settings, token)


class WeComSocket:
    """A Platform and a Listener. `at_once` are the kinds that are answered by what `hear` returns."""

    inline = False
    at_once: frozenset[Kind] = frozenset({"press", "enter"})
    abilities: frozenset[Ability] = frozenset({"answer", "push", "private", "buttons"})
    hourly = (1000, 3602.0)
    window = (30, 62.0)  # a minute per conversation, answers included; 2 s for what is on its way

    def __init__(
        self,
        name: str,
        settings: WeComSettings,
        token: TokenKeeper,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
        patience: Patience | None = None,
        timeout: float = ANSWER_SECONDS,
    ) -> None:
        """`token` is not needed here. `clock` gives unix seconds, `sleep` passes them, `timeout` is in seconds."""
        self.name = name
        self._clock, self._sleep, self._crew = clock, sleep, Crew()
        self._reader = Reader(name, settings.bot_id, mention_of(settings.display_names))
        account = settings.bot_id, settings.secret.get_secret_value()
        self._line = Line(
            name,
            settings.ws_url,
            account,
            crew=self._crew,
            clock=clock,
            sleep=sleep,
            patience=patience or Patience(),
            timeout=timeout,
        )
        self._spelled: dict[str, str] = {}
        self._said = Progress()

    @property
    def trouble(self) -> str:
        """Why nothing is heard, "" where all is well or another replica hears."""
        return self._line.trouble

    @property
    def speaks(self) -> bool:
        """Whether this process holds the subscribed connection."""
        return self._line.link is not None

    def receive(self, knock: Knock) -> Incoming | Wire:
        """Nothing comes by HTTP in this mode."""
        raise NotOurs("the long connection is in use", 404)

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        """Nothing to answer by HTTP."""
        return Wire()

    async def listen(self, ear: Ear) -> None:
        """Stays on the line until it is cancelled; then keeps what was heard, for five seconds at most."""
        try:
            await self._line.stay(ear, self._hear)
        finally:
            await self._crew.finish()

    async def close(self) -> None:
        """Lets go of the connection; what was heard is still being kept for a few seconds."""
        if self._line.link:
            self._line.link.end("closing")
        await self._crew.finish()

    async def greet(self) -> str:
        """Whether WeCom's door is there: "" or one line. The secret is not tried: that would kick who is connected."""
        return await self._line.greet()

    # Hearing

    def _hear(self, ear: Ear, link: Link, frame: Frame) -> None:
        at = self._clock()
        try:
            found = self._reader.read(frame.body, frame.req_id, round(at * 1_000_000))
        except NotOurs as error:
            return log.info("%s: passed over: %s", self.name, error)
        if isinstance(found, Incoming):
            self._take(ear, link, found, at)

    def _take(self, ear: Ear, link: Link, found: Incoming, at: float) -> None:
        userid, _, req_id = found.ref.partition("\n")
        self._spell(found.sender, userid)
        url = "" if found.kind in self.at_once else f"req:{link.name}:{req_id}"
        incoming = replace(found, reply_url=url, reply_until=round(at * 1_000_000) + DAY if url else 0)
        if not self._crew.start(self._kept(ear, link, incoming, at)):
            log.error("%s: too many messages wait", self.name)
            self._line.missed(ear, at, at)

    async def _kept(self, ear: Ear, link: Link, incoming: Incoming, at: float) -> None:
        try:
            reply = await insist(lambda: ear.hear(incoming), self._sleep)
        except GivenUp:
            return await self._line.tell_missed(ear, at, at)
        if reply and incoming.kind in self.at_once and (reply.text or reply.card):
            await self._answer_at_once(link, incoming, reply, at)

    async def _answer_at_once(self, link: Link, incoming: Incoming, reply: Reply, at: float) -> None:
        """Within 5 seconds under the event's own req_id; where that is too late or refused, as a new message."""
        cmd = UPDATE if incoming.kind == "press" else WELCOME
        try:
            if self._clock() - at >= ANSWER_SECONDS:
                raise Stale("too late")
            await link.call(cmd, passive(incoming, reply), incoming.ref.partition("\n")[2])
        except (Stale, Undeliverable, Retry) as error:
            log.info("%s: the answer to a tap goes as a message: %s", self.name, error)
            await self._say_anew(Promise(uuid.uuid4().hex, incoming.chat, reply, incoming.private))
        except Unknown as error:
            log.warning("%s: it is not known whether a tap's answer arrived: %s", self.name, error)

    async def _say_anew(self, promise: Promise) -> None:
        try:
            await self.send(promise)
        except Trouble as error:
            log.warning("%s: the answer to a tap is lost, what it did is not: %s", self.name, error)

    # Speaking

    def cost(self, promise: Promise) -> int:
        """How many messages this promise takes."""
        return bool(promise.reply.text or promise.reply.card) + len(promise.reply.attachments)

    async def send(self, promise: Promise) -> None:
        """Answers under the message's req_id while its connection lives, else speaks first; then come the files.

        An attempt after a failure goes on with the part that failed. Raises Retry, Undeliverable, Unknown.
        """
        reply, link = promise.reply, self._line.link
        if reply.private and not promise.private:
            raise Undeliverable("for one person's eyes, and this is a group")
        if not self.cost(promise):
            raise Undeliverable("nothing to say")
        if link is None:
            raise Retry("no long connection", 5.0)
        files: list[Parcel | None] = [await packed(one) for one in reply.attachments]
        parts = [None, *files] if reply.text or reply.card else files
        for at in range(self._said(promise.key), len(parts)):
            await self._say(link, promise, parts[at])
            self._said.note(promise.key, at + 1)
        self._said.forget(promise.key)

    async def _say(self, link: Link, promise: Promise, parcel: Parcel | None) -> None:
        try:
            if parcel is None:
                await self._say_words(link, promise)
            else:
                kind = "image" if parcel.image else "file"
                body = {"msgtype": kind, kind: {"media_id": await upload(link, parcel, kind)}}
                await link.call(SEND, self._where(promise) | body)
        except Stale as error:
            raise Undeliverable(str(error)) from None

    async def _say_words(self, link: Link, promise: Promise) -> None:
        req_id = self._req_id(promise, link)
        try:
            if req_id:
                await link.call(RESPOND, answered(promise), req_id)
                return
        except Stale as error:
            log.info("%s: said as a new message: %s", self.name, error)
        await link.call(SEND, self._where(promise) | pushed(promise.reply))

    def _where(self, promise: Promise) -> dict[str, Any]:
        """Ids of chats differ by case; for userids it is said that they don't, and here that they do: so as it came."""
        if promise.private:
            return {"chatid": self._spelled.get(promise.target, promise.target), "chat_type": 1}
        return {"chatid": promise.target, "chat_type": 2}

    def _req_id(self, promise: Promise, link: Link) -> str:
        """The req_id to answer under; "" where it came through another connection or its day is over."""
        before, _, req_id = promise.reply_url.removeprefix("req:").partition(":")
        return req_id if before == link.name and promise.reply_until > self._clock() * 1_000_000 else ""

    def _spell(self, sender: str, userid: str) -> None:
        self._spelled.pop(sender, None)
        self._spelled[sender] = userid
        if len(self._spelled) > KNOWN:
            self._spelled.pop(next(iter(self._spelled)))


def answered(promise: Promise) -> dict[str, Any]:
    """The body of an answer: the same stream id at every attempt, so that a second one replaces the first."""
    reply = promise.reply
    if reply.card and buttons(reply.card):
        return {"msgtype": "template_card", "template_card": card(reply.card, reply.text, uuid.uuid4().hex)}
    return passive(Incoming("", promise.key, promise.target, "", ""), Reply(reply.text, reply.card))
