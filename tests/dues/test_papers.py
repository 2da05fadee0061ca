"""The papers: what stands in them adds up to the book, nothing in them is a formula, and they go to one person only."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.platforms.console import Bubble
from handlers.dues.capital import capital
from handlers.dues.workbook import Page, money, workbook
from tests.cast import ACCOUNTS, Cast

PRIVATE = ""
Sheets = dict[str, list[list[Any]]]


def sheets(data: bytes) -> Sheets:
    return {
        page.title: [[cell.value for cell in row] for row in page.iter_rows()]
        for page in load_workbook(io.BytesIO(data))
    }


async def exported(cast: Cast, text: str, name: str = "李红", chat: str = PRIVATE) -> tuple[Bubble, Sheets]:
    """The bubble with the file that a command gave, and what is in the file."""
    seen = {one.number for one in cast.place.console.bubbles}
    await cast.says(name, text, chat)
    await cast.settle()
    [bubble] = [one for one in cast.place.console.bubbles if one.files and one.number not in seen]
    assert (bubble.chat, bubble.private) == (ACCOUNTS[name], True)
    return bubble, sheets(cast.place.console.files[bubble.number, 0])


def total(rows: list[list[Any]], label: str) -> Decimal:
    """The number that stands behind a label."""
    line = next(row for row in reversed(rows) if label in row)
    return Decimal(str(next(cell for cell in line[line.index(label) + 1 :] if cell is not None)))


async def a_month(cast: Cast) -> None:
    """November: two have paid, one of them too much, one for another; one receipt is taken back; all goes up."""
    for name, text in (
        ("张三", "党费已交42.38，现金"),
        ("李四", "党费交120，多的算自愿多交"),
        ("刘敏", "代马志远交 100"),
    ):
        await cast.says(name, text, PRIVATE)
    await cast.says("李红", "/dues confirm 1 2 3", PRIVATE)
    await cast.says("李红", "/dues reverse 1 退还重登", PRIVATE)
    for name in ("李红", "周敏"):
        await cast.says(name, "/dues close 11月", PRIVATE)
    await cast.says("李红", "/dues remit 11月", PRIVATE)


async def test_the_book_of_a_month_adds_up(cast: Cast) -> None:
    await a_month(cast)
    bubble, found = await exported(cast, "/dues export 11月")
    assert bubble.files == ("2026-11党费收缴台账-第一党支部.xlsx",)
    rows = found["2026-11台账"]
    header = rows[1]
    people = [dict(zip(header, row, strict=True)) for row in rows[2:] if row[0]]
    assert [row["姓名"] for row in people][:3] == ["周敏", "李红", "陈建国"]
    paid = {row["收据号"]: row for row in people if row["收据号"]}
    assert paid["2026-3"]["代交人"] == "刘敏"
    assert (paid["2026-2"]["实交"], paid["2026-2"]["其中自愿多交"]) == (120, 10.18)
    assert (paid["2026-1"]["备注"], paid["2026-1"]["方式"]) == ("已冲正", "现金")
    assert [row["实交"] for row in people if row["备注"] == "冲正：退还重登"] == [-42.38]
    assert [row["备注"] for row in people if row["姓名"] == "吴大勇"] == ["未核定"]
    assert sum(Decimal(str(row["月应交"])) for row in people if row["月应交"]) == total(rows, "应交合计")
    assert sum(Decimal(str(row["实交"])) for row in people if row["实交"]) == total(rows, "实交合计") == Decimal("220")
    assert total(rows, "多交") == Decimal("11.50")
    assert total(rows, "欠交") == total(rows, "应交合计") - Decimal("109.82") - Decimal("88.50")
    assert [row[8] for row in found["收据"][2:5]] == ["已冲正", "有效", "有效"]
    assert total(found["收据"], "有效合计") == 220


async def test_what_is_paid_later_or_before_stands_in_the_book_of_its_day(one_cast: Cast) -> None:
    cast = one_cast
    await cast.says("张三", "12月党费已交42.38", PRIVATE)
    await cast.says("李红", "/dues confirm", PRIVATE)
    _, november = await exported(cast, "/dues export 2026-11")
    assert [row[15] for row in november["2026-11台账"] if row[14] == "2026-1"] == ["预交"]
    await cast.until("2026-12-03 09:00")
    await cast.says("李四", "11月党费已交109.82", PRIVATE)
    await cast.says("李红", "/dues confirm", PRIVATE)
    _, december = await exported(cast, "/dues export 12月")
    rows = december["2026-12台账"]
    assert [row[15] for row in rows if row[1] == "张三"] == ["已于 2026-11 预交"]
    assert [(row[7], row[15]) for row in rows if row[14] == "2026-2"] == [(109.82, "补交")]
    assert total(rows, "实交合计") == Decimal("109.82")


async def test_the_year_the_publication_and_the_slip(one_cast: Cast) -> None:
    cast = one_cast
    await a_month(cast)
    _, year = await exported(cast, "/dues export 2026")
    assert set(year) == {"2026年", "核定", "公示", "收据"}
    matrix = year["2026年"]
    assert matrix[1][-5:] == ["应交合计", "实交合计", "自愿多交", "欠交", "多交"]
    assert [Decimal(str(cell)) for cell in matrix[-1][-4:-2]] == [Decimal("209.82"), Decimal("10.18")]
    _, public = await exported(cast, "/dues export 公示 2026")
    text = str(public)
    assert not [name for name in ACCOUNTS if name in text]
    assert not [amount for amount in ("42.38", "109.82", "88.5", "120", "4237") if amount in text]
    assert total(public["公示"], "实收合计") == total(public["公示"], "已上缴") == 220
    bubble, slip = await exported(cast, "/dues export 缴款单 1")
    form = {row[0]: row[1] for row in slip["缴款单"][2:]}
    assert (form["单位"], form["党支部"], form["应缴金额（元）"]) == ("某县卫生健康局", "第一党支部", 220)
    assert form["大写"] == "贰佰贰拾元整"
    assert bubble.files == ("党费缴款单1号-第一党支部.xlsx",)


async def test_in_a_group_the_paper_goes_to_who_asked(one_cast: Cast) -> None:
    await a_month(one_cast)
    await exported(one_cast, "/dues export 11月", chat="g1")
    assert not [bubble for bubble in one_cast.pushed("g1") if bubble.files]
    for wrong in ("/dues export 缴款单 7", "/dues export 缴款单", "/dues export 党费", "/dues export 11月12月"):
        assert "请" in await one_cast.says("李红", wrong, PRIVATE) or "没有" in await one_cast.says(
            "李红", wrong, PRIVATE
        )


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@SUM(A1)", '=HYPERLINK("http://x")', "普通"])
def test_no_cell_is_a_formula(text: str) -> None:
    data = workbook([Page("表", text, ("甲", text), [[text, money(4238)], [None, 3]], [[text]])])
    book = load_workbook(io.BytesIO(data))
    cells = [cell for row in book["表"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert sum(cell.value == text for cell in cells) == 4
    assert book["表"].cell(3, 2).value == 42.38


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (4238, "肆拾贰元叁角捌分"),
        (100_05, "壹佰元零伍分"),
        (1000_00, "壹仟元整"),
        (1001_10, "壹仟零壹元壹角整"),
        (10_000_00, "壹万元整"),
        (10_010_00, "壹万零壹拾元整"),
        (20_300_500_00, "贰仟零叁拾万零伍佰元整"),
        (100_000_001_00, "壹亿零壹元整"),
    ],
)
def test_sums_in_capital_numerals(fen: int, words: str) -> None:
    assert capital(fen) == words


async def test_who_decided_what_and_until_when_is_a_paper(one_cast: Cast) -> None:
    cast = one_cast
    await cast.says("李红", "/dues waive 孙桂兰 少交 5 12月 支部决议", PRIVATE)
    await cast.until("2026-12-10 09:00")
    await cast.says("李红", "/dues set 张三 离退休 3456.78 退休", PRIVATE)
    await cast.until("2027-01-10 09:00")
    await cast.says("李红", "/dues set 全体 不变", PRIVATE)
    _, found = await exported(cast, "/dues export 2026")
    rows = [row[1:] for row in found["核定"][2:]]
    first, second = (row for row in rows if row[0] == "张三")
    assert first[:7] == ["张三", "在职", 4237.56, "1%", 42.38, "2026-11", "2026-11"]
    assert second == [
        *("张三", "离退休", 3456.78, "0.5%", 17.28, "2026-12", "2026-12", "李红", "2026-12-10"),
        *("组电明字〔2017〕5号 · fen/none", "退休"),
    ]
    assert [row[1:7] for row in rows if row[0] == "孙桂兰"] == [
        ["离退休", 3456.78, "0.5%", 17.28, "2026-11", "2026-12"],
        ["少交", None, None, 5, "2026-12", "2026-12"],
    ]
    _, found = await exported(cast, "/dues export 2027")
    assert [row[6] for row in found["核定"][2:] if row[1] == "张三"] == ["2027-01"]
