"""A twin of WeCom: people in chats who talk to the bot's hook, and the interface the bot talks to.

It shares no code with bot/: what both get wrong in the same way would otherwise look right. What the documents call
forbidden raises Breach, in the test that provoked it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import aiohttp
import yarl
from aiohttp import web

from tests.wecom.wire import Breach, Json, Wire, check_passive, need, push_refusal, push_words, uploaded, words

__all__ = ["Breach", "Heard", "Pushed", "Shown", "WeComTwin"]


Fault = Literal["none", "errcode", "status", "cut", "slow"]


@dataclass
class Shown:
    """A card in a chat: `drawn` for everybody, `mine` for those who were shown another one, `msgid` what it answers."""

    chat: str
    drawn: Json
    msgid: str = ""
    mine: dict[str, Json] = field(default_factory=dict)

    def seen_by(self, user: str) -> Json:
        return self.mine.get(user, self.drawn)

    def labels(self, user: str = "") -> list[str]:
        return [button["text"] for button in self.seen_by(user)["button_list"]]


@dataclass(frozen=True)
class Heard:
    """What came back: HTTP status (0: nothing in time), what the user reads, the card, and the decrypted JSON."""

    status: int
    text: str = ""
    card: Shown | None = None
    plain: Json = field(default_factory=dict)
    tries: int = 1


@dataclass(frozen=True)
class Pushed:
    """What a group robot (`key`) or a response_url said, and who was called."""

    key: str
    text: str
    mentioned: tuple[str, ...]
    at: float
    body: Json = field(default_factory=dict)


class WeComTwin:
    """Use as `async with`. `hook_url` may be set after the start, `api_base` is there from then on.

    `now` gives unix seconds, `patience` is how long an answer may take (5 s in life).
    """

    def __init__(
        self,
        hook_url: str,
        token: str,
        encoding_aes_key: str,
        bot_id: str = "",
        *,
        receive_id: str = "",
        name: str = "支部小助手",
        now: Callable[[], float] = time.time,
        patience: float = 5.0,
    ) -> None:
        self.hook_url, self.bot_id, self.name, self.now, self.patience = hook_url, bot_id, name, now, patience
        self.wire = Wire(token, encoding_aes_key, receive_id)
        self.api_base = ""
        self.transcript: list[tuple[str, str, str]] = []  # who, chat, text
        self.cards: dict[str, Shown] = {}
        self.pushed: list[Pushed] = []
        self.robots: set[str] = set()
        self.files: dict[str, tuple[str, bytes]] = {}  # media_id: name, bytes
        self.last: Json = {}
        self.lose = 0  # so many of the next answers are lost on their way
        self._codes: dict[str, tuple[float, bool]] = {}  # response code: until when, single chat
        self._sent: dict[str, deque[float]] = defaultdict(deque)
        self._faults: deque[tuple[Fault, int]] = deque()
        self._entered: set[tuple[str, int]] = set()
        self._count = itertools.count(1)
        self._salt = os.urandom(4).hex()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_post("/cgi-bin/webhook/send", self._webhook)
        app.router.add_post("/cgi-bin/webhook/upload_media", self._upload)
        app.router.add_post("/cgi-bin/aibot/response", self._response)
        self._closing = asyncio.Event()
        self._runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.api_base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._client = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._closing.set()
        await self._client.close()
        await self._runner.cleanup()

    # People

    def message(self, user: str, chat: str, **rest: Any) -> Json:
        """The JSON of a callback; an empty chat is the single chat with the bot."""
        number = next(self._count)
        code = f"CODE{self._salt}{number}"
        self._codes[code] = (self.now() + 3600, not chat)
        where = {"chattype": "group", "chatid": chat} if chat else {"chattype": "single"}
        return {
            "msgid": f"CAIQ{self._salt}/{number}=",
            "aibotid": self.bot_id or "AIBOTID",
            **where,
            "from": {"userid": user},
            "response_url": f"{self.api_base}/cgi-bin/aibot/response?response_code={code}",
            **rest,
        }

    async def say(self, user: str, text: str, chat: str = "g1", *, quote: str = "") -> Heard:
        """Types a text; in a group the bot is called with @ where the text does not do it already."""
        called = text if not chat or f"@{self.name}" in text else f"@{self.name} {text}"
        self.transcript.append((user, chat or user, called))
        extra = {"quote": {"msgtype": "text", "text": {"content": quote}}} if quote else {}
        return await self.deliver(self.message(user, chat, msgtype="text", text={"content": called}, **extra))

    async def tap(self, user: str, card: Shown | None, label: str) -> Heard:
        """Taps the button with this label on a card as this user sees it."""
        assert card
        drawn = card.seen_by(user)
        (key,) = (button["key"] for button in drawn["button_list"] if button["text"] == label)
        press = {"card_type": drawn["card_type"], "event_key": key, "task_id": drawn["task_id"]}
        self.transcript.append((user, card.chat or user, f"[{label}]"))
        return await self._event(user, card.chat, "template_card_event", press)

    async def enter(self, user: str) -> Heard:
        """Opens the single chat: the bot hears of it once a day."""
        today = (user, int(self.now() // 86400))
        if today in self._entered:
            return Heard(0)
        self._entered.add(today)
        return await self._event(user, "", "enter_chat", {})

    async def _event(self, user: str, chat: str, name: str, inner: Json) -> Heard:
        about = {"eventtype": name, **({name: inner} if inner else {})}
        message = self.message(user, chat, msgtype="event", create_time=int(self.now()), event=about)
        if name == "enter_chat":
            del message["response_url"], message["chattype"]
        return await self.deliver(message)

    async def reordered(self, *messages: Json) -> list[Heard]:
        """Callbacks that overtake each other: the last is delivered first."""
        return [await self.deliver(message) for message in reversed(messages)]

    async def half_open(self, sockets: int) -> list[asyncio.StreamWriter]:
        """Connections that send half a callback and then nothing."""
        url = yarl.URL(self.hook_url)
        head = f"POST {url.path} HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: 500\r\n\r\n{{".encode()
        writers = []
        for _ in range(sockets):
            _, writer = await asyncio.open_connection(url.host, url.port)
            writer.write(head)
            await writer.drain()
            writers.append(writer)
        return writers

    async def again(self) -> Heard:
        """The last callback once more, with its msgid, as after a lost answer."""
        return await self.deliver(self.last)

    async def verify(self) -> bool:
        """The check of the URL when an admin saves it."""
        secret = str(int.from_bytes(os.urandom(8), "big")).encode()
        encrypt = self.wire.lock(secret)
        query = self.signed(encrypt)
        params, second = {**query, "echostr": encrypt}, aiohttp.ClientTimeout(total=1)
        async with self._client.get(self.hook_url, params=params, timeout=second) as answer:
            return answer.status == 200 and await answer.read() == secret

    async def deliver(self, message: Json) -> Heard:
        """Posts any callback; a message is tried three times, an event once. Reads and checks the answer."""
        self.last, heard = message, Heard(0)
        for tries in range(1, 2 if message.get("msgtype") == "event" else 4):
            encrypt = self.wire.lock(json.dumps(message, ensure_ascii=False).encode())
            query = self.signed(encrypt)
            status, body = await self.knock(query, json.dumps({"encrypt": encrypt}).encode())
            if self.lose:
                self.lose, status = self.lose - 1, 0  # it was answered, and the answer got lost on its way
            if status == 200:
                return self._read(message, self.wire.read(body, query["nonce"]), tries) if body else Heard(200)
            heard = Heard(status, tries=tries)
        return heard

    async def knock(self, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """One POST as it is; status 0 where no answer came in time."""
        limit = aiohttp.ClientTimeout(total=self.patience)
        try:
            async with self._client.post(self.hook_url, params=query, data=body, timeout=limit) as answer:
                return answer.status, await answer.read()
        except (TimeoutError, aiohttp.ClientError):
            return 0, b""

    def signed(self, encrypt: str) -> dict[str, str]:
        """The query of a callback with this ciphertext."""
        timestamp, nonce = str(int(self.now())), os.urandom(5).hex()
        return {
            "msg_signature": self.wire.sign(timestamp, nonce, encrypt),
            "timestamp": timestamp,
            "nonce": nonce,
        }

    def _read(self, message: Json, plain: Json, tries: int) -> Heard:
        check_passive(message, plain)
        shown = self._show(message, plain) if "template_card" in plain else None
        text = words(plain["template_card"]) if shown else plain[plain["msgtype"]]["content"]
        self.transcript.append(("bot", message.get("chatid") or message["from"]["userid"], text))
        return Heard(200, text, shown, plain, tries)

    def _show(self, message: Json, plain: Json) -> Shown:
        """Draws a new card, or the one that was pressed anew: for everybody, or for the userids given."""
        card, chat = plain["template_card"], message.get("chatid", "")
        if "response_type" not in plain:
            shown = self.cards.setdefault(card["task_id"], Shown(chat, card, message["msgid"]))
            need(shown.msgid == message["msgid"], "a task_id was used for two cards")
            return shown
        shown = self.cards.setdefault(card["task_id"], Shown(chat, card))
        if "userids" in plain:
            shown.mine.update(dict.fromkeys(plain["userids"], card))
        else:
            shown.drawn, shown.mine = card, {}
        return shown

    # The interface

    def robot(self) -> str:
        """The key of a new group robot."""
        self.robots.add(key := f"{self._salt}-{next(self._count)}")
        return key

    def fail_next(self, fault: Fault, number: int = 0, times: int = 1) -> None:
        """The next calls of the interface fail, in this order ("none": one does not yet).

        With "cut" and "slow" the message arrives and its answer does not.
        """
        self._faults.extend([(fault, number)] * times)

    async def _webhook(self, request: web.Request) -> web.StreamResponse:
        key, body = request.query.get("key", ""), await request.json()
        words, called = push_words(body), tuple(body.get("text", {}).get("mentioned_list", ()))
        if body.get("msgtype") == "markdown":
            called = tuple(re.findall(r"<@([^>]+)>", words))
        pushed = Pushed(key, words, called, self.now(), body)
        return await self._judged(request, self._refusal(key, body), pushed)

    def _refusal(self, key: str, body: Json) -> int:
        """The errcode of a push (doc 91770)."""
        if key not in self.robots:
            return 93000
        errcode = push_refusal(body, self.files)
        window = self._sent[key]
        while window and window[0] <= self.now() - 60:
            window.popleft()
        return errcode or (45009 if len(window) >= 20 else 0)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("key") not in self.robots:
            return web.json_response({"errcode": 93000, "errmsg": "no"})
        need(request.query.get("type") == "file", "type of the upload")
        name, data = uploaded(await request.read())
        need(5 <= len(data) <= 20 * 1024 * 1024, "size of the upload")
        self.files[media_id := f"F{next(self._count)}"] = (name, data)
        return web.json_response({"errcode": 0, "errmsg": "ok", "type": "file", "media_id": media_id})

    async def _response(self, request: web.Request) -> web.StreamResponse:
        code, body = request.query.get("response_code", ""), await request.json()
        until, single = self._codes.get(code, (0.0, False))
        kind = body.get("msgtype")
        fits = kind == "markdown" or (kind == "template_card" and single)
        text = body.get("markdown", {}).get("content", "")
        errcode = 40029 if until < self.now() else 40058 if len(text.encode()) > 20480 else 0 if fits else 40008
        answer = await self._judged(request, errcode, Pushed(code, text, (), self.now()))
        if not errcode:
            self._codes.pop(code)  # one use; the errcode of a second one is not documented
        return answer

    async def _judged(self, request: web.Request, errcode: int, pushed: Pushed) -> web.StreamResponse:
        fault, number = self._faults.popleft() if self._faults else ("none", 0)
        if fault == "status":
            return web.Response(status=number, text="<html>")
        errcode = number if fault == "errcode" else errcode
        if not errcode:
            self.pushed.append(pushed)
            self._sent[pushed.key].append(pushed.at)
        if fault == "cut" and request.transport:
            request.transport.close()
        if fault == "slow":
            await asyncio.wait_for(self._closing.wait(), 60)
        return web.json_response({"errcode": errcode, "errmsg": "ok" if not errcode else f"no, hint: [{errcode}]"})
