"""Seats are offered by day, and by the day of the branch whose shift it is: its quiet hours are its night."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import Cast, opened_cast

QUIET = '[branches."第一党支部"]\nquiet_hours = "19:00-10:00"\n'
OPEN = ("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 1人", "#1")


async def left_at(cast: Cast, moment: str) -> None:
    """李四 waits for the only seat, which 张三 leaves at a moment."""
    await cast.dialog([OPEN, ("张三", "报名 #1", "已报 1"), ("李四", "报名 #1", "候补第 1 位")])
    await cast.until(moment)
    await cast.dialog([("张三", "退出 #1", "已报 1 · 候补 0")])
    await cast.settle()


async def offers(cast: Cast) -> list[str]:
    await cast.settle()
    return [bubble.text.split("\n")[1] for bubble in cast.pushed() if "候补转正" in bubble.text and "\n" in bubble.text]


@pytest.mark.parametrize(
    ("config", "said", "left", "asked", "until"),
    [
        (QUIET, "", "20:00", "11-22 10:00", "11月23日(周一)11:00"),
        (QUIET, "", "18:00", "11-21 18:00", "11月22日(周日)11:00"),
        ("", "安静时间 23:00-06:00", "22:00", "11-21 22:00", "11月22日(周日)10:00"),
        ("", "", "22:00", "11-22 07:30", "11月22日(周日)19:30"),
        (QUIET, "安静时间 无", "23:30", "11-21 23:30", "11月22日(周日)11:30"),
    ],
)
async def test_the_night_is_the_branchs_own(
    sqlite: str, tmp_path: Path, config: str, said: str, left: str, asked: str, until: str
) -> None:
    async with opened_cast(sqlite, tmp_path, config) as cast:
        if said:
            await cast.dialog([("周敏", f"/remind set {said}", "安静时间")])
        await left_at(cast, f"2026-11-21 {left}")
        if not asked.endswith(left):
            assert await offers(cast) == []
            await cast.until(f"2026-{asked}")
        assert [line.partition("前")[0] for line in await offers(cast)] == [until]


async def test_in_a_branchs_night_no_seat_is_passed_on(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 1人 候补确认 6小时", "#1"),
            ("周敏", "/volunteer add 1 张三 李四 刘敏", "候补第 2 位"),
            ("张三", "退出 #1", "候补 1"),
            ("周敏", "/remind set 安静时间 15:00-10:00", "安静时间已改为"),
        ]
    )
    assert len(await offers(cast)) == 1
    await cast.until("2026-11-21 18:00")
    await cast.dialog([("周敏", "/volunteer list 1", "已报：李四")])
    await cast.until("2026-11-22 10:00")
    await cast.dialog([("周敏", "/volunteer list 1", "已报：刘敏")])
    assert len(await offers(cast)) == 2
