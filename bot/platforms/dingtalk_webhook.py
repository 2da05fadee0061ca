"""A custom robot of a DingTalk group (自定义机器人), or an app robot's webhook there: it pushes with a real @.

Source: open.dingtalk.com, "custom robot access", "customize robot security settings". The bind target is
"access_token" or "access_token,SECsigningsecret"; both are secrets and are in no error and no log line.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from functools import partial
from typing import Literal
from urllib.parse import quote_plus

from pydantic import BaseModel, ConfigDict, Field

from bot.message import (
    Ability,
    Incoming,
    Knock,
    NotOurs,
    Promise,
    Reply,
    TokenKeeper,
    Undeliverable,
    Wire,
)
from bot.platforms.dingtalk_page import Page, fits_webhook, pages, webhook
from bot.platforms.dingtalk_progress import Progress
from bot.platforms.dingtalk_sign import sign
from bot.platforms.dingtalk_usage import ALLOWED, METER, Usage
from bot.platforms.dingtalk_wire import Line, judge_webhook


class DingTalkWebhookSettings(BaseModel):
    """[platforms.*] of kind dingtalk_webhook; which robot it is stands in the bind target."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["dingtalk_webhook"]
    oapi_base: str = Field("https://oapi.dingtalk.com", pattern=r"^https?://[^/\s]+/?$")


class DingTalkWebhook:
    """A Platform that only speaks."""

    inline = False
    abilities: frozenset[Ability] = frozenset({"push", "mention", "buttons"})
    window = (20, 60.0)
    meter, push_kind = METER, "message"

    def __init__(
        self,
        name: str,
        settings: DingTalkWebhookSettings,
        token: TokenKeeper,
        *,
        clock: Callable[[], float] = time.time,
        line: Line | None = None,
    ) -> None:
        """`token` is not needed here; `clock` gives unix seconds."""
        self.name, self._base, self._clock = name, settings.oapi_base.rstrip("/"), clock
        self._line = line or Line()
        self._progress = Progress()
        self.usage = Usage(clock)
        self.allowed = ALLOWED  # where a robot of the application is configured, what that one says is meant

    def receive(self, knock: Knock) -> Incoming | Wire:
        """Nothing ever comes this way."""
        raise NotOurs("a webhook robot hears nothing", 404)

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        """Nothing comes, so nothing is answered."""
        return Wire()

    def cost(self, promise: Promise) -> int:
        """How many of the robot's twenty messages a minute this promise takes."""
        return len(pages(promise.reply, fits_webhook))

    async def send(self, promise: Promise) -> None:
        """Says every part to the group of the bind target. Raises Retry, Undeliverable, Unknown."""
        if promise.private:
            raise Undeliverable("a webhook robot speaks to its group only")
        said = pages(promise.reply, fits_webhook)
        await self._progress.say(promise.key, [partial(self._say, promise, *one) for one in enumerate(said)])
        if promise.reply.attachments:
            raise Undeliverable("a webhook robot can't send files: only the text was said")

    async def _say(self, promise: Promise, index: int, page: Page) -> None:
        """`msgUuid` makes a repeat of the same part harmless."""
        url = address(self._base, promise.target, round(self._clock() * 1000))
        self.usage.count("message")
        judge_webhook(await self._line.post(url, webhook(page) | {"msgUuid": _uuid(promise.key, index)}))

    async def close(self) -> None:
        """Lets go of the connection."""
        await self._line.close()


def _uuid(key: str, index: int) -> str:
    """The key, told apart by part; at most 64 bytes, for the body's limit counts it."""
    uuid = f"{key}/{index}" if index else key
    return uuid if len(uuid.encode()) <= 64 else hashlib.sha256(uuid.encode()).hexdigest()


def address(base: str, target: str, now_ms: int) -> str:
    """The robot's whole URL, signed where the target has a signing secret; the sign is url-encoded exactly once.

    Raises Undeliverable where the target holds no token.
    """
    token, _, secret = (part.strip() for part in target.partition(","))
    if not token:
        raise Undeliverable("the bind target is no access_token[,signing secret]")
    url = f"{base}/robot/send?access_token={quote_plus(token)}"
    return f"{url}&timestamp={now_ms}&sign={quote_plus(sign(str(now_ms), secret))}" if secret else url
