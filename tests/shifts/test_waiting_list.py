"""The waiting list against a list in memory, and a rush of two hundred."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.db import Database, Tx
from bot.message import Refused
from handlers import shifts
from tests.dues.books import NOW, ZONE, Books

PEOPLE = 7


def opened(books: Books, capacity: int) -> int:
    who = books.ask("赵敏", 0).who
    start = NOW + timedelta(days=2)
    return int(
        books.do(lambda tx: shifts.open_shift(tx, books.branch, "义诊", start, None, "人民广场", capacity, who)).id
    )


class WaitingList(RuleBasedStateMachine):
    """Two lists are the model: who has a seat, and who waits, in the order of joining."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.books = Books(Path(self.folder.name) / "bot.db")
        self.people = [self.books.member(f"党员{number}") for number in range(PEOPLE)]
        self.seated: list[int] = []
        self.waiting: list[int] = []

    @initialize(capacity=st.integers(1, 4))
    def open(self, capacity: int) -> None:
        self.capacity = capacity
        self.shift = opened(self.books, capacity)

    @rule(which=st.integers(0, PEOPLE - 1))
    def join(self, which: int) -> None:
        member = self.people[which]
        who = self.books.ask("某", member).who
        try:
            place = self.books.do(lambda tx: shifts.signup(tx, self.shift, member, who))
        except Refused:
            assert member in self.seated + self.waiting
            return
        assert member not in self.seated + self.waiting
        (self.seated if len(self.seated) < self.capacity else self.waiting).append(member)
        assert place == (0 if member in self.seated else len(self.waiting))

    @rule(which=st.integers(0, PEOPLE - 1))
    def leave(self, which: int) -> None:
        member = self.people[which]
        who = self.books.ask("某", member).who
        try:
            promoted = self.books.do(lambda tx: shifts.withdraw(tx, self.shift, member, who))
        except Refused:
            assert member not in self.seated + self.waiting
            return
        expected = 0
        if member in self.waiting:
            self.waiting.remove(member)
        else:
            self.seated.remove(member)
            if self.waiting:
                expected = self.waiting.pop(0)
                self.seated.append(expected)
        assert (promoted.member if promoted else 0) == expected

    @invariant()
    def rows_are_the_model(self) -> None:
        if not hasattr(self, "shift"):
            return
        rows = self.books.do(lambda tx: shifts.there(tx, self.shift))
        assert {row.member_id for row in rows if row.seated_at} == set(self.seated)
        assert [row.member_id for row in rows if not row.seated_at] == self.waiting
        assert self.books.do(shifts.check) == []
        assert len(self.seated) <= self.capacity

    def teardown(self) -> None:
        self.books.close()
        self.folder.cleanup()


WaitingList.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestWaitingList = WaitingList.TestCase


async def test_a_rush_oversells_nothing(tmp_path: Path) -> None:
    books = Books(tmp_path / "bot.db")
    people = [books.member(f"党员{number}") for number in range(200)]
    shift, asks = opened(books, 10), [books.ask(f"党员{n}", member).who for n, member in enumerate(people)]
    books.close()
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}", ZONE, now=lambda: NOW)

    def join(which: int) -> asyncio.Future[int]:
        return database.write(lambda tx: shifts.signup(tx, shift, people[which], asks[which]))

    def rows(tx: Tx) -> list[tuple[int, bool]]:
        return [(row.member_id, bool(row.seated_at)) for row in shifts.there(tx, shift)]

    places = await asyncio.gather(*(join(which) for which in range(200)))
    assert places == [0] * 10 + list(range(1, 191))
    assert await database.read(rows) == [(member, place == 0) for member, place in zip(people, places, strict=True)]
    assert await database.read(lambda tx: shifts.counts(tx, shift)) == (10, 190)
    assert await database.read(shifts.check) == []
    left = await asyncio.gather(
        *(database.write(partial(shifts.withdraw, shift=shift, member=people[n], by=asks[n])) for n in range(10))
    )
    assert [one and one.member for one in left] == people[10:20]
    assert await database.read(lambda tx: shifts.counts(tx, shift)) == (10, 180)
    await database.close()
