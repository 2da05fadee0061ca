"""Speaking to WeCom's HTTP interface: the answer is 200 even when it says no, and what went wrong is a number.

URLs hold the secrets here (a robot's key, a response code): they are in no error and no log line.
"""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from bot.message import Retry, Undeliverable, Unknown

logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it writes every URL

LATER = {45009: 60.0, 45033: 5.0, -1: 5.0}  # too often, too many at once, busy: seconds to wait
GONE = "the robot's key is wrong or the robot was removed: bind it again"
NEVER = {40008: "message type refused", 40058: "too long or malformed"}


class Verdict(BaseModel):
    """What stands in every answer. The words beside the number may change at any time and are not read."""

    errcode: int


class Line:
    """A connection to the interface, made when first needed. `timeout` in seconds."""

    def __init__(self, timeout: float = 8.0) -> None:
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None

    async def post(self, url: str, message: dict[str, Any]) -> None:
        """Posts JSON; returns once WeCom says 0. Raises Retry, Undeliverable, Unknown (WeCom docs 90313, 91770)."""
        judge(await self._answer(url, json.dumps(message, ensure_ascii=False).encode()))

    async def _answer(self, url: str, body: bytes) -> httpx.Response:
        try:
            return await self._open().post(url, content=body, headers={"Content-Type": "application/json"})
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise Undeliverable("not an address") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Retry(f"no connection ({type(error).__name__})") from None
        except httpx.HTTPError as error:
            raise Unknown(f"no answer ({type(error).__name__})") from None

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._timeout, trust_env=False)
        return self._client

    async def close(self) -> None:
        """Lets go of the connection; a later post makes a new one."""
        client, self._client = self._client, None
        if client:
            await client.aclose()


def judge(response: httpx.Response) -> None:
    """Returns where the answer is yes. Raises Retry, Undeliverable, or Unknown where it is no answer of WeCom's."""
    if response.status_code == 429 or response.status_code >= 500:
        raise Retry(f"HTTP {response.status_code}", 60.0 if response.status_code == 429 else 5.0)
    if response.status_code != 200:
        raise Undeliverable(f"HTTP {response.status_code}")
    try:
        number = Verdict.model_validate_json(response.content).errcode
    except ValidationError:
        raise Unknown("the answer is not WeCom's") from None
    if number in LATER:
        raise Retry(f"errcode {number}", LATER[number])
    if number:  # 930xx: 93004 and 93008 are hearsay, the whole range is taken as final
        raise Undeliverable(f"errcode {number}: {NEVER.get(number) or (GONE if number // 100 == 930 else 'refused')}")


def same_origin(url: str, base: str) -> bool:
    """Whether a URL from outside has exactly the base's scheme, host and port, and no user in it."""
    try:
        one, other = httpx.URL(url), httpx.URL(base)
    except httpx.InvalidURL:
        return False
    return (one.scheme, one.host, one.port, one.userinfo) == (other.scheme, other.host, other.port, b"")
