"""A twin of a self-built app's surroundings: people who speak to it in XML, and the interface it speaks to.

It shares no code with bot/. Sources: WeCom docs 90236 to 90241, 91039, 90253 (upload), 90207, 90201 (address book).
"""

from __future__ import annotations

import itertools
import os
import re
import time
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from xml.sax.saxutils import escape

import aiohttp
from aiohttp import web

from tests.wecom.wire import Json, Wire, check_card, need, uploaded

CORP, AGENT = "wwCORP", 1000002


@dataclass
class AppTwin:
    """Use as `async with`. `patience` is how long an answer may take (5 s in life), `faults` the errcodes of the next
    calls but gettoken (0: none); `cut` calls arrive and their answer does not."""

    wire: Wire
    secret: str
    hook_url: str = ""
    now: Callable[[], float] = time.time
    patience: float = 5.0
    trusted: bool = True
    people: dict[str, Json] = field(default_factory=dict)
    departments: dict[int, str] = field(default_factory=dict)
    faults: deque[int] = field(default_factory=deque)
    cut: int = 0
    tokens_given: int = 0
    sent: list[Json] = field(default_factory=list)
    files: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    chats: dict[str, Json] = field(default_factory=dict)  # groups the app made, by chatid
    said_in_chats: list[Json] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)  # what stood before each uploaded file's bytes

    def __post_init__(self) -> None:
        self._tokens: set[str] = set()
        self._count, self._salt = itertools.count(1), os.urandom(4).hex()
        self.last = b""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_route("*", "/cgi-bin/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.api_base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._client = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._client.close()
        await self._runner.cleanup()

    # People

    def xml(self, user: str, kind: str, **parts: Any) -> str:
        """A callback; words as text, numbers bare, anything with < as it is."""
        head = {"ToUserName": CORP, "FromUserName": user, "CreateTime": int(self.now()), "MsgType": kind}
        number = {} if kind == "event" else {"MsgId": f"{next(self._count)}{self._salt}"}
        rows = head | number | {"AgentID": AGENT} | parts
        return "<xml>" + "".join(f"<{key}>{_words(value)}</{key}>" for key, value in rows.items()) + "</xml>"

    async def say(self, user: str, text: str) -> Json:
        return await self.deliver(self.xml(user, "text", Content=text))

    async def event(self, user: str, name: str, key: str = "", **parts: Any) -> Json:
        return await self.deliver(self.xml(user, "event", Event=name, EventKey=key, **parts))

    async def tap(self, user: str, card: Json, label: str) -> Json:
        (key,) = (button["key"] for button in card["button_list"] if button["text"] == label)
        code = f"RC{next(self._count)}"
        return await self.event(
            user,
            "template_card_event",
            key,
            TaskId=card["task_id"],
            CardType=card["card_type"],
            ResponseCode=code,
        )

    async def again(self) -> Json:
        """The last callback once more."""
        return await self.deliver(self.last.decode())

    async def verify(self) -> bool:
        """The check of the URL when an admin saves it."""
        encrypt = self.wire.lock(b"8537421")
        params = {**self._signed(encrypt), "echostr": encrypt}
        async with self._client.get(self.hook_url, params=params) as answer:
            return answer.status == 200 and await answer.read() == b"8537421"

    async def deliver(self, xml: str | bytes) -> Json:
        """Posts a callback, three times where no 200 comes in time: {"status", "tries", and the answer's elements}."""
        self.last = xml.encode() if isinstance(xml, str) else xml
        heard: Json = {}
        for tries in (1, 2, 3):
            encrypt = self.wire.lock(self.last)
            outer = f"<xml><ToUserName>{CORP}</ToUserName><AgentID>{AGENT}</AgentID><Encrypt>{encrypt}</Encrypt></xml>"
            query = self._signed(encrypt)
            status, body = await self.knock(query, outer.encode())
            heard = {"status": status, "tries": tries, "text": ""}
            if status == 200:
                return heard | (self._read(body) if body else {})
        return heard

    async def knock(self, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """One POST as it is; status 0 where no answer came in time."""
        limit = aiohttp.ClientTimeout(total=self.patience)
        try:
            async with self._client.post(self.hook_url, params=query, data=body, timeout=limit) as answer:
                return answer.status, await answer.read()
        except (TimeoutError, aiohttp.ClientError):
            return 0, b""

    def _signed(self, encrypt: str) -> dict[str, str]:
        timestamp, nonce = str(int(self.now())), os.urandom(5).hex()
        return {"msg_signature": self.wire.sign(timestamp, nonce, encrypt), "timestamp": timestamp, "nonce": nonce}

    def _read(self, body: bytes) -> Json:
        outer = ET.fromstring(body)
        encrypt, nonce, stamp = (outer.findtext(name) or "" for name in ("Encrypt", "Nonce", "TimeStamp"))
        need(outer.findtext("MsgSignature") == self.wire.sign(stamp, nonce, encrypt), "signature of the answer")
        plain = ET.fromstring(self.wire.unlock(encrypt))
        kind, text = plain.findtext("MsgType"), plain.findtext("Content") or ""
        need(kind in ("text", "update_template_card"), f"passive {kind}")
        need(plain.findtext("FromUserName") == CORP, "who answers")
        need(kind != "text" or 0 < len(text.encode()) <= 2048, "length of the answer")
        return {"kind": kind, "text": text, "to": plain.findtext("ToUserName"), "xml": plain}

    # The interface

    def revoke(self) -> None:
        """Every token that was given is refused from now on."""
        self._tokens.clear()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.calls.append(path)
        answer = await self._answer(path, request)
        if self.cut and path != "gettoken" and request.transport:
            self.cut -= 1
            request.transport.close()
        return web.json_response({"errcode": 0, "errmsg": "ok"} | answer)

    async def _answer(self, path: str, request: web.Request) -> Json:
        query = request.query
        if path == "gettoken":
            return self._token(query.get("corpid", ""), query.get("corpsecret", ""))
        if query.get("access_token") not in self._tokens:
            return {"errcode": 40014}
        errcode = self.faults.popleft() if self.faults else 0 if self.trusted else 60020
        if errcode:
            return {"errcode": errcode}
        if path == "media/upload":
            return await self._upload(query["type"], request)
        if path == "message/send":
            return self._send(await request.json())
        if path.startswith("appchat/"):
            body = await request.json() if request.method == "POST" else {"chatid": query["chatid"]}
            return self._chat(path.removeprefix("appchat/"), body)
        return self._book(path, int(query.get("department_id", 0)))

    def _token(self, corp_id: str, secret: str) -> Json:
        if (corp_id, secret) != (CORP, self.secret):
            return {"errcode": 40013 if corp_id != CORP else 40001}
        self.tokens_given += 1
        self._tokens.add(token := f"T{self._salt}{self.tokens_given}")
        return {"access_token": token, "expires_in": 7200}

    async def _upload(self, kind: str, request: web.Request) -> Json:
        raw = await request.read()
        self.heads.append(raw.partition(b"\r\n\r\n")[0])
        name, data = uploaded(raw)
        need(len(data) >= 5 and (kind == "file" or len(data) <= 2 * 1024 * 1024), "size of the upload")
        media_id = f"MEDIA{next(self._count)}"
        self.files[media_id] = (kind, name, data)
        return {"type": kind, "media_id": media_id, "created_at": str(int(self.now()))}

    def _send(self, body: Json) -> Json:
        kind = body["msgtype"]
        need(body["agentid"] == AGENT and kind in ("text", "image", "file", "template_card"), "message/send")
        if kind == "text":
            need(0 < len(body[kind]["content"].encode()) <= 2048, "length of a text")
        elif kind == "template_card":
            check_card(body[kind])
        else:
            need(self.files[body[kind]["media_id"]][0] == kind, "media_id")
        known = {user.casefold() for user in self.people}
        missed = [user.lower() for user in body["touser"].split("|") if user.casefold() not in known]
        if len(missed) == len(body["touser"].split("|")) > 1:
            return {"errcode": 81013}
        if not missed:
            self.sent.append(body)
        return {"invaliduser": "|".join(missed), "msgid": f"x{next(self._count)}"}

    def _chat(self, what: str, body: Json) -> Json:
        """Group chats that the app made (docs 90244 to 90248)."""
        chat = self.chats.get(body["chatid"])
        if what == "create":
            need(re.fullmatch(r"[0-9A-Za-z]{1,32}", body["chatid"]) is not None, "chatid")
            need(len(body["name"]) <= 50 and body["owner"] in body["userlist"], "name and owner")
            need(2 <= len(set(body["userlist"])) == len(body["userlist"]) <= 2000, "userlist")
            if chat or not {user.casefold() for user in body["userlist"]} <= {one.casefold() for one in self.people}:
                return {"errcode": 86216 if chat else 60111}
            self.chats[body["chatid"]] = {**body, "userlist": list(body["userlist"])}
            return {"chatid": body["chatid"]}
        if chat is None:
            return {"errcode": 86001}
        if what == "get":
            return {"chat_info": {key: chat[key] for key in ("chatid", "name", "owner", "userlist")}}
        if what == "update":
            gone = body.get("del_user_list", [])
            chat["userlist"] = [user for user in chat["userlist"] if user not in gone] + body.get("add_user_list", [])
            return {}
        need(what == "send" and body["msgtype"] in ("text", "image", "file", "markdown"), f"appchat/{what}")
        inner = body[body["msgtype"]]
        need("content" not in inner or 0 < len(inner["content"].encode()) <= 2048, "length of a text")
        need("media_id" not in inner or self.files[inner["media_id"]][0] == body["msgtype"], "media_id")
        self.said_in_chats.append(body)
        return {}

    def _book(self, path: str, department: int) -> Json:
        if path == "department/list":
            return {
                "department": [{"id": number, "name": name, "parentid": 1} for number, name in self.departments.items()]
            }
        if path == "user/list":
            return {
                "userlist": [
                    {"userid": user, **row} for user, row in self.people.items() if department in row["department"]
                ]
            }
        need(path == "getcallbackip", f"unknown path {path}")
        return {"ip_list": ["101.226.103.*"]}


def _words(value: object) -> str:
    if isinstance(value, int) or (isinstance(value, str) and value.startswith("<")):
        return str(value)
    return escape(str(value))
