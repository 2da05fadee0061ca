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
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import unquote_plus

import aiohttp
from aiohttp import web

from tests.twins.dingtalk_doors import PATHS, Doors, Waiter
from tests.twins.dingtalk_gateway import CARD
from tests.twins.dingtalk_rules import CARD_SIGN, DTMD, STAMP, Heard, Refusal, Robot, card_sign, sign

__all__ = ["DingTalkTwin", "Heard", "Refusal"]

SESSION = 5_400_000  # milliseconds a sessionWebhook lives, in every published sample


class DingTalkTwin(Doors):
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
        super().__init__(app_key, app_secret, now)
        self.hook_url, self.patience = hook_url, patience
        self.keeps_mention = False  # whether text still has "@支部小助手" in it
        self.stream = False  # whether people are heard by the gateway, not by the hook
        self._last = b""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32 * 2**20)
        for path, name in PATHS.items():
            app.router.add_route({"gettoken": "GET", "update": "PUT"}.get(name, "POST"), path, self._door(name))
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

    async def press(self, user: str, track: str, label: str, *, shape: str = "content") -> dict[str, Any]:
        """`user` presses a button of a card; the robot's answer changes the card at once, and is returned."""
        card = self.desk.cards[track]
        said = card.press(user, card.commands[label], shape)
        if card.callback == "STREAM":
            push = await self.gateway.push(said, CARD)
            ack = await asyncio.wait_for(push.acked, 5)
            response: dict[str, Any] = json.loads(ack["data"])["response"] or {}
        else:
            timestamp = str(self._ms())
            signed = {STAMP: timestamp, CARD_SIGN: card_sign(timestamp, self.card_secret)}
            status, body = await self.post(json.dumps(said).encode(), signed)
            assert status == 200, f"the hook answered {status}"
            response = json.loads(body)
        card.change(response, {user: response["userPrivateData"]} if "userPrivateData" in response else {})
        return response

    async def again(self) -> int:
        """Delivers the last message once more, newly signed or in a new frame; returns the status, or code, it got."""
        if self.stream:
            push = await self.gateway.push(self._last.decode())
            return int((await asyncio.wait_for(push.acked, self.patience))["code"])
        return (await self.post(self._last))[0]

    async def deliver(
        self, user: str, said: dict[str, Any], chat: str = "cid1", *, staff_id: bool = True, quiet: bool = False
    ) -> Heard | None:
        """Any message type: `said` holds msgtype and what belongs to it."""
        body = self.body(user, chat, staff_id=staff_id) | self._within_quota(said)
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

    def _within_quota(self, said: dict[str, Any]) -> dict[str, Any]:
        """What arrives of a message: where the month is spent, the notice that says so, without the words."""
        if self.spent["message"] >= self.allowed["message"]:
            return {"errorCode": 20001, "errorMessage": "受调用量超量影响，当前我的消息服务已经暂停。"}
        self.spent["message"] += 1
        return said

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
