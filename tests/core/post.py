"""WeCom's callback as a client on the street would write it: signed, encrypted, with a message id of its own."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TOKEN, KEY = "coreToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
_KEY = base64.b64decode(KEY + "=")


def post(number: int, sender: str, text: str, chat: str = "g1") -> tuple[str, bytes]:
    """(path with the signature, body) of message `m{number}`; chat "" is the private one. A number is one message."""
    message = {
        "msgid": f"m{number}",
        "aibotid": "BOT",
        **({"chatid": chat, "chattype": "group"} if chat else {"chattype": "single"}),
        "from": {"userid": sender},
        "response_url": "",
        "msgtype": "text",
        "text": {"content": f"@支部小助手 {text}"},
    }
    plain = json.dumps(message, ensure_ascii=False).encode()
    framed = os.urandom(16) + len(plain).to_bytes(4, "big") + plain
    pad = 32 - len(framed) % 32
    block = Cipher(algorithms.AES(_KEY), modes.CBC(_KEY[:16])).encryptor()
    cipher = base64.b64encode(block.update(framed + bytes([pad]) * pad) + block.finalize()).decode()
    stamp, nonce = str(int(time.time())), str(number)
    sign = hashlib.sha1("".join(sorted([TOKEN, stamp, nonce, cipher])).encode()).hexdigest()
    path = f"/hook/wecom?msg_signature={sign}&timestamp={stamp}&nonce={nonce}"
    return path, json.dumps({"encrypt": cipher}).encode()
