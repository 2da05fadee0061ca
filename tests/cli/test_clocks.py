"""`check` holds the machine's clock against what has been recorded, PostgreSQL's and the platforms'."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.check import problems
from bot.cli.clocks import faults
from bot.cli.place import opened
from tests.cast import START, configure, opened_cast
from tests.twins.dingtalk import DingTalkTwin

QUIET = '[web]\nconsole = false\npublic_url = "https://bot.example.org"\n'


async def test_records_of_days_to_come_say_that_the_clock_was_set_back(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path) as cast:
        await cast.says("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室")
        assert await faults(cast.place, START - timedelta(days=3), online=False) == [], "the console may move its clock"
    async with opened(configure(sqlite, tmp_path, QUIET)) as place:
        assert await faults(place, START + timedelta(minutes=1), online=False) == []
        [line] = await faults(place, START - timedelta(days=3), online=False)
    assert line.startswith(
        "bot.database: the newest record is of 2026-11-21 10:00, which is to come: set this machine's"
    )


@pytest.mark.parametrize(("hours", "word"), [(1, "behind"), (-1, "ahead")])
async def test_the_clock_of_postgresql(postgresql: str, tmp_path: Path, hours: int, word: str) -> None:
    async with opened(configure(postgresql, tmp_path, QUIET)) as place:
        assert await faults(place, datetime.now(UTC), online=False) == []
        [line] = await faults(place, datetime.now(UTC) + timedelta(hours=hours), online=False)
    assert line.startswith("bot.database: PostgreSQL's clock is 36")
    assert word in line


async def test_the_clock_of_a_platform_is_asked_online_only(sqlite: str, tmp_path: Path) -> None:
    async with DingTalkTwin("", "key", "secret") as twin:
        keys = f'app_key="key"\napp_secret="secret"\napi_base="{twin.base}"\noapi_base="{twin.base}"\n'
        config = configure(sqlite, tmp_path, f'{QUIET}[platforms.ding]\nkind="dingtalk"\n{keys}')
        assert await problems(config, online=True) == []
        async with opened(config) as place:
            late = datetime.now(UTC) - timedelta(hours=2)
            assert await faults(place, late, online=False) == []
            [line] = await faults(place, late, online=True)
    assert line.startswith(f"platforms.ding: the clock of {twin.base} is 7")
    assert "s ahead: set this machine's clock" in line
