"""A tap on an interactive card: read once, recorded as any message, answered on the card itself within two seconds.

The answer is promised to the outbox like every answer. While the tap still waits for its acknowledgement the promise is
handed over to that (no call of the quota is spent); later, or from another process, it goes by the update interface.
Source: open.dingtalk.com, "card callbacks". The pages disagree on where the parameters stand (`content` or `value`, in
cardPrivateData or beside it): both are read.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bot.message import BadSignature, Incoming, NotOurs
from bot.platforms.dingtalk_card import Note, place_of
from bot.platforms.dingtalk_sign import LONGEST_TIMESTAMP, WINDOW_MS
from bot.platforms.halves import mended

ANSWER_WITHIN = 1.5  # seconds; DingTalk waits two
NOTE_LIVES_US = 24 * 3600 * 1_000_000
STAMP, SIGNATURE = "x-ddpaas-signature-timestamp", "x-ddpaas-signature"


def verify_card(headers: Mapping[str, str], secret: str, now_ms: int) -> None:
    """Returns where a card's HTTP callback is signed: base64(HMAC-SHA256(apiSecret, timestamp)). Raises BadSignature.

    No page names a time window; the hour of the other callbacks is kept.
    """
    timestamp, claimed = headers.get(STAMP, ""), headers.get(SIGNATURE, "")
    if not secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_TIMESTAMP):
        raise BadSignature("no timestamp in milliseconds, or card_secret is not set")
    right = base64.b64encode(hmac.digest(secret.encode(), timestamp.encode(), "sha256"))
    if not hmac.compare_digest(right, claimed.encode(errors="replace")):
        raise BadSignature("wrong signature")
    if abs(now_ms - int(timestamp)) > WINDOW_MS:
        raise BadSignature("more than an hour off")


def press_id(*what: bytes) -> str:
    """An id for a tap, which has none of its own; the same request has the same."""
    return "card:" + hashlib.sha256(b"\n".join(what)).hexdigest()[:32]


def read_press(raw: str | bytes, platform: str, message_id: str, now_us: int) -> Incoming:
    """The tap in a card callback; `now_us` is in UTC microseconds. Raises NotOurs (400)."""
    said = _object(raw)
    track, user = said.get("outTrackId"), said.get("userId")
    if not (isinstance(track, str) and isinstance(user, str) and track and user) or "\0" in track + user:
        raise NotOurs("not a card callback")
    private, group = place_of(track) or _space(said)
    return Incoming(
        platform=platform,
        message_id=message_id,
        chat=user if private else group,
        sender=user,
        text=_command(said),
        private=private,
        kind="press",
        reply_url=str(Note(track, user, message_id)),
        reply_until=now_us + NOTE_LIVES_US,
        card=track,
    )


def _space(said: Mapping[str, Any]) -> tuple[bool, str]:
    """(private, group) of a card that something else delivered."""
    if said.get("spaceType") == "IM_ROBOT":
        return True, ""
    group = said.get("spaceId")
    if not isinstance(group, str) or not group or "\0" in group:
        raise NotOurs("no spaceId")
    return False, group.rpartition("IM_GROUP.")[2]


def _command(said: Mapping[str, Any]) -> str:
    content = _object(said.get("content") or said.get("value") or "")
    data = content.get("cardPrivateData")
    inner: Mapping[str, Any] = data if isinstance(data, dict) else {}
    for params in (inner.get("params"), content.get("params")):
        command = params.get("command") if isinstance(params, dict) else None
        if isinstance(command, str) and command.strip():
            return command.replace("\0", "").strip()
    raise NotOurs("no command in the parameters: the template's buttons must send `command`")


def _object(value: object) -> dict[str, Any]:
    """A JSON object, given as text or as one; {} where it is none."""
    try:
        found = json.loads(mended(value)) if isinstance(value, str | bytes) else value
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class Presses:
    """The taps of this process that still wait: the answer goes in, whether it went out comes back."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[asyncio.Future[dict[str, Any]], asyncio.Future[bool]]] = {}

    @contextmanager
    def waiting(self, press: str) -> Iterator[tuple[asyncio.Future[dict[str, Any]], asyncio.Future[bool]]]:
        """(the answer when somebody has it, to be told whether it went out), while the tap waits."""
        loop = asyncio.get_running_loop()
        answer, gone = self._waiting[press] = loop.create_future(), loop.create_future()
        try:
            yield answer, gone
        finally:
            self._waiting.pop(press, None)
            if not gone.done():
                gone.set_result(False)

    async def hand_over(self, press: str, change: dict[str, Any]) -> bool:
        """Whether the tap still waited and its answer went out with the acknowledgement."""
        answer, gone = self._waiting.get(press, (None, None))
        if answer is None or gone is None or answer.done():
            return False
        answer.set_result(change)
        return await asyncio.shield(gone)
