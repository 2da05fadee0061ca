"""What the admins are told of the machine itself: in private, once in a while, in words that say what to do."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot import outbox
from bot.db import Tx
from bot.message import Reply
from bot.sql import insert_row
from bot.tables import jobs

log = logging.getLogger(__name__)

ONCE = insert_row(jobs, "job", "period", "audience", "at", "outcome", conflict=["job", "period", "audience"])


def tell_admins(tx: Tx, admins: Sequence[tuple[str, str]], cause: str, text: str) -> bool:
    """Promises `text` to each admin (platform that reaches him, account); False where `cause` was told before.

    `cause` names what it is about and how often it is told: with the day in it once a day.
    """
    if tx.run(ONCE, job="admins", period=cause, audience="admins", at=tx.at, outcome="told") == 0:
        return False
    log.warning("the admins are told: %s", text)
    for via, account in admins:
        key = f"admins:{cause}:{via}:{account}"
        outbox.put(tx, via, account, Reply(text), key=key, purpose="notice", private=True)
    return True


def tell_alarms(tx: Tx, admins: Sequence[tuple[str, str]], alarms: Sequence[tuple[str, str]]) -> None:
    """Tells what keeps a platform from hearing people ((name, Chinese line)), once a day each."""
    for name, text in alarms:
        tell_admins(tx, admins, f"{name}:{tx.now:%Y-%m-%d}:{text}", f"{name}：{text}")
