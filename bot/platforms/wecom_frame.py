"""The frames of the smart robot's long connection, and what each number in an acknowledgement asks of us.

Source: WeCom doc 101463. A frame is `{"cmd", "headers": {"req_id"}, "body"}`; an acknowledgement has no cmd but an
errcode, and the req_id of what it acknowledges.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.message import Retry, Trouble, Undeliverable
from bot.platforms.halves import mended

SUBSCRIBE, PING = "aibot_subscribe", "ping"
EVENT = "aibot_event_callback"
RESPOND, WELCOME, UPDATE = "aibot_respond_msg", "aibot_respond_welcome_msg", "aibot_respond_update_msg"
SEND = "aibot_send_msg"
UPLOAD_INIT, UPLOAD_CHUNK, UPLOAD_FINISH = (f"aibot_upload_media_{step}" for step in ("init", "chunk", "finish"))

OFTEN = 45009
STALE = (846605, 846608)  # the req_id is dead, the stream is older than six minutes: say it as a new message
UNSUBSCRIBED = 846609  # the socket is open and WeCom no longer knows whose it is
LATER = {OFTEN: 60.0, 45033: 5.0, -1: 5.0, 6000: 1.0, 846601: 5.0, 846602: 5.0}  # seconds; the last two are hearsay
NEVER = {
    93006: "no such chat, or nobody there has spoken to the robot yet",
    40008: "message type refused",
    40058: "too long or malformed",
}
TOLD = {93006: "那里还没有人和机器人说过话，企业微信不让它先开口。请先在那里给机器人发一条消息。"}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Frame:
    """`cmd` is "" in an acknowledgement; then `errcode` says how it went."""

    cmd: str
    req_id: str
    errcode: int
    body: dict[str, Any]


class Stale(Trouble):
    """The message can't be answered under its req_id any more; it can be said as a new one."""


class Unsubscribed(Retry):
    """Only a new connection helps."""


def read_frame(data: str | bytes) -> Frame | None:
    """The frame in a WebSocket message, None where it is none. Never raises, whatever comes.

    Control characters inside strings are taken (the official SDK strips them too).
    """
    try:
        raw = json.loads(mended(data), strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict):
        return None
    cmd, headers, body, errcode = (raw.get(key) for key in ("cmd", "headers", "body", "errcode"))
    req_id = headers.get("req_id") if isinstance(headers, dict) else None
    return Frame(
        cmd if isinstance(cmd, str) else "",
        req_id if isinstance(req_id, str) else "",
        errcode if isinstance(errcode, int) else 0,
        body if isinstance(body, dict) else {},
    )


def write_frame(cmd: str, req_id: str, body: dict[str, Any] | None = None) -> str:
    """The JSON text of a frame."""
    return _encode({"cmd": cmd, "headers": {"req_id": req_id}} | ({"body": body} if body is not None else {}))


def judge_frame(ack: Frame) -> None:
    """Returns where the acknowledgement is yes. Raises Stale, Unsubscribed, Retry or Undeliverable."""
    number = ack.errcode
    if number in STALE:
        raise Stale(f"errcode {number}")
    if number == UNSUBSCRIBED:
        raise Unsubscribed(f"errcode {number}: the subscription was lost", 1.0)
    if number in LATER:
        raise Retry(f"errcode {number}", LATER[number])
    if number:
        raise Undeliverable(f"errcode {number}: {NEVER.get(number, 'refused')}", TOLD.get(number, ""))
