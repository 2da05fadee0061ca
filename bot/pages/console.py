"""The page that `make run` opens: anybody can play any member in a group with the bot, and watch what it does."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from jinja2 import Environment, FileSystemLoader

from bot.cli.place import Place
from bot.db import DatabaseDown, Tx
from bot.message import Incoming, Kind, Reply
from bot.pages import body, cast, clock
from bot.pages.feed import Feed
from bot.pages.guard import Closed, Guard
from bot.pages.stream import Streams
from bot.platforms.console import NAME, Bubble
from bot.web import record

HERE = Path(__file__).parent
LONGEST_TEXT = 61 * 1024  # bytes; with what surrounds it a request stays below the 64 KiB of the door
LONGEST_NAME = 200  # bytes
MOST_MINUTES = 31 * 24 * 60
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def add_to(app: web.Application, place: Place) -> None:
    """Adds /console to an application. Nobody but this machine, or who knows the token, gets in."""
    feed = Feed(place.console, place.clock)
    page = Page(place, feed)
    guard = Guard(place.config)
    own = web.Application(middlewares=[_plain_errors, _guarded(guard)])
    own.router.add_get("", page.show)
    own.router.add_get("/", page.show)
    own.router.add_get("/state", page.state)
    own.router.add_get("/events", Streams(feed).serve)
    own.router.add_get("/rows", page.rows)
    own.router.add_get(r"/file/{bubble:\d{1,15}}/{place:\d{1,3}}", page.file)
    own.router.add_post("/say", page.say)
    own.router.add_post("/tap", page.tap)
    own.router.add_post("/clock", page.clock)
    own.router.add_static("/static", HERE / "static")

    async def let_go(_app: web.Application) -> None:
        feed.close()

    own.on_shutdown.append(let_go)
    own.on_response_prepare.append(_headers)
    app.add_subapp("/console", own)


async def _headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


@web.middleware
async def _plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors of the page say in one line what is wrong; a bug goes on to the door's log."""
    try:
        return await handler(request)
    except (Closed, body.Unfit) as error:
        return _json({"error": error.text}, error.status)
    except (DatabaseDown, web.HTTPServiceUnavailable):
        return _json({"error": "数据库现在不能写，什么都没有记录，请稍后再发一次。"}, 503)


def _guarded(guard: Guard) -> Middleware:
    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        guard.check(request)
        response = await handler(request)
        if not response.prepared:
            guard.let_in(request, response)
        return response

    return checked


