"""What a message will ask, asked ahead: where many wait for PostgreSQL, they wait for each question together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from bot import trail
from bot.db import Tx
from bot.message import Incoming
from bot.tx import Ahead, Asked
from handlers import activities
from handlers.people.who import asks_names, asks_place

MOST = 2  # open activities of a branch; where there are more, members name theirs


def ahead(incoming: Incoming, same: Mapping[str, str]) -> Ahead:
    """Who speaks; then what is open there, how its chain of hashes ends and what people are called; then what he has
    answered to that, and how many have.

    A guess: what is asked in vain costs a little, what is not asked ahead is asked when it is needed.
    """
    return partial(_steps, incoming=incoming, same=same)


def _steps(tx: Tx, incoming: Incoming, same: Mapping[str, str]) -> Iterator[Sequence[Asked]]:
    place = asks_place(incoming, same)
    yield [place]
    (row,) = tx.foreseen(place.statement, **place.values)
    branch = row.home if incoming.private else row.branch_id
    if not branch or not row.member:
        return
    yield [activities.asks_open(tx, branch), trail.asks_last(branch), asks_names(branch)]
    coming = activities.open_now(tx, branch)[:MOST]
    yield [asked for one in coming for asked in (activities.asks_said(one, row.member), activities.asks_counts(one))]
