"""Somebody sends 200 messages in a minute: what records is recorded and confirmed, questions end in silence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.pace import TOLD
from bot.tables import trail
from tests.cast import Cast, opened_cast

QUESTIONS = 60


@pytest.fixture
async def cast(database_url: str, tmp_path: Path) -> AsyncIterator[Cast]:
    async with opened_cast(database_url, tmp_path, f"questions_per_minute = {QUESTIONS}\n") as made:
        yield made


async def test_two_hundred_answers_in_a_minute_are_all_recorded_and_confirmed(cast: Cast) -> None:
    await cast.says("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室")
    for number in range(200):
        word = "请假 值班" if number % 2 else "参加"
        assert word[:2] in await cast.says("张三", word)
    [[count]] = await cast.rows(select(func.count()).where(trail.c.actor == "张三"))
    assert count == 200


async def test_two_hundred_questions_in_a_minute_cost_sixty_answers_and_one_line(cast: Cast) -> None:
    heard = [await cast.says("张三", "活动") for _ in range(200)]
    assert all(heard[:QUESTIONS])
    assert heard[QUESTIONS] == TOLD
    assert not any(heard[QUESTIONS + 1 :])
    assert await cast.says("李四", "活动"), "others are answered"
    await cast.says("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室")
    assert "已记：参加" in await cast.says("张三", "参加"), "what records is never held up"
    await cast.pass_time(minutes=1)
    assert await cast.says("张三", "活动")
