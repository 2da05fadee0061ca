"""A month through a simulated clock, hour by hour, and months with days of downtime: each promise once, in its hour."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.platforms.console import Bubble
from bot.tables import jobs, outbox
from scheduler.runner import tick
from tests.cast import Cast, opened_cast


async def test_a_quiet_month_is_pushed_as_the_calendar_says(cast: Cast) -> None:
    """周敏 does nothing: the clock opens the theme day, asks, and reminds of the dues; nobody answers."""
    heard = await live(cast, days=41)
    texts = Counter(bubble.text.split("\n")[0] for _, bubble in heard if bubble.chat == "g1")
    assert texts == {
        "11月党费请按时交纳。已交的请回复：已交": 1,
        "主题党日 12月4日(周五)15:00": 1,
        "还没回复的同志请回复": 2,
        "12月党费请按时交纳。已交的请回复：已交": 3,
        "主题党日 1月4日(周一)15:00（节假日安排公布后再定）": 1,
    }
    hours = {when.strftime("%m-%d %H") for when, bubble in heard if bubble.chat == "g1"}
    assert hours == {
        *("11-28 17", "12-01 09", "12-03 17", "12-04 13", "12-05 09", "12-20 09", "12-29 17"),
        "01-01 09",
    }
    assert all("07:30" <= when.strftime("%H:%M") < "21:00" for when, _ in heard)


async def live(cast: Cast, days: int) -> list[tuple[datetime, Bubble]]:
    """Every hour of some days; what was pushed and when."""
    heard = []
    seen = 0
    for _ in range(days * 24):
        await cast.pass_time(hours=1)
        fresh = [bubble for bubble in cast.place.console.bubbles if bubble.number > seen]
        seen = max([seen, *(bubble.number for bubble in fresh)])
        heard += [(cast.place.clock(), bubble) for bubble in fresh]
    return heard


async def test_answers_stop_the_questions_and_payments_the_reminders(one_cast: Cast) -> None:
    """Who has answered is not called again; when all have paid, nobody hears of dues."""
    cast = one_cast
    await cast.until("2026-12-01 09:00")
    card = cast.pushed()[-1].card
    for name in ("周敏", "李红", "陈建国", "何静", "张三", "李四", "王芳", "王芳(护理部)", "刘敏", "赵丽华", "欧阳静"):
        await cast.taps(name, card, "参加")
    await cast.until("2026-12-03 17:00")
    assert cast.pushed()[-1].mention == ("mazhiyuan", "sunguilan", "wudayong")
    for name in ("马志远", "孙桂兰", "吴大勇"):
        await cast.says(name, "请假 值班")
    before = len(cast.pushed())
    await cast.until("2026-12-04 14:00")
    assert len(cast.pushed()) == before
    assert "应到 14 · 参加 11 · 请假 3 · 未回 0" in await cast.says("周敏", "/attendance")


async def test_the_secretary_takes_the_clocks_theme_day_over_with_its_answers(one_cast: Cast) -> None:
    cast = one_cast
    await cast.until("2026-12-01 09:00")
    assert "应到 14 · 参加 1" in await cast.says("张三", "参加")
    heard = await cast.says("周敏", "/attendance open 主题党日 12月9日15:00 五楼会议室")
    assert "#1 主题党日 12月9日(周三)15:00" in heard
    assert "参加 1" in heard
    await cast.until("2026-12-08 17:00")
    assert "#1 主题党日 12月9日(周三)15:00" in cast.pushed()[-1].text
    await cast.dialog([("周敏", "/attendance cancel #1 创卫检查", "已取消")])
    before = len(cast.pushed())
    await cast.until("2026-12-20 08:00")
    assert [bubble.text for bubble in cast.pushed()[before:] if "主题党日" in bubble.text] == []


@pytest.mark.parametrize("seed", range(6))
async def test_downtime_loses_nothing_and_doubles_nothing(seed: int, sqlite: str, tmp_path: Path) -> None:
    """Random jumps of up to four days, several ticks at once: every job has one row and every promise one end."""
    chance = random.Random(seed)
    async with opened_cast(sqlite, tmp_path) as cast:
        while cast.place.clock.ahead < timedelta(days=120):
            cast.place.clock.ahead += timedelta(minutes=chance.choice([7, 45, 300, 2000, 6000]))
            for _ in range(chance.randint(1, 3)):
                await tick(cast.place.database, cast.place.setting)
            await cast.settle()
        done = await cast.rows(select(jobs.c.job, jobs.c.period, jobs.c.audience, jobs.c.outcome))
        promised = await cast.rows(select(outbox.c.key, outbox.c.state, outbox.c.due_at))
        assert len(done) == len({(row.job, row.period, row.audience) for row in done})
        assert {row.outcome for row in done} <= {"done", "nothing to do", "too late", "replaced"}
        assert {row.state for row in promised} <= {"sent"}, f"seed {seed}"
        pushed = Counter((bubble.chat, bubble.text) for bubble in cast.place.console.bubbles)
        dues = {text: count for (_, text), count in pushed.items() if "党费" in text and "补发" not in text}
        assert all(count <= 2 * 3 for count in dues.values()), f"seed {seed}: {dues}"
