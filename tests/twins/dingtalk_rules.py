"""What DingTalk takes from a robot and what it refuses: shapes, sizes, signatures. The twin's half without sockets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

DTMD = "dtmd://dingtalkclient/sendMessage?content="
LINK = re.compile(r"(?<!\\)\[((?:[^\]\\]|\\.)*)\]\(([^)]*)\)")  # [label](address), escapes in the label respected
STAMP, CARD_SIGN = "x-ddpaas-signature-timestamp", "x-ddpaas-signature"
HOUR = 3_600_000  # milliseconds
PARAMS = {"sampleText": {"content"}, "sampleMarkdown": {"title", "text"}} | {
    "sampleActionCard": {"title", "text", "singleTitle", "singleURL"}
}
PARAMS |= {"sampleImageMsg": {"photoURL"}, "sampleFile": {"mediaId", "fileName", "fileType"}}
for _n in range(2, 6):
    PARAMS[f"sampleActionCard{_n}"] = {"title", "text"} | {
        f"action{what}{number}" for number in range(1, _n + 1) for what in ("Title", "URL")
    }


class Refusal(Exception):
    """What DingTalk says no with: an errcode under 200 (older interface), or a code under a 4xx."""

    def __init__(self, code: int | str, status: int = 400) -> None:
        self.status = 200 if isinstance(code, int) else status
        number = {"errcode": code, "errmsg": "description:…;solution:…"}
        self.says = number if isinstance(code, int) else {"code": code, "requestid": "R", "message": "…"}


@dataclass(frozen=True)
class Heard:
    """A message of the robot. `via` is session, group, private or webhook; `mentioned` are those really called."""

    chat: str
    via: str
    title: str
    text: str
    buttons: dict[str, str]
    mentioned: tuple[str, ...]
    body: dict[str, Any]

    @property
    def plain(self) -> str:
        """The text as a person sees it: without escapes, links as their labels."""
        lines = LINK.sub(r"\1", self.text).split("\n")
        return "\n".join(_shown(line.strip()) for line in lines)


@dataclass
class Robot:
    """A custom robot of a group."""

    chat: str
    secret: str
    keyword: str
    sent: deque[float] = field(default_factory=deque)
    blocked_until: float = 0
    uuids: set[str] = field(default_factory=set)

    def check_security(self, request: web.Request, heard: Heard, now_ms: int) -> None:
        """Refuses (310000) what is not signed, too old or without the keyword, where that is asked for."""
        timestamp, given = request.query.get("timestamp", ""), request.query.get("sign", "")
        signed = timestamp.isdigit() and abs(int(timestamp) - now_ms) <= HOUR
        if self.secret and not (signed and given == sign(timestamp, self.secret)):
            raise Refusal(310000)
        if self.keyword not in heard.text:
            raise Refusal(310000)

    def count(self, now: float) -> None:
        """Twenty in a minute; the next one makes the robot deaf for ten minutes."""
        self.sent = deque(at for at in self.sent if at > now - 60)
        if now >= self.blocked_until and len(self.sent) >= 20:
            self.blocked_until = now + 600
        if now < self.blocked_until:
            raise Refusal(410100)
        self.sent.append(now)


def sign(timestamp: str, secret: str) -> str:
    """The signature of callbacks and webhooks, not url-encoded; `timestamp` in milliseconds."""
    mac = hmac.new(secret.encode("utf-8"), digestmod=hashlib.sha256)
    mac.update(timestamp.encode("utf-8") + b"\n" + secret.encode("utf-8"))
    return base64.standard_b64encode(mac.digest()).decode("ascii")


def card_sign(timestamp: str, secret: str) -> str:
    """The signature of a card's HTTP callback."""
    mac = hmac.new(secret.encode("utf-8"), timestamp.encode("utf-8"), hashlib.sha256)
    return base64.standard_b64encode(mac.digest()).decode("ascii")


def _shown(markdown: str) -> str:
    return html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown))


def _links(text: str) -> dict[str, str]:
    return {_shown(label): url for label, url in LINK.findall(text) if url.startswith(DTMD)}


def robot_message(raw: bytes, robot_code: str) -> tuple[dict[str, Any], dict[str, str]]:
    """A call of the robot API and its msgParam, read."""
    said = json.loads(raw)
    if said.get("robotCode") != robot_code:
        raise Refusal("invalidParameter.robotCode.notExsit")
    if said.get("msgKey") not in PARAMS:
        raise Refusal("invalidParameter.msgKey.invalid")
    if len(said["msgParam"].encode()) > 15_000:
        raise Refusal("invalidParameter.msgParam.tooLong")
    param = json.loads(said["msgParam"])
    if set(param) != PARAMS[said["msgKey"]] or not all(isinstance(one, str) and one for one in param.values()):
        raise Refusal("invalidParameter.msgParam.invalid")
    return said, param


def heard_param(chat: str, via: str, said: dict[str, Any], param: dict[str, str]) -> Heard:
    """A message of the robot API; nobody is really called by it."""
    pairs = [("singleTitle", "singleURL"), *((f"actionTitle{n}", f"actionURL{n}") for n in range(1, 6))]
    text = param.get("text") or param.get("content") or param.get("fileName") or param["photoURL"]
    buttons = {param[label]: param[url] for label, url in pairs if label in param}
    return Heard(chat, via, param.get("title", ""), text, buttons | _links(text), (), said)


def heard_webhook(chat: str, via: str, request: web.Request, raw: bytes) -> Heard:
    """A webhook message, if it is one that DingTalk draws."""
    if "json" not in request.content_type:
        raise Refusal(43004)
    if len(raw) > 20_000:
        raise Refusal(460101)
    body = json.loads(raw)
    if body.get("msgtype") not in ("text", "markdown", "actionCard"):
        raise Refusal(400105)
    drawn = body.get(body["msgtype"]) or {}
    text, title = drawn.get("text") or drawn.get("content"), drawn.get("title", "")
    buttons = {one["title"]: one["actionURL"] for one in drawn.get("btns", ())}
    if not text or (body["msgtype"] != "text" and not title) or (body["msgtype"] == "actionCard" and not buttons):
        raise Refusal(40035)
    called = body.get("at", {}).get("atUserIds", [])
    if len(called) > 50:
        raise Refusal(40035)
    mentioned = tuple(one for one in called if body["msgtype"] == "text" or f"@{one} " in f"{text} ")
    return Heard(chat, via, title, text, buttons | _links(text), mentioned, body)
