"""台账, 通报, last year beside this year, forms, pictures: what stands in them, and that no cell is a formula."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from PIL import Image

from bot.db import Tx
from bot.message import Refused
from handlers import figures
from handlers.papers import bars, charts, sheets
from handlers.sheet.book import Book
from tests.cast import Cast

TITLES = ["指标", "通报", "考勤", "志愿服务", "党费", "学时", "微心愿", "上报对照"]


def made(tx: Tx, cast: Cast, name: str = "台账", *, code: str = "2026", branch: int = 0, amounts: bool = True) -> Any:
    """A workbook of the house, read again."""
    asked = figures.question(tx, figures.coded(code), branch, cast.place.config)
    config = cast.place.config
    data = sheets.workbook(tx, asked, "全系统", name, config=config, amounts=amounts)
    return openpyxl.load_workbook(BytesIO(data))


def rows(sheet: Any) -> list[tuple[Any, ...]]:
    """The rows of a sheet below its head."""
    return list(sheet.iter_rows(min_row=2, values_only=True))


async def test_every_sheet_says_what_the_figures_say(house: Cast) -> None:
    def work(tx: Tx) -> None:
        book = made(tx, house, branch=2)
        assert book.sheetnames == TITLES
        asked = figures.question(tx, figures.coded("2026"), 2, house.place.config)
        found = {one.figure.name: one for one in figures.reckon(tx, asked, "").values}
        numbers = {row[0]: row for row in rows(book["指标"])}
        assert {name: row[1] for name, row in numbers.items()} == {
            name: "—" if one.number is None else float(one.number) for name, one in found.items()
        }
        assert len(rows(book["志愿服务"])) == found["志愿服务人次"].number
        assert round(sum(row[4] for row in rows(book["党费"])), 2) == float(found["党费"].number or 0)
        assert len(rows(book["学时"])) == found["党员"].number
        assert round(sum(row[2] for row in rows(book["学时"])), 2) == float(found["学时"].number or 0)
        assert sum(1 for row in rows(book["微心愿"]) if row[7]) >= int(found["兑现微心愿"].number or 0) > 0
        assert {row[0] for row in rows(book["通报"])} == {"第2党支部"}

    await house.place.database.read(work)


async def test_the_attendance_sheet_has_who_was_due_and_never_why_he_was_not_there(house: Cast) -> None:
    def work(tx: Tx) -> None:
        book = made(tx, house, "考勤", code="2026-03", branch=3)
        assert book.sheetnames == ["考勤"]
        found = rows(book["考勤"])
        assert {row[8] for row in found} <= {"到会", "迟到", "早退", "线上", "缺席(已请假)", "缺席(未请假)"}
        assert all(str(row[2]).startswith("2026-03") for row in found)
        assert {row[0] for row in found} == {"第3党支部"}

    await house.place.database.read(work)


async def test_what_somebody_paid_shows_to_collectors_only(house: Cast) -> None:
    def work(tx: Tx) -> None:
        found = rows(made(tx, house, "党费", branch=2, amounts=False)["党费"])
        assert {row[4] for row in found} <= {"已交", "冲正"}

    await house.place.database.read(work)


async def test_a_circular_says_done_or_not_done_in_the_registers_order(house: Cast) -> None:
    def work(tx: Tx) -> None:
        found = rows(made(tx, house, "通报")["通报"])
        order = list(dict.fromkeys(row[0] for row in found))
        assert order == [f"第{number}党支部" for number in range(1, 21)]
        assert {row[3] for row in found} <= {"已完成", "未完成", "本期未满", "—"}
        assert any(str(row[5]).startswith("未做：1月") for row in found)
        theme_days = {row[0]: row[4] for row in found if row[1] == "主题党日"}
        assert theme_days["第5党支部"].endswith("/11")  # November is under way
        assert int(theme_days["第4党支部"].split("/")[1]) < 11  # bound in July: nothing is owed before

    await house.place.database.read(work)


async def test_forms_say_what_we_do_not_hold(house: Cast) -> None:
    found = await house.place.database.read(lambda tx: rows(made(tx, house, "上报对照")["上报对照"]))
    assert all((row[4] is not None) != str(row[5] or "").startswith("本系统没有") for row in found)


async def test_last_year_stands_beside_this_year(house: Cast) -> None:
    def work(tx: Tx) -> None:
        asked = figures.question(tx, figures.coded("2026-02"), 0, house.place.config)
        before = figures.reckon(tx, asked.over(figures.coded("2026-01")), "").value("活动").number
        assert before
        numbers = {row[0]: row for row in rows(made(tx, house, "指标")["指标"])}
        assert {row[3] for name, row in numbers.items() if name != "名称"} == {"没有记录"}, "and not nothing done"

    await house.place.database.read(work)


def test_no_cell_is_ever_a_formula() -> None:
    book = Book()
    words: list[Any] = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\x07=1", "普通", 5, -5]
    book.sheet("=表"[1:], ["=头"] * len(words), [words])
    sheet = openpyxl.load_workbook(BytesIO(book.data()))["表"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert [cell.value for cell in sheet[2]][:7] == [*words[:5], "=1", "普通"]
    assert [cell.quotePrefix for cell in sheet[2]][:7] == [True] * 6 + [False]


def test_a_sheet_that_there_is_not_is_refused() -> None:
    with pytest.raises(Refused, match="没有叫「考情」的表。是不是：考勤"):
        sheets.named("考情")
    assert [sheets.named(title) for title in ("", "台账", *TITLES)] == ["台账", "台账", *TITLES]


# Pictures


async def test_the_picture_shows_the_months(house: Cast) -> None:
    def work(tx: Tx) -> None:
        asked = figures.question(tx, figures.coded("2026"), 2, house.place.config)
        attendance = bars.attendance_bars(tx, asked)
        assert [bar.label for bar in attendance] == [f"{month}月" for month in range(1, 12)]
        year = figures.reckon(tx, asked, "", [figures.CATALOGUE["出勤率"]]).values[0]
        assert sum(int(bar.told.split("/")[0]) for bar in attendance) == (year.share or (0, 0))[0]
        done = bars.completion_bars(tx, asked, house.place.config)
        assert done[0].told.endswith(("/1", "/2"))  # 主题党日, and 支委会 where there is one
        data = charts.picture(tx, asked, "第二党支部", house.place.config)
        picture = Image.open(BytesIO(data))
        assert (picture.format, picture.size) == ("PNG", charts.SIZE)
        assert len(data) < 200_000

    await house.place.database.read(work)


async def test_a_picture_and_a_circular_of_a_day_of_the_past_stop_there(house: Cast) -> None:
    """What later entries change is pinned in tests/registers/test_selfcheck.py."""

    def work(tx: Tx) -> None:
        asked = figures.question(tx, figures.coded("2026"), 2, house.place.config, date(2026, 6, 10))
        done = bars.completion_bars(tx, asked, house.place.config)
        assert [bar.label for bar in done] == [f"{month}月" for month in range(1, 7)]
        assert [bar.percent is None for bar in done] == [False] * 5 + [True]  # June was under way
        book = sheets.workbook(tx, asked, "", "通报", config=house.place.config, amounts=False)
        told = {row[1]: row for row in rows(openpyxl.load_workbook(BytesIO(book))["通报"])}
        assert told["主题党日"][4].endswith("/6")
        assert charts.picture(tx, asked, "第二党支部", house.place.config)

    await house.place.database.read(work)


def test_the_font_of_the_package_has_every_sign_that_is_drawn() -> None:
    """A sign without a glyph is drawn as the box that stands for any unknown one."""
    unknown = _drawn("\U0010fffd")
    for sign in "第一党支部年月日出勤率实到应到每规定动作完成率截至情况鑫鎔淼0123456789%（）÷/—":
        assert _drawn(sign) != unknown, sign


def _drawn(sign: str) -> bytes:
    font = charts._font(40)
    return bytes(font.getmask(sign))
