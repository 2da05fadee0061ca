"""What stands on the overview equals the command line, on both engines, now and as known; long lists come in pages."""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from aiohttp import ClientSession
from docx import Document
from sqlalchemy import select

from bench import history
from bot.cli import figures as command_line
from bot.db import Tx
from bot.message import Refused
from bot.pages.overview_memory import MOST, Memory, Stand
from bot.sql import insert_row, sql
from bot.tables import trail
from bot.trail import note
from handlers import figures, links
from handlers.overview import PAGE
from handlers.selfcheck import BRANCHES, required
from handlers.tables import branches, members, memberships
from tests.figures import year
from tests.figures.conftest import filled
from tests.figures.test_speed import steps
from tests.pages.house import House, Reader, plain, running

__all__ = ["filled"]

BRANCH = insert_row(branches, "name", "bound_at", returning=branches.c.id)
MEMBER = insert_row(members, "name", "branch_id", "category", returning=members.c.id)
BELONGS = insert_row(memberships, "member_id", "branch_id")
NOTED = sql(select(trail.c.actor, trail.c.action, trail.c.subject).order_by(trail.c.id.desc()).limit(1))
QUESTIONS = (
    ("year=2026", "2026", 0, None),
    ("year=2026&part=Q1&day=2026-04-20", "2026Q1", 0, "2026-04-20"),
    ("year=2026&part=-03&branch=4", "2026-03", 4, None),
)
DRILLED = ("主题党日", "党员", "集中学习人次", "志愿服务时长", "女党员占比", "意见建议", "党费", "认领微心愿")


@pytest.fixture
async def house(filled: Path, tmp_path: Path) -> AsyncIterator[House]:
    """The generated year of 20 branches."""
    shutil.copy(filled, tmp_path / "house.db")
    async with running(f"sqlite:///{tmp_path / 'house.db'}", tmp_path) as one:
        yield one


def asked(tx: Tx, house: House, code: str, branch: int, day: str | None) -> figures.Question:
    known = date.fromisoformat(day) if day else None
    return figures.question(tx, figures.coded(code), branch, house.place.config, known)


async def printed(house: House, code: str, branch: int, day: str | None) -> dict[str, tuple[str, str]]:
    """Figure -> what `figures` prints of the period and of the same days of the year before."""

    def work(tx: Tx) -> dict[str, tuple[str, str]]:
        question = asked(tx, house, code, branch, day)
        now = figures.reckon(tx, question, "").values
        try:
            last = figures.reckon(tx, question.year_before(), "").values
        except Refused:
            return {one.figure.name: (one.written, "没有记录") for one in now}
        before = ["—" if one.number is None else one.written for one in last]
        return {one.figure.name: (one.written, words) for one, words in zip(now, before, strict=True)}

    return await house.place.database.read(work)


async def shown(page: Reader, words: str) -> dict[str, tuple[str, str]]:
    """The same as it stands on the pages."""
    found = {}
    for code, _, _ in figures.GROUPS:
        for row in (await page.table(f"/figures?group={code}&{words}"))[1:]:
            found[row[0]] = row[1], row[2]
    return found


@pytest.mark.parametrize(("words", "code", "branch", "day"), QUESTIONS)
async def test_every_figure_is_that_of_the_command_line(
    house: House, words: str, code: str, branch: int, day: str | None
) -> None:
    async with house.reader() as page:
        assert await shown(page, words) == await printed(house, code, branch, day)


async def test_the_same_on_postgresql_with_rows_and_months(postgresql: str, tmp_path: Path) -> None:
    async with running(postgresql, tmp_path) as house:
        await house.place.database.write(lambda tx: year.Year(tx, 3).fill())
        async with house.reader() as page:
            assert await shown(page, "year=2026") == await printed(house, "2026", 0, None)
            for name in ("主题党日", "集中学习人次"):
                assert await drilled(page, name, "year=2026") == await lines(house, name, "2026", 0, None)
            assert await required_shown(page, "year=2026") == await required_printed(house, "2026")
            for path in ("/charts?year=2026", "/messages?year=2026", "/files", "?branch=1&year=2026"):
                await page.get(path)
            assert (await page.bytes("/file?kind=csv&name=指标&year=2026")).startswith(b"\xef\xbb\xbf")


async def drilled(page: Reader, name: str, words: str) -> list[str]:
    """The lines of all pages of a figure."""
    found, number, pages = [], 1, 1
    while number <= pages:
        text = await page.get(f"/figure?name={name}&{words}&page={number}")
        here = [plain(line) for line in text.split("<ol", 1)[-1].split("</ol>")[0].split("<li>")[1:]]
        assert len(here) <= PAGE
        found += here
        pages = int(text.split("页，共 ")[1].split(" 页")[0]) if "页，共 " in text else 1
        number += 1
    return found


