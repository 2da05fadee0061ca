"""Required meetings of all branches in one reading equal the records of each meeting, now and as known at a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.db import Tx, micros
from handlers.activities.kinds import COMMITTEE_MEETING, GROUP_MEETING
from handlers.attendance.record import complete_meetings, incomplete_records
from handlers.people.history import members_of
from handlers.people.who import roles_of
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
                    if not _asked(tx, row.id, kind, inside[1] - 1, known):
                        assert window is None or window.state == "done"
                    else:
                        assert (window.records if window else ()) == of_kind
                        assert len(window.incomplete if window else ()) == waits
                        seen += len(of_kind)
        assert seen > 10

    await house.place.database.read(work)


def _asked(tx: Tx, branch: int, kind: str, at: int, known: int) -> bool:
    """Whether the branch had the committee or the groups that a kind of meeting needs, told by the register."""
    people = members_of(tx, branch, tx.moment(min(at, known)), tx.moment(known))
    if kind == COMMITTEE_MEETING:
        return sum(bool(roles_of(one.duty) & {"secretary", "committee"}) for one in people) > 2
    return kind != GROUP_MEETING or any(one.party_group for one in people)
