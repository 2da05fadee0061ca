"""The roll-call on the projector: how it gets there, what it shows, and its live wire."""

from __future__ import annotations

import asyncio
import secrets
from functools import partial

from aiohttp import web

from bot.db import Tx
from bot.pages.board import Board, Boards
from bot.pages.entry import HEADERS, Entry, activity_of, page, path_of
from bot.pages.stream import BEAT_SECONDS, write
from handlers.attendance.screen import new_screen, screen_of

COOKIE = "zhibu_screen"
MOST_SCREENS = 500
RETRY_MILLISECONDS = 2000  # until a screen that lost its wire tries again


async def show(request: web.Request, entry: Entry, boards: Boards) -> web.StreamResponse:
    """The page with what stands now; its script keeps it so. Raises Refused."""
    given = await entry.admitted(request, "roll-call")
    shown = await boards.read(given.activity)
    return page("rollcall.html", state=boards.state(shown), activity=given.activity)


async def events(request: web.Request, entry: Entry, boards: Boards) -> web.StreamResponse:
    """Streams what stands now, then every change, until the meeting or the session is over. Raises Refused."""
    given = await entry.admitted(request, "roll-call")
    if boards.screens >= MOST_SCREENS:
        return web.Response(status=503, headers=HEADERS)
    headers = {**HEADERS, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
    response = web.StreamResponse(headers=headers)
    try:
        async with boards.seat(activity_of(request)) as board:
            await response.prepare(request)
            await _pour(response, boards, board, given.until)
    except (TimeoutError, ConnectionError):
        if request.transport is not None:
            request.transport.abort()
    return response


async def _pour(response: web.StreamResponse, boards: Boards, board: Board, until: int) -> None:
    await write(response, f"retry: {RETRY_MILLISECONDS}\n\n")
    while not boards.closed and boards.now() < until:
        change, shown = board.change, board.shown
        await write(response, boards.line(shown))
        if shown.state != "open":
            return
        await _next(boards, board, change)


async def _next(boards: Boards, board: Board, change: int) -> None:
    """Until something changes, the digits do, or it is time to show that both are still there."""
    seconds = boards.state(board.shown)["seconds"] or BEAT_SECONDS
    try:
        async with asyncio.timeout(min(seconds, BEAT_SECONDS)):
            while board.change == change and not boards.closed:
                await board.news.wait()
    except TimeoutError:
        return


async def screen(request: web.Request, entry: Entry) -> web.StreamResponse:
    """What the projector's machine opens: a code until it was typed, then the roll-call. Raises Refused."""
    secret, known = request.cookies.get(COOKIE, ""), None
    if secret:
        known = await entry.place.database.read(partial(screen_of, secret=secret))
    if known is not None and known.activity_id:
        response = entry.go(secret, path_of("roll-call", known.activity_id))
        response.del_cookie(COOKIE, path="/screen")
        return response
    if known is not None:
        return page("screen.html", code=known.code)
    secret = secrets.token_urlsafe(32)

    def work(tx: Tx) -> str:
        return new_screen(tx, secret)

    waiting = page("screen.html", code=await entry.place.database.write(work))
    waiting.set_cookie(COOKIE, secret, path="/screen", httponly=True, samesite="Strict", secure=entry.secure)
    return waiting