def _json(data: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(data, status=status, dumps=partial(json.dumps, ensure_ascii=False))


def _after(request: web.Request) -> int:
    """The number after which the page wants to know; 0 where none is given."""
    text = request.query.get("after", "")
    return min(int(text), 2**53) if text.isdecimal() and len(text) < 20 else 0


class Page:
    """What the console answers, over the same `record` that every platform's messages go through."""

    def __init__(self, place: Place, feed: Feed) -> None:
        self.place = place
        self.feed = feed
        self.moving = asyncio.Lock()
        self.templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, enable_async=True)

    async def show(self, _request: web.Request) -> web.Response:
        """The page itself; everything that changes is fetched by its script."""
        template = self.templates.get_template("console.html")
        text = await template.render_async(organisation=self.place.config.bot.organisation)
        return web.Response(text=text, content_type="text/html")

    async def state(self, request: web.Request) -> web.Response:
        """Who, where, what was said (after bubble number `after`), and the clock."""
        number = _after(request)
        mark, shown = self.feed.mark(self.feed.last()), self.feed.all()
        people, chats = await self.place.database.read(self._listed)
        bubbles = [one.json() for one in shown if one.bubble.number > number]
        listed = {"people": people, "chats": chats, "bubbles": bubbles, "mark": mark}
        return _json({**listed, **self._now(), "movable": clock.movable(self.place)})

    def _listed(self, tx: Tx) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        return cast.people(tx, self.place), cast.chats(tx)

    def _now(self) -> dict[str, Any]:
        return {"now": self.place.clock().isoformat(timespec="seconds")}

    async def rows(self, request: web.Request) -> web.Response:
        """What was written after a row of the trail."""
        return _json(await self.place.database.read(partial(cast.written, after=_after(request))))

    async def file(self, request: web.Request) -> web.Response:
        """A file that the bot handed over."""
        number, place = int(request.match_info["bubble"]), int(request.match_info["place"])
        data, bubble = self.place.console.files.get((number, place)), self.feed.find(number)
        if data is None or bubble is None:
            raise body.Unfit("这个文件已经不在了，请再要一次。", 404)
        named = f"attachment; filename*=UTF-8''{quote(bubble.files[place], safe='')}"
        headers = {"Content-Disposition": named}
        return web.Response(body=data, content_type="application/octet-stream", headers=headers)

    async def say(self, request: web.Request) -> web.Response:
        """Somebody types; the answer appears below."""
        data = await body.read(request)
        text = body.text(data, "text", LONGEST_TEXT)
        if not text.strip():
            raise body.Unfit("请先写点什么。")
        incoming = await self._incoming(data, text, "text")
        said = self.place.console.show(incoming.chat, incoming.private, incoming.sender, Reply(text))
        reply = await record(self.place.database, incoming, self.place.house)
        answer = self._answer(incoming, reply) if reply else None
        return _json({"bubble": said.number, "answer": answer and answer.number})

    async def tap(self, request: web.Request) -> web.Response:
        """Somebody taps a button; a new card takes the old one's place."""
        data = await body.read(request)
        command = body.text(data, "command", LONGEST_TEXT)
        number = body.number(data, "bubble", 1, 2**53)
        incoming = await self._incoming(data, command, "press", str(number))
        tapped = self.feed.find(number)
        if tapped is None or (tapped.chat, tapped.private) != (incoming.chat, incoming.private):
            raise body.Unfit("这张卡片已经不在了，请直接打字。", 404)
        reply = await record(self.place.database, incoming, self.place.house)
        if reply is not None and reply.card is not None and not reply.card.mine:
            self.feed.change(number, reply)
            return _json({"bubble": number, "answer": number})
        answer = self._answer(incoming, replace(reply, card=None)) if reply else None
        return _json({"bubble": number, "answer": answer and answer.number})

    async def _incoming(self, data: dict[str, Any], text: str, kind: Kind, card: str = "") -> Incoming:
        sender, private = body.text(data, "as", LONGEST_NAME), body.flag(data, "private")
        chat = sender if private else body.text(data, "chat", LONGEST_NAME)
        people, chats = await self.place.database.read(self._listed)
        if sender not in {one["account"] for one in people}:
            raise body.Unfit("没有这个人，请重新打开页面。", 404)
        if not private and chat not in {one["chat"] for one in chats}:
            raise body.Unfit("没有这个群，请重新打开页面。", 404)
        return Incoming(NAME, str(uuid.uuid4()), chat, sender, text, private, kind, card=card)

    def _answer(self, incoming: Incoming, reply: Reply) -> Bubble:
        return self.place.console.show(incoming.chat, incoming.private, "", reply)

    async def clock(self, request: web.Request) -> web.Response:
        """The clock goes forward, and what falls due on the way is said: the new now, and how many pushes were."""
        data = await body.read(request)
        if not clock.movable(self.place):
            raise body.Unfit("已接入企业微信或钉钉，时间不能拨动：真实的群会提前收到提醒。", 409)
        async with self.moving:
            before = self.feed.last()
            if data.get("to") == "next":
                if await clock.to_next(self.place) is None:
                    raise body.Unfit("近两个月没有要推送的提醒。", 409)
            else:
                await clock.move(self.place, body.number(data, "minutes", 1, MOST_MINUTES))
            said = sum(one.bubble.pushed for one in self.feed.since(before))
        return _json({**self._now(), "said": said})
