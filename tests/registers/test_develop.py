"""The 25 steps: calendar arithmetic, dates that can't be, warnings, what is due, and who may see it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from handlers import develop
from handlers.develop.steps import LAST, STAGES, STEPS, before, behind
from handlers.registers_tables import candidate_steps
from tests.cast import Cast


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 2, 28), 12, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 2, 28), 12, date(2028, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, then: date) -> None:
    assert develop.months_after(day, months) == then


def test_the_steps_are_25_in_five_stages_and_lead_to_the_end() -> None:
    assert list(STEPS) == list(range(1, LAST + 1))
    assert [STEPS[number].stage for number in STEPS] == sorted(STEPS[number].stage for number in STEPS)
    assert len(STAGES) == 5
    for number in STEPS:
        assert all(one < number for one in before(number))
        assert all(one > number for one in behind(number))
    assert before(17) == frozenset(range(1, 17))


async def test_from_the_application_to_the_next_step(cast: Cast) -> None:
    lines = [
        ("/develop add 孙悦", "已登记 #1 孙悦"),
        ("/develop add 孙悦", "已经在发展名单里"),
        ("/develop step 孙悦 1 2025-02-01", "下一步：2 党组织派人谈话（党支部；最早 2025-02-01，最晚 2025-03-01）"),
        ("/develop step 孙悦 2 2025-03-05", "离第1步超过 1 个月，请核对"),
        ("/develop", "#1 孙悦 第2步 党组织派人谈话 2025-03-05"),
        ("/develop step #1 3 2025-11-10", "第3步 推荐和确定入党积极分子 2025-11-10"),
        ("/develop step 孙悦 7 2026-11-09", "最早 2026-11-10"),
        ("/develop step 孙悦 7 2026-11-10", "还没有日期的前面步骤：4、5、6"),
        ("/develop step 孙悦 7 2026-11-11", "第7步已登记为 2026-11-10"),
        ("/develop step 孙悦 4 2026-11-20", "不能晚于第7步"),
        ("/develop step 孙悦 4 2025-11-01", "不能早于第3步"),
        ("/develop correct 孙悦 3 2025-11-11 原因 写错", "要在第3步满 12 个月以后，最早 2026-11-11"),
        ("/develop correct 孙悦 3 2025-11-09 原因 写错", "已登记 #1 孙悦：第3步"),
        ("/develop list 孙悦", "3 推荐和确定入党积极分子 2025-11-09（入党积极分子）"),
        ("/develop", "第7步 确定发展对象 2026-11-10"),
    ]
    for text, hears in lines:
        heard = await cast.says("周敏", text, "")
        assert hears in heard, f"{text}\n{heard}"
    steps = await cast.rows(select(candidate_steps).where(candidate_steps.c.step == 3).order_by(candidate_steps.c.id))
    assert [(row.on_date, row.reason) for row in steps] == [("2025-11-10", ""), ("2025-11-09", "写错")]
    assert steps[1].replaces == steps[0].id


REFUSED = [
    ("/develop add", "请只写姓名"),
    ("/develop add 孙悦 家庭情况", "请只写姓名"),
    ("/develop add 13812345678", "电话或证件"),
    ("/develop add " + "孙" * 21, "最多 20 字"),
    ("/develop step 孙悦 1", "要写清姓名"),
    ("/develop step 孙悦 1 2026-11-22", "还没到"),
    ("/develop step 孙悦 1 2026-02-30", "没有"),
    ("/develop step 孙悦 0 2026-01-01", "步骤是 1 到 25"),
    ("/develop step 孙悦 26 2026-01-01", "步骤是 1 到 25"),
    ("/develop step 赵六 1 2026-01-01", "没有「赵六」"),
    ("/develop step #9 1 2026-01-01", "没有「#9」"),
    ("/develop step 孙悦 10 2026-01-01 政审没有问题", "不写别的"),
    ("/develop correct 孙悦 1 2026-01-01", "请写原因"),
    ("/develop correct 孙悦 1 2026-01-01 原因 错", "还没有登记"),
    ("/develop correct 孙悦 1 作废 原因 错", "还没有登记"),
    ("/develop correct 孙悦 作废 原因 错", "请这样发"),
]


async def test_what_is_refused_leaves_nothing(one_cast: Cast) -> None:
    await one_cast.says("周敏", "/develop add 孙悦", "")
    for text, hears in REFUSED:
        heard = await one_cast.says("周敏", text, "")
        assert hears in heard, f"{text}\n{heard}"
    assert await one_cast.rows(select(candidate_steps.c.id)) == []


async def test_the_probation_runs_from_the_vote(one_cast: Cast) -> None:
    await one_cast.until("2029-06-01 09:00")
    await one_cast.says("周敏", "/develop add 孙悦", "")
    await one_cast.says("周敏", "/develop step 孙悦 15 2028-02-29", "")
    assert "最早 2029-02-28" in await one_cast.says("周敏", "/develop step 孙悦 23 2029-02-27", "")
    assert "第23步" in await one_cast.says("周敏", "/develop step 孙悦 23 2029-02-28", "")


async def test_what_is_due(cast: Cast) -> None:
    await cast.says("周敏", "/develop add 孙悦", "")
    await cast.says("周敏", "/develop step 孙悦 1 2026-11-01", "")

    async def due(year: int, month: int, day: int) -> list[str]:
        on = date(year, month, day)
        found = await cast.place.database.read(lambda tx: develop.dates_due(tx, 1, on))
        return [develop.reminder(one) for one in found]

    assert await due(2026, 11, 16) == []
    assert await due(2026, 11, 17) == ["孙悦：第2步 党组织派人谈话 最晚 2026-12-01"]
    assert await due(2026, 12, 2) == ["孙悦：第2步 党组织派人谈话 最晚 2026-12-01（已过，请核对）"]
    await cast.says("周敏", "/develop step 孙悦 2 2026-11-02", "")
    assert await due(2026, 12, 2) == []
    await cast.says("周敏", "/develop step 孙悦 3 2026-11-20", "")
    assert await due(2027, 5, 6) == ["孙悦：第6步 培养教育考察 最晚 2027-05-20"]
    await cast.until("2027-05-10 09:00")
    await cast.says("周敏", "/develop step 孙悦 6 2027-05-10", "")
    assert await due(2027, 5, 20) == []
    await cast.until("2027-11-01 09:00")
    assert "已登记" in await cast.says("周敏", "/develop step 孙悦 6 2027-11-01", "")
    assert await due(2027, 11, 20) == ["孙悦：第7步 确定发展对象 今天起可以办"]
    await cast.says("周敏", "/develop end 孙悦 11月1日", "")
    assert await due(2028, 11, 20) == []
    assert await cast.says("周敏", "/develop", "") == "发展党员 0 人"
    assert "已于 2027-11-01 终止" in await cast.says("周敏", "/develop step 孙悦 7 2027-11-01", "")
    assert "已作废" in await cast.says("周敏", "/develop correct 孙悦 0 作废 原因 登记错人", "")
    assert "孙悦" in await cast.says("周敏", "/develop", "")


async def test_a_day_taken_back_is_kept_as_a_row(cast: Cast) -> None:
    await cast.says("周敏", "/develop add 孙悦", "")
    await cast.says("周敏", "/develop step 孙悦 1 2026-11-01", "")
    at = round(cast.place.database.now().timestamp() * 1_000_000)
    await cast.pass_time(hours=1)
    assert "已作废" in await cast.says("周敏", "/develop correct 孙悦 1 作废 原因 登记错人", "")
    (now,) = await cast.place.database.read(lambda tx: develop.ways(tx, 1))
    (then,) = await cast.place.database.read(lambda tx: develop.ways(tx, 1, at))
    assert (now.dates, then.dates) == ({}, {1: date(2026, 11, 1)})
    assert len(await cast.rows(select(candidate_steps.c.id))) == 2


async def test_only_the_secretary_in_private(cast: Cast) -> None:
    assert "没有记录" in await cast.says("周敏", "/develop add 孙悦")
    await cast.says("周敏", "/develop add 孙悦", "")
    for name in ("周敏", "张三", "何静", "冯磊"):
        for text in ("/develop", "/develop list", "/发展 列表"):
            assert "孙悦" not in await cast.says(name, text)
    assert "书记或组织委员" in await cast.says("何静", "/develop", "")
    assert "发展党员 0 人" in await cast.says("郑晓燕", "/develop", "")
    assert "没有「孙悦」" in await cast.says("郑晓燕", "/develop list 孙悦", "")
