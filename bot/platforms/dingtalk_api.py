"""The application's own voice: calls with an access token, to the newer interface and to the older one.

A refused token is fetched anew, once. The tokens of both interfaces are said to be the same; where the older one
refuses the newer's token (40014), one of its own is fetched by gettoken: sources disagree, so both are tried.
Source: open.dingtalk.com, "obtain the access token of an internal application", error codes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from bot.message import Retry, TokenKeeper, Trouble, Undeliverable, Unknown
from bot.platforms.dingtalk_settings import DingTalkSettings
from bot.platforms.dingtalk_usage import Usage
from bot.platforms.dingtalk_wire import Heard, Line, judge_api, judge_webhook, old_token_refused, token_refused

A_SECOND = 18  # calls of one interface; DingTalk refuses the 21st (QpsLimitForAppkeyAndApi)
SIGN_IN_FIX = "app_key or app_secret is wrong: copy both from the app's page 凭证与基础信息"


class Api:
    """One application of one organisation."""

    def __init__(self, settings: DingTalkSettings, token: TokenKeeper, line: Line, usage: Usage) -> None:
        self.settings, self._token, self.line, self.usage = settings, token, line, usage
        self.robot = settings.robot_code or settings.app_key
        self._own_token = False  # whether the older interface wants a token of its own
        self._next: dict[str, float] = {}  # when the next call of an interface may go out, by the loop's clock
        self.base, self.oapi = settings.api_base.rstrip("/"), settings.oapi_base.rstrip("/")

    async def call(self, path: str, message: Mapping[str, Any], method: str = "POST") -> Heard:
        """Calls the newer interface, not faster than it takes. Raises Retry, Undeliverable, Unknown; what was heard
        is to be judged."""
        key = f"dingtalk:{self.settings.app_key}"
        token = await self._token(key, self._fetch)
        heard = await self._call_with(token, path, message, method)
        if token_refused(heard):
            heard = await self._call_with(await self._token(key, self._fetch, token), path, message, method)
        return heard

    async def _pace(self, path: str) -> None:
        """Waits for its turn: calls of one interface go out evenly, never more than the application may make."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next.get(path, now))
        self._next[path] = at + 1 / A_SECOND
        await asyncio.sleep(at - now)

    async def _call_with(self, token: str, path: str, message: Mapping[str, Any], method: str) -> Heard:
        await self._pace(path)
        self.usage.count("api")
        headers = {"x-acs-dingtalk-access-token": token}
        return await self.line.post(self.base + path, message, headers, method)

    async def old(
        self, path: str, message: Mapping[str, Any], file: tuple[str, bytes, str] | None = None, *, free: bool = False
    ) -> Heard:
        """Calls the older interface; with `file` (name, content, type) as a form. `free` ones are in no quota."""
        heard = await self._old_anew(path, message, file, free)
        if old_token_refused(heard) and not self._own_token:
            self._own_token = True
            heard = await self._old_anew(path, message, file, free)
        return heard

    async def _old_anew(
        self, path: str, message: Mapping[str, Any], file: tuple[str, bytes, str] | None, free: bool
    ) -> Heard:
        """Calls with the kept token, and once more with a new one."""
        key, fetch = f"dingtalk:{self.settings.app_key}", self._fetch
        if self._own_token:
            key, fetch = f"{key}:old", self._fetch_old
        token = await self._token(key, fetch)
        heard = await self._old_with(token, path, message, file, free)
        if old_token_refused(heard):
            heard = await self._old_with(await self._token(key, fetch, token), path, message, file, free)
        return heard

    async def _old_with(
        self, token: str, path: str, message: Mapping[str, Any], file: tuple[str, bytes, str] | None, free: bool
    ) -> Heard:
        if not free:
            self.usage.count("api")
        url = f"{self.oapi}{path}?access_token={quote_plus(token)}"
        return await (self.line.upload(url, message, file) if file else self.line.post(url, message))

    async def _fetch(self) -> tuple[str, float]:
        """(token, seconds it lives). Raises Retry, Undeliverable: nothing was said, so nothing is unknown."""
        secret = self.settings.app_secret.get_secret_value()
        try:
            url = f"{self.base}/v1.0/oauth2/accessToken"
            heard = await self.line.post(url, {"appKey": self.settings.app_key, "appSecret": secret})
            judge_api(heard)
            return str(heard.says["accessToken"]), float(heard.says["expireIn"])
        except (Unknown, KeyError, TypeError, ValueError):
            raise Retry("no access token") from None

    async def _fetch_old(self) -> tuple[str, float]:
        secret = quote_plus(self.settings.app_secret.get_secret_value())
        query = f"appkey={quote_plus(self.settings.app_key)}&appsecret={secret}"
        try:
            heard = await self.line.post(f"{self.oapi}/gettoken?{query}", None, method="GET")
            judge_webhook(heard)
            return str(heard.says["access_token"]), float(heard.says["expires_in"])
        except (Unknown, KeyError, TypeError, ValueError):
            raise Retry("no access token") from None

    async def greet(self) -> str:
        """Fetches an access token: "" or why there is none and what to do, in one line. Raises nothing."""
        try:
            await self._fetch()
        except Undeliverable as error:
            wrong = "invalidClientIdOrSecret" in str(error) or "authFailed" in str(error)
            return f"{SIGN_IN_FIX} ({error})" if wrong else f"no access token: {error}"
        except Trouble as error:
            return f"{self.base} can't be reached ({error}): check the network, the proxy and api_base"
        return ""
