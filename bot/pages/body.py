"""Reads what the console page sends; whatever is not as agreed is said in one line."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.web import whole


class Unfit(Exception):
    """What was sent can't be used; `text` says why."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


async def read(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request. Raises Unfit."""
    try:
        data = json.loads(await whole(request))
    except web.HTTPRequestEntityTooLarge:
        raise Unfit("太长了，请分几条发。", 413) from None
    except (ValueError, RecursionError):
        raise Unfit("不是 JSON。") from None
    if not isinstance(data, dict):
        raise Unfit("应为 JSON 对象。")
    return data


def text(data: dict[str, Any], key: str, most: int) -> str:
    """A text of at most `most` bytes. Raises Unfit."""
    value = data.get(key)
    if not isinstance(value, str) or "\0" in value:
        raise Unfit(f"{key} 应为文字。")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise Unfit(f"{key} 含有无效字符。") from None
    if size > most:
        raise Unfit("太长了，请分几条发。", 413)
    return value


def number(data: dict[str, Any], key: str, least: int, most: int) -> int:
    """A whole number between `least` and `most`. Raises Unfit."""
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Unfit(f"{key} 应为 {least} 到 {most} 的整数。")
    return value


def flag(data: dict[str, Any], key: str) -> bool:
    """True or False; False where it is missing. Raises Unfit."""
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise Unfit(f"{key} 应为 true 或 false。")
    return value
