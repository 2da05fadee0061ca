"""What is seen from outside, in Prometheus' text. No label ever holds a person or a group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import pairwise
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from bot import outbox
from bot.db import Database, DatabaseDown, Tx
from bot.message import Platform

__all__ = ["CONTENT_TYPE", "Gauges", "Metrics", "nothing_more"]

CONTENT_TYPE = CONTENT_TYPE_LATEST
STEPS = ("read", "record", "answer")  # verified and understood as a message; in the rows; drawn for the platform

Gauges = Callable[[Tx], list[tuple[str, str, Mapping[str, str], float]]]  # (name, help, labels, value) from rows


def nothing_more(_tx: Tx) -> list[tuple[str, str, Mapping[str, str], float]]:
    """The gauges of a house that has none of its own."""
    return []


class Metrics:
    """Counts of the door, and what the page asks of the database, the outbox and the platforms when it is read."""

    def __init__(self, database: Database, platforms: Mapping[str, Platform], gauges: Gauges = nothing_more) -> None:
        self.database, self.platforms, self.gauges = database, platforms, gauges
        self.registry = CollectorRegistry()
        self.messages = Counter(
            "zhibu_messages", "Messages by platform and outcome", ["platform", "outcome"], registry=self.registry
        )
        self.seconds = Histogram(
            "zhibu_message_seconds", "From the body to the answer", ["platform"], registry=self.registry
        )
        steps = Histogram("zhibu_step_seconds", "The same by step", ["step"], registry=self.registry)
        self._steps = [steps.labels(step).observe for step in STEPS]
        self._bound: dict[tuple[str, str], Any] = {}

    def took(self, platform: str, outcome: str, marks: tuple[float, ...] = ()) -> None:
        """Counts a message; `marks` are the clock at the start and after each of STEPS, in seconds."""
        count, observe = self._bound.get((platform, outcome)) or self._bind(platform, outcome)
        count()
        if marks:
            observe(marks[-1] - marks[0])
            for step, (start, end) in zip(self._steps, pairwise(marks), strict=True):
                step(end - start)

    def _bind(self, platform: str, outcome: str) -> Any:
        """Finding a label's own counter costs as much as a statement: it is found once."""
        bound = self.messages.labels(platform, outcome).inc, self.seconds.labels(platform).observe
        self._bound[platform, outcome] = bound
        return bound

    async def page(self) -> bytes:
        """The Prometheus text."""
        batches, units = self.database.counts()
        families = [
            GaugeMetricFamily("zhibu_batches", "Commits", value=batches),
            GaugeMetricFamily("zhibu_units", "Units in them", value=units),
            GaugeMetricFamily("zhibu_waiting", "Units that wait to be written", value=self.database.waiting()),
            *self._lines(),
        ]
        with suppress(DatabaseDown):  # the other figures are wanted most when it is down
            families += await self.database.read(_promises)
            families += _families(await self.database.read(self.gauges))
        extra = CollectorRegistry()
        extra.register(_Once(families))
        return generate_latest(self.registry) + generate_latest(extra)

    def _lines(self) -> list[GaugeMetricFamily]:
        """Of the platforms with a connection of their own: whether it hears, and whether this replica holds it."""
        hears = GaugeMetricFamily("zhibu_hearing", "1 where the connection hears", labels=["platform"])
        held = GaugeMetricFamily("zhibu_line_held", "1 where this replica holds the connection", labels=["platform"])
        for name, platform in self.platforms.items():
            if hasattr(platform, "listen"):
                hears.add_metric([name], not getattr(platform, "trouble", ""))
                held.add_metric([name], getattr(platform, "speaks", True))
        return [hears, held]


def _promises(tx: Tx) -> list[GaugeMetricFamily]:
    states = GaugeMetricFamily("zhibu_outbox", "Promises by state", labels=["state"])
    for row in tx.all(outbox.STATES):
        states.add_metric([row.state], row.count)
    oldest = tx.value(outbox.OLDEST_DUE, at=tx.at)
    age = (tx.at - oldest) / outbox.SECOND if oldest else 0
    return [
        states,
        GaugeMetricFamily("zhibu_outbox_oldest_seconds", "How long the oldest due promise waits", value=age),
    ]


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
