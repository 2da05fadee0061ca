"""Reading decrypted smart-robot callbacks: the only place that knows WeCom's field names of what comes in.

Source: WeCom docs 100719 (messages) and 101027 (events). Unknown fields are ignored; null reads as absent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from bot.message import Incoming, Kind, NotOurs
from bot.platforms.halves import validated
from bot.platforms.wecom_text import tidy, without_mention

Str = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
HOUR = 3_600_000_000  # microseconds that a response_url lives


def _several(value: Any) -> Any:
    """A list, also where one thing or nothing stands in its place."""
    return value if isinstance(value, list) else [] if value is None else [value]


class Shape(BaseModel):
    model_config = ConfigDict(extra="ignore")


ShapeT = TypeVar("ShapeT", bound=Shape)


def shaped(shape: type[ShapeT], data: bytes | dict[str, Any]) -> ShapeT:
    """The JSON object in these bytes, or already read. Raises NotOurs: not UTF-8, not JSON, or not of this shape."""
    try:
        return validated(shape, data) if isinstance(data, bytes) else shape.model_validate(data)
    except ValueError:
        raise NotOurs(f"not a {shape.__name__}") from None


class Envelope(Shape):
    encrypt: str = Field(validation_alias=AliasChoices("encrypt", "Encrypt"))


class Sender(Shape):
    userid: Str = ""


class Head(Shape):
    """What every callback has."""

    msgid: Str = ""
    aibotid: Str = ""
    chatid: Str = ""
    chattype: Str = ""
    sender: Sender | None = Field(None, alias="from")
    response_url: Str = ""
    msgtype: Str = ""

    @property
    def group(self) -> bool:
        """enter_chat comes with neither chattype nor chatid: it is a single chat."""
        return self.chattype == "group" or (not self.chattype and bool(self.chatid))


class Text(Shape):
    content: Str = ""


class Item(Shape):
    text: Text | None = None


class Mixed(Shape):
    msg_item: Annotated[list[Item], BeforeValidator(_several)] = []


class Said(Shape):
    """The three ways in which words come; a quoted message has the same."""

    text: Text | None = None
    mixed: Mixed | None = None
    voice: Text | None = None

    def words(self) -> str:
        if self.mixed:
            return "\n".join(item.text.content for item in self.mixed.msg_item if item.text)
        return (self.text or self.voice or Text()).content


class Message(Said):
    quote: Said | None = None


class Options(Shape):
    option_id: Annotated[list[str], BeforeValidator(_several)] = Field(
        [], validation_alias=AliasChoices("option_id", "optionid")
    )


class Selected(Shape):
    option_ids: Options | None = Field(None, validation_alias=AliasChoices("option_ids", "optionids"))


class Selection(Shape):
    selected_item: Annotated[list[Selected], BeforeValidator(_several)] = Field(
        [], validation_alias=AliasChoices("selected_item", "selecteditem")
    )


class Press(Shape):
    """The documentation's examples write event_key, its tables eventkey: both are read (unverified which comes)."""

    card_type: Str = Field("", validation_alias=AliasChoices("card_type", "cardtype"))
    event_key: Str = Field("", validation_alias=AliasChoices("event_key", "eventkey"))
    task_id: Str = Field("", validation_alias=AliasChoices("task_id", "taskid"))
    selected_items: Selection | None = Field(None, validation_alias=AliasChoices("selected_items", "selecteditems"))

    def command(self) -> str:
        """The command of a press: of a vote the one option chosen, else the key and the options behind it."""
        rows = self.selected_items.selected_item if self.selected_items else []
        chosen = [option for row in rows if row.option_ids for option in row.option_ids.option_id if option]
        if self.card_type not in ("vote_interaction", "multiple_interaction") or not chosen:
            return self.event_key
        return chosen[0] if len(chosen) == 1 else " ".join([self.event_key, *chosen])


class Event(Press):
    """The official SDK's types have the press beside the event's name, the documentation one level below."""

    eventtype: Str = ""
    template_card_event: Press | None = None


class EventMessage(Shape):
    event: Event


class Stream(Shape):
    id: Str = ""


class Refresh(Shape):
    """WeCom asks how a stream goes on."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns decrypted callbacks into the bot's vocabulary, for one configured robot."""

    platform: str
    bot_id: str
    mention: re.Pattern[str] | None

    def read(self, data: bytes | dict[str, Any], nonce: str, now: int) -> Incoming | Refresh | None:
        """The message, a question about a stream, or None where nothing is to be said. `now` in UTC microseconds.

        Raises NotOurs where it is not JSON of a known shape, or for another robot.
        """
        head = shaped(Head, data)
        userid = head.sender.userid if head.sender else ""
        if self.bot_id and head.aibotid != self.bot_id:
            raise NotOurs("another robot")
        if head.msgtype == "stream":
            return shaped(Refresh, data)
        if userid in ("", "sys") or (head.group and not head.chatid):
            return None
        found = self._content(head, data)
        return self._incoming(head, userid, nonce, now, **found) if found else None

    def _content(self, head: Head, data: bytes | dict[str, Any]) -> dict[str, Any] | None:
        if head.msgtype in ("text", "mixed", "voice"):
            return self._words(head, shaped(Message, data))
        if head.msgtype in ("image", "file", "video"):
            return {"kind": "other", "text": ""}
        return _event(shaped(EventMessage, data).event) if head.msgtype == "event" else None

    def _words(self, head: Head, message: Message) -> dict[str, Any]:
        said, quoted = message.words(), tidy(message.quote.words()) if message.quote else ""
        text = without_mention(said, self.mention) if head.group else tidy(said)
        if quoted and head.group and self.mention:
            quoted = tidy(self.mention.sub(" ", quoted))
        nothing = head.msgtype != "text" and not text  # a picture alone, or a voice nobody understood
        return {"kind": "other" if nothing else "text", "text": text, "quote": quoted}

    def _incoming(
        self, head: Head, userid: str, nonce: str, now: int, kind: Kind, text: str, quote: str = "", card: str = ""
    ) -> Incoming:
        """userids are the same in any case (kept as given in `ref`), chat ids are not. PostgreSQL takes no NUL."""
        if not head.msgid or "\0" in head.msgid + userid + head.chatid + card + nonce:
            raise NotOurs("no msgid, or no text in an id")
        sender = userid.casefold()
        return Incoming(
            platform=self.platform,
            message_id=head.msgid,
            chat=head.chatid if head.group else sender,
            sender=sender,
            text=text.replace("\0", ""),
            private=not head.group,
            kind=kind,
            quote=quote.replace("\0", ""),
            reply_url=head.response_url,
            reply_until=now + HOUR if head.response_url else 0,
            card=card,
            ref=f"{userid}\n{nonce}",
        )


def _event(event: Event) -> dict[str, Any] | None:
    if event.eventtype == "enter_chat":
        return {"kind": "enter", "text": ""}
    press = event.template_card_event or event
    if event.eventtype != "template_card_event" or not press.command():
        return None
    return {"kind": "press", "text": press.command(), "card": press.task_id}
