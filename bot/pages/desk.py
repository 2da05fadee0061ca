"""工作台 in the browser: plain pages and forms. What a form does is done by the chat's own operations, or refused."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.db import Tx
from bot.message import Refused
from bot.pages.entry import COOKIE, Entry, from_here, page, pages_of
from handlers.desk_page import PAGE, Desk, act, clerk, part, whole
from handlers.desk_parts import Bench, note_seen
from handlers.links import NOT_OPEN, Pass, admitted
from scheduler.jobs import lacking_for

SAID = "zhibu_said"  # carries the line about what was done to the page that is shown next
SAID_SECONDS = 60
LONGEST_SAID = 600
BACK = re.compile(r"(?:[a-z]{1,12}(?:/\d{1,6})?)?")
LAST_PAGE = 10_000


async def show(request: web.Request, entry: Entry) -> web.StreamResponse:
    """The whole desk. Raises Refused."""
    return _drawn(request, await _read(request, entry, whole), back="", number=0)


async def section(request: web.Request, entry: Entry) -> web.StreamResponse:
    """One section, page by page. Raises Refused."""
    name, number = request.match_info["section"], int(request.match_info.get("number", "0"))
    page_number = _page(request)
    work = partial(part, name=name, number=number, page=page_number)
    back = f"{name}/{number}" if number else name
    return _drawn(request, await _read(request, entry, work), back=back, number=page_number)


async def _read(request: web.Request, entry: Entry, make: Callable[[Tx, Bench], Desk]) -> Desk:
    """What stands on the desk, read beside the writer; then the looks at others' rows are noted, before it is shown."""
    given = await entry.admitted(request, "desk")

    def work(tx: Tx) -> tuple[Desk, Bench]:
        bench = _bench(tx, entry, given)
        return make(tx, bench), bench

    desk, bench = await entry.place.database.read(work)
    if bench.seen:
        await entry.place.database.write(partial(note_seen, who=bench.who, seen=bench.seen))
    return desk


async def do(request: web.Request, entry: Entry) -> web.StreamResponse:
    """Does what a form asks for and shows the page it came from, with what was done or why not. Raises Refused."""
    from_here(request)
    given, form = await entry.admitted(request, "desk"), await request.post()
    if not hmac.compare_digest(str(form.get("token", "")).encode(), token_of(request).encode()):
        raise Refused(NOT_OPEN)
    values = {name: [str(one) for one in form.getall(name)] for name in form}

    def work(tx: Tx) -> str:
        admitted(tx, request.cookies.get(COOKIE, ""), "desk")  # it may have ended since
        return act(tx, _bench(tx, entry, given), request.match_info["act"], values)

    try:
        done, line = True, await entry.place.database.write(work)
    except Refused as refusal:
        done, line = False, refusal.text
    return _back(entry, values, done, line)


def _bench(tx: Tx, entry: Entry, given: Pass) -> Bench:
    return Bench(clerk(tx, given), entry.place.house, lacking_for(entry.place.setting))


def token_of(request: web.Request) -> str:
    """What only a form of this browser's own page knows."""
    secret = request.cookies.get(COOKIE, "")
    return hashlib.sha256(f"form:{secret}".encode()).hexdigest()[:32]


def _page(request: web.Request) -> int:
    text = request.query.get("page", "1")
    number = int(text) if re.fullmatch(r"\d{1,5}", text, re.ASCII) else 1
    return min(max(number, 1), LAST_PAGE)


def _drawn(request: web.Request, desk: Desk, back: str, number: int) -> web.Response:
    """The page; `number` is that of a section on its own, 0 for the whole desk."""
    pages = {one.path: pages_of(one.count, PAGE) for one in desk.sections}
    values: dict[str, Any] = {"desk": desk, "back": back, "page": number, "pages": pages, "said": _said(request)}
    response = page("desk.html", **values, token=token_of(request))
    if SAID in request.cookies:
        response.del_cookie(SAID, path="/desk")
    return response


def _back(entry: Entry, values: dict[str, list[str]], done: bool, line: str) -> web.Response:
    """To the page that the form stood on; a path that is none of ours is the whole desk."""
    back, number = values.get("back", [""])[0], values.get("page", ["0"])[0]
    path = f"/desk/{back}" if back and BACK.fullmatch(back) else "/desk"
    query = f"?{urlencode({'page': number})}" if re.fullmatch(r"[1-9]\d{0,4}", number, re.ASCII) else ""
    response = entry.redirect(f"{path}{query}#said")
    told = base64.urlsafe_b64encode(json.dumps([done, line[:LONGEST_SAID]], ensure_ascii=False).encode()).decode()
    response.set_cookie(
        SAID, told, max_age=SAID_SECONDS, path="/desk", httponly=True, samesite="Strict", secure=entry.secure
    )
    return response


def _said(request: web.Request) -> tuple[bool, str] | None:
    """(whether it was done, the line) of the act before, None where there was none."""
    try:
        done, line = json.loads(base64.urlsafe_b64decode(request.cookies[SAID]))
    except (KeyError, ValueError, TypeError, binascii.Error):
        return None
    return bool(done), str(line)
