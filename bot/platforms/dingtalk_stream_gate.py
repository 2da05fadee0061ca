"""The gate of stream mode: a ticket is asked for, used once, and a WebSocket comes of it.

Source: open.dingtalk.com, "Stream mode protocol". A ticket lives 90 seconds and opens one connection; without an Accept
header the gateway answers in XML. 401 and 400 are answers to wrong settings: trying faster does not help.
"""

from __future__ import annotations

import asyncio
import random
from urllib.parse import quote_plus, urlsplit

import aiohttp
from yarl import URL

from bot.message import Trouble
from bot.platforms.dingtalk_settings import DingTalkSettings
from bot.platforms.dingtalk_stream_frames import CARDS, MESSAGES
from bot.platforms.dingtalk_wire import Heard, Line

Socket = aiohttp.ClientWebSocketResponse[bool]

OPEN = "/v1.0/gateway/connections/open"
FRAME_BYTES = 4 * 2**20  # DingTalk's own clients take a quarter MiB at least; above this a connection is closed
SECONDS_TO_CONNECT = 10.0
SLOWLY = 60.0  # seconds between two attempts with settings that were refused
LONGEST_PAUSE = 60.0  # seconds
FIXES = {
    401: "app_key or app_secret is wrong: copy both from the app's page 凭证与基础信息",
    400: "the robot is not in Stream mode, or not published: choose Stream 模式 in 机器人配置 and publish a version",
}


class NoConnection(Exception):
    """Why there is none, in one line; `settings` says that somebody has to change them."""

    def __init__(self, reason: str, *, settings: bool = False) -> None:
        super().__init__(reason)
        self.settings = settings


async def admitted(line: Line, settings: DingTalkSettings) -> str:
    """Asks for a ticket and uses none: "", or why the gateway lets nobody in. Raises nothing."""
    try:
        _address(await _ask(line, settings), plain=settings.api_base.startswith("http:"))
    except NoConnection as error:
        return str(error)
    return ""


async def _ask(line: Line, settings: DingTalkSettings) -> Heard:
    try:
        return await line.post(settings.api_base.rstrip("/") + OPEN, _asked(settings), {"Accept": "application/json"})
    except Trouble as error:
        raise NoConnection(f"the gateway can't be reached ({error})") from None


async def connect(http: aiohttp.ClientSession, line: Line, settings: DingTalkSettings) -> Socket:
    """A new connection by a new ticket. Raises NoConnection."""
    heard = await _ask(line, settings)
    try:
        url = _address(heard, plain=settings.api_base.startswith("http:"))
        timeout = aiohttp.ClientWSTimeout(ws_close=2.0)
        async with asyncio.timeout(SECONDS_TO_CONNECT):
            return await http.ws_connect(url, autoping=False, max_msg_size=FRAME_BYTES, timeout=timeout)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise NoConnection(f"no connection to the gateway's endpoint ({type(error).__name__})") from None


def _asked(settings: DingTalkSettings) -> dict[str, object]:
    topics = [{"type": "CALLBACK", "topic": topic} for topic in (MESSAGES, CARDS)]
    secret = settings.app_secret.get_secret_value()
    return {"clientId": settings.app_key, "clientSecret": secret, "subscriptions": topics, "ua": "zhibu"}


def _address(heard: Heard, *, plain: bool) -> URL:
    """Where to connect; the ticket is quoted exactly once. A ticket travels in the clear only where all else does."""
    if heard.status in FIXES:
        raise NoConnection(f"{FIXES[heard.status]} (HTTP {heard.status})", settings=True)
    endpoint, ticket = heard.says.get("endpoint"), heard.says.get("ticket")
    if heard.status != 200 or not isinstance(endpoint, str) or not isinstance(ticket, str):
        raise NoConnection(f"the gateway answers HTTP {heard.status}")
    if urlsplit(endpoint).scheme not in (("ws", "wss") if plain else ("wss",)):
        raise NoConnection("the gateway's endpoint is no secure WebSocket")
    return URL(f"{endpoint}?ticket={quote_plus(ticket)}", encoded=True)


def pause(failures: int) -> float:
    """Seconds before the next attempt: none at first, then 1 to 60, doubled each time and spread by a half."""
    return min(LONGEST_PAUSE, 2.0 ** min(failures - 1, 10)) * random.uniform(0.5, 1.0) if failures else 0.0  # noqa: S311
