"""What a figure is: its name, what it counts, from which rows, and how its value is written.

次 (sessions), 人次 (attendances) and 人 (people) are never mixed: each figure has one unit and says what it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from handlers.figures.rows import Rows, Tally

Measure = Literal["rows", "people", "branches", "quantity", "fen", "minutes"]
TO_CHECK = "（待核）"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the catalogue.

    `measure` is what is counted of its rows: all, distinct people, distinct branches, or the sum of their quantity
    (a count; fen shown as 元; minutes shown as hours). `over` makes it a rate: its count by that of `over`, in %.
    Where rows of `needs` aren't sound the figure is to be checked, too.
    """

    name: str
    unit: str
    definition: str
    rows: Rows
    measure: Measure = "rows"
    over: Figure | None = None
    needs: Rows | None = None

    def counted(self, tally: Tally) -> Decimal:
        """What its measure makes of a tally."""
        if self.measure in ("fen", "minutes"):
            return Decimal(tally.quantity) / (100 if self.measure == "fen" else 60)
        return Decimal(int(getattr(tally, self.measure)))


@dataclass(frozen=True, slots=True)
class Value:
    """A figure as it stands: `number` is None for a rate of nothing; `rows` are counted, `unsound` wait to be checked.

    `share` of a rate are numerator and denominator, to be printed with it.
    """

    figure: Figure
    number: Decimal | None
    rows: int
    unsound: int
    share: tuple[int, int] | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing that should be known is missing."""
        return self.unsound == 0

    @property
    def plain(self) -> str:
        """The number as it is written: 12, 3456.78, 43.2, or — for a rate of nothing."""
        if self.number is None:
            return "—"
        if self.figure.over is not None:
            return f"{self.number:f}"
        return f"{self.number:.2f}" if self.figure.measure == "fen" else f"{self.number.normalize():f}"

    @property
    def text(self) -> str:
        """The number, with （待核） where records behind it are incomplete."""
        return self.plain if self.complete else f"{self.plain}{TO_CHECK}"

    @property
    def about(self) -> str:
        """63 -> 60余, 60 -> 60: rounded down to its first digit, or to tens and hundreds, as people write it."""
        return rounded_down(int(self.number or 0)) + ("" if self.complete else TO_CHECK)

    @property
    def written(self) -> str:
        """12次, 43.2%（123/285）, 3456.78元（待核）: the number with its unit, a rate with its denominator."""
        share = f"（{self.share[0]}/{self.share[1]}）" if self.share else ""
        return f"{self.plain}{self.figure.unit}{share}{'' if self.complete else TO_CHECK}"


def rounded_down(number: int) -> str:
    """A number as reports write it: down to tens below 1000, to hundreds below 10000, to thousands above."""
    step = 10 if number < 1000 else 100 if number < 10_000 else 1000
    floor = number // step * step
    if number <= 10 or floor == number:
        return str(number)
    return f"{floor}余"


def rate(part: int, whole: int) -> Decimal | None:
    """Per cent with one decimal, half up; None of nothing."""
    if whole == 0:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)
