"""The frames of stream mode, as values: what one says and what is said back.

Source: open.dingtalk.com, "Stream mode protocol"; the official SDKs. Frames are JSON text whose `data` is JSON text
once more. An acknowledgement is known by the frame's messageId; code 200 alone ends redelivery for certain.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.platforms.halves import mended

MESSAGES = "/v1.0/im/bot/messages/get"
CARDS = "/v1.0/card/instances/callback"
NOTHING_TO_SAY = '{"response":null}'
EVENT_TAKEN = '{"status":"SUCCESS","message":"OK"}'
LONGEST_MILLIS = 15  # digits; more are no time


@dataclass(frozen=True, slots=True)
class Frame:
    """`type` is SYSTEM, EVENT or CALLBACK; `pushed` is when it was pushed, in unix milliseconds, 0 if not said."""

    type: str
    topic: str
    message_id: str
    data: str
    pushed: int = 0


def read_frame(raw: str | bytes) -> Frame | None:
    """The frame in a WebSocket message, None where it is none. Raises nothing, whatever the bytes."""
    try:
        said = json.loads(mended(raw))
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(headers := said.get("headers", {}), dict):
        return None
    data = said.get("data", "")
    return Frame(
        type=_text(said.get("type")),
        topic=_text(headers.get("topic")),
        message_id=_text(headers.get("messageId")),
        data=data if isinstance(data, str) else json.dumps(data),
        pushed=millis(headers.get("time")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def millis(value: object) -> int:
    """Unix milliseconds, sent as a number or as text; 0 where it is no time."""
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_MILLIS else 0


def ack(frame: Frame, data: str) -> str:
    """The acknowledgement of a frame; `data` is JSON text."""
    headers: dict[str, Any] = {"contentType": "application/json"}
    if frame.message_id:
        headers["messageId"] = frame.message_id
    return json.dumps({"code": 200, "headers": headers, "message": "OK", "data": data})


def created(data: str) -> int:
    """When a robot message was written (createAt), in unix milliseconds; 0 where it isn't said."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return 0
    return millis(said.get("createAt")) if isinstance(said, dict) else 0
