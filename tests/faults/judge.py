"""What must hold after every death and in the end, whatever befell the bot."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select

from bot.db import Database, Tx
from bot.sql import p, sql
from bot.tables import outbox, seen
from handlers.tables import branches, shifts
from tests.faults.story import Story, place
from tests.faults.world import World, branch

SEEN = sql(select(seen.c.message_id).where(seen.c.message_id.like(p("ids"))))
BRANCH = sql(select(branches.c.id).where(branches.c.name == p("name")))
PROMISES = sql(
    select(outbox).where(or_(outbox.c.branch_id == p("branch_id"), outbox.c.key.like(p("keys")))).order_by(outbox.c.id)
)
PLACES = sql(select(shifts.c.place).where(shifts.c.branch_id == p("branch_id")))
OVER = ("sent", "failed", "unknown", "merged")


@dataclass
class Life:
    """What stands in the rows of a seed's branch when a life has ended."""

    seen: set[str] = field(default_factory=set)
    promises: dict[str, Any] = field(default_factory=dict)
    places: Counter[str] = field(default_factory=Counter)


async def look(database: Database, seed: int) -> Life:
    """Reads it."""

    def work(tx: Tx) -> Life:
        one = tx.value(BRANCH, name=branch(seed))
        rows = tx.all(PROMISES, branch_id=one, keys=f"%:_{seed}__")
        return Life(
            {row.message_id for row in tx.all(SEEN, ids=f"_{seed}__")},
            {row.key: row for row in rows},
            Counter(row.place for row in tx.all(PLACES, branch_id=one)),
        )

    return await database.read(work)


def faults(told: Story, before: Life, now: Life, code: int, world: World, *, last: bool) -> list[str]:
    """A line for each promise that is broken: in the rows, in what the platforms heard, in how the bot ended."""
    lost = sorted(told.heard - now.seen)
    doubled = [place for place, count in now.places.items() if count > 1]
    vanished = sorted(before.promises.keys() - now.promises.keys())
    moved = [key for key, row in before.promises.items() if row.state in OVER and now.promises[key].state != row.state]
    found = [
        *(f"heard 200 and is not in the rows: {one}" for one in lost),
        *(f"done twice: {one}" for one in doubled),
        *(f"a promise vanished: {one}" for one in vanished),
        *(f"a promise was over and is not: {one}" for one in moved),
        *([f"ended with {code}"] if code not in (0, -9) else []),
        *_spoken(told.seed, now, world),
    ]
    return found + (_in_the_end(told, now, code) if last else [])


def _in_the_end(told: Story, now: Life, code: int) -> list[str]:
    said = {one.id for one in told.messages}
    places = {place(told.seed, number) for number in range(2)}
    return [
        *(f"never answered: {one}" for one in sorted(said - told.heard)),
        *(f"in the rows and never said: {one}" for one in sorted(now.seen - said)),
        *(f"a promise is neither sent, failed nor unknown: {key}" for key, row in _open(now)),
        *(f"never done: {one}" for one in sorted(places - now.places.keys())),
        *([f"SIGTERM ended it with {code}"] if told.term and code else []),
    ]


def _open(now: Life) -> list[tuple[str, Any]]:
    return [(key, row) for key, row in now.promises.items() if row.state not in OVER]


def _spoken(seed: int, now: Life, world: World) -> list[str]:
    """The rows against what the platforms heard: a notice once where it was sent, an answer at least once."""
    said: Counter[str] = Counter()
    expected: Counter[str] = Counter()
    found = []
    for key, row in now.promises.items():
        text = json.loads(row.reply)["text"]
        heard = _heard(world, seed, row.platform, row.target, text)
        if row.purpose == "answer":
            said[f"{row.target} {text}"] = heard
            expected[f"{row.target} {text}"] += row.state == "sent"
        elif heard > 1 or (row.state == "sent" and heard == 0) or (row.state == "failed" and heard):
            found.append(f"{key} is {row.state} and was heard {heard} times")
    return found + [
        f"answered {said[one]} times of {expected[one]}: {one}" for one in said if said[one] < expected[one]
    ]


def _heard(world: World, seed: int, platform: str, target: str, text: str) -> int:
    if platform == "wecom-push":
        return sum(one.key == target and one.text.startswith(text) for one in world.wecom.pushed)
    return sum(one.chat == target and one.plain.startswith(text) for one in world.ding.heard)