async def lines(house: House, name: str, code: str, branch: int, day: str | None) -> list[str]:
    """What `figures --why` prints."""
    told = await house.place.database.read(
        lambda tx: command_line._explained(
            tx, house.place, figures.coded(code), "第4党支部" if branch else "", command_line.known_day(day or ""), name
        )
    )
    rows = (line.replace("〔待核，未计入〕", " 待核，未计入") for line in told.splitlines()[2:])
    return [plain(line.removeprefix("第4党支部 ") if branch else line) for line in rows]


@pytest.mark.parametrize(("words", "code", "branch", "day"), QUESTIONS[1:])
@pytest.mark.parametrize("name", DRILLED)
async def test_the_rows_are_those_of_the_command_line(
    house: House, name: str, words: str, code: str, branch: int, day: str | None
) -> None:
    async with house.reader() as page:
        assert await drilled(page, name, words) == await lines(house, name, code, branch, day)


async def required_shown(page: Reader, words: str) -> dict[str, list[str]]:
    return {row[0]: [cell.split(" ")[0] for cell in row[1:]] for row in (await page.table(f"?{words}"))[1:]}


async def required_printed(house: House, code: str) -> dict[str, list[str]]:
    def work(tx: Tx) -> dict[str, list[str]]:
        span, rows = figures.coded(code), tx.all(BRANCHES)
        found = required(tx, rows, span.first, span.last, house.place.config, tx.at)
        return {
            row.name: [f"{one.done}/{len(one.windows)}" if one.windows else one.why or "—" for one in found[row.id]]
            for row in rows
        }

    return await house.place.database.read(work)


async def test_branches_stand_in_the_register_s_order_done_or_not_done(house: House) -> None:
    async with house.reader() as page:
        assert await required_shown(page, "year=2026") == await required_printed(house, "2026")
        table = await page.table("?year=2026")
        assert [row[0] for row in table[1:]] == [f"第{number}党支部" for number in range(1, 21)]
        assert any("未做 1" in cell for row in table for cell in row)
        one = plain(await page.get("?year=2026&branch=5"))
        assert "依据 #" in one
        assert "待核：#" in one
        assert "由人填写：业务工作（百分）" in one


async def test_a_day_of_the_past_shows_what_was_known_then(house: House) -> None:
    async with house.reader() as page:
        before = await page.table("?year=2026&day=2026-06-10")
        assert before != await page.table("?year=2026")
        note_one = partial(note, branch_id=1, actor="x", member_id=0, action="x", subject="x")
        await house.place.database.write(note_one)
        assert await page.table("?year=2026&day=2026-06-10") == before
        assert "按 2026-06-10 当天所知" in await page.get("?year=2026&day=2026-06-10")


async def test_pictures_have_a_title_a_description_and_their_numbers_beside(house: House) -> None:
    async with house.reader() as page:
        for path in ("/charts?year=2026", "/figure?name=主题党日&year=2026"):
            text = await page.get(path)
            for picture in text.split("<svg")[1:]:
                head = picture.split(">", 1)[0]
                assert 'role="img"' in head
                names = head.split('aria-labelledby="')[1].split('"')[0].split()
                assert all(f'id="{name}"' in picture for name in names)
        rows = {row[0]: row[1] for row in await page.table("/figure?name=主题党日&year=2026")}
        found = await house.place.database.read(
            lambda tx: figures.reckon(tx, asked(tx, house, "2026-03", 0, None), "", [figures.CATALOGUE["主题党日"]])
        )
        assert rows["3月"] == found.values[0].text


async def test_a_link_of_another_organisation_opens_nothing_here(sqlite: str, tmp_path: Path) -> None:
    """Its key is another, and its rows are: a house doesn't even open the books of another one (`tests/personal`)."""
    other = tmp_path / "other"
    other.mkdir()
    async with running(
        f"sqlite:///{other / 'theirs.db'}", other, 'secret_key = "the key of another house entirely"\n'
    ) as theirs:
        link = await theirs.link()
    async with running(sqlite, tmp_path) as house, ClientSession() as client:
        response = await client.post(house.url(link[link.index("/open/") :]))
        assert response.status == 403
        assert links.WRONG in await response.text()


# Long lists


def crowd(tx: Tx, count: int, people: int) -> None:
    """Branches, and members of the first."""
    ids = [int(tx.value(BRANCH, name=f"支部{number}", bound_at=1)) for number in range(1, count + 1)]
    for number in range(people):
        one = tx.value(MEMBER, name=f"党员{number}", branch_id=ids[0], category="正式党员")
        tx.run(BELONGS, member_id=one, branch_id=ids[0])
    note(tx, 1, "x", 0, "x", "x")


