"""The door of WeCom's callbacks, the same for robots and apps: the check of the URL, the signature, the lock.

Source: WeCom doc 101033.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.message import Knock, NotOurs, Wire
from bot.platforms.wecom_crypto import Lock

SIGNATURES = ("msg_signature", "msgsignature", "signature")  # the first is documented, the others were seen


def param(query: Mapping[str, str], *names: str) -> str:
    """The first of these parameters that is given. Raises NotOurs."""
    for name in names:
        if query.get(name):
            return query[name]
    raise NotOurs(f"no {names[0]}")


def unlocked(lock: Lock, query: Mapping[str, str], encrypt: str) -> bytes:
    """The message behind a ciphertext whose signature is right. Raises BadSignature (403), NotOurs (400)."""
    timestamp, nonce = param(query, "timestamp"), param(query, "nonce")
    lock.check(param(query, *SIGNATURES), timestamp, nonce, encrypt)
    return lock.decrypt(encrypt)


def checked(lock: Lock, knock: Knock) -> Wire | None:
    """The answer to the check of the URL, None where it is a POST. Raises NotOurs (405 for other methods).

    A plus that some proxy decoded once too often comes as a space; base64 has none of its own.
    """
    if knock.method == "GET":
        echo = param(knock.query, "echostr").replace(" ", "+")
        return Wire(body=unlocked(lock, knock.query, echo), content_type="text/plain")
    if knock.method != "POST":
        raise NotOurs("method", 405)
    return None
