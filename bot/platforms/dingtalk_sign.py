"""The one signature of DingTalk: it opens robot callbacks and closes webhook URLs.

Source: open.dingtalk.com, "receive-message" and "customize-robot-security-settings". The signature covers neither the
body nor the path: a captured pair opens any body for an hour, so TLS and the message id must carry the rest.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping

from bot.message import BadSignature

WINDOW_MS = 3_600_000
LONGEST_TIMESTAMP = 20  # digits; int() of thousands of digits raises


def sign(timestamp: str, secret: str) -> str:
    """base64(HMAC-SHA256(secret, timestamp + "\\n" + secret)), not url-encoded; `timestamp` in ms, verbatim."""
    digest = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), "sha256")
    return base64.b64encode(digest).decode()


def verify(headers: Mapping[str, str], secret: str, now_ms: int) -> None:
    """Returns where timestamp and sign are right; raises BadSignature (403) else.

    The documents reject "more than an hour" off, either way; exactly one hour is accepted, as the known packages do.
    """
    timestamp, claimed = headers.get("timestamp", ""), headers.get("sign", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_TIMESTAMP):
        raise BadSignature("no timestamp in milliseconds")
    if not hmac.compare_digest(sign(timestamp, secret).encode(), claimed.encode(errors="replace")):
        raise BadSignature("wrong sign")
    if abs(now_ms - int(timestamp)) > WINDOW_MS:
        raise BadSignature("more than an hour off")
