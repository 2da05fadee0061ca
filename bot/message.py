"""The vocabulary that every part shares, so that no part meets another platform's shapes.

The errors are sorted by what to do next::

    Trouble
    ├── Refused        say it to the person; nothing was changed
    ├── Retry          try later (after seconds)
    ├── Undeliverable  never again; tell the secretary and the admin
    ├── Unknown        it may have arrived: the connection died between request and answer
    └── NotOurs        the request is not from the platform, or is not one: answer its status, keep nothing
        └── BadSignature

Anything else is a bug: 500, logged once, nothing recorded.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic_core import to_json


class Trouble(Exception):
    """Root of the errors that are ours."""


class Refused(Trouble):
    """Says in one line why nothing was done and what can be done now (Chinese, for the person).

    `private` marks a line that must not be read in a group.
    """

    def __init__(self, text: str, *, private: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.private = private


class Retry(Trouble):
    """The platform can't take it now; try again after `after` seconds."""

    def __init__(self, reason: str, after: float = 5.0) -> None:
        super().__init__(reason)
        self.after = after


class Undeliverable(Trouble):
    """The platform will never take this. The reason is for the log, `told` says the same to the secretary and the
    admin in Chinese, with what to do."""

    def __init__(self, reason: str, told: str = "") -> None:
        super().__init__(reason)
        self.told = told


class Unknown(Trouble):
    """Sent, but no answer was heard: it may or may not have arrived."""


class NotOurs(Trouble):
    """A request that can't be read; `status` is the HTTP status it gets, with an empty body."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


class BadSignature(NotOurs):
    """A request whose signature or time is wrong."""

    def __init__(self, reason: str, status: int = 403) -> None:
        super().__init__(reason, status)


Kind = Literal["text", "press", "enter", "other"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a person, after verification and normalisation.

    `platform` is the name of the configuration section, `chat` the group's id (the account in private),
    `kind` is "text" (typed), "press" (a button: `text` is its command), "enter" (opened the private chat)
    or "other" (a picture, a file: nothing to read). `quote` is the text the person replied to.
    `reply_url` may be spoken to until `reply_until` (UTC microseconds); `card` names the card a press came from.
    `ref` is the platform's own note for its answer; nobody else reads it.
    """

    platform: str
    message_id: str
    chat: str
    sender: str
    text: str
    private: bool = False
    kind: Kind = "text"
    quote: str = ""
    reply_url: str = ""
    reply_until: int = 0
    card: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A tap sends `command` in the person's name, as if it were typed; `primary` draws it stronger."""

    label: str
    command: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A short text with buttons. Everything a tap needs stands in the button's command, so it outlives restarts.

    `mine` is a card after a tap that was refused: the words are for who tapped alone, and the buttons stay.
    """

    title: str
    lines: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to hand over: in private, but for what was asked for in a group (`openly`). See `bot.files.attach`."""

    name: str
    content_type: str
    path: str
    openly: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said: plain text, and a card where the platform has them (the text then stands without it too).

    `private` is for the person's own eyes: never said in a group. `mention` are the accounts to call with a
    real @ where the platform can.
    """

    text: str
    card: Card | None = None
    private: bool = False
    mention: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """A reply on its way out: to a group's push target, or to one account (`private`).

    `key` is the same at every attempt. `reply_url` is used instead of the target until `reply_until`
    (UTC microseconds).
    """

    key: str
    target: str
    reply: Reply
    private: bool = False
    reply_url: str = ""
    reply_until: int = 0


@dataclass(frozen=True, slots=True)
class Knock:
    """An HTTP request as it came, before anything was believed. Header names are lower case."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class Wire:
    """An HTTP answer."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"


Ability = Literal["answer", "push", "private", "mention", "buttons"]


class Platform(Protocol):
    """One channel. It verifies, normalises and sends; it decides nothing.

    `inline` says that answers go back in the HTTP response (and so a repeat gets the first answer again);
    otherwise the answer is promised to the outbox with the message's `reply_url`.
    `window` is how many messages a target may get in how many seconds.
    """

    name: str
    inline: bool
    abilities: frozenset[Ability]
    window: tuple[int, float]

    def receive(self, knock: Knock) -> Incoming | Wire:
        """The message in a request, or the answer to a request that carries none. Raises NotOurs, BadSignature."""
        ...

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        """The HTTP answer to a message that is recorded. The same message and reply give the same answer."""
        ...

    async def send(self, promise: Promise) -> None:
        """Speaks. Returns once the platform has taken it; raises Retry, Undeliverable or Unknown."""
        ...

    async def close(self) -> None:
        """Lets go of connections."""
        ...


class Ear(Protocol):
    """What a long-lived connection is handed: the door to the rows, a lease, and where a gap is reported."""

    async def hear(self, incoming: Incoming) -> Reply | None:
        """Records a message; returns after the commit. Where the platform is not `inline` the answer comes as a
        promise to `send`, with the incoming's `reply_url`. Raises where nothing could be recorded: don't ack."""
        ...

    async def missed(self, since: datetime, until: datetime) -> None:
        """Tells the secretaries, once, that messages between two instants may not have been heard."""
        ...

    async def on_line(self, at: datetime, *, anew: bool = False) -> None:
        """Keeps that the platform was heard until an instant. With `anew` a connection has just begun: the time since
        the last one, of whichever process and however it ended, is told as by `missed`."""
        ...

    async def hold(self, key: str, seconds: float) -> bool:
        """Takes the lease `key` for this process or keeps it; False where another process holds it."""
        ...


class Listener(Protocol):
    """A platform that opens the connection itself. `trouble` is "" or why it doesn't hear (for /readyz);
    `speaks` is False while `send` would only fail, so that another replica takes the promise."""

    trouble: str
    speaks: bool

    async def listen(self, ear: Ear) -> None:
        """Connects, hears and connects again, until it is cancelled."""
        ...


class TokenKeeper(Protocol):
    """Keeps access tokens for all who need the same one; handed to platforms by the composition root."""

    async def __call__(self, key: str, fetch: Callable[[], Awaitable[tuple[str, float]]], stale: str = "") -> str:
        """The token under `key`, fetched by `fetch() -> (token, seconds it lives)` where none is kept.

        `stale` is a token the platform has just refused: it is not given out again. One fetch at a time.
        """
        ...


def pack(reply: Reply) -> str:
    """A reply as JSON text, for a row; `unpack` reads it back equal."""
    card = reply.card
    row: dict[str, Any] = {"text": reply.text, "card": None, "private": reply.private, "mention": reply.mention}
    if card is not None:
        buttons = [{"label": b.label, "command": b.command, "primary": b.primary} for b in card.buttons]
        row["card"] = {"title": card.title, "lines": card.lines, "buttons": buttons, "mine": card.mine}
    row["attachments"] = [asdict(one) for one in reply.attachments]
    return to_json(row).decode()


def unpack(text: str) -> Reply:
    """The reply that `pack` wrote."""
    row: dict[str, Any] = json.loads(text)
    card = row["card"]
    buttons = tuple(Button(**button) for button in card["buttons"]) if card else ()
    return Reply(
        text=row["text"],
        card=card and Card(card["title"], tuple(card["lines"]), buttons, card.get("mine", False)),
        private=row["private"],
        mention=tuple(row["mention"]),
        attachments=tuple(Attachment(**one) for one in row["attachments"]),
    )
