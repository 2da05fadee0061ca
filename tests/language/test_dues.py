"""Months and sums in dues texts."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.language import months_of
from bot.language.numerals import money, number
from tests.language.lines import NOW

JANUARY = datetime(2027, 1, 8, 9, 0, tzinfo=NOW.tzinfo)


@pytest.mark.parametrize(
    ("text", "now", "months"),
    [
        ("11月党费已交", NOW, ("2026-11",)),
        ("十一月党费", NOW, ("2026-11",)),
        ("10-12月党费", NOW, ("2026-10", "2026-11", "2026-12")),
        ("10月、11月党费", NOW, ("2026-10", "2026-11")),
        ("第四季度党费", NOW, ("2026-10", "2026-11", "2026-12")),
        ("一季度党费", NOW, ("2026-01", "2026-02", "2026-03")),
        ("上个月党费", NOW, ("2026-10",)),
        ("本月党费", NOW, ("2026-11",)),
        ("2026年11月党费", NOW, ("2026-11",)),
        ("2025年3月党费", NOW, ("2025-03",)),
        ("党费已交50", NOW, ()),
        ("12月党费已交", JANUARY, ("2026-12",)),
        ("上个月党费", JANUARY, ("2026-12",)),
        ("1月党费", JANUARY, ("2027-01",)),
        ("8、9两个月党费", NOW, ("2026-08", "2026-09")),
        ("10-12三个月党费", NOW, ("2026-10", "2026-11", "2026-12")),
        ("补交12个月党费", NOW, ()),
        ("2、本月党费已交", NOW, ("2026-11",)),
        ("2025年12月到2026年2月党费", NOW, ("2025-12", "2026-01", "2026-02")),
        ("2026-11-20交的党费", NOW, ()),
        ("2026-11月党费", NOW, ("2026-11",)),
        ("11-1月党费", JANUARY, ("2026-11", "2026-12", "2027-01")),
    ],
)
def test_months(text: str, now: datetime, months: tuple[str, ...]) -> None:
    assert months_of(text, now) == months


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("50", "50.00"),
        ("42.38", "42.38"),
        ("五十", "50.00"),
        ("四十二块三毛八", "42.38"),
        ("三十五块五", "35.50"),
        ("50元", "50.00"),
        ("一百零五", "105.00"),
        ("一百五", "150.00"),
        ("一千二百五", "1250.00"),
        ("百", None),
        ("0", "0.00"),
        ("叁拾元整", "30.00"),
        ("五毛", None),
        ("很多", None),
    ],
)
def test_money(text: str, amount: str | None) -> None:
    assert money(text) == amount


@pytest.mark.parametrize(
    ("text", "value"), [("二十三", 23), ("105", 105), ("一百零五", 105), ("二〇二六", 2026), ("x", None)]
)
def test_numbers(text: str, value: int | None) -> None:
    assert number(text) == value
