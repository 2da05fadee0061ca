"""The requests of the cases, as the platforms would send them: signed, encrypted, from 200 members of four branches.

Fifty members are the most that a branch normally has (支部工作条例 ch. 2).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TOKEN = "benchToken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_SECRET = "bench-secret"
MEMBERS, BRANCHES = 200, 4
WORDS = ("参加", "请假 值夜班", "参加", "参加，会迟到")

_KEY = base64.b64decode(AES_KEY + "=")
_RUN = os.urandom(4).hex()


def wecom(number: int) -> tuple[str, dict[str, str], bytes]:
    """A WeCom callback (doc 101033): JSON of about 700 bytes, AES-256-CBC, SHA-1 signature."""
    words = f"@支部小助手 {WORDS[(number + number // MEMBERS) % len(WORDS)]}"
    message = {
        "msgid": f"{_RUN}{number}",
        "aibotid": "BOT",
        "chatid": f"group{number % BRANCHES}",
        "chattype": "group",
        "from": {"userid": f"user{number % MEMBERS}"},
        "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=" + "x" * 200,
        "msgtype": "text",
        "text": {"content": words},
    }
    plain = json.dumps(message, ensure_ascii=False).encode()
    framed = os.urandom(16) + len(plain).to_bytes(4, "big") + plain
    pad = 32 - len(framed) % 32
    encryptor = Cipher(algorithms.AES(_KEY), modes.CBC(_KEY[:16])).encryptor()
    cipher = base64.b64encode(encryptor.update(framed + bytes([pad]) * pad) + encryptor.finalize()).decode()
    stamp, nonce = str(int(time.time())), str(number)
    sign = hashlib.sha1("".join(sorted([TOKEN, stamp, nonce, cipher])).encode()).hexdigest()
    path = f"/hook/wecom?msg_signature={sign}&timestamp={stamp}&nonce={nonce}"
    return path, {"Content-Type": "application/json"}, json.dumps({"encrypt": cipher}).encode()


def dingtalk(number: int) -> tuple[str, dict[str, str], bytes]:
    """A DingTalk callback: HMAC-SHA-256 in the headers, the body as documented."""
    now = int(time.time() * 1000)
    body = {
        "conversationId": f"group{number % BRANCHES}",
        "conversationType": "2",
        "msgId": f"{_RUN}{number}",
        "msgtype": "text",
        "senderId": f"$:LWCP_v1:$user{number % MEMBERS}",
        "senderStaffId": f"user{number % MEMBERS}",
        "senderNick": "某人",
        "sessionWebhook": "",
        "sessionWebhookExpiredTime": now + 5_400_000,
        "createAt": now,
        "robotCode": "bench",
        "chatbotCorpId": "dingcorp" + "x" * 40,
        "chatbotUserId": "$:LWCP_v1:$bot",
        "isInAtList": True,
        "conversationTitle": "第一党支部工作群",
        "text": {"content": f" {WORDS[(number + number // MEMBERS) % len(WORDS)]}"},
        "atUsers": [{"dingtalkId": "$:LWCP_v1:$bot"}],
    }
    sign = base64.b64encode(
        hmac.new(APP_SECRET.encode(), f"{now}\n{APP_SECRET}".encode(), hashlib.sha256).digest()
    ).decode()
    headers = {"Content-Type": "application/json; charset=utf-8", "timestamp": str(now), "sign": sign}
    return "/hook/ding", headers, json.dumps(body, ensure_ascii=False).encode()


def bare(number: int) -> tuple[str, dict[str, str], bytes]:
    """The same POST as the WeCom case; nobody looks into it."""
    _, headers, body = wecom(number)
    return "/bare", headers, body
