"""The page that `make run` opens: anybody can play any member in a group with the bot, and watch what it does."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from jinja2 import Environment, FileSystemLoader

from bot.cli.place import Place
from bot.db import DatabaseDown, Tx
from bot.message import Refused
from bot.outbox import STATES
from bot.pages import body, cast, clock, console_files
from bot.pages.console_talk import Talk
from bot.pages.feed import Feed, Shown
from bot.pages.guard import Closed, Guard
from bot.pages.stream import Streams

HERE = Path(__file__).parent
LONGEST_WORDS = 40  # characters that people are looked for by
MOST_NAMES = 100  # people who are asked for by their accounts
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
    own.router.add_get("/people", page.people)
    own.router.add_get(r"/rows/{bubble:\d{1,15}}", page.rows)
    own.router.add_get(r"/file/{bubble:\d{1,15}}/{place:\d{1,3}}", page.file)
    own.router.add_get(r"/look/{bubble:\d{1,15}}/{place:\d{1,3}}", page.look)
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
    except Refused as refusal:
        return _json({"error": refusal.text}, 400)
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


def _number(request: web.Request, name: str) -> int:
    """A number of the address; 0 where none is given."""
    text = request.query.get(name, "")
    return min(int(text), 2**53) if text.isdecimal() and len(text) < 20 else 0


class Page:
    """What the console answers about people, messages, files and the clock."""

    def __init__(self, place: Place, feed: Feed) -> None:
        self.place = place
        self.feed = feed
        self.talk = Talk(place, feed)
        self.moving = asyncio.Lock()
        self.templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, enable_async=True)

    async def show(self, _request: web.Request) -> web.Response:
        """The page itself; everything that changes is fetched by its script."""
        template = self.templates.get_template("console.html")
        text = await template.render_async(organisation=self.place.config.bot.organisation)
        return web.Response(text=text, content_type="text/html")

    async def state(self, request: web.Request) -> web.Response:
        """The first of the people, the groups, what was said (after bubble number `after`), and the clock."""
        number = _number(request, "after")
        mark, shown = self.feed.mark(self.feed.last()), self.feed.all()
        bubbles = [one for one in shown if one.bubble.number > number]
        data = await self.place.database.read(partial(self._listed, bubbles=bubbles))
        said = [one.json() for one in bubbles]
        return _json({**data, "bubbles": said, "mark": mark, **self._now(), "movable": clock.movable(self.place)})

    def _listed(self, tx: Tx, bubbles: list[Shown]) -> dict[str, Any]:
        people, more = cast.people(tx, self.place)
        listed = {one["account"] for one in people}
        spoke = {account for one in bubbles for account in (one.bubble.sender, *one.bubble.mention)} - listed
        others = cast.persons(tx, sorted(spoke)[:MOST_NAMES])
        states = {row.state: row.count for row in tx.all(STATES)}
        return {"people": people, "more": more, "others": others, "chats": cast.chats(tx), "outbox": states}

    async def people(self, request: web.Request) -> web.Response:
        """Those that the words `find` (after the first `skip`), or those of the accounts in `of`."""
        words = request.query.get("find", "").replace("\0", "").strip()[:LONGEST_WORDS]
        wanted = [one for one in request.query.get("of", "").split(",") if one][:MOST_NAMES]
        if wanted:
            return _json(
                {"people": await self.place.database.read(partial(cast.persons, wanted=wanted)), "more": False}
            )
        work = partial(cast.people, place=self.place, words=words, skip=_number(request, "skip"))
        listed, more = await self.place.database.read(work)
        return _json({"people": listed, "more": more})

    def _now(self) -> dict[str, Any]:
        return {"now": self.place.clock().isoformat(timespec="seconds")}

    async def rows(self, request: web.Request) -> web.Response:
        """What the message behind a bubble wrote."""
        return _json({"entries": await self.talk.rows(int(request.match_info["bubble"]))})

    async def file(self, request: web.Request) -> web.Response:
        """A file that the bot handed over."""
        return console_files.whole(*console_files.found(request, self.place.console, self.feed))

    async def look(self, request: web.Request) -> web.Response:
        """The beginning of a file, to be read in its bubble."""
        found = console_files.found(request, self.place.console, self.feed)
        return _json(await asyncio.to_thread(console_files.look, *found))

    async def say(self, request: web.Request) -> web.Response:
        """Somebody types."""
        return _json(await self.talk.say(await body.read(request)))

    async def tap(self, request: web.Request) -> web.Response:
        """Somebody taps a button."""
        return _json(await self.talk.tap(await body.read(request)))

    async def clock(self, request: web.Request) -> web.Response:
        """The clock goes forward, and what falls due on the way is said: the new now, and how many pushes were."""
        data = await body.read(request)
        if not clock.movable(self.place):
            raise body.Unfit("已接入企业微信或钉钉，时间不能拨动：真实的群会提前收到提醒。", 409)
        async with self.moving:
            before = self.feed.last()
            await self._move(data)
            said = sum(one.bubble.pushed for one in self.feed.since(before))
        return _json({**self._now(), "said": said})

    async def _move(self, data: dict[str, Any]) -> datetime:
        """To the next reminder, to a moment, or so many minutes ahead. Raises Unfit, Refused."""
        if data.get("to") == "next":
            moment = await clock.to_next(self.place)
            if moment is None:
                raise body.Unfit("近两个月没有要推送的提醒。", 409)
            return moment
        if "to" in data:
            return await clock.move(self.place, clock.moment_of(self.place, body.text(data, "to", LONGEST_WORDS)))
        minutes = body.number(data, "minutes", 1, MOST_MINUTES)
        return await clock.move(self.place, self.place.clock() + timedelta(minutes=minutes))
