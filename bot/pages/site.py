"""The pages that a link of the bot opens, added to the application of the door."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from bot.cli.place import Place
from bot.pages import desk, desk_live, mine, overview_files, prints, rollcall, taken
from bot.pages.board import Boards
from bot.pages.entry import HERE, Entry, Show, plainly
from bot.pages.overview import Overview
from handlers.links import end


def add_to(app: web.Application, place: Place) -> None:
    """Adds the pages; without a link's cookie each says in one line how to get in."""
    entry = Entry(place)
    app.router.add_get(r"/open/{token:[\w.-]{1,100}}", plainly(entry.ask))
    app.router.add_post(r"/open/{token:[\w.-]{1,100}}", plainly(entry.open))
    for method, do in (("GET", taken.ask), ("POST", taken.give)):
        app.router.add_route(method, r"/open/file/{token:[\w.=-]{1,600}}", plainly(partial(do, entry=entry)))
    app.router.add_get("/me", plainly(partial(mine.show, entry=entry)))
    app.router.add_get("/me/file", plainly(partial(mine.file, entry=entry)))
    boards = Boards(place)
    app.router.add_get(r"/roll-call/{activity:\d{1,9}}", plainly(partial(rollcall.show, entry=entry, boards=boards)))
    app.router.add_get(
        r"/roll-call/{activity:\d{1,9}}/events", plainly(partial(rollcall.events, entry=entry, boards=boards))
    )
    for path, show in (("", prints.show), ("/sheet", prints.sheet), ("/record", prints.record)):
        app.router.add_get(rf"/print/{{activity:\d{{1,9}}}}{path}", plainly(partial(show, entry=entry)))
    app.router.add_get("/desk", plainly(partial(desk.show, entry=entry)))
    news = desk_live.News(place)
    app.router.add_get("/desk/events", plainly(partial(desk_live.events, entry=entry, news=news)))
    app.router.add_post("/desk/do/{act:[a-z]{1,12}}", plainly(partial(desk.do, entry=entry)))
    app.router.add_get("/desk/ledger", plainly(partial(prints.ledgers, entry=entry)))
    app.router.add_get("/desk/ledger/{name:[a-z]{1,12}}", plainly(partial(prints.ledger_page, entry=entry)))
    for path in ("{section:[a-z]{1,12}}", r"{section:[a-z]{1,12}}/{number:\d{1,6}}"):
        app.router.add_get(f"/desk/{path}", plainly(partial(desk.section, entry=entry)))
    overview = Overview(entry)
    looks: dict[str, Show] = {
        "": overview.required,
        "/figures": overview.figures,
        "/figure": overview.figure,
        "/charts": overview.charts,
        "/messages": overview.messages,
        "/files": partial(overview_files.files, overview=overview),
        "/file": partial(overview_files.file, overview=overview),
    }
    for path, look in looks.items():
        app.router.add_get(f"/dashboard{path}", plainly(look))
    app.router.add_get("/screen", plainly(partial(rollcall.screen, entry=entry)))
    app.router.add_get("/favicon.ico", _emblem)  # browsers ask for it where a page names no picture
    app.router.add_static("/page", HERE / "static")

    async def let_go(_app: web.Application) -> None:
        boards.close()
        news.close()

    async def shut(_app: web.Application) -> None:
        # Who stands in no register is an admin by the configuration, which is read anew only at the start.
        await place.database.write(partial(end, member=0, purpose="dashboard"))

    app.on_startup.append(shut)
    app.on_shutdown.append(let_go)


async def _emblem(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(HERE / "static" / "emblem.svg")
