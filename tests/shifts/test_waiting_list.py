"""The waiting list against lists in memory, on both engines, under every order of what people and the clock can do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.db import Tx, micros
from bot.message import Refused
from handlers import shifts
from handlers.shifts import opening, seats, store
from handlers.shifts.seats import Promoted
from scheduler.calendar import after_quiet
from tests.shifts.desk import Desk

PEOPLE = 7
RUNS = int(os.environ.get("WAITING_LIST_RUNS", "30"))  # a night's run takes thousands


class WaitingList(RuleBasedStateMachine):
    """Two lists are the model: who has a seat (and until when he has to say yes), and who waits, in order."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        desk.new_branch()
        self.people = desk.people(PEOPLE)
        self.seated: dict[int, int] = {}
        self.waiting: list[int] = []

    @initialize(capacity=st.integers(1, 4), claim=st.sampled_from([0, 20, 60, 720, 3000]))
    def open(self, capacity: int, claim: int) -> None:
        self.capacity, self.claim = capacity, claim
        self.shift = self.desk.opened(capacity, days=4, claim_minutes=claim)
        self.starts = self.desk.now + timedelta(days=4)

    @property
    def begun(self) -> bool:
        return self.desk.now >= self.starts

    def overdue(self) -> list[int]:
        """Who should have said yes by now, in the order in which his time ran out."""
        late = [(until, one) for one, until in self.seated.items() if 0 < until <= micros(self.desk.now)]
        return [one for _, one in sorted(late, key=lambda pair: pair[0])]

    def expect(self, promoted: Promoted | None) -> None:
        """The seat went to the first who waits, with a fair time to say yes."""
        assert promoted is not None
        assert promoted.member == self.waiting.pop(0)
        self.seated[promoted.member] = promoted.confirm_by
        if promoted.confirm_by == 0:
            assert self.claim < 30 or self.starts - after_quiet(self.desk.now, seats.NIGHT) < timedelta(hours=1.5)
            return
        until = Tx.moment(_Zoned(self.desk), promoted.confirm_by)
        asked = after_quiet(self.desk.now, seats.NIGHT)
        assert asked - self.desk.now <= timedelta(hours=11)
        assert timedelta(minutes=30) <= until - asked <= timedelta(minutes=self.claim, hours=12)
        assert until <= self.starts - timedelta(hours=1)
        assert time(8) <= until.time() < time(21) or until == self.starts - timedelta(hours=1)

    @rule(which=st.integers(0, PEOPLE - 1))
    def join(self, which: int) -> None:
        member = self.people[which]
        try:
            place = self.desk.do(lambda tx: shifts.signup(tx, self.shift, member, self.desk.who(member)))
        except Refused:
            assert self.begun or member in [*self.seated, *self.waiting]
            return
        assert member not in [*self.seated, *self.waiting]
        late = self.overdue()
        if len(self.seated) < self.capacity:
            self.seated[member] = 0
        elif late and not self.waiting:
            del self.seated[late[0]]
            self.seated[member] = 0
        else:
            self.waiting.append(member)
        assert place == (0 if member in self.seated else len(self.waiting))

    @rule(which=st.integers(0, PEOPLE - 1), clerk=st.booleans())
    def leave(self, which: int, clerk: bool) -> None:
        member = self.people[which]
        who = self.desk.who(0 if clerk else member)
        try:
            promoted = self.desk.do(lambda tx: shifts.withdraw(tx, self.shift, member, who, clerk=clerk))
        except Refused:
            assert self.begun or member not in [*self.seated, *self.waiting]
            return
        self.gone(member, promoted)

    def gone(self, member: int, promoted: Promoted | None) -> None:
        if member in self.waiting:
            self.waiting.remove(member)
            assert promoted is None
            return
        del self.seated[member]
        if self.waiting:
            self.expect(promoted)
        else:
            assert promoted is None

    @rule(which=st.integers(0, PEOPLE - 1))
    def say_yes(self, which: int) -> None:
        member = self.people[which]
        waits = self.seated.get(member, 0) > 0
        try:
            said = self.desk.do(lambda tx: shifts.confirm(tx, self.shift, member, self.desk.who(member)))
        except Refused:
            assert self.begun
            return
        assert said == waits
        if waits:
            self.seated[member] = 0

    @rule(which=st.integers(0, PEOPLE - 1))
    def go_for_good(self, which: int) -> None:
        """The member leaves the register while he is signed up."""
        member = self.people[which]
        released = self.desk.do(lambda tx: shifts.release(tx, member, self.desk.who()))
        if self.begun or member not in [*self.seated, *self.waiting]:
            assert released == []
            return
        ((_, promoted),) = released
        self.gone(member, promoted)

    @rule(capacity=st.integers(1, 6))
    def edit(self, capacity: int) -> None:
        def work(tx: Tx) -> list[Promoted]:
            terms = replace(opening.terms_of(tx, store.by_id(tx, self.shift)), capacity=capacity)
            return opening.change(tx, self.shift, terms, self.desk.who())

        try:
            promoted = self.desk.do(work)
        except Refused:
            assert self.begun or capacity < len(self.seated)
            return
        self.capacity = capacity
        for one in promoted:
            self.expect(one)
        assert len(self.seated) == capacity or not self.waiting

    @rule(minutes=st.sampled_from([1, 29, 45, 240, 700, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.desk.now += timedelta(minutes=minutes)

    @rule()
    def the_clock_beats(self) -> None:
        passed = self.desk.do(seats.pass_on)
        assert self.desk.do(seats.pass_on) == []
        for shift, promoted in passed:
            assert shift.id == self.shift and not self.begun
            del self.seated[self.overdue()[0]]
            self.expect(promoted)
        assert self.begun or not (self.overdue() and self.waiting)

    @invariant()
    def rows_are_the_model(self) -> None:
        if not hasattr(self, "shift"):
            return
        rows = self.desk.do(lambda tx: shifts.there(tx, self.shift))
        assert {row.member_id: row.confirm_by for row in rows if row.seated_at} == self.seated
        assert [row.member_id for row in rows if not row.seated_at] == self.waiting
        assert self.desk.do(lambda tx: shifts.counts(tx, self.shift)) == (len(self.seated), len(self.waiting))
        assert self.desk.do(shifts.check) == []
        assert len(self.seated) <= self.capacity


class _Zoned(Tx):
    """A Tx without a connection, for its moments."""

    __slots__ = ()

    def __init__(self, desk: Desk) -> None:
        super().__init__(None, desk.engine, desk.now)


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    made = Desk(database_url)
    yield made
    made.close()


def test_any_order_of_what_people_and_the_clock_do(desk: Desk) -> None:
    class OnThisEngine(WaitingList):
        def __init__(self) -> None:
            super().__init__(desk)

    run_state_machine_as_test(
        OnThisEngine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_seat_lapses_only_where_somebody_wants_it(desk: Desk) -> None:
    desk.new_branch()
    one, two, three = desk.people(3)
    shift = desk.opened(1)
    desk.do(lambda tx: shifts.signup(tx, shift, one, desk.who(one)))
    desk.do(lambda tx: shifts.signup(tx, shift, two, desk.who(two)))
    promoted = desk.do(lambda tx: shifts.withdraw(tx, shift, one, desk.who(one)))
    assert promoted is not None and promoted.member == two
    desk.now += timedelta(hours=30)
    assert desk.do(seats.pass_on) == []
    assert desk.do(lambda tx: shifts.counts(tx, shift)) == (1, 0)
    assert desk.do(lambda tx: shifts.signup(tx, shift, three, desk.who(three))) == 0
    rows = desk.do(lambda tx: shifts.there(tx, shift))
    assert [(row.member_id, row.confirm_by) for row in rows] == [(three, 0)]


@pytest.mark.parametrize(
    ("at", "claim", "until"),
    [
        ("11-20 10:00", 720, "11-21 09:00"),  # 22:00 is night
        ("11-20 08:30", 720, "11-20 20:30"),
        ("11-20 20:00", 720, "11-21 08:00"),
        ("11-20 23:00", 120, "11-21 10:00"),
        ("11-21 03:00", 60, "11-21 09:00"),
        ("11-22 02:00", 720, "11-22 09:00"),
        ("11-21 20:00", 1440, "11-22 09:00"),  # an hour before the shift
        ("11-22 09:20", 720, ""),  # no time to ask
        ("11-20 10:00", 0, ""),
    ],
)
def test_the_window_to_say_yes(desk: Desk, at: str, claim: int, until: str) -> None:
    desk.new_branch()
    one, two = desk.people(2)
    shift = desk.opened(1, claim_minutes=claim)
    desk.do(lambda tx: shifts.signup(tx, shift, one, desk.who(one)))
    desk.do(lambda tx: shifts.signup(tx, shift, two, desk.who(two)))
    month, day = at[:5].split("-")
    desk.now = desk.now.replace(month=int(month), day=int(day), hour=int(at[6:8]), minute=int(at[9:]))
    promoted = desk.do(lambda tx: shifts.withdraw(tx, shift, one, desk.who(one)))
    assert promoted is not None
    told = desk.do(lambda tx: f"{tx.moment(promoted.confirm_by):%m-%d %H:%M}" if promoted.confirm_by else "")
    assert told == until
