"""DingTalk as far as a robot sees it: it signs and posts what people say, and takes what the robot says, by real HTTP.

It keeps the published limits (bytes, twenty a minute, tokens, sessions) and refuses as DingTalk does. Written from the
documentation alone; it shares no code with the robot::

    async with DingTalkTwin("http://127.0.0.1:8080/hook/ding", "key", "secret") as twin:   # twin.base is both bases
        heard = await twin.say("zhangsan", "参加")        # in the group cid1; chat="" is the private chat
        heard = await twin.tap("lisi", heard, "请假")      # a button: follows its dtmd link
        await twin.say("wangwu", "大家好", quiet=True)     # silence is expected
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote_plus

import aiohttp
from aiohttp import web

from tests.twins.dingtalk_gateway import Gateway
from tests.twins.dingtalk_rules import DTMD, Heard, Refusal, Robot, heard_param, heard_webhook, robot_message, sign

__all__ = ["DingTalkTwin", "Heard", "Refusal"]

SESSION = 5_400_000  # milliseconds a sessionWebhook lives, in every published sample
PATHS = {
    "/v1.0/oauth2/accessToken": "token",
    "/v1.0/gateway/connections/open": "gateway",
    "/v1.0/robot/groupMessages/send": "group",
    "/v1.0/robot/oToMessages/batchSend": "private",
    "/robot/sendBySession": "session",
    "/robot/send": "webhook",
}


@dataclass
class Waiter:
    session: str
    chats: tuple[str, ...]
    answer: asyncio.Future[Heard]


class DingTalkTwin:
    """`now` gives unix seconds; `patience` is how long an answer may take, in seconds; `robot_code` is the app key."""

    def __init__(
        self,
        hook_url: str,
        app_key: str,
        app_secret: str,
        *,
        now: Callable[[], float] = time.time,
        patience: float = 5.0,
    ) -> None:
        self.hook_url, self.app_key, self.app_secret = hook_url, app_key, app_secret
        self.robot_code, self.now, self.patience, self.slowness = app_key, now, patience, 30.0
        self.base = ""
        self.heard: list[Heard] = []  # everything the robot said, in order
        self.transcript: dict[str, list[tuple[str, str]]] = defaultdict(
            list
        )  # by chat: (who, words); the robot is "bot"
        self.calls: Counter[str] = Counter()  # by the names in PATHS, refused ones too
        self.invalid: set[str] = set()  # accounts that left
        self.flow_controlled: set[str] = set()
        self.token_refusal = Refusal("InvalidAuthentication")  # or Refusal("authFailed", 401)
        self.keeps_mention = False  # whether text still has "@支部小助手" in it
        self.gateway = Gateway(app_key, app_secret, now)
        self.stream = False  # whether people are heard by the gateway, not by the hook
        self._token, self._token_until = "", 0.0
        self._sessions: dict[str, tuple[str, int]] = {}
        self._robots: dict[str, Robot] = {}
        self._waiters: list[Waiter] = []
        self._faults: dict[str, deque[tuple[int, int, str, str]]] = defaultdict(deque)
        self._last = b""

    async def __aenter__(self) -> Self:
        app = web.Application()
        for path, name in PATHS.items():
            app.router.add_post(path, self._door(name))
        app.router.add_get("/connect", self.gateway.connect)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base = self.gateway.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()
        await self._runner.cleanup()

    # What people do

    async def say(
        self, user: str, text: str, chat: str = "cid1", *, staff_id: bool = True, quiet: bool = False, **more: Any
    ) -> Heard | None:
        """`user` (their staff id) writes to the robot; returns what it answers (the first part of it, where it
        has several; all are in `heard`), None at once where `quiet`.

        `more` overrides keys of the body. Raises AssertionError where the hook refuses or no answer comes.
        """
        self.transcript[chat or user].append((user, text))
        kept = "@支部小助手" if self.keeps_mention and chat else ""
        said = {"msgtype": "text", "text": {"content": f"{kept} {text}" if chat else text}}
        return await self.deliver(user, {**said, **more}, chat, staff_id=staff_id, quiet=quiet)

    async def richText(
        self, user: str, *nodes: dict[str, Any], chat: str = "cid1", quiet: bool = False
    ) -> Heard | None:
        """Text with pictures or styles; DingTalk leaves the mention in: nodes as {"text": "@支部小助手 你好"}."""
        return await self.deliver(user, {"msgtype": "richText", "content": {"richText": nodes}}, chat, quiet=quiet)

    async def tap(self, user: str, card: Heard, label: str, *, quiet: bool = False) -> Heard | None:
        """`user` taps a button or link of the robot: the client sends its words, as if typed, and calls the robot."""
        url = card.buttons[label]
        assert url.startswith(DTMD), f"the client opens nothing for {url}"
        return await self.say(
            user, unquote_plus(url.removeprefix(DTMD)), card.chat if card.chat != user else "", quiet=quiet
        )

    async def again(self) -> int:
        """Delivers the last message once more, newly signed; returns the status of the hook."""
        return (await self.post(self._last))[0]

    async def deliver(
        self, user: str, said: dict[str, Any], chat: str = "cid1", *, staff_id: bool = True, quiet: bool = False
    ) -> Heard | None:
        """Any message type: `said` holds msgtype and what belongs to it."""
        body = self.body(user, chat, staff_id=staff_id) | said
        session = body["sessionWebhook"].rpartition("=")[2]
        waiter = Waiter(session, (chat or user, user), asyncio.get_running_loop().create_future())
        if not quiet:
            self._waiters.append(waiter)
        try:
            self._last = json.dumps(body, ensure_ascii=False).encode()
            await self._bring(self._last)
            return None if quiet else await asyncio.wait_for(waiter.answer, self.patience)
        except TimeoutError:
            raise AssertionError(f"no answer to {said} within {self.patience} s") from None
        finally:
            self._waiters = [one for one in self._waiters if one is not waiter]

    async def _bring(self, body: bytes) -> None:
        if self.stream:
            await self.gateway.push(body.decode())
            return
        status, _ = await self.post(body)
        assert status == 200, f"the hook answered {status}"

    def body(self, user: str, chat: str = "cid1", *, staff_id: bool = True) -> dict[str, Any]:
        """A callback body without its message, as documented, with a new message id and a new session."""
        now, session = self._ms(), uuid.uuid4().hex
        self._sessions[session] = (chat or user, now + SESSION)
        me = "$:LWCP_v1:$robot"
        body: dict[str, Any] = {
            "conversationId": chat or f"cidprivate{user}",
            "chatbotCorpId": "dingcorp",
            "chatbotUserId": me,
            "msgId": "msg" + uuid.uuid4().hex,
            "senderNick": user,
            "isAdmin": False,
            "sessionWebhookExpiredTime": now + SESSION,
            "createAt": now,
            "senderCorpId": "dingcorp",
            "conversationType": "2" if chat else "1",
            "senderId": "$:LWCP_v1:$" + hashlib.md5(user.encode()).hexdigest(),
            "sessionWebhook": f"{self.base}/robot/sendBySession?session={session}",
            "robotCode": self.robot_code,
        }
        if chat:
            body |= {"conversationTitle": "测试群", "isInAtList": True, "atUsers": [{"dingtalkId": me}]}
        return body | ({"senderStaffId": user} if staff_id else {})

    async def post(self, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Posts bytes to the hook, signed unless `headers` are given; returns status and body of the answer."""
        timestamp = str(self._ms())
        signed = {"timestamp": timestamp, "sign": sign(timestamp, self.app_secret)} if headers is None else headers
        content = {"Content-Type": "application/json; charset=utf-8"}
        async with self._http.post(self.hook_url, data=body, headers=content | signed) as answer:
            return answer.status, await answer.read()

    # What the platform does

    def robot(self, token: str, secret: str = "", *, keyword: str = "", chat: str = "cid1") -> None:
        """Puts a custom robot into a group."""
        self._robots[token] = Robot(chat, secret, keyword)

    def revoke(self) -> None:
        """The access token is refused from now on; the next request for one gives another."""
        self._token = ""

    def expire_sessions(self) -> None:
        """Every sessionWebhook so far is gone."""
        self._sessions.clear()

    def fail_next(
        self, where: str, *, status: int = 200, errcode: int = 0, code: str = "", how: str = "", times: int = 1
    ) -> None:
        """The next calls of `where` (a name in PATHS) fail: by status and code, by errcode, or though they were obeyed
        ("cut": the connection breaks before the answer, "slow": the answer takes `slowness` seconds)."""
        self._faults[where].extend([(status, errcode, code, how)] * times)

    def _ms(self) -> int:
        return round(self.now() * 1000)

    def _door(self, name: str) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.Response:
            self.calls[name] += 1
            status, errcode, code, how = self._faults[name].popleft() if self._faults[name] else (200, 0, "", "")
            try:
                if status != 200 or errcode:
                    raise Refusal(errcode) if errcode else Refusal(code, status)
                says: dict[str, Any] = getattr(self, f"_do_{name}")(request, await request.read())
            except Refusal as refusal:
                return web.json_response(refusal.says, status=refusal.status)
            if how == "cut" and request.transport:
                request.transport.abort()
            if how == "slow":
                await asyncio.sleep(self.slowness)
            return web.json_response(says)

        return serve

    def _hear(self, heard: Heard, session: str = "") -> None:
        self.heard.append(heard)
        self.transcript[heard.chat].append(("bot", heard.plain))
        for waiter in self._waiters:
            if not waiter.answer.done() and (waiter.session == session if session else heard.chat in waiter.chats):
                return waiter.answer.set_result(heard)

    def _do_gateway(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        return self.gateway.ticket(request, raw)

    def _do_token(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        asked = json.loads(raw)
        if (asked.get("appKey"), asked.get("appSecret")) != (self.app_key, self.app_secret):
            raise Refusal("invalidClientIdOrSecret")
        if not self._token or self.now() >= self._token_until:
            self._token, self._token_until = uuid.uuid4().hex, self.now() + 7200
        return {"accessToken": self._token, "expireIn": int(self._token_until - self.now())}

    def _do_group(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        said, param = self._robot_message(request, raw)
        chat = said.get("openConversationId") or ""
        if not chat.startswith("cid"):
            raise Refusal("invalid.openConversationId")
        self._hear(heard_param(chat, "group", said, param))
        return {"processQueryKey": uuid.uuid4().hex}

    def _do_private(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        said, param = self._robot_message(request, raw)
        users = said.get("userIds") or []
        if not 1 <= len(users) <= 20:
            raise Refusal("invalidParameter.userIds.overMax" if users else "invalidParameter.userIds.empty")
        invalid = [user for user in users if user in self.invalid]
        slowed = [user for user in users if user in self.flow_controlled]
        for user in users:
            if user not in invalid and user not in slowed:
                self._hear(heard_param(user, "private", said, param))
        lists = {"invalidStaffIdList": invalid, "flowControlledStaffIdList": slowed}
        return {"processQueryKey": uuid.uuid4().hex, **lists}

    def _robot_message(self, request: web.Request, raw: bytes) -> tuple[dict[str, Any], dict[str, str]]:
        given = request.headers.get("x-acs-dingtalk-access-token")
        if given is None:
            raise Refusal("AuthenticationFailed.MissingParameter")
        if given != self._token or self.now() >= self._token_until:
            raise self.token_refusal
        return robot_message(raw, self.robot_code)

    def _do_session(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        session = request.query.get("session", "")
        chat, until = self._sessions.get(session, ("", 0))
        if self._ms() >= until:
            raise Refusal(300001)
        self._hear(heard_webhook(chat, "session", request, raw), session)
        return {"errcode": 0, "errmsg": "ok"}

    def _do_webhook(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        robot = self._robots.get(request.query.get("access_token", ""))
        if robot is None:
            raise Refusal(300005)
        heard = heard_webhook(robot.chat, "webhook", request, raw)
        robot.check_security(request, heard, self._ms())
        robot.count(self.now())
        if heard.body.get("msgUuid") not in robot.uuids:
            self._hear(heard)
        robot.uuids |= {heard.body["msgUuid"]} if "msgUuid" in heard.body else set()
        return {"errcode": 0, "errmsg": "ok"}
