"""Reading what people send to a self-built app: the only place that knows the element names of its callbacks.

Source: WeCom docs 90239 (messages) and 90240 (events).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from bot.message import Incoming, NotOurs
from bot.platforms.wecom_text import tidy
from bot.platforms.wecom_xml import Node, read_xml

MEDIA = ("image", "voice", "video", "file", "location", "link")
CHOICES = ("vote_interaction", "multiple_interaction")
# WeCom numbers messages and not events; who and when is not enough, two events of one second are common.
MARKS = ("FromUserName", "CreateTime", "AgentID", "Event", "EventKey", "TaskId", "ResponseCode")


@dataclass(frozen=True, slots=True)
class AppReader:
    """Turns decrypted callbacks into the bot's vocabulary, for one app."""

    platform: str
    corp_id: str
    agent_id: int

    def read(self, data: bytes, nonce: str) -> Incoming | None:
        """The message, None where nothing is to be said. Raises NotOurs: not XML, or for another app."""
        root = read_xml(data)
        if root.get("ToUserName") != self.corp_id or root.get("AgentID") not in ("", str(self.agent_id)):
            raise NotOurs("another app")
        userid = root.get("FromUserName")
        found = content(root) if userid not in ("", "sys") else None
        if found is None:
            return None
        sender = userid.casefold()
        return Incoming(
            self.platform, message_id(root), sender, sender, private=True, ref=f"{userid}\n{nonce}", **found
        )


def content(root: Node) -> dict[str, Any] | None:
    """What was said or done."""
    kind = root.get("MsgType")
    if kind == "text":
        return {"kind": "text", "text": tidy(root.get("Content"))}
    if kind in MEDIA:
        return {"kind": "other", "text": ""}
    return event(root) if kind == "event" else None


def event(root: Node) -> dict[str, Any] | None:
    """A menu's tap is as good as typing; an opened app; a press of a card."""
    name, key = root.get("Event"), root.get("EventKey")
    if name == "click" and key:
        return {"kind": "text", "text": key}
    if name == "enter_agent":
        return {"kind": "enter", "text": ""}
    if name != "template_card_event":
        return None
    command = _chosen(root, key)
    return {"kind": "press", "text": command, "card": root.get("TaskId")} if command else None


def _chosen(root: Node, key: str) -> str:
    options = root.all("SelectedItems", "SelectedItem", "OptionIds", "OptionId")
    chosen = [one.text.strip() for one in options if one.text.strip()]
    if root.get("CardType") not in CHOICES or not chosen:
        return key
    return chosen[0] if len(chosen) == 1 else " ".join([key, *chosen])


def message_id(root: Node) -> str:
    """The message's number, of an event a name made of everything that tells it from another. Raises NotOurs."""
    if root.get("MsgType") != "event":
        number = root.get("MsgId")
        if not number:
            raise NotOurs("no MsgId")
        return number
    marks = "\n".join(root.get(mark) for mark in MARKS)
    return "event:" + hashlib.sha256(marks.encode()).hexdigest()[:32]
