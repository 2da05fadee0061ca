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
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TOKEN = "benchToken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_SECRET = "bench-secret"
SLACK_SECRET = "bench-slack-secret"
MEMBERS, BRANCHES = 200, 4
CROWD, CROWD_BRANCHES = 2000, 50  # who check in within one second
WORDS = ("参加", "请假 值夜班", "参加", "参加，会迟到")

Asked = tuple[str, dict[str, str], bytes]  # path, headers, body

_KEY = base64.b64decode(AES_KEY + "=")
_RUN = os.urandom(4).hex()


def wecom(number: int) -> Asked:
    """A WeCom callback (doc 101033): JSON of about 700 bytes, AES-256-CBC, SHA-1 signature."""
    words = WORDS[(number + number // MEMBERS) % len(WORDS)]
    return _callback(number, _said(number, number % BRANCHES, number % MEMBERS, words))


def check_in(number: int) -> Asked:
    """Each of the crowd says 签到 in the group of the own branch."""
    return _callback(number, _said(number, number % CROWD_BRANCHES, number % CROWD, "签到"))


def unread(number: int) -> Asked:
    """A WeCom event that is opened and has nothing to record: what a message costs before its row."""
    event = {"eventtype": "feedback_event", "feedback_event": {"id": "x" * 200, "type": 1}}
    return _callback(number, _head(number, 0, 0) | {"msgtype": "event", "event": event})


def _head(number: int, group: int, user: int) -> dict[str, object]:
    return {
        "msgid": f"{_RUN}{number}",
        "aibotid": "BOT",
        "chatid": f"group{group}",
        "chattype": "group",
        "from": {"userid": f"user{user}"},
        "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=" + "x" * 200,
    }


def _said(number: int, group: int, user: int, words: str) -> dict[str, object]:
    return _head(number, group, user) | {"msgtype": "text", "text": {"content": f"@支部小助手 {words}"}}


def _callback(number: int, message: dict[str, object]) -> Asked:
    plain = json.dumps(message, ensure_ascii=False).encode()
    framed = os.urandom(16) + len(plain).to_bytes(4, "big") + plain
    pad = 32 - len(framed) % 32
    encryptor = Cipher(algorithms.AES(_KEY), modes.CBC(_KEY[:16])).encryptor()
    cipher = base64.b64encode(encryptor.update(framed + bytes([pad]) * pad) + encryptor.finalize()).decode()
    stamp, nonce = str(int(time.time())), str(number)
    sign = hashlib.sha1("".join(sorted([TOKEN, stamp, nonce, cipher])).encode()).hexdigest()
    path = f"/hook/wecom?msg_signature={sign}&timestamp={stamp}&nonce={nonce}"
    return path, {"Content-Type": "application/json"}, json.dumps({"encrypt": cipher}).encode()


def dingtalk(number: int) -> Asked:
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


def slack(number: int) -> Asked:
    """A slash command of Slack: a form, HMAC-SHA-256 over stamp and body in the headers."""
    body = urlencode(
        {
            "token": "unused",
            "team_id": "T1",
            "team_domain": "bench",
            "channel_id": f"group{number % BRANCHES}",
            "channel_name": "general",
            "user_id": f"user{number % MEMBERS}",
            "user_name": "某人",
            "command": "/attend",
            "text": WORDS[(number + number // MEMBERS) % len(WORDS)],
            "api_app_id": "A1",
            "is_enterprise_install": "false",
            "response_url": "https://hooks.slack.com/commands/T1/" + "x" * 40,
            "trigger_id": f"{_RUN}{number}",
        }
    ).encode()
    stamp = str(int(time.time()))
    sign = hmac.new(SLACK_SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={sign}",
    }
    return "/slack/events", headers, body


def bare(number: int) -> Asked:
    """The same POST as the WeCom case; nobody looks into it."""
    _, headers, body = wecom(number)
    return "/bare", headers, body
