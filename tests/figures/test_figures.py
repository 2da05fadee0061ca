"""Every figure of a generated year equals the recount in plain Python, now and as it was known, on both engines."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.cli import figures as pages
from bot.cli.place import opened
from bot.db import Tx, micros
from bot.message import Refused
from handlers import figures
from handlers.figures import months
from tests.cast import START, ZONE, Cast, Moved, configure
from tests.figures import year
from tests.figures.recount import Asked, Recount, raw

QUESTIONS = (
    (0, "2026", None),
    (0, "2026", "2026-06-30"),
    (0, "2026Q1", "2026-04-20"),
    (0, "2026-03", None),
    (4, "2026", None),
    (7, "2026H1", "2026-05-31"),
)


def known(code: str, as_known: str | None) -> tuple[date, date, int]:
    """First day, last day and instant of a question, at the cast's time."""
    span = figures.coded(code)
    at = START
    if as_known:
        at = datetime.fromisoformat(as_known).replace(tzinfo=ZONE) + timedelta(days=1, microseconds=-1)
    return span.first, min(span.last, at.date()), micros(at)


def differences(tx: Tx, config: Any, branch: int, code: str, as_known: str | None) -> list[str]:
    """Where the catalogue and the recount don't agree."""
    day = date.fromisoformat(as_known) if as_known else None
    asked = figures.question(tx, figures.coded(code), branch, config, day)
    first, last, at = known(code, as_known)
    again = Recount(raw(tx), Asked(branch, first, last, at)).all()
    found = {one.figure.name: (one.number, one.complete) for one in figures.reckon(tx, asked, "").values}
    assert set(again) == set(found)
    return [f"{name}: {found[name]} but {again[name]}" for name in again if found[name] != again[name]]


def _differences(tx: Tx, config: Any, question: tuple[int, str, str | None]) -> list[str]:
    return differences(tx, config, *question)


@pytest.mark.parametrize(("branch", "code", "as_known"), QUESTIONS)
async def test_every_figure_equals_its_recount(house: Cast, branch: int, code: str, as_known: str | None) -> None:
    config = house.place.config
    assert await house.place.database.read(lambda tx: differences(tx, config, branch, code, as_known)) == []


async def test_every_figure_equals_its_recount_on_postgresql(postgresql: str, tmp_path: Path) -> None:
    config = configure(postgresql, tmp_path)
    async with opened(config, Moved(config)) as place:
        await place.database.write(lambda tx: year.Year(tx, 5).fill())
        for question in QUESTIONS[:2]:
            assert await place.database.read(partial(_differences, config=config, question=question)) == []


async def test_the_year_has_something_of_everything(house: Cast) -> None:
    """A figure that is 0 everywhere would be equal without being right."""

    def work(tx: Tx) -> list[str]:
        asked = figures.question(tx, figures.coded("2026"), 0, house.place.config)
        return [one.figure.name for one in figures.reckon(tx, asked, "").values if not one.number]

    assert await house.place.database.read(work) == []


@pytest.mark.parametrize(("branch", "code", "as_known"), [QUESTIONS[0], QUESTIONS[4], (0, "2026H1", "2026-06-10")])
async def test_a_month_of_a_reading_equals_the_month_s_own(
    house: Cast, branch: int, code: str, as_known: str | None
) -> None:
    config = house.place.config

    def work(tx: Tx) -> None:
        day = date.fromisoformat(as_known) if as_known else None
        asked = figures.question(tx, figures.coded(code), branch, config, day)
        reading, seen = figures.Reading(tx, asked), 0
        alone = {
            span: figures.Reading(tx, asked.over(span)) for span in asked.span.months() if span.first <= asked.cutoff
        }
        for figure in months.MONTHLY:
            found = dict(months.months(reading, figure))
            assert found == {span: figures.value(one, figure) for span, one in alone.items()}, figure.name
            seen += sum(bool(one.number) for one in found.values())
        assert seen > 100

    await house.place.database.read(work)


