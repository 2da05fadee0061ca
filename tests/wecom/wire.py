"""WeCom's side of the encryption and of the rules for cards, for the twin. Written without a look into bot/."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import struct
from collections.abc import Collection
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

Json = dict[str, Any]
PASSIVE = {"enter_chat": ("text", "template_card"), "stream": ("stream",)}  # doc 101031; for messages:
FOR_MESSAGES = ("stream", "template_card")


class Breach(AssertionError):
    """The bot did what WeCom's documents forbid."""


def need(right: bool, what: str) -> None:
    if not right:
        raise Breach(what)


class Wire:
    """WeCom's side of the encryption."""

    def __init__(self, token: str, encoding_aes_key: str, receive_id: str = "") -> None:
        self.token, self.receive_id = token, receive_id.encode()
        self.key = base64.b64decode(f"{encoding_aes_key}=")

    def sign(self, *parts: str) -> str:
        return hashlib.sha1("".join(sorted([self.token, *parts])).encode()).hexdigest()

    def lock(self, message: bytes) -> str:
        padder = PKCS7(256).padder()
        framed = b"".join([os.urandom(16), struct.pack(">I", len(message)), message, self.receive_id])
        block = Cipher(AES(self.key), CBC(self.key[:16])).encryptor()
        return base64.b64encode(block.update(padder.update(framed) + padder.finalize()) + block.finalize()).decode()

    def unlock(self, encrypt: str) -> bytes:
        block, unpadder = Cipher(AES(self.key), CBC(self.key[:16])).decryptor(), PKCS7(256).unpadder()
        framed = unpadder.update(block.update(base64.b64decode(encrypt)) + block.finalize()) + unpadder.finalize()
        (length,) = struct.unpack(">I", framed[16:20])
        need(framed[20 + length :] == self.receive_id, "receive id of the answer")
        return framed[20 : 20 + length]

    def read(self, body: bytes, nonce: str) -> Json:
        """The JSON in an encrypted answer, its envelope checked (doc 101033)."""
        outer = json.loads(body)
        need(outer["nonce"] == nonce and type(outer["timestamp"]) is int, "envelope of the answer")
        need(outer["msgsignature"] == self.sign(str(outer["timestamp"]), nonce, outer["encrypt"]), "signature")
        plain: Json = json.loads(self.unlock(outer["encrypt"]))
        return plain


def check_card(card: Json) -> None:
    """A button_interaction card within the documented budgets (doc 101032)."""
    need(card.get("card_type") == "button_interaction", "only button cards are known here")
    buttons = card.get("button_list", [])
    keys = [button["key"] for button in buttons]
    need(1 <= len(buttons) <= 6 and len(set(keys)) == len(keys), f"buttons {keys}")
    need(all(0 < len(key.encode()) <= 1024 for key in keys), "key length")
    need(all(0 < len(button["text"]) <= 10 and button["style"] in (1, 2, 3, 4) for button in buttons), "button")
    need(0 < len(card["main_title"]["title"]) <= 26, "title length")
    need(len(card.get("sub_title_text", "")) <= 112, "text length")
    need(re.fullmatch(r"[0-9A-Za-z_@-]{1,128}", card.get("task_id", "")) is not None, "task_id")


def trigger_of(message: Json) -> str:
    """What the bot answers: the name of an event, else the type of a message."""
    kind: str = message.get("msgtype", "")
    return message["event"]["eventtype"] if kind == "event" else kind


def check_passive(message: Json, plain: Json) -> None:
    """Whether this may answer that (doc 101031)."""
    trigger = trigger_of(message)
    if "response_type" in plain:
        need(trigger == "template_card_event" and "msgtype" not in plain, "an update answers a press only")
        need(plain["response_type"] == "update_template_card", "response_type")
        pressed = message["event"]["template_card_event"]["task_id"]
        need(plain["template_card"]["task_id"] == pressed, "task_id of the update")
        return check_card(plain["template_card"])
    kind = plain["msgtype"]
    need(kind in PASSIVE.get(trigger, FOR_MESSAGES), f"{kind} for {trigger}")
    need(trigger not in ("template_card_event", "feedback_event"), f"{kind} for {trigger}")
    if kind == "template_card":
        return check_card(plain[kind])
    need(0 < len(plain[kind]["content"].encode()) <= 20480, "length of the content")
    need(kind == "text" or (bool(plain[kind]["id"]) and plain[kind]["finish"] is True), "unfinished stream")


def words(card: Json) -> str:
    return f"{card['main_title']['title']}\n{card.get('sub_title_text', '')}".strip()


def uploaded(raw: bytes) -> tuple[str, bytes]:
    """The name and the bytes of the one file in a form: field media, the name in plain UTF-8."""
    head, _, rest = raw.partition(b"\r\n\r\n")
    need(b'name="media"' in head and b"filename*=" not in head, "the form of the upload")
    return head.split(b'filename="')[1].split(b'"')[0].decode(), rest.rsplit(b"\r\n--", 1)[0]


def _notice_refusal(card: Json) -> int:
    """A group robot's card opens something and has no buttons."""
    if card.get("card_type") not in ("text_notice", "news_notice") or {"task_id", "button_list"} & set(card):
        return 40058
    right = card["card_action"]["type"] == 1 and card["card_action"]["url"].startswith("http")
    return 0 if right and 0 < len(card["main_title"]["title"]) <= 26 else 40058


def push_words(body: Json) -> str:
    """What people read of a group robot's message."""
    kind = body.get("msgtype", "")
    inner = body.get(kind, {})
    if kind == "news":
        return "\n".join(f"{one['title']} {one['url']}" for one in inner["articles"])
    if kind == "template_card":
        return words(inner) + f"\n{inner['card_action']['url']}"
    return str(inner.get("content", ""))


def push_refusal(body: Json, files: Collection[str]) -> int:
    """The errcode of what a group robot says (doc 91770), 0 where it is right."""
    kind = body.get("msgtype", "")
    if kind == "text":
        return 0 if 0 < len(body[kind]["content"].encode()) <= 2048 else 40058
    if kind in ("markdown", "markdown_v2"):
        return 0 if 0 < len(body[kind]["content"].encode()) <= 4096 else 40058
    if kind == "news":
        articles = body[kind]["articles"]
        right = 1 <= len(articles) <= 8 and all(0 < len(one["title"].encode()) <= 128 for one in articles)
        return 0 if right and all(one["url"].startswith("http") for one in articles) else 40058
    if kind == "template_card":
        return _notice_refusal(body[kind])
    if kind == "image":
        data = base64.b64decode(body[kind]["base64"], validate=True)
        right = body[kind]["md5"] == hashlib.md5(data).hexdigest() and len(data) <= 2 * 1024 * 1024
        return 0 if right else 40058
    if kind == "file":
        return 0 if body[kind]["media_id"] in files else 40007
    return 40008
