"""Speaking to WeCom's HTTP interface: the answer is 200 even when it says no, and what went wrong is a number.

URLs hold the secrets here (a robot's key, a response code): they are in no error and no log line.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.message import Retry, Undeliverable, Unknown
from bot.platforms.client import Client

if TYPE_CHECKING:
    import httpx

LATER = {45009: 60.0, 45033: 5.0, -1: 5.0}  # too often, too many at once, busy: seconds to wait
GONE = "the robot's key is wrong or the robot was removed: bind it again"
NEVER = {
    40008: "message type refused",
    40058: "too long or malformed",
    40001: "the secret or its token is wrong",
    40013: "corp_id is wrong",
    40014: "the token is refused",
    42001: "the token is over",
    40056: "agent_id is wrong",
    40091: "the secret belongs to another company",
    301002: "agent_id and secret belong to different apps",
    48002: "this interface is not open to the app: use the app's own secret, not that of address-book sync",
    60011: "not within the app's visible range: widen it in the admin page (应用 - 可见范围)",
    60020: "this server's address is not trusted: add it in the admin page (应用 - 企业可信IP)",
    60111: "no such account",
    81013: "nobody it could reach: widen the app's visible range (应用 - 可见范围)",
    86001: "no such group chat of the app",
    86008: "this group was not made by the app: make one with it and bind that",
    82001: "nobody it could reach: widen the app's visible range (应用 - 可见范围)",
}


TOLD = {
    60020: "这台服务器的地址不在企业可信IP里。请管理员在企业微信后台的应用页添加。",
    81013: "对方不在应用的可见范围里。请管理员在企业微信后台扩大应用的可见范围。",
    82001: "对方不在应用的可见范围里。请管理员在企业微信后台扩大应用的可见范围。",
    60111: "企业微信里没有这个账号。请核对名册里的企业微信账号。",
    40056: "应用的 agent_id 不对。请管理员核对配置。",
    86008: "这个群不是本应用建的。请管理员用应用建群后重新绑定。",
}
GONE_TOLD = "群机器人已被移除或密钥失效。请在群里重新添加“消息推送”机器人，再由管理员重新绑定推送。"


class Denied(Undeliverable):
    """WeCom said no; `errcode` is its number."""

    def __init__(self, errcode: int) -> None:
        gone = errcode // 100 == 930  # 93004, 93008 are hearsay
        why = NEVER.get(errcode) or (GONE if gone else "refused")
        told = TOLD.get(errcode) or (GONE_TOLD if gone else "")
        super().__init__(f"errcode {errcode}: {why}", told)
        self.errcode = errcode


class Verdict(BaseModel):
    """What stands in every answer. The words beside the number may change at any time and are not read."""

    model_config = ConfigDict(extra="allow")

    errcode: int


class Line(Client):
    """Connections to the interface. `timeout` in seconds."""

    def __init__(self, timeout: float = 8.0) -> None:
        super().__init__(timeout)

    async def post(self, url: str, message: dict[str, Any]) -> dict[str, Any]:
        """Posts JSON; what stands in the answer once WeCom says 0.

        Raises Retry, Denied and other Undeliverable, Unknown (WeCom docs 90313, 91770).
        """
        body = json.dumps(message, ensure_ascii=False).encode()
        return judge(await self.ask("POST", url, content=body, headers={"Content-Type": "application/json"}))

    async def get(self, url: str) -> dict[str, Any]:
        """Reads; as `post`."""
        return judge(await self.ask("GET", url))

    async def upload(self, url: str, name: str, content_type: str, data: bytes) -> str:
        """The media_id of a file, valid for three days; as `post`. The name goes out in plain UTF-8."""
        answer = judge(await self.ask("POST", url, files={"media": (name, data, content_type)}))
        return str(answer.get("media_id", ""))


def judge(response: httpx.Response) -> dict[str, Any]:
    """What stands in the answer, where it is yes. Raises Retry, Undeliverable, or Unknown where it isn't WeCom's."""
    if response.status_code == 429 or response.status_code >= 500:
        raise Retry(f"HTTP {response.status_code}", 60.0 if response.status_code == 429 else 5.0)
    if response.status_code != 200:
        raise Undeliverable(f"HTTP {response.status_code}")
    try:
        verdict = Verdict.model_validate_json(response.content)
    except ValidationError:
        raise Unknown("the answer is not WeCom's") from None
    if verdict.errcode in LATER:
        raise Retry(f"errcode {verdict.errcode}", LATER[verdict.errcode])
    if verdict.errcode:
        raise Denied(verdict.errcode)
    return verdict.model_extra or {}