async def test_young_is_a_setting(filled: Path, tmp_path: Path) -> None:
    """35周岁以下 and 35岁及以下 differ by those who are 35, and the paper says which."""
    shutil.copy(filled, tmp_path / "house.db")
    told = {}
    for young in ("35周岁以下", "35岁及以下"):
        config = configure(f"sqlite:///{tmp_path / 'house.db'}", tmp_path, f'[reports]\nyoung = "{young}"\n')
        async with opened(config, Moved(config)) as place:
            found = await place.database.read(partial(_young, config=config))
            told[young] = found.values[0].number
            assert young in pages.as_json(found)
    below, upto = (int(told[young] or 0) for young in ("35周岁以下", "35岁及以下"))
    assert 0 < below < upto


def _young(tx: Tx, config: Any) -> figures.Report:
    asked = figures.question(tx, figures.coded("2026"), 0, config)
    return figures.reckon(tx, asked, "", [figures.CATALOGUE["青年党员"]])


async def test_what_was_known_is_printed_again_byte_for_byte(one_cast: Cast) -> None:
    """A report of a day comes out the same after corrections, later entries, a move, a new name in the register."""
    await _said(one_cast, "周敏", "/attendance open 集中学习 11月22日15:00-17:00 三楼会议室")
    await _said(one_cast, "周敏", "/issue add 学习记录不全 期限 12月31日")
    await _said(one_cast, "周敏", "/wish add 轮椅坡道")
    await _said(one_cast, "张三", "认领 #2")
    await one_cast.until("2026-11-22 15:00")
    await _said(one_cast, "周敏", "/attendance checkin on")
    await _said(one_cast, "张三", "签到")
    await _said(one_cast, "李四", "签到")
    await _said(one_cast, "周敏", "/attendance close #1")
    await _said(one_cast, "周敏", "/attendance record #1 主持人 周敏 记录人 李红 议题 学习党章")
    await one_cast.until("2026-11-22 23:50")
    then = await _printed(one_cast, "")
    assert '"name": "集中学习",\n   "value": 1' in then
    await one_cast.until("2026-11-25 10:00")
    assert await _printed(one_cast, "2026-11-22") == then
    await _said(one_cast, "周敏", "/issue correct 1 3条 原因 数错了")
    await _said(one_cast, "周敏", "/project add 社区义诊点")
    await _said(one_cast, "张三", "退出 #2")
    await _said(one_cast, "admin", "/member transfer 李四 第二党支部")
    assert await _printed(one_cast, "2026-11-22") == then
    assert await _printed(one_cast, "") != then


async def _said(cast: Cast, name: str, text: str) -> None:
    heard = await cast.says(name, text)
    assert heard.startswith(("已", "开始", "#1", "记录", "会议记录")), heard


async def _printed(cast: Cast, day: str) -> str:
    def work(tx: Tx) -> str:
        span, known_on = figures.coded("2026"), pages.known_day(day)
        asked, scope = pages.asked_of(tx, cast.place.config, span, "第一党支部", known_on)
        return pages.as_json(figures.reckon(tx, asked, scope))

    return await cast.place.database.read(work)


@pytest.mark.parametrize(
    ("code", "as_known", "says"),
    [
        ("2027", "", "还没到"),
        ("2026-12", "", "还没到"),
        ("2019", "", "最早的记录是"),
        ("2026", "2027-01-01", "还没到"),
        ("2026Q4", "2026-09-30", "还没开始"),
        ("2026-13", "", "write 2026"),
        ("heute", "", "write 2026"),
        ("2026", "31.12.2026", "write a day like"),
    ],
)
async def test_a_question_that_has_no_answer_is_refused(house: Cast, code: str, as_known: str, says: str) -> None:
    def work(tx: Tx) -> None:
        asked, scope = pages.asked_of(tx, house.place.config, figures.coded(code), "", pages.known_day(as_known))
        figures.reckon(tx, asked, scope)

    with pytest.raises(Refused) as refused:
        await house.place.database.read(work)
    assert says in refused.value.text
    assert "\n" not in refused.value.text


def test_numbers_are_rounded_down_as_people_write_them() -> None:
    written = {3: "3", 10: "10", 11: "10余", 60: "60", 63: "60余", 999: "990余", 1000: "1000", 1234: "1200余"}
    assert {number: figures.rounded_down(number) for number in written} == written
    assert figures.rounded_down(12_345) == "12000余"
