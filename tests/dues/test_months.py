"""Months as they are typed behind /dues: read whole or refused, never half."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from bot.language.months import months_said
from bot.message import Refused
from bot.tables import files
from handlers.dues.months import leading_months, one_month, span_said, year_said
from handlers.tables import todos
from tests.cast import ZONE, Cast

NOVEMBER = datetime(2026, 11, 21, 10, 0, tzinfo=ZONE)
PRIVATE = ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("11月", ["2026-11"]),
        ("11月份", ["2026-11"]),
        ("2026-11", ["2026-11"]),
        ("2026年 1 月", ["2026-01"]),
        ("2026.3", ["2026-03"]),
        ("12月", ["2025-12"]),
        ("去年12月", ["2025-12"]),
        ("明年的1月", ["2027-01"]),
        ("本月", ["2026-11"]),
        ("上个月", ["2026-10"]),
        ("上月-本月", ["2026-10", "2026-11"]),
        ("本月至1月", ["2026-11", "2027-01"]),
        ("十一月", ["2026-11"]),
        ("十月、十二月", ["2026-10", "2026-12"]),
        ("1-3月", ["2026-01", "2026-03"]),
        ("11月-2月", ["2026-11", "2027-02"]),
        ("2026年11月至2027年1月", ["2026-11", "2027-01"]),
        ("10、11月", ["2026-10", "2026-11"]),
        ("第四季度", ["2026-10", "2026-12"]),
        ("上半年", ["2026-01", "2026-06"]),
        ("去年第四季度", ["2025-10", "2025-12"]),
        ("12月-12", []),
        ("11 12月", []),
        ("12个月", []),
        ("", []),
        ("12", []),
        ("13月", []),
        ("0月", []),
        ("٣月", []),
        ("20٢٦-11", []),
        ("2026-11-05", []),
        ("2026-13", []),
        ("11月 不要", []),
        ("11月x", []),
        ("不是本月", []),
        ("2126-11", []),
    ],
)
def test_a_text_is_months_or_it_is_none(text: str, found: list[str]) -> None:
    assert list(months_said(text, NOVEMBER)) == found


@pytest.mark.parametrize(
    ("text", "months", "document"),
    [
        ("11月 支部决议2026-11-05", "11月", "支部决议2026-11-05"),
        ("11月 12月 决议", "11月 12月", "决议"),
        ("本月 决议", "本月", "决议"),
        ("1-3月 决议", "1-3月", "决议"),
        ("11月5日支委会", "", "11月5日支委会"),
        ("2026-11-20 支委会", "", "2026-11-20 支委会"),
        ("11月-12月", "11月-12月", ""),
        ("", "", ""),
    ],
)
def test_the_months_stand_before_the_document(text: str, months: str, document: str) -> None:
    assert leading_months(text, NOVEMBER) == (months, document)


@pytest.mark.parametrize("words", ["13月", "12", "11 12", "0-3月", "٣月", "1-13月", "3个月"])
def test_what_may_be_months_is_no_document(words: str) -> None:
    with pytest.raises(Refused, match="没看懂月份"):
        leading_months(f"{words} 决议", NOVEMBER)


def test_at_the_turn_of_the_year() -> None:
    january = datetime(2027, 1, 5, 9, 0, tzinfo=ZONE)
    assert one_month("上月", january, "") == "2026-12"
    assert one_month("12月", january, "") == "2026-12"
    assert span_said("", january) == ("2027-01", "2027-12")
    assert span_said("12月-2月", january) == ("2027-12", "2028-02")
    assert [year_said(text, january) for text in ("去年", "今年", "2026年", "20٢٦", "二〇二六")] == [
        *("2026", "2027", "2026", "", "")
    ]


async def test_a_month_is_let_off_as_it_was_said(one_cast: Cast) -> None:
    """本月 was taken for the document, and the member let off to the year's end."""
    await one_cast.dialog(
        [
            ("李红", "/dues waive 张三 免交 本月 决议1号", "张三 2026年11月 免交，依据：决议1号"),
            ("李红", "/dues waive 李四 免交 11-12月 决议2号", "李四 2026年11月至2026年12月 免交，依据：决议2号"),
            ("李红", "/dues waive 何静 免交 十二月 决议3号", "何静 2026年12月 免交，依据：决议3号"),
            ("李红", "/dues waive 马志远 免交 明年一季度 决议5号", "马志远 2027年1月至2027年3月 免交，依据：决议5号"),
            ("李红", "/dues waive 刘敏 免交 13月 决议4号", "没看懂月份「13月」"),
            ("刘敏", "我的党费", "11月 应交"),
        ],
        PRIVATE,
    )


@pytest.mark.parametrize(
    ("text", "hears"),
    [
        ("/dues close 11月 不要", "请写一个月份"),
        ("/dues close 不是本月", "请写一个月份"),
        ("/dues remit 11月 5000", "请写一个月份"),
        ("/dues export 2026-11-05", "请写一个月份"),
        ("/dues export 收据 11月 12月", "请写一个月份"),
        ("/dues export 公示 11月", "请写哪一年"),
    ],
)
async def test_a_month_with_something_behind_it_does_nothing(one_cast: Cast, text: str, hears: str) -> None:
    await one_cast.dialog([("李红", text, hears)], PRIVATE)
    assert await one_cast.rows(select(todos.c.id)) == await one_cast.rows(select(files.c.id)) == []