async def test_three_hundred_branches_and_five_thousand_rows_come_in_pages(sqlite: str, tmp_path: Path) -> None:
    async with running(sqlite, tmp_path) as house:
        await house.place.database.write(partial(crowd, count=300, people=5000))
        async with house.reader() as page:
            seen = [row[0] for number in range(1, 11) for row in (await page.table(f"?page={number}"))[1:]]
            assert seen == [f"支部{number}" for number in range(1, 301)]
            assert await page.table("?page=999") == await page.table("?page=10")
            assert len((await page.table("/messages?page=6"))[1:]) == PAGE
            text = await page.get("/figure?name=党员&page=100")
            assert "第 100 页，共 100 页" in text
            assert 'start="4951"' in text
            assert "党员4999" in text
            assert text.count("<li>") == PAGE
            assert len(text) < 60_000


# What it costs


def test_a_page_of_branches_costs_the_same_among_three_hundred(sqlite_template: Path, tmp_path: Path) -> None:
    """Counted in steps of SQLite, which no busy machine changes."""
    cost = {}
    for count in (2, 12):
        path = tmp_path / f"{count}.db"
        shutil.copy(sqlite_template, path)
        history.History(path, count * 5, count * 5 * 8, 1).fill()
        config = history.configured(tmp_path, str(count))

        def first_page(tx: Tx, config: Any = config) -> None:
            required(tx, tx.all(BRANCHES)[:10], date(2026, 10, 1), date(2026, 12, 31), config, tx.at)

        cost[count] = steps(path, first_page)
    assert cost[12] < cost[2] * 1.5, cost


async def test_what_was_reckoned_is_remembered_until_its_version_changes() -> None:
    memory = Memory()

    async def reckon() -> int:
        await asyncio.sleep(0)
        return memory.reckoned

    first, second = Stand((1, 1), 0), Stand((2, 1), 50)
    assert await asyncio.gather(*(memory.get("a", first, reckon) for _ in range(5))) == [(1, 0)] * 5
    assert await memory.get("a", second, reckon, age=51) == (1, 0)
    assert [await memory.get(key, second, reckon) for key in "abab"] == [(2, 50), (3, 50)] * 2
    for number in range(MOST):
        await memory.get(number, first, reckon)
    assert await memory.get("a", second, reckon) == (MOST + 4, 50)


async def test_a_reckoning_that_fails_is_not_remembered() -> None:
    memory = Memory()

    async def fails() -> int:
        raise Refused("现在不行")

    async def works() -> int:
        return 7

    with pytest.raises(Refused):
        await memory.get("a", Stand((1, 1), 0), fails)
    assert await memory.get("a", Stand((1, 1), 0), works) == (7, 0)


# Files


async def test_tables_come_as_csv_and_xlsx_with_the_same_rows(house: House) -> None:
    async with house.reader() as page:
        for name in ("规定动作", "指标"):
            data = await page.bytes(f"/file?kind=csv&name={name}&year=2026")
            rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
            book = openpyxl.load_workbook(io.BytesIO(await page.bytes(f"/file?kind=xlsx&name={name}&year=2026")))
            sheet = [
                ["" if cell is None else str(cell) for cell in row]
                for row in book.worksheets[0].iter_rows(values_only=True)
            ]
            assert sheet == rows
            assert len(rows) > 100
        said = await house.place.database.read(lambda tx: tx.one(NOTED))
        assert (said.actor, said.action, said.subject) == ("管理员", "report", "report:xlsx")


async def test_papers_are_those_of_report(house: House) -> None:
    async with house.reader() as page:
        text = await page.get("/files?year=2026&branch=2")
        assert "年报（docx）" in text
        book = openpyxl.load_workbook(io.BytesIO(await page.bytes("/file?kind=excel&name=通报&year=2026&branch=2")))
        assert book.sheetnames == ["通报"]
        paper = Document(io.BytesIO(await page.bytes("/file?kind=word&name=月报&year=2026&part=-03&branch=2")))
        assert "第2党支部2026年3月党建工作月报" in paper.paragraphs[0].text
        assert (await page.bytes("/file?kind=chart&name=图&year=2026&branch=2")).startswith(b"\x89PNG")


async def test_no_cell_of_a_csv_is_a_formula(sqlite: str, tmp_path: Path) -> None:
    def work(tx: Tx) -> None:
        tx.run(BRANCH, name="=cmd|' /C calc'!A0", bound_at=1)
        note(tx, 1, "x", 0, "x", "x")

    async with running(sqlite, tmp_path) as house:
        await house.place.database.write(work)
        async with house.reader() as page:
            data = (await page.bytes("/file?kind=csv&name=规定动作")).decode("utf-8-sig")
            assert {row[0][:2] for row in list(csv.reader(io.StringIO(data)))[1:]} == {"'="}
