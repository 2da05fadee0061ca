"""A file where no platform takes one: a signed link gives it out once, to who opens it within ten minutes.

The link names the row of the file and what people call it, so nothing else has to be kept; who has it has the file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import NamedTuple

from sqlalchemy import delete, select

from bot.config import Config
from bot.db import Tx
from bot.files import KEPT, type_of
from bot.message import Attachment, Refused
from bot.sql import p, sql
from bot.tables import files

MINUTES = 10
HOW = f"用浏览器下载（{MINUTES} 分钟内打开，只能用一次，请不要转发）"
WRONG = "链接不对，请在聊天里再要一个。"
GONE = f"文件已经下载过，或链接过期了（{MINUTES} 分钟有效），请在聊天里再要一次。"

FILE = sql(select(files.c.data).where(files.c.id == p("key_id"), files.c.at > p("after")))
TAKE = sql(delete(files).where(files.c.id == p("key_id"), files.c.at > p("after")))


class Given(NamedTuple):
    """What a browser takes along."""

    name: str
    content_type: str
    data: bytes


def offer(one: Attachment, *, key: bytes, config: Config) -> str:
    """The line of an answer that gives a kept file out: what it is called, how, and the address."""
    identity = one.path.removeprefix(KEPT)
    name = base64.urlsafe_b64encode(one.name.encode()).decode().rstrip("=")
    return f"{one.name} {HOW}：{config.web.address}/open/file/{identity}.{_mac(key, identity, one.name)}.{name}"


def named(key: bytes, token: str) -> tuple[str, str]:
    """The row and the name of the file that a link of ours gives out. Raises Refused for one that is none."""
    identity, _, rest = token.partition(".")
    given, _, called = rest.partition(".")
    try:
        name = base64.b64decode(f"{called}{'=' * (-len(called) % 4)}", b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused(WRONG) from None
    if not hmac.compare_digest(given.encode(), _mac(key, identity, name).encode()):
        raise Refused(WRONG)
    return identity, name


def look(tx: Tx, key: bytes, token: str) -> str:
    """What a file is called that would open now; nothing is used up. Raises Refused."""
    identity, name = named(key, token)
    if tx.value(FILE, key_id=identity, after=_since(tx)) is None:
        raise Refused(GONE)
    return name


def take(tx: Tx, key: bytes, token: str) -> Given:
    """The file, which is forgotten with it. Raises Refused."""
    identity, name = named(key, token)
    data = tx.value(FILE, key_id=identity, after=_since(tx))
    if data is None or tx.run(TAKE, key_id=identity, after=_since(tx)) == 0:
        raise Refused(GONE)
    return Given(name, type_of(name), bytes(data))


def _since(tx: Tx) -> int:
    return tx.at - MINUTES * 60 * 1_000_000


def _mac(key: bytes, identity: str, name: str) -> str:
    return mac(key, f"file:{identity}:{name}")


def mac(key: bytes, signed: str) -> str:
    """What only who knows the key can write under a link."""
    return hmac.digest(key, signed.encode(), hashlib.sha256).hex()[:32]
