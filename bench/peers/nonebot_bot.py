"""NoneBot2 + wechatpy + SQLAlchemy async: the framework that most Chinese chat bots are written in.

WeCom's robot has no adapter among the public packages, so this one is the smallest there can be.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import nonebot
import uvicorn
from nonebot import on_message
from nonebot.adapters import Adapter, Bot, Event, Message, MessageSegment
from nonebot.drivers import URL, HTTPServerSetup, Request, Response
from nonebot.drivers.fastapi import Driver
from nonebot.log import logger, logger_id
from nonebot.message import handle_event
from wechatpy.exceptions import InvalidSignatureException

from bench.peers import serving
from bench.peers.books import furnish
from bench.peers.orm import record, sessions
from bench.peers.wire import opened, sealed


class Segment(MessageSegment):
    """Text, nothing else."""

    @classmethod
    def get_message_class(cls) -> type[Words]:
        """What segments make."""
        return Words

    def __str__(self) -> str:
        return str(self.data["text"])

    def is_text(self) -> bool:
        """Always."""
        return True


class Words(Message):
    """A message of one segment."""

    @classmethod
    def get_segment_class(cls) -> type[Segment]:
        """What it is made of."""
        return Segment

    @staticmethod
    def _construct(msg: str) -> Any:
        yield Segment("text", {"text": msg})


class Said(Event):
    """A member's message in a group."""

    msgid: str
    chatid: str
    account: str
    words: str

    def get_type(self) -> str:
        """So that `on_message` takes it."""
        return "message"

    def get_event_name(self) -> str:
        """For logs."""
        return "message.group"

    def get_event_description(self) -> str:
        """For logs."""
        return self.msgid

    def get_user_id(self) -> str:
        """Who."""
        return self.account

    def get_session_id(self) -> str:
        """Who and where."""
        return f"{self.chatid}:{self.account}"

    def get_message(self) -> Words:
        """What."""
        return Words(self.words)

    def is_tome(self) -> bool:
        """A robot hears only what is said to it."""
        return True


class Robot(Bot):
    """Keeps what is answered until the HTTP response takes it."""

    def __init__(self, adapter: Adapter, self_id: str) -> None:
        super().__init__(adapter, self_id)
        self.answers: dict[str, str] = {}

    async def send(self, event: Event, message: Any, **_: Any) -> None:
        """The answer goes into the response of the callback."""
        assert isinstance(event, Said)
        self.answers[event.msgid] = str(message)


class WeCom(Adapter):
    """WeCom's robot by callback."""

    def __init__(self, driver: Any, **rest: Any) -> None:
        super().__init__(driver, **rest)
        self.robot = Robot(self, "BOT")
        self.setup_http_server(HTTPServerSetup(URL("/hook/wecom"), "POST", "wecom", self._hook))
        self.on_ready(self._ready)

    @classmethod
    def get_name(cls) -> str:
        """For logs."""
        return "WeCom"

    async def _call_api(self, bot: Bot, api: str, **data: Any) -> Any:
        raise NotImplementedError(api)

    def _ready(self) -> None:
        self.bot_connect(self.robot)

    async def _hook(self, request: Request) -> Response:
        asked = request.url.query
        try:
            given = opened(request.json["encrypt"], asked["msg_signature"], asked["timestamp"], asked["nonce"])
        except InvalidSignatureException:
            return Response(403)
        event = Said(
            msgid=given["msgid"],
            chatid=given["chatid"],
            account=given["from"]["userid"],
            words=given["text"]["content"],
        )
        await handle_event(self.robot, event)
        line = self.robot.answers.pop(event.msgid)
        body = json.dumps(sealed(line, event.msgid, asked["nonce"]))
        return Response(200, headers={"Content-Type": "application/json"}, content=body)


def main(path: str) -> None:
    """Serves on a free port, which it prints."""
    furnish(path)
    logger.remove(logger_id)  # it would go to stdout, where the port is read
    logger.add(sys.stderr, level="ERROR")
    nonebot.init(driver="~fastapi", _env_file=None)
    driver = nonebot.get_driver()
    assert isinstance(driver, Driver)
    driver.register_adapter(WeCom)
    session = sessions(path)

    @on_message(block=True).handle()
    async def _answer(bot: Bot, event: Said) -> None:
        async with session() as one:
            line = await record(one, event.msgid, event.chatid, event.account, event.words)
        await bot.send(event, line)

    serving.uvicorn_on(uvicorn, driver.server_app)


if __name__ == "__main__":
    main(sys.argv[1])
