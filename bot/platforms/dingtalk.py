"""The robot of an internal DingTalk application (企业内部应用机器人), in HTTP mode.

It hears people by callback and answers out of band: to the message's sessionWebhook while that lives (a real @ works
there), else by the robot API. Source: open.dingtalk.com, "receive-message", "send group messages", "batch send
one-to-one", "obtain the access token of an internal application".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.message import (
    Ability,
    Incoming,
    Knock,
    NotOurs,
    Promise,
    Reply,
    Retry,
    TokenKeeper,
    Undeliverable,
    Unknown,
    Wire,
)
from bot.platforms.dingtalk_body import STRANGER, read, same_origin
from bot.platforms.dingtalk_page import Page, fits_robot, pages, robot, webhook
from bot.platforms.dingtalk_progress import Progress
from bot.platforms.dingtalk_sign import verify
from bot.platforms.dingtalk_wire import Heard, Line, errcode, judge_api, judge_webhook, token_refused

NOTHING = Wire(body=b'{"msgtype":"empty"}')
MARGIN_US = 10_000_000  # a session is left alone this long before it ends, in microseconds
SESSION_GONE = {300001, 300005}
FLOW_CONTROLLED = 60.0  # seconds; no document says how long


class DingTalkSettings(BaseModel):
    """[platforms.*] of kind dingtalk. `robot_code` is the app key unless given; secrets show in no error."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["dingtalk"]
    mode: Literal["http", "stream"] = "http"
    app_key: str = Field(min_length=1)
    app_secret: SecretStr = Field(min_length=1)
    robot_code: str = ""
    card_template_id: str = ""
    api_base: str = Field("https://api.dingtalk.com", pattern=r"^https?://[^/\s]+/?$")
    oapi_base: str = Field("https://oapi.dingtalk.com", pattern=r"^https?://[^/\s]+/?$")


class DingTalk:
    """A Platform. In groups of the robot API nobody can be called with a real @, so it promises no "mention"."""

    inline = False
    abilities: frozenset[Ability] = frozenset({"answer", "push", "private", "buttons"})
    # 20 a second is the documented rate of the robot API. Whether a sessionWebhook has the 20 a minute of a group's
    # robot is unverified: a hundred members who answer at once are not kept waiting for it, a refusal is a Retry.
    window = (20, 1.0)

    def __init__(
        self,
        name: str,
        settings: DingTalkSettings,
        token: TokenKeeper,
        *,
        clock: Callable[[], float] = time.time,
        line: Line | None = None,
    ) -> None:
        """`clock` gives unix seconds. Raises ValueError in mode stream."""
        if settings.mode == "stream":
            raise ValueError(f"platforms.{name}.mode: stream is not available yet, use http")
        self.name, self._settings, self._token, self._clock = name, settings, token, clock
        self._api, self._oapi = settings.api_base.rstrip("/"), settings.oapi_base.rstrip("/")
        self._robot = settings.robot_code or settings.app_key
        self._line = line or Line()
        self._progress = Progress()

    def receive(self, knock: Knock) -> Incoming | Wire:
        """The message in a callback; an empty answer where it says that the quota is spent.

        Raises NotOurs (405, 400) and BadSignature (403: sign wrong or missing, or more than an hour off).
        """
        if knock.method != "POST":
            raise NotOurs("method", 405)
        now_ms = round(knock.now.timestamp() * 1000)
        verify(knock.headers, self._settings.app_secret.get_secret_value(), now_ms)
        return read(knock.body, self.name, self._oapi) or NOTHING

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        """Always "nothing to say": whether an answer in the HTTP response is still drawn is not verified."""
        return NOTHING

    async def send(self, promise: Promise) -> None:
        """Says every part of a reply; parts that an earlier attempt of this process has said are not said again.

        Raises Retry, Undeliverable, Unknown.
        """
        await self._progress.say(
            promise.key, pages(promise.reply, fits_robot), lambda _, page: self._say(promise, page)
        )

    async def _say(self, promise: Promise, page: Page) -> None:
        if not (self._in_session(promise) and await self._say_in_session(promise.reply_url, page)):
            await self._say_by_api(promise, page)

    def _in_session(self, promise: Promise) -> bool:
        alive = self._clock() * 1_000_000 + MARGIN_US < promise.reply_until
        return alive and same_origin(promise.reply_url, self._oapi)

    async def _say_in_session(self, url: str, page: Page) -> bool:
        """Whether the session took it; False where it is gone already (HTTP 200 with errcode 300001)."""
        heard = await self._line.post(url, webhook(page))
        if errcode(heard) in SESSION_GONE:
            return False
        judge_webhook(heard)
        return True

    async def _say_by_api(self, promise: Promise, page: Page) -> None:
        if promise.target.startswith(STRANGER):
            raise Undeliverable("somebody outside the organisation can't be written to")
        key, param = robot(page)
        message: dict[str, Any] = {"robotCode": self._robot, "msgKey": key, "msgParam": param}
        if not promise.private:
            return judge_api(
                await self._call("/v1.0/robot/groupMessages/send", message | {"openConversationId": promise.target})
            )
        heard = await self._call("/v1.0/robot/oToMessages/batchSend", message | {"userIds": [promise.target]})
        judge_api(heard)
        _judge_person(heard)

    async def _call(self, path: str, message: dict[str, Any]) -> Heard:
        """Calls the API; a refused token is fetched anew, once."""
        key = f"dingtalk:{self._settings.app_key}"
        token = await self._token(key, self._fetch)
        heard = await self._call_with(token, path, message)
        if token_refused(heard):
            heard = await self._call_with(await self._token(key, self._fetch, token), path, message)
        return heard

    async def _call_with(self, token: str, path: str, message: dict[str, Any]) -> Heard:
        return await self._line.post(self._api + path, message, {"x-acs-dingtalk-access-token": token})

    async def _fetch(self) -> tuple[str, float]:
        """(token, seconds it lives). Raises Retry, Undeliverable: nothing was said, so nothing is unknown."""
        secret = self._settings.app_secret.get_secret_value()
        try:
            heard = await self._line.post(
                f"{self._api}/v1.0/oauth2/accessToken", {"appKey": self._settings.app_key, "appSecret": secret}
            )
            judge_api(heard)
            return str(heard.says["accessToken"]), float(heard.says["expireIn"])
        except (Unknown, KeyError, TypeError, ValueError):
            raise Retry("no access token") from None

    async def close(self) -> None:
        """Lets go of the connection."""
        await self._line.close()


def _judge_person(heard: Heard) -> None:
    """Raises where the one person did not get it, though the answer is 200."""
    if heard.says.get("invalidStaffIdList"):
        raise Undeliverable("this account is unknown or has left")
    if heard.says.get("flowControlledStaffIdList"):
        raise Retry("this account gets too many messages", FLOW_CONTROLLED)
