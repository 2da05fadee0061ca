"""Interactive cards (互动卡片): a reply with buttons that answers in place, where a template was made by hand.

A template can't be shipped as code: an administrator builds one on the card platform (open-dev.dingtalk.com/fe/card)
and writes its id into `card_template_id`. All its variables are texts of at most 1 KB::

    title    one line
    text     markdown, the lines of the card
    buttons  JSON: [{"text": label, "command": what a tap says, "color": "blue" | "gray"}, …] for a list of buttons;
             each button makes a callback (回传请求) with the parameter `command`
    answer   private data: the answer to the person who pressed, seen by nobody else; show it where it is not empty

In mode stream the callback comes by the same connection. In mode http register it once, by POST to
/v1.0/card/callbacks/register with apiSecret, callbackUrl (this platform's hook) and callbackRouteKey, and write
`card_secret` and `card_route_key`. Where a text is too long for the template, or the card is refused, the reply goes
out as a message with links, as it does without a template. Source: open.dingtalk.com, "create and deliver cards",
"update cards", "card callbacks".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from bot.message import Promise, Reply, Undeliverable
from bot.platforms.dingtalk_api import Api
from bot.platforms.dingtalk_page import encode
from bot.platforms.dingtalk_text import markdown, title
from bot.platforms.dingtalk_wire import judge_api

VALUE_BYTES = 1024
CREATE, UPDATE = "/v1.0/card/instances/createAndDeliver", "/v1.0/card/instances"
NOTE = "card:"  # before what a press's reply_url says; no web address begins so
PATCH = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}  # the default would overwrite what isn't named


@dataclass(frozen=True, slots=True)
class Note:
    """Where the answer to a press belongs: the card, who pressed, which press."""

    track: str
    user: str
    press: str

    def __str__(self) -> str:
        return NOTE + urlencode({"track": self.track, "user": self.user, "press": self.press})


def read_note(reply_url: str) -> Note | None:
    """The note in a reply_url, None where it is a web address or nothing."""
    if not reply_url.startswith(NOTE):
        return None
    said = dict(parse_qsl(reply_url.removeprefix(NOTE)))
    return Note(said.get("track", ""), said.get("user", ""), said.get("press", ""))


def track_of(promise: Promise) -> str:
    """The card's outTrackId: the same at every attempt, and it tells where the card stands (callbacks may not)."""
    where = "p" if promise.private else f"g{promise.target}"
    return f"{hashlib.sha256(promise.key.encode()).hexdigest()[:32]}.{where}"


def place_of(track: str) -> tuple[bool, str] | None:
    """(private, group) that `track_of` wrote; None where it did not."""
    digest, dot, where = track.partition(".")
    if len(digest) != 32 or not dot or where[:1] not in ("p", "g"):
        return None
    return (True, "") if where == "p" else (False, where[1:])


def values(reply: Reply, lines: tuple[str, ...]) -> dict[str, str] | None:
    """The template's variables, None where one of them is too long."""
    card = reply.card
    if card is None:
        return None
    buttons = [
        {"text": one.label, "command": one.command, "color": "blue" if one.primary else "gray"} for one in card.buttons
    ]
    found = {
        "title": title(card.title, reply.text),
        "text": markdown("\n".join(lines)),
        "buttons": encode(buttons).decode(),
    }
    return found if all(len(value.encode()) <= VALUE_BYTES for value in found.values()) else None


def first_values(reply: Reply) -> dict[str, str] | None:
    """The variables of a new card: all that is said."""
    said = tuple(reply.text.splitlines())
    title_line = reply.card.title if reply.card else ""
    more = tuple(line for line in (reply.card.lines if reply.card else ()) if line not in said)
    return values(reply, tuple(line for line in said if line != title_line) + more)


def drawn(reply: Reply) -> dict[str, Any] | None:
    """What a press makes of its card: the new state for all, the words for who pressed. None where it won't fit."""
    answer = markdown(reply.text)
    shown = values(reply, reply.card.lines) if reply.card else {}
    if shown is None or len(answer.encode()) > VALUE_BYTES:
        return None
    public = {"cardData": {"cardParamMap": shown}} if shown else {}
    return {"cardUpdateOptions": PATCH, **public, "userPrivateData": {"cardParamMap": {"answer": answer}}}


class Cards:
    """The cards of one application. `usable` where a template is named and its callbacks have somewhere to go."""

    def __init__(self, api: Api) -> None:
        self._api, settings = api, api.settings
        self._callback: Mapping[str, str] = {"callbackType": "STREAM"}
        if settings.mode == "http":
            self._callback = {"callbackType": "HTTP", "callbackRouteKey": settings.card_route_key}
        self.usable = bool(settings.card_template_id and all(self._callback.values()))

    async def deliver(self, promise: Promise, shown: Mapping[str, str]) -> None:
        """Puts a new card into a group or before a person. Raises Retry, Undeliverable, Unknown."""
        heard = await self._api.call(CREATE, self._new(promise, shown))
        judge_api(heard)
        result = heard.says.get("result")
        results = result.get("deliverResults") if isinstance(result, dict) else None
        failed = [
            one for one in results or [{}] if not (isinstance(one, dict) and one.get("success") in (True, "true"))
        ]
        if failed or heard.says.get("success") in (False, "false"):
            raise Undeliverable(f"card not delivered: {str(failed and failed[0].get('errorMsg'))[:100]}")

    def _new(self, promise: Promise, shown: Mapping[str, str]) -> dict[str, Any]:
        space = "IM_ROBOT" if promise.private else "IM_GROUP"
        model = "imRobot" if promise.private else "imGroup"
        deliver = {"robotCode": self._api.robot} | ({"spaceType": space} if promise.private else {})
        return {
            "cardTemplateId": self._api.settings.card_template_id,
            "outTrackId": track_of(promise),
            **self._callback,
            "cardData": {"cardParamMap": dict(shown)},
            "openSpaceId": f"dtv1.card//{space}.{promise.target}",
            f"{model}OpenSpaceModel": {"supportForward": False},
            f"{model}OpenDeliverModel": deliver,
            "userIdType": 1,
        }

    async def update(self, note: Note, change: Mapping[str, Any]) -> None:
        """Changes a card later than its press waits. Raises Retry, Undeliverable, Unknown."""
        private = {"privateData": {note.user: change["userPrivateData"]}}
        public = {key: change[key] for key in ("cardData", "cardUpdateOptions") if key in change}
        heard = await self._api.call(UPDATE, {"outTrackId": note.track, **public, **private, "userIdType": 1}, "PUT")
        judge_api(heard)
