"""The way into the pages: a signed link is opened once, and a cookie stands for it from then on."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import Environment, FileSystemLoader

from bot.cli.place import Place
from bot.commands import Who
from bot.db import DatabaseDown
from bot.message import Refused
from handlers.links import PURPOSES, Pass, Purpose, admitted, look, redeem

HERE = Path(__file__).parent
COOKIE = "zhibu_page"
ADMIN = "管理员"  # who stands in no register
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
CALLED = {"me": "我的页面", "roll-call": "签到大屏", "print": "打印", "desk": "工作台", "dashboard": "总览"}

Show = Callable[[web.Request], Awaitable[web.StreamResponse]]


def page(template: str, status: int = 200, **values: Any) -> web.Response:
    """A page made of a template; whatever is put into it is text, never markup."""
    text = TEMPLATES.get_template(template).render(**values)
    return web.Response(text=text, content_type="text/html", status=status, headers=HEADERS)


def pages_of(count: int, size: int) -> int:
    """How many pages a list of so many rows has; an empty one has one too."""
    return max(1, -(-count // size))


def looker_of(given: Pass) -> Who:
    """Who looks: a member, or an admin who stands in no register."""
    return Who(account=ADMIN, member=given.member)


def plainly(show: Show) -> Show:
    """A refusal is a page with one line; a bug goes on to the door's log."""

    async def shown(request: web.Request) -> web.StreamResponse:
        try:
            return await show(request)
        except Refused as refusal:
            return page("line.html", 403, line=refusal.text)
        except DatabaseDown:
            return page("line.html", 503, line="现在打不开，请过一会儿再试。")

    return shown


class Entry:
    """Opens links and knows the browsers that did."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.secure = urlsplit(str(place.config.web.public_url)).scheme == "https"

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """A link is looked at: a button opens it, so that a preview of the chat doesn't use it up. Raises Refused."""
        token = request.match_info["token"]
        row = await self.place.database.read(partial(look, key=self.place.house.key, token=token))
        return page("open.html", called=CALLED[row.purpose], does="打开")

    async def open(self, request: web.Request) -> web.StreamResponse:
        """The link is used up, its browser gets a cookie for the one page. Raises Refused."""
        from_here(request)
        secret, key, token = secrets.token_urlsafe(32), self.place.house.key, request.match_info["token"]
        given = await self.place.database.write(partial(redeem, key=key, token=token, secret=secret))
        return self.go(secret, path_of(given.purpose, given.activity))

    def go(self, secret: str, path: str) -> web.Response:
        """Sends a browser to its page, with the cookie that opens it."""
        response = self.redirect(path)
        self.remember(response, secret, path)
        return response

    def redirect(self, path: str) -> web.Response:
        """Sends a browser to a page of ours."""
        return web.Response(status=303, headers={**HEADERS, "Location": path})

    def remember(self, response: web.StreamResponse, secret: str, path: str) -> None:
        """The cookie ends with the browser; its row says when it ends at the latest."""
        response.set_cookie(COOKIE, secret, path=path, httponly=True, samesite="Strict", secure=self.secure)

    async def admitted(self, request: web.Request, purpose: Purpose) -> Pass:
        """What the browser may see, for the page at hand. Raises Refused."""
        work = partial(admitted, secret=request.cookies.get(COOKIE, ""), purpose=purpose, activity=activity_of(request))
        return await self.place.database.read(work)


def path_of(purpose: str, activity: int) -> str:
    """Where a page is."""
    assert purpose in PURPOSES
    return f"/{purpose}/{activity}" if activity else f"/{purpose}"


def activity_of(request: web.Request) -> int:
    """The number in the address, 0 where there is none."""
    return int(request.match_info.get("activity", "0"))


def from_here(request: web.Request) -> None:
    """No foreign page opens a link, or does anything else, in somebody's name. Raises Refused."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Refused("请用聊天里的链接打开这一页。")
