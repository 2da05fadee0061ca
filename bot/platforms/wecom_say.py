"""Writing what a smart robot may answer in the HTTP response: which shape is allowed depends on what is answered.

Source: WeCom docs 101031 (passive replies) and 101032 (cards).
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from typing import Any

from bot.message import Button, Card, Incoming, Reply
from bot.platforms.wecom_text import cut, escape, fit, size, spoken, typed

STREAM = 20480  # UTF-8 bytes of a stream's content, and of markdown sent to a response_url
WELCOME = 2048  # UTF-8 bytes of a plain text; no limit is published for it (unverified), this is the apps' one
TITLE, BELOW, LABEL, BUTTONS, KEY = 26, 112, 10, 6, 1024  # characters, characters, characters, buttons, UTF-8 bytes
HELP = Button("帮助", "帮助")


def passive(incoming: Incoming, reply: Reply) -> dict[str, Any]:
    """The answer's JSON. The same message and reply give the same, ids included."""
    if incoming.kind == "press":
        return update(incoming, reply)
    if reply.card and buttons(reply.card):
        return {"msgtype": "template_card", "template_card": card(reply.card, reply.text, name_of(incoming))}
    if incoming.kind == "enter":
        return {"msgtype": "text", "text": {"content": cut(spoken(reply), WELCOME)}}
    return stream(name_of(incoming), spoken(reply))


def pushed(reply: Reply) -> dict[str, Any]:
    """The JSON of a message that answers none, by long connection (WeCom doc 101463): a card under a new task_id
    every time, else markdown; plain text does not exist there."""
    if reply.card and buttons(reply.card):
        return {"msgtype": "template_card", "template_card": card(reply.card, reply.text, uuid.uuid4().hex)}
    return {"msgtype": "markdown", "markdown": {"content": cut(escape(typed(reply)), STREAM)}}


def name_of(incoming: Incoming) -> str:
    """A name for the answer of this message: 32 hex digits, the same at every repeat."""
    return hashlib.sha256(f"{incoming.platform}\n{incoming.message_id}".encode()).hexdigest()[:32]


def stream(name: str, text: str) -> dict[str, Any]:
    """A stream that is finished with its first word: nothing is polled for. It is markdown, and the text is not."""
    return {"msgtype": "stream", "stream": {"id": name, "finish": True, "content": cut(escape(text), STREAM)}}


def card(what: Card, text: str, task_id: str) -> dict[str, Any]:
    """A button_interaction card: title, what fits of the text's other words and of the lines, up to 6 buttons.

    The words that a title has no room for, mostly the day of a shift, come first below it.
    """
    shown = fit(what.title, TITLE)
    left = what.title[len(shown) - 1 :] if shown != what.title else ""
    what = replace(what, lines=(left.strip(), *what.lines)) if left and len(shown) < TITLE else what
    title = fit(what.title, TITLE).strip() or fit(text.strip().split("\n", 1)[0], TITLE) or "…"
    below = fit("\n".join([*beyond(what, text), *what.lines]) or ("" if text == title else text), BELOW)
    drawn: dict[str, Any] = {"card_type": "button_interaction", "main_title": {"title": title}}
    if below:
        drawn["sub_title_text"] = below
    return drawn | {"button_list": buttons(what), "task_id": task_id}


def beyond(what: Card, text: str) -> list[str]:
    """What a text says that its card doesn't, as far as both fit: a card that is pushed says why it comes.

    What the text begins with is the answer (已确认：张三 …): it has half of the room, and a long list below gives way.
    """
    kept: list[str] = []
    begins = True
    for line in text.splitlines():
        rest = " ".join(line.replace(what.title, " ").split()).strip(" ：") if what.title else line
        said = any(rest in one for one in (what.title, *what.lines))
        begins = begins and bool(rest) and not said
        first = begins and len("\n".join([*kept, rest])) <= BELOW // 2
        if first or (rest and not said and len("\n".join([*kept, rest, *what.lines])) <= BELOW):
            kept.append(rest)
    return kept


def buttons(what: Card) -> list[dict[str, Any]]:
    """The first six buttons whose key is allowed; a key stands once in a card."""
    once = {button.command: button for button in reversed(what.buttons) if 0 < size(button.command) <= KEY}
    kept = [button for button in what.buttons if once.get(button.command) is button]
    return [
        {"text": fit(button.label or button.command, LABEL), "style": 1 if button.primary else 2, "key": button.command}
        for button in kept[:BUTTONS]
    ]


def update(incoming: Incoming, reply: Reply) -> dict[str, Any]:
    """What a press does to its card: a card replaces it for everybody, a text or `mine` for the one who pressed.

    A card needs a button: whether an update may turn it into a kind without any is unverified, so a text gets 帮助.
    """
    shown = reply.card or Card(*_headed(reply.text))
    if shown.mine:
        shown = Card(shown.title, (reply.text, *shown.lines), shown.buttons)
    if not buttons(shown):
        shown = Card(shown.title, shown.lines, (HELP,))
    words = "" if shown.lines else reply.text  # what all may read stands in the lines
    changed = {"response_type": "update_template_card", "template_card": card(shown, words, incoming.card)}
    return (
        changed
        if reply.card and not reply.card.mine
        else changed | {"userids": [incoming.ref.partition("\n")[0] or incoming.sender]}
    )


def _headed(text: str) -> tuple[str, tuple[str, ...]]:
    """A text as title and lines: its first line is the title, and stands again below where it is too long for one."""
    first, _, rest = text.partition("\n")
    lines = tuple(rest.split("\n")) if rest else ()
    return first, (first, *lines) if len(first) > TITLE else lines
