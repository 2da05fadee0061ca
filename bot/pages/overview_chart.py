"""Bars of the months as inline SVG: this year's filled, last year's as an outline, so that colour alone tells nothing.

The numbers stand in the table beside; a picture never compares branches or people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 200
LEFT, RIGHT, TOP, BOTTOM = 34, 4, 14, 22
STEPS = 4  # lines across


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the picture's own units."""

    kind: str  # "now" or "before"
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its numbers: `rows` are (month, this year, last year) as people read them."""

    key: str
    title: str
    told: str
    bars: tuple[Bar, ...]
    lines: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, str], ...]
    rows: tuple[tuple[str, str, str], ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month's two numbers; None where there is none, `told` how each is written."""

    name: str
    now: float | None
    before: float | None
    told: tuple[str, str] = ("—", "—")


def chart(key: str, title: str, unit: str, months: Sequence[Month], years: tuple[str, str]) -> Chart:
    """The picture of up to twelve months; `years` name the two series."""
    top = 100.0 if unit == "%" else ceiling(max([one.now or 0 for one in months] + [one.before or 0 for one in months]))
    step = (WIDTH - LEFT - RIGHT) / max(len(months), 1)
    bars = []
    for place, month in enumerate(months):
        for side, (kind, number) in enumerate((("before", month.before), ("now", month.now))):
            if number is not None:
                height = (HEIGHT - TOP - BOTTOM) * min(max(number, 0), top) / top
                x = LEFT + step * (place + 0.14 + 0.38 * side)
                bars.append(
                    Bar(kind, round(x, 1), round(HEIGHT - BOTTOM - height, 1), round(step * 0.34, 1), round(height, 1))
                )
    heights = [
        (top * part / STEPS, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part / STEPS) for part in range(STEPS + 1)
    ]
    lines = tuple((round(height, 1), f"{number:g}") for number, height in heights)
    labels = tuple(
        (round(LEFT + step * (place + 0.5), 1), one.name.removesuffix("月")) for place, one in enumerate(months)
    )
    rows = tuple((one.name, *one.told) for one in months)
    told = f"{title}，单位{unit}，实心是{years[0]}，空心是{years[1]}；每月的数在下面的表里。"
    return Chart(key, title, told, tuple(bars), lines, labels, rows, unit)


def ceiling(number: float) -> float:
    """The next number that divides into four steps people can read: 4, 8, 20, 40, 80, 200, …"""
    top = 4.0
    while top < number:
        top *= 2.5 if f"{top:g}"[0] == "8" else 2
    return top
