"""[dues]: what is local practice or changes by a new notice; the regulation itself is built in (handlers/rates.py)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.config.sections import Section

BAND = re.compile(r"(\d{1,8}(?:\.\d{1,2})?|\*):(\d{1,2}(?:\.\d{1,2})?)")
MONEY = re.compile(r"\d{1,8}(?:\.\d{1,2})?")
BANDS = 'write ["3000:0.5", "5000:1", "*:2"]: the highest base in yuan and the per cent, rising, the last with *'


def hundredths(text: str) -> int:
    """ "0.5" as 50: yuan in fen, per cent in hundredths of one."""
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def bands_of(bands: tuple[str, ...]) -> tuple[tuple[int | None, int], ...]:
    """(highest base in fen or None, rate in hundredths of a per cent). Raises ValueError."""
    found = [BAND.fullmatch(band) for band in bands]
    read = tuple((None if one[1] == "*" else hundredths(one[1]), hundredths(one[2])) for one in found if one)
    bounds = [highest for highest, _ in read]
    if None in found or bounds.count(None) != 1 or bounds[-1] is not None:
        raise ValueError(BANDS)
    if any(upper is not None and (lower or 0) >= upper for lower, upper in pairwise(bounds)):
        raise ValueError(BANDS)
    return read


def _bands(value: tuple[str, ...]) -> tuple[str, ...]:
    if value:
        bands_of(value)
    return value


def _money(text: str) -> str:
    if text and not MONEY.fullmatch(text):
        raise ValueError('write yuan as text, such as "1000" or "0.20"')
    return text


def _span(text: str) -> str:
    low, dash, high = text.partition("-")
    if text and not (dash and _amounts(low, high)):
        raise ValueError('write the lowest and the highest amount in yuan, such as "0.20-1.00"')
    return text


def _amounts(low: str, high: str) -> bool:
    return bool(MONEY.fullmatch(low) and MONEY.fullmatch(high)) and hundredths(low) <= hundredths(high)


def _percent(text: str) -> str:
    if not MONEY.fullmatch(text) or not 0 < hundredths(text) <= 10_000:
        raise ValueError('write per cent as text, such as "100" or "20"')
    return text


def _month(text: str) -> str:
    if not re.fullmatch(r"20\d\d-(?:0[1-9]|1[0-2])", text):
        raise ValueError('write a month such as "2027-01"')
    return text


AmountRounding = Literal["fen", "jiao", "yuan"]
BaseRounding = Literal["none", "yuan"]
BandList = Annotated[tuple[str, ...], AfterValidator(_bands)]
Money = Annotated[str, AfterValidator(_money)]


class Rates(Section):
    """One of `dues.rates`: what changes from a month on; what is left out stays as it was before."""

    since: Annotated[str, AfterValidator(_month)]
    source: str = Field(min_length=1)
    salaried: BandList = ()
    retired: BandList = ()
    farmer: Annotated[str, AfterValidator(_span)] = ""
    student: Money = ""
    cap: Money = ""
    amount_rounding: AmountRounding | None = None
    base_rounding: BaseRounding | None = None


def _in_order(rates: tuple[Rates, ...]) -> tuple[Rates, ...]:
    if any(before.since >= after.since for before, after in pairwise(rates)):
        raise ValueError("write the changes in the order of `since`, each month once")
    return rates


class Dues(Section):
    """[dues]. `remit_percent` is the share of what came in that is handed up."""

    amount_rounding: AmountRounding = "fen"
    base_rounding: BaseRounding = "none"
    remit_percent: Annotated[str, AfterValidator(_percent)] = "100"
    prepay: Literal["none", "quarter", "half-year"] = "quarter"
    rates: Annotated[tuple[Rates, ...], AfterValidator(_in_order)] = ()
