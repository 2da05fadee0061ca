"""The cases go through the real door: the measured server takes every kind of request, and the crowd is in the rows."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

from bench import cases
from bench.load import arrive, burst, drive
from bench.runs import ours, started

SOME = 150  # of the crowd; `make bench` takes all


def test_the_crowd_checks_in_over_http() -> None:
    with started(ours("crowd")) as server:
        found = asyncio.run(arrive(server.port, burst(cases.check_in, SOME, 0.1), connections=16))
        with closing(sqlite3.connect(server.folder / "bench.db")) as connection:
            there = connection.execute("SELECT count(DISTINCT member_id) FROM presences WHERE state = 'present'")
            assert there.fetchone() == (SOME,)
    assert 0 < found.p50_ms <= found.slowest_ms


def test_every_other_case_is_answered_with_200() -> None:
    with started(ours("bot")) as server:
        for make in (cases.wecom, cases.dingtalk, cases.unread):
            assert asyncio.run(drive(server.port, make, 0.1, connections=4)).rps > 0
        with closing(sqlite3.connect(server.folder / "bench.db")) as connection:
            (wecom,), (ding,) = (
                connection.execute("SELECT count(*) FROM seen WHERE platform = ?", (name,)).fetchone()
                for name in ("wecom", "ding")
            )
    assert wecom > 0
    assert ding > 0
