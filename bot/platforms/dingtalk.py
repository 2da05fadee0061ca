"""The robot of an internal DingTalk application (企业内部应用机器人); in HTTP mode this is all of it.

It hears people by callback and answers out of band: to the message's sessionWebhook while that lives (a real @ works
there), else by the robot API; a reply with buttons as an interactive card where a template is configured. Source:
open.dingtalk.com, "receive-message", "send group messages", "batch send one-to-one".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from bot.message import (
    Ability,
    Attachment,
    Incoming,
    Knock,
    NotOurs,
    Promise,
    Reply,
    TokenKeeper,
    Trouble,
    Undeliverable,
    Wire,
)
from bot.platforms.dingtalk_api import Api
from bot.platforms.dingtalk_body import STRANGER, read, unpublished
from bot.platforms.dingtalk_card import Cards, drawn, first_values, read_note
from bot.platforms.dingtalk_many import OUTSIDER, tell
from bot.platforms.dingtalk_media import media_message
from bot.platforms.dingtalk_page import Page, encode, fits_robot, pages, robot, webhook
from bot.platforms.dingtalk_people import Person, people
from bot.platforms.dingtalk_press import SIGNATURE, STAMP, Presses, press_id, read_press, verify_card
from bot.platforms.dingtalk_progress import Progress, Step
from bot.platforms.dingtalk_settings import DingTalkSettings
from bot.platforms.dingtalk_sign import verify
from bot.platforms.dingtalk_usage import METER, Usage
from bot.platforms.dingtalk_wire import Line, errcode, judge_api, judge_webhook
from bot.platforms.origin import same_origin

__all__ = ["DingTalk", "DingTalkSettings"]

NOTHING = Wire(body=b'{"msgtype":"empty"}')
MARGIN_US = 10_000_000  # a session is left alone this long before it ends, in microseconds
SESSION_GONE = {300001, 300005}
GROUP = "/v1.0/robot/groupMessages/send"
QUOTA = (
    "the organisation's monthly quota is spent (20001), messages no longer arrive: buy more in 开发者后台 > 资源用量"
)
UNPUBLISHED = "members come without staff id, so nobody can be known: publish the app in 版本管理与发布"
NEEDED = (
    "needed with card_template_id in mode http, as the callback was registered (docs/deploy.md); else links are sent"
)
ALARMS = {
    QUOTA: "钉钉本月的额度已经用完，消息进不来了。请在开放平台“资源用量”购买，或等到下月。",
    UNPUBLISHED: "机器人还没有发布，钉钉不给出发言人的账号，谁都认不出。请在开放平台“版本管理与发布”发布应用。",
}
log = logging.getLogger(__name__)


class DingTalk:
    """A Platform. In groups of the robot API nobody can be called with a real @, so it promises no "mention"."""

    inline = False
    abilities: frozenset[Ability] = frozenset({"answer", "push", "private", "buttons"})
    # 20 a second is the documented rate of the robot API. Whether a sessionWebhook has the 20 a minute of a group's
    # robot is unverified: a hundred members who answer at once are not kept waiting for it, a refusal is a Retry.
    window = (20, 1.0)
    speaks = True  # by HTTP, whether or not anything is heard
    meter, push_kind = METER, "api"

    def __init__(
        self,
        name: str,
        settings: DingTalkSettings,
        token: TokenKeeper,
        *,
        clock: Callable[[], float] = time.time,
        line: Line | None = None,
    ) -> None:
        """`clock` gives unix seconds."""
        self.name, self._settings, self._clock = name, settings, clock
        self._line = line or Line()
        self.usage = Usage(clock)
        self.allowed = {"api": settings.monthly_api_calls, "message": settings.monthly_messages}
        self._api = Api(settings, token, self._line, self.usage)
        self._cards, self._presses = Cards(self._api), Presses()
        self._progress = Progress()
        self._quota = self._unpublished = self.trouble = ""  # why it doesn't hear, in one line

    def receive(self, knock: Knock) -> Incoming | Wire:
        """The message or the tap in a callback; an empty answer where it says that the quota is spent.

        Raises NotOurs (405, 400) and BadSignature (403: sign wrong or missing, or more than an hour off).
        """
        if knock.method != "POST":
            raise NotOurs("method", 405)
        now_ms = round(knock.now.timestamp() * 1000)
        if SIGNATURE in knock.headers:
            verify_card(knock.headers, self._settings.card_secret.get_secret_value(), now_ms)
            self.usage.count("message")
            message_id = press_id(knock.headers[STAMP].encode(), knock.body)
            return read_press(knock.body, self.name, message_id, now_ms * 1000)
        verify(knock.headers, self._settings.app_secret.get_secret_value(), now_ms)
        return self._read(knock.body) or NOTHING

    def _read(self, body: bytes) -> Incoming | None:
        """The message in a body, counted; None where it is the notice of a spent quota. Raises NotOurs."""
        found = read(body, self.name, self._api.oapi)
        self._quota = "" if found else QUOTA
        if found:
            self._unpublished = UNPUBLISHED if found.sender.startswith(STRANGER) and unpublished(body) else ""
        self._tell()
        self.usage.count("message")
        return found

    @property
    def faults(self) -> tuple[str, ...]:
        """What doesn't fit together in its section, for `check`: KEY: what to write."""
        section = self._settings
        if section.mode != "http" or not section.card_template_id:
            return ()
        needed = {"card_route_key": section.card_route_key, "card_secret": section.card_secret.get_secret_value()}
        return tuple(f"{key}: {NEEDED}" for key, value in needed.items() if not value)

    @property
    def alarms(self) -> tuple[str, ...]:
        """What an admin reads in chat of why people are not heard."""
        return tuple(ALARMS[one] for one in (self._quota, self._unpublished) if one)

    def _tell(self) -> None:
        self.trouble = "; ".join(filter(None, self._troubles()))

    def _troubles(self) -> tuple[str, ...]:
        return self._quota, self._unpublished

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        """Always "nothing to say": whether an answer in the HTTP response is still drawn is not verified.

        A card is told its new state where the reply is here already; else the update follows.
        """
        if incoming.kind != "press":
            return NOTHING
        return Wire(body=encode((drawn(reply) if reply else None) or {}))

    async def send(self, promise: Promise) -> None:
        """Says every part of a reply; parts that an earlier attempt of this process has said are not said again.

        Raises Retry, Undeliverable, Unknown.
        """
        first: list[Step] = [partial(self._say_with_card, promise)]
        files: list[Step] = [partial(self._say_file, promise, one) for one in promise.reply.attachments]
        await self._progress.say(promise.key, first + files)

    async def _say_with_card(self, promise: Promise) -> None:
        """On the card that was pressed, else on a new card, else in messages."""
        try:
            if await self._say_on_card(promise) or await self._say_by_card(promise):
                return
        except Undeliverable as error:
            log.warning("DingTalk: said without a card, %s", error)
        said = pages(promise.reply, fits_robot)
        await self._progress.say(f"{promise.key}\n", [partial(self._say, promise, page) for page in said])

    async def _say_on_card(self, promise: Promise) -> bool:
        note, change = read_note(promise.reply_url), drawn(promise.reply)
        if note is None:
            return False
        if change is None:
            await self._presses.hand_over(note.press, {})  # too long for a card: it need not wait
            return False
        if not await self._presses.hand_over(note.press, change):
            await self._cards.update(note, change)
        return True

    async def _say_by_card(self, promise: Promise) -> bool:
        """A real @ is possible in a session alone: who must be called there is not answered with a card."""
        called = promise.reply.mention and self._in_session(promise)
        shown = first_values(promise.reply) if self._cards.usable and not called else None
        if shown is None or not (promise.reply.card and promise.reply.card.buttons):
            return False
        self._known(promise)
        await self._cards.deliver(promise, shown)
        return True

    async def _say(self, promise: Promise, page: Page) -> None:
        if not (self._in_session(promise) and await self._say_in_session(promise.reply_url, page)):
            await self._say_by_api(promise, *robot(page))

    async def _say_file(self, promise: Promise, one: Attachment) -> None:
        self._known(promise)
        await self._say_by_api(promise, *await media_message(self._api, one))

    def _in_session(self, promise: Promise) -> bool:
        alive = self._clock() * 1_000_000 + MARGIN_US < promise.reply_until
        return alive and same_origin(promise.reply_url, self._api.oapi)

    async def _say_in_session(self, url: str, page: Page) -> bool:
        """Whether the session took it; False where it is gone already (HTTP 200 with errcode 300001)."""
        self.usage.count("message")
        heard = await self._line.post(url, webhook(page))
        if errcode(heard) in SESSION_GONE:
            return False
        judge_webhook(heard)
        return True

    def _known(self, promise: Promise) -> None:
        if promise.target.startswith(STRANGER):
            raise Undeliverable(OUTSIDER)

    async def _say_by_api(self, promise: Promise, key: str, param: str) -> None:
        self._known(promise)
        if promise.private:
            failed = await tell(self._api, [promise.target], key, param)
            if promise.target in failed:
                raise failed[promise.target]
            return
        message: dict[str, Any] = {"robotCode": self._api.robot, "msgKey": key, "msgParam": param}
        judge_api(await self._api.call(GROUP, message | {"openConversationId": promise.target}))

    async def send_many(self, reply: Reply, accounts: Sequence[str]) -> dict[str, Trouble]:
        """Says one short reply to many people in private, twenty in a call; {account: why it was not reached}.

        Raises Undeliverable where the reply needs several messages, a card's own buttons or files: use `send`.
        """
        said = pages(reply, fits_robot)
        if len(said) > 1 or reply.attachments:
            raise Undeliverable("too long for one message to many")
        return await tell(self._api, accounts, *robot(said[0]))

    async def people(self) -> list[Person]:
        """Everybody in the departments that the app may see. Raises Undeliverable (reason and fix), Retry, Unknown."""
        return await people(self._api)

    async def greet(self) -> str:
        """Fetches an access token, for `check --online`: "", or what is wrong and the fix, in one line."""
        return await self._api.greet()

    async def close(self) -> None:
        """Lets go of the connection."""
        await self._line.close()
