"""The self-built app (自建应用) of WeCom: to a person alone, to a group it made; and the address book.

Sources: WeCom docs 90236 (sending), 90238 to 90241 (receiving and answering).
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from bot.message import Ability, Incoming, Knock, NotOurs, Promise, Reply, TokenKeeper, Trouble, Undeliverable, Wire
from bot.platforms.wecom_api import TOLD, Line
from bot.platforms.wecom_app_api import AppApi, Person
from bot.platforms.wecom_app_read import AppReader
from bot.platforms.wecom_appchat import gathered, texts
from bot.platforms.wecom_crypto import Lock, key_of
from bot.platforms.wecom_door import checked, unlocked
from bot.platforms.wecom_files import packed
from bot.platforms.wecom_progress import Progress
from bot.platforms.wecom_say import buttons, card, update
from bot.platforms.wecom_text import cut, parts, typed
from bot.platforms.wecom_xml import camel, read_xml, write_xml

LIMIT = 2048  # UTF-8 bytes of a text; what is longer is cut by WeCom without a word
KEPT = 1000  # people who were welcomed
DAY = 86_400  # seconds
_LINK = re.compile(r"<(?=[aA/])")  # the one kind of tag that a text may have, in somebody's words


class WeComAppSettings(BaseModel):
    """[platforms.*] of kind wecom_app. Token and key are needed to hear people, not to speak to them."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["wecom_app"]
    corp_id: str = Field(min_length=1)
    agent_id: int = Field(gt=0)
    secret: SecretStr = Field(min_length=1)
    token: SecretStr = SecretStr("")
    encoding_aes_key: SecretStr = Field(SecretStr(""), validate_default=True)
    api_base: str = Field("https://qyapi.weixin.qq.com", pattern=r"^https?://[^/\s]+")

    @field_validator("encoding_aes_key")
    @classmethod
    def _pair(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        token, key = info.data.get("token", SecretStr("")).get_secret_value(), value.get_secret_value()
        if bool(token) != bool(key):
            raise ValueError("token and encoding_aes_key go together: both to hear people, none only to speak")
        try:
            if key:
                key_of(key)
        except ValueError as error:
            raise ValueError(f"encoding_aes_key {error}") from None
        return value


class WeComApp:
    """A Platform that answers inline, where it can hear at all."""

    hourly = (1000, 3602.0)
    window = (30, 62.0)  # a minute to one person; WeCom drops what is more without a word

    def __init__(
        self,
        name: str,
        settings: WeComAppSettings,
        token: TokenKeeper,
        *,
        clock: Callable[[], float] = time.time,
        timeout: float = 8.0,
    ) -> None:
        """`token` keeps the access token; `clock` gives unix seconds, `timeout` is in seconds."""
        self.name, self._clock, self._settings = name, clock, settings
        key = settings.encoding_aes_key.get_secret_value()
        self._lock = Lock(settings.token.get_secret_value(), key, settings.corp_id) if key else None
        self.inline = self._lock is not None
        hearing: frozenset[Ability] = frozenset({"answer", "buttons"} if self._lock else ())
        self.abilities: frozenset[Ability] = hearing | {"private", "push", "mention"}
        self._reader = AppReader(name, settings.corp_id, settings.agent_id)
        self._line = Line(timeout)
        secret, base = settings.secret.get_secret_value(), settings.api_base.rstrip("/")
        self._api = AppApi(base, settings.corp_id, secret, token, self._line)
        self._said = Progress()
        self._welcomed: dict[str, tuple[int, str]] = {}

    # Hearing

    def receive(self, knock: Knock) -> Incoming | Wire:
        """The message, or the answer to what is none. Raises BadSignature (403), NotOurs (400, 404, 405)."""
        if self._lock is None:
            raise NotOurs("this app has no token and no encoding_aes_key to hear with", 404)
        check = checked(self._lock, knock)
        if check:
            return check
        encrypt = read_xml(knock.body).get("Encrypt")
        if not encrypt:
            raise NotOurs("no Encrypt")
        found = self._reader.read(unlocked(self._lock, knock.query, encrypt), knock.query["nonce"])
        return found if found and self._new(found) else Wire()

    def _new(self, found: Incoming) -> bool:
        """An app is opened many times a day: only the first time counts, and its repeats."""
        if found.kind != "enter":
            return True
        today = int(self._clock()) // DAY
        first = self._welcomed.setdefault(found.sender, (today, found.message_id))
        if first[0] != today:
            first = self._welcomed[found.sender] = (today, found.message_id)
        if len(self._welcomed) > KEPT:
            self._welcomed.pop(next(iter(self._welcomed)))
        return first[1] == found.message_id

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        """The encrypted answer, an empty 200 where there is nothing to say."""
        if self._lock is None or reply is None or not (reply.text or reply.card):
            return Wire()
        userid, _, nonce = incoming.ref.partition("\n")
        now = int(self._clock())
        head = {"ToUserName": userid, "FromUserName": self._settings.corp_id, "CreateTime": now}
        encrypt = self._lock.encrypt(write_xml("xml", head | passive(incoming, reply)).encode())
        signed = self._lock.sign(now, nonce, encrypt)
        body = {"Encrypt": encrypt, "MsgSignature": signed, "TimeStamp": now, "Nonce": nonce}
        return Wire(body=write_xml("xml", body).encode(), content_type="text/xml")

    # Speaking

    def cost(self, promise: Promise) -> int:
        """How many messages this promise takes."""
        return len(self._messages(promise)) + len(promise.reply.attachments)

    async def send(self, promise: Promise) -> None:
        """Speaks to one person or in a group the app has made: a card (to one only), else the text in numbered parts;
        then the files.

        An attempt after a failure goes on with the part that failed, as long as this process lives.
        Raises Retry, Undeliverable, Unknown.
        """
        if promise.reply.private and not promise.private:
            raise Undeliverable("for one person's eyes, and this is a group")
        messages, files = self._messages(promise), [await packed(one) for one in promise.reply.attachments]
        if not messages and not files:
            raise Undeliverable("nothing to say")
        for at in range(self._said(promise.key), len(messages) + len(files)):
            if at < len(messages):
                message = messages[at]
            else:
                parcel = files[at - len(messages)]
                kind = "image" if parcel.image else "file"
                message = {"msgtype": kind, kind: {"media_id": await self._api.upload(parcel, kind)}}
            if promise.private:
                await self._deliver(promise.target, message)
            else:
                await self._api.post("appchat/send", {"chatid": promise.target, "safe": 0, **message})
            self._said.note(promise.key, at + 1)
        self._said.forget(promise.key)

    def _messages(self, promise: Promise) -> list[dict[str, Any]]:
        reply = promise.reply
        if not promise.private:
            return texts(reply)
        if self._lock and reply.card and buttons(reply.card):
            return [{"msgtype": "template_card", "template_card": card(reply.card, reply.text, uuid.uuid4().hex)}]
        text = _LINK.sub("＜", typed(reply))
        return [{"msgtype": "text", "text": {"content": part}} for part in parts(text, LIMIT)] if text else []

    async def _deliver(self, userid: str, message: dict[str, Any]) -> None:
        """A person who can't be reached is no error for WeCom: the name stands in the answer."""
        head = {"touser": userid, "agentid": self._settings.agent_id}
        answer = await self._api.post("message/send", head | message)
        for what, why in (
            ("invaliduser", "unknown or outside the app's visible range"),
            ("unlicenseduser", "without a licence"),
        ):
            missed = [one for one in str(answer.get(what) or "").split("|") if one]
            if missed:
                raise Undeliverable(f"{len(missed)} account(s) {why}", TOLD[81013])

    async def gather(self, branch: str, owner: str, accounts: Sequence[str]) -> tuple[str, int, int]:
        """A group chat of a branch, made or brought up to date: (its id, people added, people taken out).

        Raises Refused, Retry, Undeliverable, Unknown.
        """
        return await gathered(self._api, branch, owner, accounts)

    # Looking around

    async def people(self) -> list[Person]:
        """The address book within the app's visible range. Raises Retry, Undeliverable, Unknown."""
        return await self._api.people()

    async def greet(self) -> str:
        """Whether WeCom knows us and this server: "" or one line. Fetches a token and reads WeCom's own addresses."""
        try:
            await self._api.get("getcallbackip")
        except Trouble as error:
            return str(error)
        return ""

    async def close(self) -> None:
        """Lets go of the connection."""
        await self._line.close()


def passive(incoming: Incoming, reply: Reply) -> dict[str, Any]:
    """The answer's elements: a press changes its card, all else is a text (no card can be answered with).

    Only JSON examples of a whole card were seen; that XML has the same names in capitals is unverified (doc 90241).
    """
    if incoming.kind == "press" and incoming.card:
        drawn = {key: value for key, value in update(incoming, reply)["template_card"].items() if key != "task_id"}
        return {"MsgType": "update_template_card", "TemplateCard": camel(drawn)}
    return {"MsgType": "text", "Content": cut(_LINK.sub("＜", typed(reply)), LIMIT)}
