"""WeCom's callback (doc 101033) through wechatpy: opened, and the answer sealed."""

from __future__ import annotations

import json
import time
from typing import Any

from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import WeChatSigner

from bench.cases import AES_KEY, TOKEN

RECEIVER = ""  # of a robot in a group (doc 101033)
_crypto = WeChatCrypto(TOKEN, AES_KEY, RECEIVER)
_sealer = PrpCrypto(_crypto.key)


def opened(cipher: str, signature: str, stamp: str, nonce: str) -> dict[str, Any]:
    """The message in a body. Raises wechatpy's InvalidSignatureException."""
    message: dict[str, Any] = json.loads(_crypto.decrypt_message({"Encrypt": cipher}, signature, stamp, nonce))
    return message


def sealed(text: str, message_id: str, nonce: str) -> dict[str, str]:
    """The body of the answer."""
    answer = {"msgtype": "stream", "stream": {"id": message_id, "finish": True, "content": text}}
    cipher, stamp = _sealer.encrypt(json.dumps(answer, ensure_ascii=False), RECEIVER).decode(), str(int(time.time()))
    signer = WeChatSigner()
    signer.add_data(TOKEN, stamp, nonce, cipher)
    return {"encrypt": cipher, "msgsignature": signer.signature, "timestamp": stamp, "nonce": nonce}
