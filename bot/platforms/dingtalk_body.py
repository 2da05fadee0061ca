"""What DingTalk posts when somebody speaks to the robot, read once and never met again.

Source: open.dingtalk.com, "receive-message" and the robot message types; unknown keys are ignored, for the platform
adds some without notice.
"""

from __future__ import annotations

import logging
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from bot.message import Incoming, Kind, NotOurs
from bot.platforms.halves import validated
from bot.platforms.origin import same_origin

QUOTA_SPENT = "20001"
FURTHEST_MS = 10**14  # the year 5138: what is later is no time
STRANGER = "id:"  # before the key of somebody without a staff id
_log = logging.getLogger(__name__)


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, hide_input_in_errors=True)


class Words(_Shape):
    """`text` of a message; `replied_msg` was seen and is not documented."""

    content: str | None = None
    replied_msg: Any = None


class Body(_Shape):
    """A robot message. Everything is optional, since the notice of a spent quota has next to nothing."""

    msg_id: str | None = None
    msgtype: str | None = None
    conversation_id: str | None = None
    conversation_type: str | int | None = None
    sender_id: str | None = None
    sender_staff_id: str | None = None
    sender_corp_id: Any = None
    chatbot_corp_id: Any = None
    at_users: list[Any] | None = None
    session_webhook: str | None = None
    session_webhook_expired_time: Any = None
    text: Words | None = None
    content: Any = None
    error_code: str | int | None = None


def read(raw: bytes, platform: str, oapi_base: str) -> Incoming | None:
    """The message in a body, None where the body says that the organisation's quota is spent (it carries no message).

    Raises NotOurs (400): no JSON object, a known key of another type, or no id, chat or sender.
    """
    body = _body(raw)
    if str(body.error_code) == QUOTA_SPENT and not (body.text or body.content):
        _log.warning("DingTalk: the organisation's quota is spent (20001); messages no longer arrive")
        return None
    return _incoming(body, platform, oapi_base)


def _body(raw: bytes) -> Body:
    try:
        return validated(Body, raw)
    except ValueError:
        raise NotOurs("not a robot message") from None


def unpublished(raw: bytes) -> bool:
    """Whether a message without staff id is from the robot's own organisation: then its app is not published yet."""
    body = _body(raw)
    return bool(not body.sender_staff_id and body.sender_corp_id and body.sender_corp_id == body.chatbot_corp_id)


def _incoming(body: Body, platform: str, oapi_base: str) -> Incoming:
    private = {"1": True, "2": False}.get(str(body.conversation_type))
    if private is None:
        raise NotOurs("conversationType")
    sender = _sender(body)
    kind, text = _said(body, private)
    reply_until = _micros(body.session_webhook_expired_time)
    reply_url = body.session_webhook or ""
    speakable = reply_until > 0 and same_origin(reply_url, oapi_base)
    return Incoming(
        platform=platform,
        message_id=_id(body.msg_id, "msgId"),
        chat=sender if private else _id(body.conversation_id, "conversationId"),
        sender=sender,
        text=text,
        private=private,
        kind=kind,
        quote=_quote(body),
        reply_url=reply_url if speakable else "",
        reply_until=reply_until if speakable else 0,
    )


def _id(value: str | None, name: str) -> str:
    if not value or "\0" in value:
        raise NotOurs(name)
    return value


def _sender(body: Body) -> str:
    """The staff id; without one (a guest of another organisation, an unpublished robot) an opaque key that is none."""
    staff = body.sender_staff_id
    if not staff:
        return STRANGER + _id(body.sender_id, "senderId")
    if staff.startswith(STRANGER):
        raise NotOurs("senderStaffId")
    return _id(staff, "senderStaffId")


def _micros(millis: object) -> int:
    """Milliseconds, as a number or as a string, in microseconds; 0 where it is no time."""
    text = str(millis)
    usable = text.isascii() and text.isdigit() and len(text) <= len(str(FURTHEST_MS))
    return int(text) * 1000 if usable and int(text) < FURTHEST_MS else 0


def _said(body: Body, private: bool) -> tuple[Kind, str]:
    if body.msgtype == "richText":
        text = _rich(body.content)
        return ("other", "") if text is None else ("text", _first_off(_clean(text)))  # here the mention always stays
    if body.msgtype == "audio":
        heard = _member(body.content, "recognition")
        return ("text", _clean(heard)) if heard else ("other", "")
    if body.text is None or body.msgtype not in ("text", None):
        return ("other", "")
    text = _clean(body.text.content or "")
    return ("text", text if private else _without_robot(text, len(body.at_users or ())))


def _clean(text: str) -> str:
    """Without spaces around (NBSP and U+2005 are some, mentions are followed by them), NUL and zero-width spaces."""
    return text.replace("\0", "").replace("\u200b", "").strip()


def _without_robot(text: str, called: int) -> str:
    """Text without the robot's own mention, should it still be there.

    The platform takes it out; some reports say that it stays, or comes twice (HarmonyOS): not verified. `called` counts
    who is called, the robot included, so where the text still has that many mentions the first is the robot's; where
    it has fewer, a leading mention is somebody else ("@张三 请假") and stays.
    """
    words = text.split()
    if not called or sum(word.startswith("@") for word in words) < called:
        return text
    last = words[-1] if called == 1 and not text.startswith("@") and words[-1].startswith("@") else ""
    return text.removesuffix(last).rstrip() if last else _first_off(text)


def _first_off(text: str) -> str:
    """Text without its leading mention, however often that is repeated."""
    mention = text.split(maxsplit=1)[0] if text.startswith("@") else ""
    while mention and (text == mention or text[len(mention) :][:1].isspace()) and text.startswith(mention):
        text = text[len(mention) :].lstrip()
    return text


def _member(value: object, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _rich(content: object) -> str | None:
    """The words of rich text, None where it holds pictures alone. Runs of one line come as several nodes."""
    nodes = content.get("richText") if isinstance(content, dict) else None
    if not isinstance(nodes, list):
        return None
    words = [_member(node, "text") or (" " if _member(node, "downloadCode") else "") for node in nodes]
    return "".join(words) if any(word.strip() for word in words) else None


def _quote(body: Body) -> str:
    """The text somebody replied to. Seen in the field, not documented: so its place is looked for, never relied on."""
    replied = body.text.replied_msg if body.text else None
    content = replied.get("content") if isinstance(replied, dict) else None
    if isinstance(content, str):
        return _clean(content)
    texts = [_member(content, key) for key in ("text", "content", "recognition")] + [_rich(content) or ""]
    return next((_clean(text) for text in texts if text), "")
