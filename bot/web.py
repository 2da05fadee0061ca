"""The door of the platforms: a raw body comes in, is verified, recorded, and only then answered with 200."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from bot import outbox
from bot.db import Database, DatabaseDown, Tx
from bot.dispatch import House, handle, say_late
from bot.logs import about
from bot.message import Incoming, Knock, NotOurs, Platform, Reply

log = logging.getLogger(__name__)

BODY_BYTES = 64 * 1024
MOST_WAITING = 2000  # units; above it 503 at once is kinder than an answer after five seconds

Ready = Callable[[], Awaitable[list[str]]]
Gauges = Callable[[Tx], list[tuple[str, str, Mapping[str, str], float]]]  # (name, help, labels, value) from rows


class Metrics:
    """What is seen from outside; no label ever holds a person or a group."""

    def __init__(self, database: Database, platforms: Mapping[str, Platform], gauges: Gauges = lambda _tx: []) -> None:
        self.platforms, self.gauges = platforms, gauges
        self.registry = CollectorRegistry()
        self.messages = Counter(
            "zhibu_messages", "Messages by platform and outcome", ["platform", "outcome"], registry=self.registry
        )
        self.seconds = Histogram(
            "zhibu_message_seconds", "From the body to the answer", ["platform"], registry=self.registry
        )
        self.database = database
        self._children: dict[tuple[str, str], Any] = {}

    def took(self, platform: str, outcome: str, seconds: float | None = None) -> None:
        """Counts a message and, where it was answered, how long that took."""
        count, observe = self._children.get((platform, outcome)) or self._bind(platform, outcome)
        count()
        if seconds is not None:
            observe(seconds)

    def _bind(self, platform: str, outcome: str) -> Any:
        """Finding a label's own counter costs as much as a statement: it is found once."""
        bound = self.messages.labels(platform, outcome).inc, self.seconds.labels(platform).observe
        self._children[platform, outcome] = bound
        return bound

    async def page(self) -> bytes:
        """The Prometheus text."""
        batches, units = self.database.counts()
        families = [
            GaugeMetricFamily("zhibu_batches", "Commits", value=batches),
            GaugeMetricFamily("zhibu_units", "Units in them", value=units),
            GaugeMetricFamily("zhibu_waiting", "Units that wait to be written", value=self.database.waiting()),
            _connections(self.platforms),
        ]
        with suppress(DatabaseDown):  # the other figures are wanted most when it is down
            families.append(_promises(await self.database.read(lambda tx: tx.all(outbox.STATES))))
            families += _families(await self.database.read(self.gauges))
        extra = CollectorRegistry()
        extra.register(_Once(families))
        return generate_latest(self.registry) + generate_latest(extra)


def _connections(platforms: Mapping[str, Platform]) -> GaugeMetricFamily:
    """Of the platforms that open a connection themselves: 1, or 0 where nothing is heard."""
    family = GaugeMetricFamily("zhibu_hearing", "Whether a platform's own connection hears", labels=["platform"])
    for name, platform in platforms.items():
        if hasattr(platform, "trouble"):
            family.add_metric([name], 0 if platform.trouble else 1)
    return family


def _promises(rows: list[Any]) -> GaugeMetricFamily:
    family = GaugeMetricFamily("zhibu_outbox", "Promises by state", labels=["state"])
    for row in rows:
        family.add_metric([row.state], row.count)
    return family


def _families(found: list[tuple[str, str, Mapping[str, str], float]]) -> list[GaugeMetricFamily]:
    families: dict[str, GaugeMetricFamily] = {}
    for name, words, labels, value in found:
        family = families.setdefault(name, GaugeMetricFamily(name, words, labels=list(labels)))
        family.add_metric(list(labels.values()), value)
    return list(families.values())


class _Once:
    def __init__(self, families: list[Any]) -> None:
        self.families = families

    def collect(self) -> list[Any]:
        return self.families


def application(
    database: Database,
    platforms: Mapping[str, Platform],
    house: House,
    ready: Ready,
    gauges: Gauges = lambda _tx: [],
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
    body = await request.read()
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
    reply = await record(database, received, house)
    if reply and received.kind == "press" and received.reply_url and _gone(request):
        await database.write(partial(say_late, incoming=received, reply=reply))
    wire = platform.answer(received, reply)
    seconds = time.perf_counter() - began
    metrics.took(name, "answered" if reply else "silent", seconds)
    log.debug("%s on %s in %.0f ms", "answered" if reply else "kept", name, seconds * 1000)
    return web.Response(status=wire.status, body=wire.body, content_type=wire.content_type)


def _gone(request: web.Request) -> bool:
    """Whether who asked waits no more. A message is asked for again, a press never is (WeCom doc 101027)."""
    return request.transport is None or request.transport.is_closing()


async def record(database: Database, incoming: Incoming, house: House) -> Reply | None:
    """Handles a message in the database; raises 503 where the database can't take it or too many wait."""
    if database.waiting() > MOST_WAITING:
        raise web.HTTPServiceUnavailable
    about.set(incoming.message_id)
    return await database.write(partial(handle, incoming=incoming, house=house))


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
        return web.Response(status=error.status)
    except ConnectionError:
        return web.Response(status=400)  # who asked went away in the middle of the body: nobody hears this
    except Exception:
        log.exception("500: %s %s", request.method, request.rel_url.path)
        return web.Response(status=500)


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _ready(_request: web.Request, *, ready: Ready) -> web.Response:
    reasons = await ready()
    return web.Response(status=503 if reasons else 200, text="\n".join(reasons or ["ready"]) + "\n")


async def _metrics(_request: web.Request, *, metrics: Metrics) -> web.Response:
    return web.Response(body=await metrics.page(), headers={"Content-Type": CONTENT_TYPE_LATEST})
