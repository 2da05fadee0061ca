"""A twin of the smart robot's long connection: a WebSocket server that keeps the rules of doc 101463.

It shares no code with bot/. What the document forbids is kept in `breaches` and raised at the end of the test.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import WSMsgType, web

from tests.twins.wecom_said import Asked, Said
from tests.twins.wecom_uploads import Uploads
from tests.wecom.wire import Breach, Json, check_card, need

RESPONDS = {
    "aibot_respond_msg": "message",
    "aibot_respond_welcome_msg": "enter_chat",
    "aibot_respond_update_msg": "template_card_event",
}
Ws = web.WebSocketResponse


@dataclass
class SocketTwin:
    """Use as `async with`. `now` gives unix seconds. Faults: `errcodes` are the next acknowledgements (0: none),
    `refusals` those of the next subscriptions, `swallow` takes frames and answers none, `delay` acknowledges late."""

    bots: dict[str, str]
    now: Callable[[], float] = time.time
    name: str = "支部小助手"
    known: set[str] = field(default_factory=set)
    errcodes: deque[int] = field(default_factory=deque)
    refusals: deque[int] = field(default_factory=deque)
    swallow: bool = False
    delay: float = 0.0
    most: int = 30  # messages a minute in one conversation
    said: list[Said] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    pings: int = 0
    connections: int = 0
    subscriptions: list[float] = field(default_factory=list)
    uploads: Uploads = field(default_factory=Uploads)

    def __post_init__(self) -> None:
        self.live: dict[str, Ws] = {}
        self._asked: dict[str, Asked] = {}
        self._in_flight: set[str] = set()
        self._spoken: dict[str, deque[float]] = defaultdict(deque)
        self._open: set[Ws] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._count, self._salt = itertools.count(1), os.urandom(4).hex()
        self.last: Json = {}

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"ws://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *error: object) -> None:
        for ws in set(self._open):
            self.abort(ws)
        await self._runner.cleanup()
        if self.breaches:
            raise Breach("; ".join(self.breaches))

    @property
    def busy(self) -> bool:
        """Whether a frame waits for its acknowledgement."""
        return bool(self._in_flight)

    async def until(self, true: Callable[[], object], seconds: float = 3.0) -> None:
        """Waits (really) until something is so."""
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110
                await asyncio.sleep(0.002)

    def pushed(self) -> list[str]:
        """What was said without being asked."""
        return [said.text for said in self.said if said.cmd == "aibot_send_msg"]

    # People

    async def callback(self, cmd: str, what: str, user: str, chat: str, **parts: Any) -> str:
        """Sends a callback to who is subscribed; its req_id. An empty chat is the single chat."""
        number = next(self._count)
        (bot_id, ws), *_ = self.live.items()
        where = {"chatid": chat, "chattype": "group"} if chat else {"chattype": "single"}
        body = {"msgid": f"M{self._salt}{number}", "aibotid": bot_id, **where, "from": {"userid": user}, **parts}
        self.known.add(chat or user)
        req_id = f"R{self._salt}{number}"
        task_id = parts.get("event", {}).get("template_card_event", {}).get("task_id", "")
        self._asked[req_id] = Asked(what, ws, self.now(), chat or user, task_id)
        self.last = {"cmd": cmd, "headers": {"req_id": req_id}, "body": body}
        await ws.send_str(json.dumps(self.last, ensure_ascii=False))
        return req_id

    async def say(self, user: str, text: str, chat: str = "g1") -> str:
        """Types a text; in a group the robot is called."""
        content = f"@{self.name} {text}" if chat else text
        return await self.callback(
            "aibot_msg_callback", "message", user, chat, msgtype="text", text={"content": content}
        )

    async def event(self, name: str, user: str, chat: str = "", inner: Json | None = None) -> str:
        about = {"eventtype": name, **({name: inner} if inner else {})}
        return await self.callback(
            "aibot_event_callback", name, user, chat, msgtype="event", create_time=int(self.now()), event=about
        )

    async def tap(self, user: str, card: Json, label: str, chat: str = "g1") -> str:
        """Taps the button with this label."""
        (key,) = (button["key"] for button in card["button_list"] if button["text"] == label)
        press = {"card_type": card["card_type"], "event_key": key, "task_id": card["task_id"]}
        return await self.event("template_card_event", user, chat, press)

    async def again(self) -> str:
        """The last callback once more, as nobody promised that it never happens."""
        (ws,) = self.live.values()
        await ws.send_str(json.dumps(self.last, ensure_ascii=False))
        return str(self.last["headers"]["req_id"])

    # Accidents

    async def kick(self, bot_id: str) -> None:
        """Another program subscribes with this robot's name and secret."""
        ws = self.live.pop(bot_id)
        await self._tell_kicked(ws, bot_id)

    async def _tell_kicked(self, ws: Ws, bot_id: str) -> None:
        body = {
            "msgid": f"K{next(self._count)}",
            "create_time": int(self.now()),
            "aibotid": bot_id,
            "msgtype": "event",
            "event": {"eventtype": "disconnected_event"},
        }
        frame = {"cmd": "aibot_event_callback", "headers": {"req_id": f"K{next(self._count)}"}, "body": body}
        await ws.send_str(json.dumps(frame))
        await ws.close()

    def abort(self, ws: Ws) -> None:
        """The connection breaks without a goodbye."""
        self._open.discard(ws)
        transport = ws._writer.transport if ws._writer else None  # no public way to break one
        if transport is not None:
            transport.abort()

    async def hang_up(self, bot_id: str, code: int = 1000) -> None:
        """A clean close."""
        await self.live.pop(bot_id).close(code=code)

    def unsubscribe(self, bot_id: str) -> None:
        """The socket stays open and the subscription is forgotten: 846609 from now on."""
        self.live.pop(bot_id)

    # The server

    async def _serve(self, request: web.Request) -> Ws:
        ws = Ws(autoping=True)
        await ws.prepare(request)
        self._open.add(ws)
        self.connections += 1
        try:
            async for message in ws:
                if message.type == WSMsgType.TEXT and not self.swallow:
                    await self._frame(ws, json.loads(message.data))
        finally:
            self._open.discard(ws)
            self.live = {bot: one for bot, one in self.live.items() if one is not ws}
        return ws

    async def _frame(self, ws: Ws, frame: Json) -> None:
        cmd, req_id, body = frame["cmd"], frame["headers"]["req_id"], frame.get("body", {})
        if req_id in self._in_flight:
            self.breaches.append(f"two frames in flight for {req_id}")
        self._in_flight.add(req_id)
        try:
            errcode, answer = await self._judged(ws, cmd, req_id, body)
        except (Breach, KeyError, TypeError, IndexError) as error:
            self.breaches.append(f"{cmd}: {error!r}")
            errcode, answer = 40058, {}
        ack = {"headers": {"req_id": req_id}, "errcode": errcode, "errmsg": "ok" if not errcode else "no"}
        task = asyncio.create_task(self._acknowledge(ws, ack | ({"body": answer} if answer else {})))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _acknowledge(self, ws: Ws, ack: Json) -> None:
        await asyncio.sleep(self.delay)
        self._in_flight.discard(ack["headers"]["req_id"])
        if not ws.closed and ws in self._open:
            await ws.send_str(json.dumps(ack))

    async def _judged(self, ws: Ws, cmd: str, req_id: str, body: Json) -> tuple[int, Json]:
        if cmd == "aibot_subscribe":
            return await self._subscribe(ws, body), {}
        if ws not in self.live.values():
            return 846609, {}
        if cmd == "ping":
            self.pings += 1
            return 0, {}
        errcode = self.errcodes.popleft() if self.errcodes else 0
        if errcode:
            return errcode, {}
        if cmd.startswith("aibot_upload_media_"):
            return 0, self.uploads.take(cmd.rpartition("_")[2], body)
        chat = self._where(cmd, req_id, body)
        errcode = self._refusal(ws, cmd, req_id, body, chat)
        if not errcode:
            self._spoken[chat].append(self.now())
            self.said.append(Said(cmd, req_id, chat, body))
        return errcode, {}

    async def _subscribe(self, ws: Ws, body: Json) -> int:
        need(ws not in self.live.values(), "subscribed twice on a live connection")
        self.subscriptions.append(self.now())
        errcode = self.refusals.popleft() if self.refusals else 0
        if errcode:
            return errcode
        bot_id = body["bot_id"]
        if self.bots.get(bot_id) != body["secret"]:
            return 853000
        before = self.live.pop(bot_id, None)
        self.live[bot_id] = ws
        if before is not None:
            await self._tell_kicked(before, bot_id)
        return 0

    def _where(self, cmd: str, req_id: str, body: Json) -> str:
        if cmd == "aibot_send_msg":
            return str(body["chatid"])
        asked = self._asked.get(req_id)
        return asked.chat if asked else ""

    def _refusal(self, ws: Ws, cmd: str, req_id: str, body: Json, chat: str) -> int:
        if cmd == "aibot_send_msg":
            need(body.get("chat_type") in (None, 0, 1, 2), "chat_type")
            errcode = self._pushable(body) if chat in self.known else 93006
        else:
            errcode = self._answerable(ws, cmd, req_id, body)
        window = self._spoken[chat]
        while window and window[0] <= self.now() - 60:
            window.popleft()
        return errcode or (45009 if len(window) >= self.most else 0)

    def _pushable(self, body: Json) -> int:
        kind = body["msgtype"]
        if kind == "template_card":
            check_card(body[kind])
            return 0
        if kind in ("file", "image") and body[kind]["media_id"] in self.uploads.files:
            return 0
        if kind != "markdown":
            return 40008
        return 0 if 0 < len(body[kind]["content"].encode()) <= 20480 else 40058

    def _answerable(self, ws: Ws, cmd: str, req_id: str, body: Json) -> int:
        asked, age = self._asked.get(req_id), 0.0
        if asked:
            age = self.now() - asked.at
        if asked is None or asked.ws is not ws or asked.what != RESPONDS[cmd]:
            return 846605
        if age > (86400 if asked.what == "message" else 5):
            return 846605
        if cmd == "aibot_respond_update_msg":
            need(body["response_type"] == "update_template_card" and "msgtype" not in body, "update")
            need(body["template_card"]["task_id"] == asked.task_id, "task_id of the update")
            check_card(body["template_card"])
            return 0
        return self._content(asked, body)

    def _content(self, asked: Asked, body: Json) -> int:
        kind = body["msgtype"]
        if kind == "template_card":
            check_card(body[kind])
        elif asked.what == "enter_chat":
            return 0 if kind == "text" and body[kind]["content"] else 40008
        elif kind == "stream":
            return self._stream(asked, body[kind])
        elif kind != "markdown":
            return 40008
        return 0

    def _stream(self, asked: Asked, stream: Json) -> int:
        first = asked.stream[1] or self.now()
        asked.stream = stream["id"], first
        if self.now() - first > 360:
            return 846608
        return 0 if 0 < len(stream["content"].encode()) <= 20480 else 40058
