"""The group robot (群机器人, 消息推送) of WeCom: it can only speak, but it can speak first and really call people.

Source: WeCom doc 91770. The target of a promise is the robot's key, which is its whole secret.
"""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from bot.message import Ability, Incoming, Knock, NotOurs, Promise, Reply, TokenKeeper, Undeliverable, Wire
from bot.platforms.wecom_api import Line
from bot.platforms.wecom_files import Parcel, packed
from bot.platforms.wecom_progress import Progress
from bot.platforms.wecom_push import messages


class WeComWebhookSettings(BaseModel):
    """[platforms.*] of kind wecom_webhook."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["wecom_webhook"]
    api_base: str = Field("https://qyapi.weixin.qq.com", pattern=r"^https?://[^/\s]+")


class WeComWebhook:
    """A Platform that only pushes."""

    inline = False
    abilities: frozenset[Ability] = frozenset({"push", "mention"})
    window = (20, 62.0)  # 20 a minute as WeCom counts them on arrival: what is on its way may be late by 2 s

    def __init__(self, name: str, settings: WeComWebhookSettings, token: TokenKeeper, *, timeout: float = 8.0) -> None:
        """`token` is not needed here; `timeout` in seconds."""
        self.name, self._base = name, settings.api_base.rstrip("/")
        self._line = Line(timeout)
        self._said = Progress()

    def receive(self, knock: Knock) -> Incoming | Wire:
        """Nothing ever comes this way."""
        raise NotOurs("a webhook robot hears nothing", 404)

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        """Nothing to answer."""
        return Wire()

    def cost(self, promise: Promise) -> int:
        """How many of the robot's twenty messages a minute this promise takes."""
        return len(messages(promise.reply)) + len(promise.reply.attachments)

    async def send(self, promise: Promise) -> None:
        """Sends the words, in several numbered messages where they are long, then the files.

        An attempt after a failure goes on with the part that failed, as long as this process lives.
        Raises Retry, Undeliverable, Unknown.
        """
        if promise.private or promise.reply.private:
            raise Undeliverable("a webhook robot speaks to its group only")
        said, files = messages(promise.reply), [await packed(one) for one in promise.reply.attachments]
        if not said and not files:
            raise Undeliverable("nothing to say")
        for at in range(self._said(promise.key), len(said) + len(files)):
            message = said[at] if at < len(said) else await self._file(promise.target, files[at - len(said)])
            await self._line.post(self._url("send", promise.target), message)
            self._said.note(promise.key, at + 1)
        self._said.forget(promise.key)

    async def _file(self, key: str, parcel: Parcel) -> dict[str, Any]:
        if parcel.image:
            return parcel.as_image()
        url = self._url("upload_media", key) + "&type=file"
        media_id = await self._line.upload(url, parcel.name, parcel.content_type, parcel.data)
        return {"msgtype": "file", "file": {"media_id": media_id}}

    def _url(self, what: str, key: str) -> str:
        return f"{self._base}/cgi-bin/webhook/{what}?key={quote(key, safe='')}"

    async def close(self) -> None:
        """Lets go of the connection."""
        await self._line.close()
