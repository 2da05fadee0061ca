"""A reply as DingTalk messages: what the two doors (webhooks and the robot API) take, and how much of it.

Source: open.dingtalk.com, "message types supported by robots", "batch send one-to-one", "send group messages". Buttons
are dtmd links, undocumented today: a tap sends the command in the person's name. They are seen to work by webhook; in
`sampleActionCardN` of the robot API, and whether a tap in a group calls the robot by itself, nobody has verified. So
the commands are always printed as text too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus

from bot.message import Button, Reply
from bot.platforms.dingtalk_text import NEW_LINE, markdown, parts, title

PARAM_BYTES = 15_000  # of msgParam, in UTF-8
BODY_BYTES = 20_000  # of a webhook's body on the wire, in UTF-8
MENTIONS = 50  # atUserIds in one message
API_BUTTONS = 5
DTMD = "dtmd://dingtalkclient/sendMessage?content="  # all lower case up to the path, or it is dead


@dataclass(frozen=True, slots=True)
class Page:
    """One message on its way: plain `text`, real @ of the accounts in `mention`, buttons."""

    title: str
    text: str
    mention: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()


def encode(value: object) -> bytes:
    """JSON in UTF-8, a Chinese character in three bytes rather than six."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def fits_webhook(page: Page) -> bool:
    """Whether the body stays within 20,000 bytes (seen in error texts, not documented); 100 are left for its id."""
    return len(encode(webhook(page))) <= BODY_BYTES - 100


def fits_robot(page: Page) -> bool:
    """Whether both the robot API (msgParam within 15,000 bytes) and a webhook take it."""
    return len(robot(page)[1].encode()) <= PARAM_BYTES and fits_webhook(page)


def pages(reply: Reply, fits: Callable[[Page], bool]) -> list[Page]:
    """The reply in as few messages as hold it, always the same ones; buttons stand under the last.

    Where more than 50 people are called, each message calls 50 of them.
    """
    buttons = reply.card.buttons if reply.card else ()
    text = _whole(reply).strip()
    called = [one for one in reply.mention if not one.startswith("id:")]  # who has no staff id can't be called
    groups = [tuple(called[at : at + MENTIONS]) for at in range(0, len(called), MENTIONS)] or [()]
    sample = Page(title(reply.card.title if reply.card else "", text), "", max(groups, key=_bytes), buttons)
    texts = parts(text or sample.title, lambda piece: fits(replace(sample, text=piece)))
    texts += [sample.title] * (len(groups) - len(texts))
    groups += [()] * (len(texts) - len(groups))
    drawn = [Page(sample.title, *one) for one in zip(texts, groups, strict=True)]
    return [*drawn[:-1], replace(drawn[-1], buttons=buttons)]


def _bytes(accounts: Sequence[str]) -> int:
    return sum(len(account.encode()) for account in accounts)


def _whole(reply: Reply) -> str:
    """The text, what the card says beyond it, and, where the text tells nobody what to reply, its buttons' commands."""
    if not reply.card:
        return reply.text
    said = reply.text.splitlines()
    lines = [line for line in (reply.card.title, *reply.card.lines) if line and not any(line in one for one in said)]
    told = any(line.startswith("回复") for line in said)
    # 报名请发：报名 #2 says it, 参加吗？ does not.
    left = [
        one.command for one in reply.card.buttons if not re.search(rf"(?:：| / ){re.escape(one.command)}", reply.text)
    ]
    commands = "" if told else " / ".join(left)
    return "\n".join([*said, *lines, *([f"也可以发：{commands}"] if commands else [])])


def _link(button: Button) -> str:
    return DTMD + quote_plus(button.command)


def _with_mentions(page: Page) -> str:
    """A real @ needs the account, literally, in the markdown and in `at`; a space ends it."""
    called = "".join(f"@{account} " for account in page.mention)
    return NEW_LINE.join(filter(None, [markdown(page.text), called]))


def webhook(page: Page) -> dict[str, Any]:
    """The body for sessionWebhook or a robot's webhook: markdown, or an actionCard where there are buttons."""
    text = _with_mentions(page)
    at = {"at": {"atUserIds": list(page.mention), "isAtAll": False}} if page.mention else {}
    if not page.buttons:
        return {"msgtype": "markdown", "markdown": {"title": page.title, "text": text}} | at
    buttons = [{"title": button.label, "actionURL": _link(button)} for button in page.buttons]
    side_by_side = "1" if len(buttons) == 2 else "0"
    card = {"title": page.title, "text": text, "btnOrientation": side_by_side, "btns": buttons}
    return {"msgtype": "actionCard", "actionCard": card} | at


def robot(page: Page) -> tuple[str, str]:
    """(msgKey, msgParam) for the robot API. It has no real @, so nobody is called; six buttons or more become links."""
    text, buttons = markdown(page.text), page.buttons
    if len(buttons) > API_BUTTONS:
        text = NEW_LINE.join([text, *(f"[{markdown(button.label)}]({_link(button)})" for button in buttons)])
        buttons = ()
    return _msg_key(len(buttons)), encode({"title": page.title, "text": text, **_actions(buttons)}).decode()


def _msg_key(buttons: int) -> str:
    if not buttons:
        return "sampleMarkdown"
    return "sampleActionCard" if buttons == 1 else f"sampleActionCard{buttons}"


def _actions(buttons: tuple[Button, ...]) -> dict[str, str]:
    if len(buttons) == 1:
        return {"singleTitle": buttons[0].label, "singleURL": _link(buttons[0])}
    return {
        key: value
        for number, button in enumerate(buttons, 1)
        for key, value in ((f"actionTitle{number}", button.label), (f"actionURL{number}", _link(button)))
    }
