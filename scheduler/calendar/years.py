"""The year files, in which a clerk can write the notice of the State Council before any package knows it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Day:
    """Whether people work on a day. `certain`: no notice of the State Council is awaited that could change it.

    `name` is the holiday it is off for, or works for; empty on plain days.
    """

    working: bool
    certain: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Years:
    """What the year files say, by day."""

    days: Mapping[date, Day] = field(default_factory=dict)


def load_years(folder: Path | None) -> Years:
    """Reads all FOLDER/*.json of holiday-cn's form: {"year": …, "days": [{"name", "date", "isOffDay"}, …]}.

    A file may also speak of the December before its year; where two files speak of a day, the later year holds.
    No folder and empty `days` say nothing. Raises ValueError naming file and day.
    """
    found: dict[date, Day] = {}
    for path in sorted(folder.glob("*.json")) if folder else ():
        try:
            found |= read_year(json.loads(path.read_text(encoding="utf-8-sig")))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}: {_reason(error)}") from None
    return Years(found)


def years_of(files: Years, bodies: Iterable[str]) -> Years:
    """The year files with notices of the same form on top, the later over the earlier. Raises ValueError."""
    found = dict(files.days)
    for body in bodies:
        found |= read_year(json.loads(body))
    return Years(found)


def read_year(data: Any) -> dict[date, Day]:
    """The days of a notice in holiday-cn's form. Raises ValueError for a faulty day, KeyError, TypeError."""
    found: dict[date, Day] = {}
    year = data["year"]
    for row in data["days"]:
        day, off = _day(row["date"]), row["isOffDay"]
        if day in found:
            raise ValueError(f"{day} is there twice")
        if not of_notice(day, year):
            raise ValueError(f"{day} is not of {year}")
        if not isinstance(off, bool):
            raise ValueError(f"{day}: write isOffDay as true or false")
        found[day] = Day(working=not off, certain=True, name=str(row["name"]))
    return found


def of_notice(day: date, year: int) -> bool:
    """Whether a year's notice may speak of a day: one of its own, or of the December before, where 元旦 may begin."""
    return day.year == year or (day.year, day.month) == (year - 1, 12)


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f'"{text}" is no date of the calendar; write it like "2027-02-05"') from None


def _reason(error: Exception) -> str:
    if isinstance(error, ValueError):
        return str(error)
    return f'not of the form {{"year": …, "days": [{{"name", "date", "isOffDay"}}]}} ({error})'
