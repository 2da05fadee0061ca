"""What a twin of the long connection remembers: what was asked of the bot, and what it said."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from tests.wecom.wire import Json, words


@dataclass
class Asked:
    """A callback that may be answered under its req_id, through the connection it went through."""

    what: str
    ws: web.WebSocketResponse
    at: float
    chat: str
    task_id: str = ""
    stream: tuple[str, float] = ("", 0.0)


@dataclass(frozen=True)
class Said:
    """What the bot said: the command, where, and the body."""

    cmd: str
    req_id: str
    chat: str
    body: Json

    @property
    def text(self) -> str:
        kind = self.body.get("msgtype", "template_card")
        inner = self.body[kind]
        return words(inner) if kind == "template_card" else str(inner.get("content", ""))
