"""The smart robot (智能机器人) of WeCom: people speak to it, it answers in the HTTP response.

Source: WeCom docs 101039, 100719, 101027, 101031, 101033, 101138.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import to_json

from bot.message import Ability, Incoming, Knock, Promise, Reply, TokenKeeper, Undeliverable, Wire
from bot.platforms.origin import same_origin
from bot.platforms.wecom_api import Line
from bot.platforms.wecom_crypto import Lock, key_of
from bot.platforms.wecom_door import checked, unlocked
from bot.platforms.wecom_read import Envelope, Reader, Refresh, shaped
from bot.platforms.wecom_say import STREAM, passive, stream
from bot.platforms.wecom_text import cut, escape, mention_of, typed

NEEDED = {"callback": ("token", "encoding_aes_key"), "long_connection": ("bot_id", "secret")}
MUTE = "这个群的机器人只能回答，不能主动说话。请在群里添加“消息推送”机器人，再由管理员绑定推送。"
OVER = "这条回答已经结束，请再发一次。"


class WeComSettings(BaseModel):
    """[platforms.*] of kind wecom. What is required depends on the mode; secrets show in no error."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["wecom"]
    mode: Literal["callback", "long_connection"] = "callback"
    token: SecretStr = Field(SecretStr(""), validate_default=True)
    encoding_aes_key: SecretStr = Field(SecretStr(""), validate_default=True)
    receive_id: str = ""
    bot_id: str = Field("", validate_default=True)
    secret: SecretStr = Field(SecretStr(""), validate_default=True)
    display_names: list[str] = ["支部小助手"]
    api_base: str = Field("https://qyapi.weixin.qq.com", pattern=r"^https?://[^/\s]+")
    ws_url: str = Field("wss://openws.work.weixin.qq.com", pattern=r"^wss?://[^/\s]+")

    @field_validator("token", "encoding_aes_key", "bot_id", "secret")
    @classmethod
    def _given(cls, value: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
        text = value if isinstance(value, str) else value.get_secret_value()
        mode = info.data.get("mode", "")
        if not text and info.field_name in NEEDED.get(mode, ()):
            raise ValueError(f"{info.field_name} is required in mode {mode}")
        if text and info.field_name == "encoding_aes_key":
            try:
                key_of(text)
            except ValueError as error:
                raise ValueError(f"encoding_aes_key {error}") from None
        return value


class WeCom:
    """A Platform that answers inline. It can't speak first: a group's webhook robot does that."""

    inline = True
    abilities: frozenset[Ability] = frozenset({"answer", "buttons"})
    window = (20, 60.0)

    def __init__(
        self, name: str, settings: WeComSettings, token: TokenKeeper, *, clock: Callable[[], float] = time.time
    ) -> None:
        """`token` is not needed here: a smart robot has no access token. `clock` gives unix seconds.

        The settings are those of mode callback; for the long connection there is wecom_socket.
        """
        self.name, self._clock = name, clock
        key = settings.encoding_aes_key.get_secret_value()
        self._lock = Lock(settings.token.get_secret_value(), key, settings.receive_id)
        self._reader = Reader(name, settings.bot_id, mention_of(settings.display_names))
        self._base, self._line = settings.api_base, Line()

    def receive(self, knock: Knock) -> Incoming | Wire:
        """The message, or the answer to what is none. Raises BadSignature (403), NotOurs (400)."""
        check = checked(self._lock, knock)
        if check:
            return check
        data = unlocked(self._lock, knock.query, shaped(Envelope, knock.body).encrypt)
        found = self._reader.read(data, knock.query["nonce"], round(knock.now.timestamp() * 1_000_000))
        if isinstance(found, Refresh):
            return self._sealed(stream(found.stream.id, OVER), knock.query["nonce"])
        return found or Wire()

    def _sealed(self, message: dict[str, Any], nonce: str) -> Wire:
        return Wire(body=self._lock.seal(to_json(message), int(self._clock()), nonce))

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        """The encrypted answer, an empty 200 where there is nothing to say."""
        if reply is None or not (reply.text or reply.card):
            return Wire()
        return self._sealed(passive(incoming, reply), incoming.ref.partition("\n")[2])

    async def send(self, promise: Promise) -> None:
        """Speaks through a message's response_url: once, within an hour of it (WeCom doc 101138)."""
        if not promise.reply_url or promise.reply_until <= self._clock() * 1_000_000:
            raise Undeliverable("callback mode can't push; bind a webhook robot", MUTE)
        if not same_origin(promise.reply_url, self._base):
            raise Undeliverable("response_url leads elsewhere than api_base")
        if promise.reply.private and not promise.private:
            raise Undeliverable("for one person's eyes, and this is a group")
        content = cut(escape(typed(promise.reply)), STREAM)
        await self._line.post(promise.reply_url, {"msgtype": "markdown", "markdown": {"content": content}})

    async def close(self) -> None:
        """Lets go of the connection."""
        await self._line.close()
