"""A theme day's answers at one database, in simulated time: arrivals, group commit, the platform's patience.

Processes share a database as the bot's do: each handles its messages, then waits for its turn to write all of them in
one transaction. The platform waits 5 s for an answer and delivers three times in all (WeCom doc 90238). A message that
finds too many waiting is refused and here never comes again: the worst reading of what a platform does then.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from bench.costs import Cost
from bot.db import MOST_WAITING
from bot.writer import BATCH_UNITS

HOUR = 3600.0
RUSH, RUSH_SECONDS = 0.6, 100.0  # six of ten answer soon after 09:00, most of them after 100 s; the rest at any time
PATIENCE, DELIVERIES = 5.0, 3
KEPT, HEARD, GIVEN_UP = 1, 2, 4
STEP = 10_000  # waiting is kept in tenths of a millisecond

Delivery = tuple[float, int, int]  # at, which message, which of its deliveries


@dataclass(slots=True)
class Day:
    """What became of all messages. arrived = heard + unheard + lost."""

    arrived: int = 0
    heard: int = 0  # answered within 5 s of one of its deliveries
    again: int = 0  # deliveries after the first
    unheard: int = 0  # recorded, but every answer came too late
    lost: int = 0  # never recorded
    recorded: int = 0
    batches: int = 0
    busy: dict[int, float] = field(default_factory=lambda: defaultdict(float))  # seconds of the writer by minute
    waits: Counter[int] = field(default_factory=Counter)  # from the first delivery to the answer that was heard

    def add(self, other: Day) -> None:
        """Another database's day; of the writers, the one that was busiest."""
        for name in ("arrived", "heard", "again", "unheard", "lost", "recorded", "batches"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.waits.update(other.waits)
        for minute, busy in other.busy.items():
            self.busy[minute] = max(self.busy[minute], busy)

    def waited(self, share: float) -> float:
        """The waiting in seconds that `share` of those who were heard did not exceed; 1.0 is the longest."""
        rest = math.ceil(share * self.heard)
        for step in sorted(self.waits):
            rest -= self.waits[step]
            if rest <= 0:
                return step / STEP
        return 0.0

    @property
    def load(self) -> float:
        """The writer's busiest minute, 1.0 is all of it."""
        return max(self.busy.values(), default=0.0) / 60

    @property
    def good(self) -> bool:
        """Whether everything was recorded and heard, and 99 of 100 within a second."""
        return self.lost == 0 and self.unheard == 0 and self.waited(0.99) < 1


def arrivals(count: int, chance: random.Random) -> list[float]:
    """When `count` members answer, in seconds after 09:00, sorted."""
    draw = chance.random
    found: list[float] = []
    while len(found) < count:
        at = draw() * HOUR if draw() > RUSH else -RUSH_SECONDS * math.log((1 - draw()) * (1 - draw()))
        if at < HOUR:
            found.append(at)
    return sorted(found)


class Process:
    """One process: what came to it, what waits, and until when it is busy."""

    def __init__(self, due: Sequence[float], day: Day) -> None:
        self.due, self.day, self.next = [*due, math.inf], day, 0
        self.queue: deque[Delivery] = deque()
        self.watched: deque[Delivery] = deque()  # what the platform will deliver again, unless it was heard
        self.seen = 0  # how many of the queue, from its head, are watched
        self.state = bytearray(len(due))  # KEPT and HEARD, GIVEN_UP
        self.took: list[float] = []
        self.free = 0.0

    def start(self) -> float:
        """When it can begin its next batch; infinite where nothing comes any more."""
        return self.free if self.queue else max(self.free, self._coming())

    def _coming(self) -> float:
        while self.watched and self.state[self.watched[0][1]] & HEARD:
            self.watched.popleft()
        return min(self.due[self.next], self.watched[0][0] + PATIENCE if self.watched else math.inf)

    def take(self, until: float) -> None:
        """Everything that is delivered until then, for the first time or again, in order."""
        while (at := self._coming()) <= until:
            if at == self.due[self.next]:
                self._deliver(at, self.next, 1)
                self.next += 1
                continue
            _, message, delivery = self.watched.popleft()
            if delivery < DELIVERIES and not self.state[message] & GIVEN_UP:
                self.day.again += 1
                self._deliver(at, message, delivery + 1)

    def _deliver(self, at: float, message: int, delivery: int) -> None:
        if len(self.queue) <= MOST_WAITING:
            self.queue.append((at, message, delivery))
        else:
            self.state[message] |= GIVEN_UP

    def batch(self, most: int) -> list[Delivery]:
        """What is written together."""
        queue = self.queue
        return [queue.popleft() for _ in range(min(most, len(queue)))]

    def done(self, batch: list[Delivery], end: float) -> None:
        """A batch is committed and answered; what was not heard, and what still waits, will come again."""
        self.free, state = end, self.state
        for place, (at, message, delivery) in enumerate(batch):
            state[message] |= KEPT
            if end <= at + PATIENCE:
                if not state[message] & (HEARD | GIVEN_UP):
                    state[message] |= HEARD
                    self.took.append(end - self.due[message])
            elif place >= self.seen:
                self.watched.append((at, message, delivery))
        self.watched.extend(islice(self.queue, max(0, self.seen - len(batch)), None))
        self.seen = len(self.queue)

    def close(self) -> None:
        """Counts what became of each message."""
        day, every = self.day, len(self.state)
        kept = sum(1 for state in self.state if state & KEPT)
        day.arrived, day.recorded, day.lost = day.arrived + every, day.recorded + kept, day.lost + every - kept
        day.heard += len(self.took)
        day.unheard += kept - len(self.took)
        day.waits.update(round(took * STEP) for took in self.took)


def lived(due: Sequence[float], processes: int, cost: Cost, chance: random.Random, most: int = BATCH_UNITS) -> Day:
    """A day at one database: messages go to the processes in turn, and the processes take turns to write."""
    day, turn = Day(), 0.0
    every = [Process(due[number::processes], day) for number in range(processes)]
    spread, count = cost.spread, len(cost.spread)
    while (start := (one := min(every, key=Process.start) if processes > 1 else every[0]).start()) < math.inf:
        one.take(start)
        batch = one.batch(most)
        if not batch:
            continue
        share = spread[int(chance.random() * count)]
        begin = max(start + len(batch) * cost.front * share, turn)
        turn = begin + (cost.commit + len(batch) * cost.unit) * share
        day.busy[int(begin // 60)] += turn - begin
        day.batches += 1
        one.done(batch, turn)
    for one in every:
        one.close()
    return day
