"""Speaking to DingTalk over HTTP, and what its answers mean.

Two manners: the newer API says no with an HTTP status and a `code`, the older one (webhooks) with 200 and an `errcode`.
Source: open.dingtalk.com, error codes, "customize robot", throttling; errors of one code come in changing words, so
only codes are read. URLs and headers hold secrets: they are in no error and no log line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.message import Retry, Undeliverable, Unknown
from bot.platforms.client import Client
from bot.platforms.dingtalk_page import encode

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
UPLOAD_SECONDS = 30.0
BUSY = 5.0  # seconds to wait where the platform names no time
BLOCKED = 600.0  # after more than 20 a minute a webhook is deaf for ten minutes
BANNED = 300.0  # after 10,000 calls in 20 s an address is shut out for five minutes

_TOO_OFTEN = {410100, 130101, 660026}  # documented, seen 2020, seen 2026
_LATER = {-1: BUSY, 15: BUSY, 88: BUSY, 90002: 1.0, 90018: 1.0}
_NEVER = {
    310000: "security settings: keyword missing in the text, wrong or no signing secret, or address not on the list",
    90020: "monthly quota spent",
    90030: "monthly quota spent",
    400013: "group disbanded",
    300001: "session or token does not exist",
    300005: "token does not exist",
}
_FIXES = {
    "ApiCountLimitForOrg": "monthly quota spent, buy more in 开发者后台 > 资源用量",
    "AccessTokenPermissionDenied": "grant the permission in the app's 权限管理",
    "IpNotInWhiteList": "add this server's address to the app's 服务器出口IP",
    "group.disbanded": "the group is gone, bind another",
    "bot.stopped": "the robot is stopped, enable it in 机器人配置",
    "robotCode.auth": "robot_code is of another app",
}
_QUICK = {"send.too.fast": 60.0, "send.byToken.tooFast": 60.0, "system.error": BUSY}


@dataclass(frozen=True, slots=True)
class Heard:
    """An HTTP answer: `says` is its JSON object, {} where it is none (then `page` tells whether it looks like HTML)."""

    status: int
    says: Mapping[str, Any]
    page: bool = False


class Line(Client):
    """Connections. `read` is how long to wait for an answer, in seconds."""

    def __init__(self, read: float = READ_SECONDS) -> None:
        super().__init__(read, CONNECT_SECONDS)

    async def post(
        self,
        url: str,
        message: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Heard:
        """Posts JSON to a whole URL (httpx' `params=` would replace its query).

        Raises Retry where nothing was sent, Unknown where no answer came back.
        """
        content = b"" if message is None else encode(message)
        content_type = {"Content-Type": "application/json; charset=utf-8"}
        return await self._ask(method, url, content=content, headers={**content_type, **(headers or {})})

    async def upload(self, url: str, form: Mapping[str, Any], file: tuple[str, bytes, str]) -> Heard:
        """Posts a form with the part `media`: (name, content, content type). Raises as `post` does."""
        return await self._ask("POST", url, data=dict(form), files={"media": file}, timeout=UPLOAD_SECONDS)

    async def _ask(self, method: str, url: str, **request: Any) -> Heard:
        return _heard(await self.ask(method, url, **request))


def _heard(response: httpx.Response) -> Heard:
    try:
        says = json.loads(response.content)
    except (ValueError, RecursionError):
        says = None
    return Heard(
        response.status_code,
        says if isinstance(says, dict) else {},
        response.content.lstrip()[:1] == b"<",
    )


def _no_answer_of_theirs(heard: Heard) -> None:
    """Raises where something else answered: the guard against too many calls, a proxy, a failing gateway."""
    if heard.says.get("code") == "unknown.send.result":
        raise Unknown("unknown.send.result")
    if heard.status >= 500:
        raise Retry(f"HTTP {heard.status}", BUSY)
    if heard.page or heard.says.get("status") == 1111:
        raise Retry("shut out, or not DingTalk", BANNED)


def judge_webhook(heard: Heard) -> None:
    """Returns where a webhook took the message (errcode 0 or "0"). Raises Retry, Undeliverable, Unknown."""
    _no_answer_of_theirs(heard)
    code = errcode(heard)
    if code == 0:
        return
    if code is None:
        raise Undeliverable(f"HTTP {heard.status}") if heard.status >= 300 else Unknown("an answer without errcode")
    if code in _TOO_OFTEN:
        raise Retry(f"errcode {code}: more than 20 a minute", BLOCKED)
    if code in _LATER:
        raise Retry(f"errcode {code}", _LATER[code])
    raise Undeliverable(f"errcode {code}: {_NEVER.get(code, 'refused')}")


def errcode(heard: Heard) -> int | None:
    """The errcode, which comes as a number or as a string; None where there is none."""
    try:
        return int(str(heard.says.get("errcode")))
    except ValueError:
        return None


def token_refused(heard: Heard) -> bool:
    """Whether the access token is the reason: live answers are 400 InvalidAuthentication, the SDKs expect 401."""
    return heard.status == 401 or (heard.status == 400 and heard.says.get("code") == "InvalidAuthentication")


def old_token_refused(heard: Heard) -> bool:
    """The older interface's way to say it: 200 with 40014, or with 88 and 40014 inside."""
    return errcode(heard) in (40014, 42001) or (errcode(heard) == 88 and subcode(heard) == "40014")


def subcode(heard: Heard) -> str:
    """The code inside errcode 88, "" where there is none."""
    return str(heard.says.get("sub_code") or "")[:20]


def judge_api(heard: Heard) -> None:
    """Returns where the API said 200 with an object. Raises Retry, Undeliverable, Unknown."""
    _no_answer_of_theirs(heard)
    if heard.status == 200 and heard.says:
        return
    if heard.status < 300:
        raise Unknown("an answer that can't be read")
    code = str(heard.says.get("code", ""))[:100]
    if "QpsLimit" in code or "QpmLimit" in code:
        raise Retry(code, 1.0 if "QpsLimit" in code else 60.0)
    if code in _QUICK or heard.status == 429:
        raise Retry(code or "HTTP 429", _QUICK.get(code, BUSY))
    why = next((f": {words}" for name, words in _FIXES.items() if code.endswith(name)), "")
    raise Undeliverable(f"HTTP {heard.status} {code}".strip() + why)
