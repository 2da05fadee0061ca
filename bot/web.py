"""The door of the platforms: a raw body comes in, is verified, recorded, and only then answered with 200."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot import outbox
from bot.db import Database, DatabaseDown, Tx
from bot.dispatch import House, handle
from bot.logs import about
from bot.message import Incoming, Knock, NotOurs, Platform, Reply
from bot.metrics import CONTENT_TYPE, Gauges, Metrics, nothing_more

log = logging.getLogger(__name__)

BODY_BYTES = 64 * 1024
BODY_SECONDS = 5.0  # in which a body must have come: who takes longer is no platform


NO_HTTP = (HttpProcessingError, web.RequestPayloadError)


class _NoHttp(logging.Filter):
    """Strangers that write no HTTP to the port would fill the log, each with a traceback; they are told 400."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], NO_HTTP))


logging.getLogger("aiohttp.server").addFilter(_NoHttp())

Ready = Callable[[], Awaitable[list[str]]]


def application(
    database: Database,
    platforms: Mapping[str, Platform],
    house: House,
    ready: Ready,
    gauges: Gauges = nothing_more,
) -> web.Application:
    """The HTTP application: hooks, health, readiness, metrics (with `gauges`). Pages are added by the roof."""
    app = web.Application(client_max_size=BODY_BYTES, middlewares=[_bare_errors])
    metrics = Metrics(database, platforms, gauges)
    for name, platform in platforms.items():
        # A plain route each: found by a look-up, where a pattern would be tried on every message.
        app.router.add_route(
            "*", f"/hook/{name}", partial(hook, database=database, platform=platform, house=house, metrics=metrics)
        )
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", partial(_ready, ready=ready))
    app.router.add_get("/metrics", partial(_metrics, metrics=metrics))
    return app


async def hook(
    request: web.Request, *, database: Database, platform: Platform, house: House, metrics: Metrics
) -> web.Response:
    """One message: verified, recorded, answered. 4xx for what is not the platform's, 503 where it can't be kept."""
    began, name = time.perf_counter(), platform.name
    about.set("")  # of the message before on the same connection
    body = await whole(request)
    # The platforms' stamps are held against the real time, also where the console has moved the house's clock.
    knock = Knock(request.method, request.query, request.headers, body, datetime.now(UTC))
    try:
        received = platform.receive(knock)
    except NotOurs as error:
        log.info("refused on %s: %s", name, error)
        metrics.took(name, "refused")
        return web.Response(status=error.status)
    if not isinstance(received, Incoming):
        return web.Response(status=received.status, body=received.body, content_type=received.content_type)
    read = time.perf_counter()
    reply = await record(database, received, house)
    recorded = time.perf_counter()
    if reply and received.kind == "press" and received.reply_url and _gone(request):
        await database.write(partial(_say_late, incoming=received, reply=reply))
    wire = platform.answer(received, reply)
    metrics.took(name, "answered" if reply else "silent", (began, read, recorded, time.perf_counter()))
    log.debug("%s on %s in %.0f ms", "answered" if reply else "kept", name, (time.perf_counter() - began) * 1000)
    return web.Response(status=wire.status, body=wire.body, headers={"Content-Type": wire.content_type})


async def whole(request: web.Request) -> bytes:
    """The body. Raises 408 where it takes too long, 413 where it is too large."""
    if request.content.is_eof():  # as nearly always: no clock needs to be set
        return await request.read()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None


def _gone(request: web.Request) -> bool:
    """Whether who asked waits no more. A message is asked for again, a press never is (WeCom doc 101027)."""
    return request.transport is None or request.transport.is_closing()


def _say_late(tx: Tx, incoming: Incoming, reply: Reply) -> None:
    """Promises an answer that nobody waited for, to the address that came with the message."""
    outbox.put(
        tx,
        incoming.platform,
        incoming.chat,
        reply,
        key=f"late:{incoming.platform}:{incoming.message_id}",
        purpose="answer",
        private=incoming.private,
        expires=incoming.reply_until,
        reply_url=incoming.reply_url,
        reply_until=incoming.reply_until,
    )


async def record(database: Database, incoming: Incoming, house: House) -> Reply | None:
    """Handles a message in the database; raises 503 where the database can't take it or too many wait."""
    if database.full():
        raise web.HTTPServiceUnavailable
    about.set(incoming.message_id)
    return await database.write(partial(handle, incoming=incoming, house=house), house.ahead(incoming))


@web.middleware
async def _bare_errors(request: web.Request, handler: Any) -> web.StreamResponse:
    """Errors leave with a status and an empty body; a bug is logged here, once."""
    try:
        response: web.StreamResponse = await handler(request)
        return response
    except DatabaseDown as error:
        log.error("503: %s", error)
        return web.Response(status=503)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = web.Response(status=error.status)
        if not request.content.is_eof():
            response.force_close()  # what is left of the body is not waited for
        return response
    except (ConnectionError, web.RequestPayloadError):
        return web.Response(status=400)  # who asked went away in the middle of the body, or it isn't packed as it says
    except Exception:
        log.exception("500: %s %s", request.method, request.rel_url.path)
        return web.Response(status=500)


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _ready(_request: web.Request, *, ready: Ready) -> web.Response:
    reasons = await ready()
    return web.Response(status=503 if reasons else 200, text="\n".join(reasons or ["ready"]) + "\n")


async def _metrics(_request: web.Request, *, metrics: Metrics) -> web.Response:
    return web.Response(body=await metrics.page(), headers={"Content-Type": CONTENT_TYPE})
