"""Required meetings of all branches in one reading equal the records of each meeting, now and as known at a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.db import Tx, micros
from handlers.attendance.record import complete_meetings, incomplete_records
from handlers.selfcheck import BRANCHES, required
from handlers.selfcheck.required import frequencies, instants, windows
from tests.cast import START, ZONE, Cast


@pytest.mark.parametrize(("first", "last"), [("2026-01-01", "2026-12-31"), ("2026-04-01", "2026-06-30")])
@pytest.mark.parametrize("day", ["", "2026-06-10"])
async def test_the_windows_hold_the_records(house: Cast, first: str, last: str, day: str) -> None:
    config = house.place.config
    then = datetime.fromisoformat(day).replace(tzinfo=ZONE) + timedelta(days=1) if day else START
    period = date.fromisoformat(first), date.fromisoformat(last)

    def work(tx: Tx) -> None:
        known = min(micros(then), tx.at)
        branches = tx.all(BRANCHES)
        found = required(tx, branches, *period, config, known)
        part = required(tx, branches[5:9], *period, config, known)
        assert part == {row.id: found[row.id] for row in branches[5:9]}
        seen = 0
        for row in branches[::3]:
            items = {one.name: one for one in found[row.id]}
            for kind, rule in frequencies(config):
                named = {one.name: one for one in items[kind].windows}
                for name, start, end in windows(rule, period[0], min(period[1], then.date())):
                    inside = instants(tx, start, min(end, then.date()))
                    whole = [one.held for one in complete_meetings(tx, row.id, *inside, known)]
                    lacking = [
                        one.held for one in incomplete_records(tx, row.id, inside[0], min(inside[1], known), known)
                    ]
                    of_kind = tuple(f"#{one.number}" for one in whole if kind in one.kinds)
                    waits = sum(kind in one.kinds for one in lacking)
                    window = named.get(name)
                    if not items[kind].why:
                        assert (window.records if window else ()) == of_kind
                        assert len(window.incomplete if window else ()) == waits
                        seen += len(of_kind)
        assert seen > 10

    await house.place.database.read(work)
