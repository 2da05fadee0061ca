"""The worked examples of the regulation, in the three ways branches round, and what is no amount."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rates import KINDS, RATES, Rounding, fen, monthly_fen, rule_of, yuan

# kind, base, to the fen, up to the jiao, to the yuan
EXAMPLES = [
    ("salaried", "1800.00", "9.00", "9.00", "9.00"),
    ("salaried", "2999.99", "15.00", "15.00", "15.00"),
    ("salaried", "3000.00", "15.00", "15.00", "15.00"),
    ("salaried", "3000.01", "30.00", "30.10", "30.00"),
    ("salaried", "4237.56", "42.38", "42.40", "42.00"),
    ("salaried", "5000.00", "50.00", "50.00", "50.00"),
    ("salaried", "5000.01", "75.00", "75.10", "75.00"),
    ("salaried", "6888.88", "103.33", "103.40", "103.00"),
    ("salaried", "9999.99", "150.00", "150.00", "150.00"),
    ("salaried", "10000.00", "150.00", "150.00", "150.00"),
    ("salaried", "10000.01", "200.00", "200.10", "200.00"),
    ("salaried", "15000.00", "300.00", "300.00", "300.00"),
    ("salaried", "60000.00", "1000.00", "1000.00", "1000.00"),
    ("retired", "3456.78", "17.28", "17.30", "17.00"),
    ("retired", "5000.00", "25.00", "25.00", "25.00"),
    ("retired", "5000.01", "50.00", "50.10", "50.00"),
    ("retired", "7321.40", "73.21", "73.30", "73.00"),
    ("farmer", "0.20", "0.20", "0.20", "0.20"),
    ("farmer", "1.00", "1.00", "1.00", "1.00"),
    ("student", "0.20", "0.20", "0.20", "0.20"),
    ("student", "1500.00", "0.20", "0.20", "0.20"),
    ("salaried", "4800.00", "48.00", "48.00", "48.00"),
    ("selfemployed", "8000.00", "120.00", "120.00", "120.00"),
    ("fixed", "18.55", "18.55", "18.55", "18.55"),
]


@pytest.mark.parametrize(("kind", "base", "to_fen", "to_jiao", "to_yuan"), EXAMPLES)
def test_worked_examples(kind: str, base: str, to_fen: str, to_jiao: str, to_yuan: str) -> None:
    assert yuan(monthly_fen(kind, fen(base))) == to_fen
    assert yuan(monthly_fen(kind, fen(base), rounding="jiao")) == to_jiao
    assert yuan(monthly_fen(kind, fen(base), rounding="yuan")) == to_yuan


def exact(base: Decimal) -> Decimal:
    rate = "0.005" if base <= 3000 else "0.01" if base <= 5000 else "0.015" if base <= 10000 else "0.02"
    return base * Decimal(rate)


@given(st.integers(1, 20_000_00))
def test_integers_agree_with_decimals(base_fen: int) -> None:
    due = exact(Decimal(base_fen) / 100)
    cent = min(due.quantize(Decimal("0.01"), ROUND_HALF_UP), Decimal(1000))
    jiao = min(due.quantize(Decimal("0.1"), ROUND_CEILING), Decimal(1000))
    whole = min(due.quantize(Decimal(1), ROUND_HALF_UP), Decimal(1000))
    assert monthly_fen("salaried", base_fen) == cent * 100
    assert monthly_fen("salaried", base_fen, rounding="jiao") == jiao * 100
    assert monthly_fen("salaried", base_fen, rounding="yuan") == (whole or cent) * 100


def test_base_cut_to_the_yuan_changes_the_band() -> None:
    assert monthly_fen("salaried", 300_001, base_rounding="yuan") == 1500
    assert monthly_fen("salaried", 423_756, base_rounding="yuan") == 4237


@pytest.mark.parametrize("rounding", ["fen", "jiao", "yuan"])
def test_cap_holds_in_every_rounding(rounding: Rounding) -> None:
    assert monthly_fen("salaried", 9_999_999_999, rounding=rounding) == 100_000


def test_no_cap_before_the_notice_of_2017() -> None:
    assert monthly_fen("salaried", 6_000_000, month="2016-12") == 120_000
    assert monthly_fen("salaried", 6_000_000, month="2018-01") == 100_000


def test_rules_are_in_order_and_name_their_source() -> None:
    assert [rule.since for rule in RATES] == sorted(rule.since for rule in RATES)
    assert "〔2008〕3号" in rule_of("2008-04").source
    assert "〔2017〕5号" in rule_of().source
    with pytest.raises(ValueError, match="no rule"):
        rule_of("2008-03")


@pytest.mark.parametrize(
    ("kind", "base"), [("farmer", 19), ("farmer", 101), ("salaried", 0), ("salaried", -1), ("fixed", 10**10), ("x", 1)]
)
def test_refused_bases(kind: str, base: int) -> None:
    with pytest.raises(ValueError, match=r"base|pays|unknown"):
        monthly_fen(kind, base)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30", 3000),
        ("30.5", 3050),
        ("３０．０１", 3001),
        ("0.01", 1),
        ("99999999.99", 9_999_999_999),
        (" 7 ", 700),
        ("3,000.01", 300_001),
        ("50元", 5000),
        ("￥50", 5000),
        ("00030", 3000),
    ],
)
def test_amounts(text: str, value: int) -> None:
    assert fen(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0.00",
        "0.001",
        "1.",
        ".5",
        "-1",
        "1e3",
        "NaN",
        "inf",
        "100000000",
        "9" * 6000,
        "五十",
        "1,00",
        "1 2",
        "٣٠",
    ],
)
def test_not_amounts(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        fen(text)


@given(st.integers(1, 9_999_999_999))
def test_yuan_and_fen_are_each_other_s_way_back(value: int) -> None:
    assert fen(yuan(value)) == value


def test_sheet_words_name_kinds() -> None:
    assert {KINDS[word] for word in ("在职", "离退休", "农民", "学生", "个体", "固定")} == set(KINDS.values())
    assert all(KINDS[kind] == kind for kind in KINDS.values())


def test_yuan_of_a_reversal() -> None:
    assert yuan(-5) == "-0.05"
