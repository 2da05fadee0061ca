"""The pages that a link of the bot opens, added to the application of the door."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from bot.cli.place import Place
from bot.pages import mine
from bot.pages.entry import HERE, Entry, plainly


def add_to(app: web.Application, place: Place) -> None:
    """Adds the pages; without a link's cookie each says in one line how to get in."""
    entry = Entry(place)
    app.router.add_get(r"/open/{token:[\w.-]{1,100}}", plainly(entry.ask))
    app.router.add_post(r"/open/{token:[\w.-]{1,100}}", plainly(entry.open))
    app.router.add_get("/me", plainly(partial(mine.show, entry=entry)))
    app.router.add_get("/me/file", plainly(partial(mine.file, entry=entry)))
    app.router.add_static("/page", HERE / "static")
