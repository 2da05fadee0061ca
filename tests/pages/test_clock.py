"""The clock goes forward only, and every reminder on the way is said at its own time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.pages.conftest import TODAY, Desk, Made


async def moved(desk: Desk, **data: Any) -> datetime:
    response = await desk.post("/clock", data)
    assert response.status == 200, await response.text()
    return datetime.fromisoformat((await response.json())["now"])


async def test_an_hour_is_an_hour(desk: Desk) -> None:
    assert timedelta(hours=1) <= await moved(desk, minutes=60) - TODAY < timedelta(hours=1, minutes=1)


async def test_the_next_reminder_opens_the_theme_day_in_every_group(desk: Desk) -> None:
    now = await moved(desk, to="next")
    assert (now.month, now.day, now.hour, now.minute) == (12, 3, 17, 0)
    bubbles = [*(await desk.bubbles("g1")), *(await desk.bubbles("g2"))]
    assert bubbles
    assert all(one["pushed"] and one["card"] for one in bubbles)
    assert await moved(desk, to="next") > now


async def test_a_month_is_said_in_its_order_and_nothing_is_late(desk: Desk) -> None:
    await moved(desk, minutes=31 * 24 * 60)
    bubbles = await desk.bubbles("g1")
    times = [one["at"] for one in bubbles]
    assert times == sorted(times)
    assert len({time[:10] for time in times}) > 3
    assert any("主题党日" in one["text"] for one in bubbles)
    assert any("党费" in one["text"] for one in bubbles)
    assert not any("补发" in one["text"] for one in bubbles)


async def test_a_reminder_asked_for_is_next(desk: Desk) -> None:
    await desk.say("zhoumin", "/remind once 今天11:30 带党徽")
    now = await moved(desk, to="next")
    assert (now.hour, now.minute) == (11, 30)
    assert (await desk.bubbles())[-1]["text"].endswith("带党徽")


async def test_it_goes_to_a_moment_and_says_all_on_the_way(desk: Desk) -> None:
    now = await moved(desk, to="2026-12-05T09:00")
    assert (now.month, now.day, now.hour, now.minute) == (12, 5, 9, 0)
    bubbles = await desk.bubbles()
    assert {one["at"][:10] for one in bubbles} >= {"2026-12-03", "2026-12-05"}
    assert any("党费" in one["text"] for one in bubbles)


@pytest.mark.parametrize("to", ["2026-12-01T09:59", "2027-03-01T09:00", "5日9点", "", "next month", 5, None])
async def test_a_moment_that_is_past_too_far_or_none_moves_nothing(desk: Desk, to: Any) -> None:
    before = desk.place.clock.ahead
    response = await desk.post("/clock", {"to": to})
    assert response.status == 400
    assert "\n" not in (await response.json())["error"]
    assert desk.place.clock.ahead == before


@pytest.mark.parametrize("data", [{}, {"minutes": 0}, {"minutes": -60}, {"minutes": 10**9}, {"minutes": True}])
async def test_it_never_goes_back(desk: Desk, data: Any) -> None:
    before = desk.place.clock.ahead
    assert (await desk.post("/clock", data)).status == 400
    assert desk.place.clock.ahead == before


async def test_with_real_groups_nobody_hears_tomorrow_today(made: Made) -> None:
    async with made('[platforms.push]\nkind = "wecom_webhook"') as desk:
        assert (await desk.state())["movable"] is False
        response = await desk.post("/clock", {"minutes": 60})
        assert response.status == 409
        assert desk.place.clock() < TODAY + timedelta(minutes=5)


async def test_nothing_in_sight_moves_nothing(made: Made) -> None:
    async with made('[reminders]\ntheme_day = ""\ndues_notice = []') as desk:
        before = desk.place.clock.ahead
        assert (await desk.post("/clock", {"to": "next"})).status == 409
        assert desk.place.clock.ahead == before
