"""A file that a link of the chat gives out once, where the platform sends none."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from aiohttp import web

from bot import file_links
from bot.pages.entry import HEADERS, Entry, from_here, page


async def ask(request: web.Request, entry: Entry) -> web.StreamResponse:
    """A link is looked at: a button gives the file, so that a preview of the chat doesn't use it up. Raises Refused."""
    work = partial(file_links.look, key=entry.place.house.key, token=request.match_info["token"])
    return page("open.html", called=await entry.place.database.read(work), does="下载")


async def give(request: web.Request, entry: Entry) -> web.StreamResponse:
    """The file itself, once. Raises Refused."""
    from_here(request)
    work = partial(file_links.take, key=entry.place.house.key, token=request.match_info["token"])
    given = await entry.place.database.write(work)
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(given.name)}"}
    return web.Response(body=given.data, content_type=given.content_type, headers={**HEADERS, **disposition})
