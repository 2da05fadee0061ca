"""What a house writes under [dues]: three ways of rounding, rates from a month on, and what can't be read."""

from __future__ import annotations

import tomllib
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import ConfigError, Dues, load
from bot.platforms import KINDS
from handlers.dues.rules import rules_of, share_of
from handlers.rates import assess, fen, first_month, monthly_fen, rule_of, yuan
from tests.dues.test_rates import EXAMPLES

CHANGE = """
[dues]
amount_rounding = "jiao"
remit_percent = "20"
[[dues.rates]]
since = "2027-01"
source = "某〔2027〕1号"
salaried = ["4000:0.4", "*:1"]
retired = ["6000:0.5", "*:0.8"]
farmer = "0.50-2.00"
student = "0.50"
cap = "500"
[[dues.rates]]
since = "2027-07"
source = "某〔2027〕2号"
amount_rounding = "yuan"
base_rounding = "yuan"
"""


def practice(text: str) -> Dues:
    return Dues.model_validate(tomllib.loads(text)["dues"])


@pytest.mark.parametrize("way", [("fen", 2), ("jiao", 3), ("yuan", 4)])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one[0]}-{one[1]}")
def test_the_examples_in_each_practice(example: tuple[str, ...], way: tuple[str, int]) -> None:
    name, column = way
    rules = rules_of(Dues.model_validate({"amount_rounding": name}))
    assert yuan(monthly_fen(example[0], fen(example[1]), rules=rules)) == example[column]


def test_rates_change_from_their_month_on() -> None:
    rules = rules_of(practice(CHANGE))
    assert [rule.since for rule in rules] == ["2008-04", "2017", "2027-01", "2027-07"]

    def due(month: str, kind: str = "salaried", base: str = "4237.56") -> str:
        return yuan(monthly_fen(kind, fen(base), month=month, rules=rules))

    assert (due("2026-12"), due("2027-01"), due("2027-07")) == ("42.40", "42.40", "42.00")
    assert (due("2026-12", base="3800"), due("2027-01", base="3800")) == ("38.00", "15.20")
    assert (due("2026-12", "retired", "7000"), due("2027-01", "retired", "7000")) == ("70.00", "56.00")
    assert (due("2026-12", base="99999"), due("2027-08", base="99999")) == ("1000.00", "500.00")
    assert (due("2026-12", "student", "1"), due("2027-01", "student", "1")) == ("0.20", "0.50")
    assert due("2027-01", "farmer", "2.00") == "2.00"
    with pytest.raises(ValueError, match="pays"):
        due("2026-12", "farmer", "2.00")
    assert (rule_of("2027-03", rules).source, rule_of("2026-03", rules).source) == (
        *("某〔2027〕1号", "组电明字〔2017〕5号"),
    )
    assert assess("salaried", fen("4237.56"), month="2027-07", rules=rules).rule == "某〔2027〕2号 · yuan/yuan"
    assert share_of(practice(CHANGE)) == 2000


def independent(base: int, amount_way: str, base_way: str) -> int:
    """The regulation again, in Decimal and by comparing, for who is paid by the month."""
    value = Decimal(base) / 100
    if base_way == "yuan":
        value = value.quantize(Decimal(1), ROUND_DOWN)
    percent = Decimal("2.0")
    for bound, found in ((Decimal(10000), "1.5"), (Decimal(5000), "1"), (Decimal(3000), "0.5")):
        if value <= bound:
            percent = Decimal(found)
    exact = value * percent / 100
    cents = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    ways = {
        "fen": cents,
        "jiao": exact.quantize(Decimal("0.1"), ROUND_CEILING),
        "yuan": exact.quantize(Decimal(1), ROUND_HALF_UP) or cents,
    }
    return int(min(ways[amount_way], Decimal(1000)) * 100)


@given(st.integers(1, 20_000_00), st.sampled_from(["fen", "jiao", "yuan"]), st.sampled_from(["none", "yuan"]))
def test_another_hand_reckons_the_same(base: int, amount_way: str, base_way: str) -> None:
    rules = rules_of(Dues.model_validate({"amount_rounding": amount_way, "base_rounding": base_way}))
    assert monthly_fen("salaried", base, rules=rules) == independent(base, amount_way, base_way)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('amount_rounding = "cent"', "dues.amount_rounding"),
        ('remit_percent = "0"', "write per cent as text"),
        ('remit_percent = "100.01"', "write per cent as text"),
        ('prepay = "year"', "dues.prepay"),
        ('rates = [{ since = "2027", source = "x" }]', "write a month such as"),
        ('rates = [{ since = "2027-13", source = "x" }]', "write a month such as"),
        ('rates = [{ since = "2027-01", source = "x", salaried = ["3000:0.5"] }]', "the last with *"),
        ('rates = [{ since = "2027-01", source = "x", salaried = ["5000:1", "3000:0.5", "*:2"] }]', "rising"),
        ('rates = [{ since = "2027-01", source = "x", salaried = ["0:1", "0:0.5", "*:2"] }]', "rising"),
        ('rates = [{ since = "2027-01", source = "x", cap = "1e3" }]', "write yuan as text"),
        ('rates = [{ since = "2027-01", source = "x", farmer = "1-0.2" }]', "lowest and the highest"),
        ('rates = [{ since = "2027-01", source = "x", farmers = "1" }]', "unknown key"),
        ('rates = [{ since = "2027-01", source = "x" }, { since = "2027-01", source = "y" }]', "each month once"),
        ('rates = [{ since = "2027-01" }]', "is required"),
    ],
)
def test_what_is_written_wrong_is_named(line: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[dues]\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="dues") as refused:
        load(path, KINDS)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("joined_on", "category", "decided", "since"),
    [
        ("2026-09-20", "预备党员", False, "2026-09"),
        ("2026-09-20", "预备党员", True, "2026-11"),
        ("2026-09-20", "正式党员", False, "2026-11"),
        ("", "预备党员", False, "2026-11"),
        ("2026-12-01", "预备党员", False, "2026-11"),
    ],
)
def test_a_new_probationary_member_owes_from_the_vote(joined_on: str, category: str, decided: bool, since: str) -> None:
    assert first_month(joined_on, category, "2026-11", decided) == since
