"""Every page, also one that comes later: without a cookie, with another page's or another branch's it has no mark."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.db import Tx
from bot.pages import site
from bot.pages.entry import COOKIE
from bot.web import application
from handlers.links import PURPOSES, let_in
from tests.cast import Cast, opened_cast
from tests.matrix.world import MARK, SECRETS, owned, plant

NOT_PAGES = ("/hook", "/page")  # the platforms' door, and files of style
LIVE = 0.3  # seconds that a stream of events is listened to


@pytest.fixture
async def marked(sqlite: str, tmp_path: Path) -> AsyncIterator[Cast]:
    async with opened_cast(sqlite, tmp_path) as cast:
        await plant(cast)
        await cast.says("郑晓燕", "/attendance open 主题党日 12月4日15:00 二楼", "g2")
        yield cast


def foreign(tx: Tx, who: int, branch: int, activity: int) -> list[str]:
    """The cookies of every kind of page that the leader of another branch may open."""
    for purpose in PURPOSES:
        of = activity if purpose in ("roll-call", "print") else 0
        let_in(tx, f"secret-{purpose}", purpose, who, branch, of)
    return [f"secret-{purpose}" for purpose in PURPOSES]


def addresses(app: web.Application) -> list[tuple[str, str]]:
    """(method, path) of every page; a number is that of the marked branch's meeting, a name is any."""
    found = []
    for route in app.router.routes():
        resource = route.resource
        path = resource.canonical if resource else ""
        if not path or path.startswith(NOT_PAGES) or route.method not in ("GET", "POST"):
            continue
        made = path
        for part in [one.partition("}")[0] for one in path.split("{")[1:]]:
            made = made.replace(f"{{{part}}}", "1" if part in ("activity", "branch", "member", "id") else "dues")
        found.append((route.method, made))
    return found


async def test_no_page_shows_another_branch(marked: Cast) -> None:
    place = marked.place
    app = application(place.database, place.platforms, place.house, place.ready)
    site.add_to(app, place)
    own = await _numbers(marked)
    cookies = await place.database.write(partial(foreign, who=own[0], branch=2, activity=own[1]))
    before = await owned(marked)
    shown = 0
    async with TestServer(app) as server, ClientSession() as client:
        for method, path in addresses(app):
            for cookie in ("", "not ours", *cookies):
                headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
                status, text = await _read(client, method, str(server.make_url(path)), headers)
                assert status < 500, (path, cookie)
                assert MARK not in text, (method, path, cookie)
                assert not any(one in text for one in SECRETS), (method, path, cookie)
                shown += status == 200
        for path in (f"/roll-call/{own[1]}", f"/print/{own[1]}", "/me"):  # what is his own he sees: the test looks
            purpose = path.split("/")[1]
            status, text = await _read(
                client, "GET", str(server.make_url(path)), {"Cookie": f"{COOKIE}=secret-{purpose}"}
            )
            assert (status, bool(text)) == (200, True), path
    assert shown
    assert await owned(marked) == before


async def _numbers(cast: Cast) -> tuple[int, int]:
    """(the id of branch 2's leader, the id of its meeting)."""
    from sqlalchemy import select

    from handlers.tables import activities, members

    (leader,) = await cast.rows(select(members.c.id).where(members.c.name == "郑晓燕"))
    (meeting,) = await cast.rows(select(activities.c.id).where(activities.c.branch_id == 2))
    return int(leader.id), int(meeting.id)


async def _read(client: ClientSession, method: str, url: str, headers: dict[str, str]) -> tuple[int, str]:
    """(status, what came); of a stream what came at first."""
    import asyncio

    async with client.request(method, url, headers=headers, allow_redirects=False) as answer:
        if answer.content_type == "text/event-stream":
            try:
                data = await asyncio.wait_for(answer.content.readany(), LIVE)
            except TimeoutError:
                data = b""
        else:
            data = await answer.read()
        return answer.status, unescape(data.decode(errors="replace"))
