"""The gateway of stream mode, as a robot meets it: tickets, frames, acknowledgements, redelivery.

Written from the protocol's documentation alone. Each push goes to one open connection, chosen at random; one that is
not acknowledged comes again `again_after` seconds later, under a new messageId. A ticket lives 90 seconds and opens one
connection.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.twins.dingtalk_rules import Refusal

BOT = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"
TICKET_SECONDS = 90


@dataclass
class Push:
    """One thing to deliver, however often that takes."""

    frame: dict[str, Any]
    acked: asyncio.Future[dict[str, Any]]
    ids: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Channel:
    """One open connection."""

    socket: web.WebSocketResponse
    pushing: bool = True
    frames: int = 0


class Gateway:
    """`now` gives unix seconds; `again_after` is in seconds of the loop."""

    def __init__(self, app_key: str, app_secret: str, now: Callable[[], float] = time.time) -> None:
        self.app_key, self.app_secret, self.now, self.again_after = app_key, app_secret, now, 60.0
        self.base, self.endpoint = "", ""  # the endpoint may be told otherwise
        self.channels: list[Channel] = []
        self.opened: list[dict[str, Any]] = []  # the bodies that asked for a ticket
        self.queries: list[str] = []  # the raw query of each WebSocket
        self.acks: list[dict[str, Any]] = []
        self.ticket_refusals = 0
        self.deaf_to_pings = False
        self.arrived = asyncio.Event()  # set at each new connection
        self._tickets: dict[str, float] = {}
        self._pushed: dict[str, Push] = {}
        self._random = random.Random(7)

    def ticket(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        """POST /v1.0/gateway/connections/open."""
        asked = json.loads(raw)
        if "json" not in request.headers.get("Accept", ""):
            raise Refusal("xml", 406)
        if (asked.get("clientId"), asked.get("clientSecret")) != (self.app_key, self.app_secret):
            raise Refusal("authFailed", 401)
        if not all(one["type"] in ("EVENT", "CALLBACK", "SYSTEM") and one["topic"] for one in asked["subscriptions"]):
            raise Refusal("invalidParameter", 400)
        self.opened.append(asked)
        ticket = f"{uuid.uuid4()}+/="
        self._tickets[ticket] = self.now() + TICKET_SECONDS
        return {"endpoint": self.endpoint or f"{self.base.replace('http', 'ws', 1)}/connect", "ticket": ticket}

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """GET /connect, the WebSocket."""
        if self._tickets.pop(request.query.get("ticket", ""), 0.0) < self.now():
            self.ticket_refusals += 1
            return web.Response(status=401)
        self.queries.append(request.raw_path.partition("?")[2])
        socket = web.WebSocketResponse(autoping=False, max_msg_size=0)
        await socket.prepare(request)
        channel = Channel(socket)
        self.channels.append(channel)
        self.arrived.set()
        try:
            await self._hear(socket)
        finally:
            self.channels.remove(channel)
        return socket

    async def _hear(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is WSMsgType.PING and not self.deaf_to_pings:
                await socket.pong(message.data)
            if message.type is WSMsgType.TEXT:
                self._ack(json.loads(message.data))

    def _ack(self, said: dict[str, Any]) -> None:
        assert isinstance(said["data"], str), "data is text"
        self.acks.append(said)
        push = self._pushed.get(said["headers"].get("messageId", ""))
        if push and said["code"] == 200 and not push.acked.done():
            push.acked.set_result(said)

    # What the platform does

    async def connected(self, count: int = 1) -> None:
        """Waits until so many connections take pushes."""
        async with asyncio.timeout(20):
            while sum(one.pushing for one in self.channels) < count:
                self.arrived.clear()
                await self.arrived.wait()

    async def push(self, data: Any, topic: str = BOT, kind: str = "CALLBACK", **headers: Any) -> Push:
        """Delivers to one connection at random, and again until it is acknowledged."""
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        push = Push(
            {"specVersion": "1.0", "type": kind, "headers": {"topic": topic, **headers}, "data": text}, _future()
        )
        await self._deliver(push)
        return push

    async def _deliver(self, push: Push) -> None:
        open_ones = [one for one in self.channels if one.pushing and not one.socket.closed]
        push.ids.append(uuid.uuid4().hex)
        self._pushed[push.ids[-1]] = push
        asyncio.get_running_loop().call_later(self.again_after, self._again, push)
        if open_ones:
            channel = self._random.choice(open_ones)
            channel.frames += 1
            own = {"contentType": "application/json", "messageId": push.ids[-1], "time": str(round(self.now() * 1000))}
            frame = {**push.frame, "headers": own | push.frame["headers"]}
            try:
                await channel.socket.send_str(json.dumps(frame, ensure_ascii=False))
            except (ConnectionError, RuntimeError):
                channel.pushing = False

    def _again(self, push: Push) -> None:
        if not push.acked.done() and len(push.ids) < 20:
            self._task = asyncio.ensure_future(self._deliver(push))

    async def system(self, topic: str, data: str = "{}") -> Push:
        """A SYSTEM frame on every connection; after "disconnect" they get no more."""
        push = Push({}, _future(), [uuid.uuid4().hex])
        self._pushed[push.ids[0]] = push
        headers = {"contentType": "application/json", "messageId": push.ids[0], "time": "1", "topic": topic}
        frame = {"specVersion": "1.0", "type": "SYSTEM", "headers": headers, "data": data}
        for channel in tuple(self.channels):
            channel.pushing = channel.pushing and topic != "disconnect"
            await channel.socket.send_str(json.dumps(frame))
        return push

    async def raw(self, frame: str | bytes) -> None:
        """Any text or bytes at all, on every connection."""
        for channel in tuple(self.channels):
            await (channel.socket.send_str(frame) if isinstance(frame, str) else channel.socket.send_bytes(frame))

    def cut(self) -> None:
        """Every connection breaks, without a word."""
        for channel in self.channels:
            transport = channel.socket._req and channel.socket._req.transport
            if transport:
                transport.abort()

    async def close(self) -> None:
        """Every connection is closed in good order."""
        for channel in tuple(self.channels):
            await channel.socket.close()


def _future() -> asyncio.Future[dict[str, Any]]:
    return asyncio.get_running_loop().create_future()
