"""The check-in code on the screen of the room: four digits that change every half minute and prove who is there.

As RFC 6238 with SHA-256, steps of 30 seconds and four digits; the last step still counts. The secret of a meeting is
derived from the house's key, so nothing about it is kept. Where somebody is, is not asked.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from handlers.activities import label
from handlers.meetings_tables import code_tries

STEP_SECONDS = 30
DIGITS = 4
MOST_TRIES = 5  # wrong codes of one member in one meeting; guessing on succeeds once in a thousand
TYPED = re.compile(r"(?<!\d)\d{4}(?!\d)")

TRY = insert_row(code_tries, "activity_id", "member_id", "at")
TRIES = sql(
    select(func.count()).where(code_tries.c.activity_id == p("activity"), code_tries.c.member_id == p("member"))
)


@dataclass(frozen=True, slots=True)
class Code:
    """The code of the moment, and how many seconds it will still be shown."""

    digits: str
    seconds: int


def hotp(secret: bytes, counter: int, digits: int = DIGITS) -> str:
    """The one-time password of a counter: RFC 4226 with SHA-256."""
    mac = hmac.digest(secret, counter.to_bytes(8, "big"), hashlib.sha256)
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def _secret(key: bytes, activity: Any) -> bytes:
    return hmac.digest(key, f"check-in:{activity.branch_id}:{activity.id}".encode(), hashlib.sha256)


def code_now(tx: Tx, activity: Any, key: bytes) -> Code:
    """The code that the roll-call screen shows now; `key` is the house's."""
    return code_at(key, activity, tx.at)


def code_at(key: bytes, activity: Any, at: int) -> Code:
    """The code at an instant (UTC microseconds), for whoever has the meeting's `id` and `branch_id` already."""
    seconds = at // 1_000_000
    return Code(hotp(_secret(key, activity), seconds // STEP_SECONDS), STEP_SECONDS - seconds % STEP_SECONDS)


def fits(tx: Tx, activity: Any, key: bytes, digits: str) -> bool:
    """Whether digits are the code of the moment or the one before."""
    secret, step = _secret(key, activity), tx.at // 1_000_000 // STEP_SECONDS
    return any(hmac.compare_digest(digits.encode(), hotp(secret, one).encode()) for one in (step, step - 1))


def typed(text: str) -> str:
    """The four digits in a message, "" where there are none or several."""
    found = TYPED.findall(text)
    return str(found[0]) if len(found) == 1 else ""


def proven(tx: Tx, activity: Any, key: bytes, digits: str, member: int) -> bool:
    """Whether a member has shown that he is in the room; a wrong code is counted. Raises Refused: none, or too many."""
    if not activity.code:
        return True
    if not digits:
        raise Refused(f"请看现场屏幕上的数字，回复：签到 四位数字\n{label(tx, activity)}")
    if tx.value(TRIES, activity=activity.id, member=member) >= MOST_TRIES:
        raise Refused("数字不对的次数太多，请找书记现场登记。")
    if fits(tx, activity, key, digits):
        return True
    tx.run(TRY, activity_id=activity.id, member_id=member, at=tx.at)
    return False
