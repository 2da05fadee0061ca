"""The doors of DingTalk that a robot knocks at: what each takes, refuses and remembers."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.twins.dingtalk_gateway import Gateway
from tests.twins.dingtalk_office import AddressBook, CardDesk, MediaStore
from tests.twins.dingtalk_rules import Heard, Refusal, Robot, heard_param, heard_webhook, robot_message

PATHS = {
    "/v1.0/oauth2/accessToken": "token",
    "/v1.0/gateway/connections/open": "gateway",
    "/v1.0/robot/groupMessages/send": "group",
    "/v1.0/robot/oToMessages/batchSend": "private",
    "/v1.0/card/instances/createAndDeliver": "card",
    "/v1.0/card/instances": "update",
    "/gettoken": "gettoken",
    "/topapi/v2/department/listsub": "departments",
    "/topapi/v2/user/list": "users",
    "/media/upload": "media",
    "/robot/sendBySession": "session",
    "/robot/send": "webhook",
}


SPENDS = dict.fromkeys(("group", "private", "card", "update", "media"), "api") | dict.fromkeys(
    ("session", "webhook"), "message"
)
QPS = 20  # calls of one application to one interface in a second


@dataclass
class Waiter:
    session: str
    chats: tuple[str, ...]
    answer: asyncio.Future[Heard]


class Doors:
    """`now` gives unix seconds; `robot_code` is the app key."""

    def __init__(self, app_key: str, app_secret: str, now: Callable[[], float]) -> None:
        self.app_key, self.app_secret = app_key, app_secret
        self.robot_code, self.now, self.slowness = app_key, now, 30.0
        self.base = ""
        self.heard: list[Heard] = []  # everything the robot said, in order
        self.transcript: dict[str, list[tuple[str, str]]] = defaultdict(list)  # by chat: (who, words); "bot" is it
        self.calls: Counter[str] = Counter()  # by the names in PATHS, refused ones too
        self.invalid: set[str] = set()  # accounts that left
        self.flow_controlled: set[str] = set()
        self.token_refusal = Refusal("InvalidAuthentication")  # or Refusal("authFailed", 401)
        self.gateway = Gateway(app_key, app_secret, now)
        self.book, self.media, self.desk = AddressBook(), MediaStore(), CardDesk()
        self.card_secret = "ACTION"  # the apiSecret of the registered card callback
        self.old_token = ""  # where set, the older interface takes this one of gettoken alone
        self.allowed = {"api": 5_000, "message": 3_000}  # a month's
        self.spent: Counter[str] = Counter()  # of it; what was refused for its rate is not counted
        self.too_fast = 0  # calls above the rate
        self._recent: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=QPS))
        self._token, self._token_until = "", 0.0
        self._sessions: dict[str, tuple[str, int]] = {}
        self._robots: dict[str, Robot] = {}
        self._waiters: list[Waiter] = []
        self._faults: dict[str, deque[tuple[int, int, str, str]]] = defaultdict(deque)

    def _ms(self) -> int:
        return round(self.now() * 1000)

    def _door(self, name: str) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.Response:
            self.calls[name] += 1
            status, errcode, code, how = self._faults[name].popleft() if self._faults[name] else (200, 0, "", "")
            try:
                if status != 200 or errcode:
                    raise Refusal(errcode) if errcode else Refusal(code, status)
                self._meter(name)
                says: dict[str, Any] = getattr(self, f"_do_{name}")(request, await request.read())
            except Refusal as refusal:
                return web.json_response(refusal.says, status=refusal.status)
            if how == "cut" and request.transport:
                request.transport.abort()
            if how == "slow":
                await asyncio.sleep(self.slowness)
            return web.json_response(says)

        return serve

    def _meter(self, name: str) -> None:
        """Twenty calls a second of an interface, and the month's quota of the organisation."""
        kind, recent, now = SPENDS.get(name, ""), self._recent[name], time.monotonic()
        if kind == "api" and len(recent) == QPS and now - recent[0] < 1:
            self.too_fast += 1
            raise Refusal("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", 403)
        recent.append(now)
        if kind and self.spent[kind] >= self.allowed[kind]:
            old = name in ("session", "webhook", "media")
            raise Refusal(90030) if old else Refusal("Forbidden.AccessDenied.ApiCountLimitForOrg", 403)
        self.spent[kind] += 1

    def _hear(self, heard: Heard, session: str = "") -> None:
        self.heard.append(heard)
        self.transcript[heard.chat].append(("bot", heard.plain))
        for waiter in self._waiters:
            if not waiter.answer.done() and (waiter.session == session if session else heard.chat in waiter.chats):
                return waiter.answer.set_result(heard)

    def _do_gateway(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        return self.gateway.ticket(request, raw)

    def _check_token(self, request: web.Request) -> None:
        given = request.headers.get("x-acs-dingtalk-access-token")
        if given is None:
            raise Refusal("AuthenticationFailed.MissingParameter")
        if given != self._token or self.now() >= self._token_until:
            raise self.token_refusal

    def _check_old_token(self, request: web.Request) -> None:
        if request.query.get("access_token") != (self.old_token or self._token):
            raise Refusal(40014)

    def _do_gettoken(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        if (request.query.get("appkey"), request.query.get("appsecret")) != (self.app_key, self.app_secret):
            raise Refusal(40089)
        return {"errcode": 0, "errmsg": "ok", "access_token": self.old_token or self._token, "expires_in": 7200}

    def _do_departments(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        self._check_old_token(request)
        return self.book.subdepartments(json.loads(raw))

    def _do_users(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        self._check_old_token(request)
        return self.book.users(json.loads(raw))

    def _do_media(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        self._check_old_token(request)
        return self.media.upload(request, raw)

    def _do_card(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        self._check_token(request)
        says, heard = self.desk.create(json.loads(raw))
        if heard:
            self._hear(heard)
        return says

    def _do_update(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        self._check_token(request)
        return self.desk.update(json.loads(raw))

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
        self._check_token(request)
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
