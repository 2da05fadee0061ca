"""FastAPI + wechatpy + SQLAlchemy async: the bot that a Python shop writes first."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from wechatpy.exceptions import InvalidSignatureException

from bench.peers import serving
from bench.peers.books import furnish
from bench.peers.orm import record, sessions
from bench.peers.wire import opened, sealed


class Body(BaseModel):
    """What WeCom posts."""

    encrypt: str


class Sender(BaseModel):
    """Who spoke."""

    userid: str


class Text(BaseModel):
    """What was said."""

    content: str


class Message(BaseModel):
    """A message in the body."""

    msgid: str
    chatid: str
    sender: Sender
    text: Text

    @classmethod
    def read(cls, given: dict[str, Any]) -> Message:
        """WeCom calls the sender `from`, a word of Python."""
        return cls.model_validate(given | {"sender": given["from"]})


def application(path: str) -> FastAPI:
    """The bot on a database file."""
    app, session = FastAPI(openapi_url=None), sessions(path)

    @app.post("/hook/wecom")
    async def hook(body: Body, msg_signature: str, timestamp: str, nonce: str) -> dict[str, str]:
        try:
            message = Message.read(opened(body.encrypt, msg_signature, timestamp, nonce))
        except InvalidSignatureException:
            raise HTTPException(403) from None
        async with session() as one:
            line = await record(one, message.msgid, message.chatid, message.sender.userid, message.text.content)
        return sealed(line, message.msgid, nonce)

    return app


def main(path: str) -> None:
    """Serves on a free port, which it prints."""
    furnish(path)
    serving.uvicorn_on(uvicorn, application(path))


if __name__ == "__main__":
    main(sys.argv[1])
