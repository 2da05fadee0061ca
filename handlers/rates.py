"""What a month's dues are: the regulation as data and integer arithmetic, so that anybody can check it by hand.

The rate of the band that a base falls into applies to the *whole* base (全额, not marginal), hence the steps at
3000, 5000 and 10000 yuan. No national text says how to round; the practices in use are a parameter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["salaried", "retired", "farmer", "student", "selfemployed", "fixed"]
Rounding = Literal["fen", "jiao", "yuan"]
BaseRounding = Literal["none", "yuan"]
Bands = tuple[tuple[int | None, int], ...]  # (highest base in fen or None, rate in hundredths of a per cent)

LEAST_FEN = 1
MOST_FEN = 9_999_999_999

KINDS: dict[str, Kind] = {
    "salaried": "salaried",
    "在职": "salaried",
    "retired": "retired",
    "离休": "retired",
    "退休": "retired",
    "离退休": "retired",
    "farmer": "farmer",
    "农民": "farmer",
    "student": "student",
    "学生": "student",
    "selfemployed": "selfemployed",
    "个体": "selfemployed",
    "fixed": "fixed",
    "固定": "fixed",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What is in force from `since` (a month or a year) until the next rule. Money in fen; `cap` 0 = none."""

    since: str
    source: str
    salaried: Bands
    retired: Bands
    farmer: tuple[int, int]
    student: int
    cap: int
    amount_rounding: Rounding = "fen"
    base_rounding: BaseRounding = "none"


SALARIED: Bands = ((300_000, 50), (500_000, 100), (1_000_000, 150), (None, 200))
RETIRED: Bands = ((500_000, 50), (None, 100))

# The notice of 2017 fixes the amount for a year, narrows the base of the retired and adds the cap; the rates stay.
RATES = (
    Rule("2008-04", "中组发〔2008〕3号 Art. 1-6", SALARIED, RETIRED, farmer=(20, 100), student=20, cap=0),
    Rule("2017", "组电明字〔2017〕5号", SALARIED, RETIRED, farmer=(20, 100), student=20, cap=100_000),
)


@dataclass(frozen=True, slots=True)
class Amount:
    """What a base gives: fen a month, the rate in hundredths of a per cent (0 = the amount is set), by which rule."""

    fen: int
    rate: int
    rule: str


def monthly_fen(
    kind: str,
    base_fen: int,
    *,
    month: str = "",
    rounding: Rounding | None = None,
    base_rounding: BaseRounding | None = None,
    rules: Sequence[Rule] = RATES,
) -> int:
    """The dues of one month in fen, for a monthly base in fen (中组发〔2008〕3号 Art. 1-6; cap: 组电明字〔2017〕5号).

    `kind` is one of KINDS' values; for "farmer" (0.20 to 1.00 yuan, set by the branch) and "fixed" (approved by the
    committee above) the base is the amount; "student" pays 0.20 whatever the base. Amounts that are set, not
    reckoned, are not rounded. `month` ("YYYY-MM") picks the rule in force, "" the latest; how it rounds stands in the
    rule, unless it is said here.
    Raises ValueError for an unknown kind, a base out of range and a month before the first rule.
    """
    if not LEAST_FEN <= base_fen <= MOST_FEN:
        raise ValueError("the base must be 0.01 to 99999999.99 yuan")
    rule = rule_of(month, rules)
    rule = replace(
        rule, amount_rounding=rounding or rule.amount_rounding, base_rounding=base_rounding or rule.base_rounding
    )
    return _amount(rule, kind, base_fen)[0]


def assess(kind: str, base_fen: int, *, month: str = "", rules: Sequence[Rule] = RATES) -> Amount:
    """The same with the rate and the rule that gave it, as a determination (核定) is kept. Raises ValueError."""
    if not LEAST_FEN <= base_fen <= MOST_FEN:
        raise ValueError("the base must be 0.01 to 99999999.99 yuan")
    rule = rule_of(month, rules)
    return Amount(*_amount(rule, kind, base_fen), f"{rule.source} · {rule.amount_rounding}/{rule.base_rounding}")


def _amount(rule: Rule, kind: str, base_fen: int) -> tuple[int, int]:
    """(fen a month, rate) by one rule."""
    if kind == "fixed":
        return base_fen, 0
    if kind == "student":
        return rule.student, 0
    if kind == "farmer":
        return _farmer(rule, base_fen), 0
    if kind not in ("salaried", "selfemployed", "retired"):
        raise ValueError(f"unknown kind of dues: {kind[:20]}")
    bands = rule.retired if kind == "retired" else rule.salaried
    if rule.base_rounding == "yuan":
        base_fen -= base_fen % 100
    found = rate(bands, base_fen)
    amount = round_fen(base_fen * found, rule.amount_rounding)
    return min(amount, rule.cap) if rule.cap else amount, found


def rule_of(month: str = "", rules: Sequence[Rule] = RATES) -> Rule:
    """The rule in force in a month ("YYYY-MM"; "" = the latest). Raises ValueError before the first."""
    in_force = [rule for rule in rules if not month or rule.since <= month]
    if not in_force:
        raise ValueError(f"no rule is known for {month[:20]}")
    return in_force[-1]


def rate(bands: Bands, base_fen: int) -> int:
    """The rate of the band a base falls into, in hundredths of a per cent; a bound belongs to the lower band."""
    return next(rate for highest, rate in bands if highest is None or base_fen <= highest)


def round_fen(exact: int, rounding: Rounding) -> int:
    """Fen, from ten-thousandths of a fen: HALF_UP to the fen, up to the jiao, or HALF_UP to the yuan.

    What a whole yuan would round to 0 keeps its fen: nobody is let off by rounding.
    """
    half_up = (exact + 5_000) // 10_000
    if rounding == "jiao":
        return -(-exact // 100_000) * 10
    if rounding == "yuan":
        return (exact + 500_000) // 1_000_000 * 100 or half_up
    return half_up


def _farmer(rule: Rule, amount: int) -> int:
    low, high = rule.farmer
    if not low <= amount <= high:
        raise ValueError(
            f"a farmer pays {yuan(low)} to {yuan(high)} yuan a month: the base is the amount the branch set"
        )
    return amount


def first_month(joined_on: str, category: str, now: str, decided: bool) -> str:
    """The month a determination counts from: this one, for a new 预备党员 that of the branch's vote (2008, Art. 8)."""
    voted = joined_on[:7]
    return min(voted, now) if voted and category == "预备党员" and not decided else now


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals: 3000 -> "30.00"."""
    sign, rest = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{rest // 100}.{rest % 100:02d}"


AMOUNT = re.compile(r"[¥]?\s*(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?\s*元?", re.ASCII)


def fen(text: str) -> int:
    """Yuan as typed ("30", "３０．５", "3,000.01元") in fen. Raises ValueError with a plain reason."""
    match = AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        raise ValueError(f"not an amount: {text[:20]}")
    whole, part = match[1].replace(",", ""), match[2]
    if part is not None and not 1 <= len(part) <= 2:
        raise ValueError("an amount has at most two decimals")
    value = int(whole[-12:]) * 100 + int((part or "").ljust(2, "0"))
    if len(whole.lstrip("0")) > 8 or value < LEAST_FEN:
        raise ValueError("an amount is 0.01 to 99999999.99 yuan")
    return value
