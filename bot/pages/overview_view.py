"""What a request of the overview asks for: the period, the day as known, the branch; and who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from handlers import figures
from handlers.figures.span import EARLIEST_YEAR
from handlers.links import NOT_YOURS, Pass
from handlers.overview import Sight, sight_of
from handlers.selfcheck import BRANCHES

YEARS = 5
PARTS: Mapping[str, str] = {
    "": "全年",
    "H1": "上半年",
    "H2": "下半年",
    **{f"Q{number}": f"{name}季度" for number, name in enumerate("一二三四", 1)},
    **{f"-{month:02}": f"{month}月" for month in range(1, 13)},
}
MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class View:
    """One request: what its reader may see, the question he puts, and how the same is asked for another page.

    `branches` are the rows of BRANCHES within his sight, `day` is the day as known ("" = now), `page` that of a long
    list, from 1; `more` are the words of the address that belong to one page only.
    """

    sight: Sight
    asked: figures.Question
    scope: str
    branches: list[Any]
    year: int
    part: str
    day: str
    now: date
    page: int
    more: Mapping[str, str]

    @property
    def choices(self) -> dict[str, Any]:
        """What the form offers: years, parts of a year, branches."""
        years = sorted({*range(self.now.year, self.now.year - YEARS, -1), self.year}, reverse=True)
        return {"years": years, "parts": PARTS, "branches": self.branches if len(self.branches) > 1 else []}

    @property
    def chosen(self) -> list[Any]:
        """The branches that are asked for."""
        return [one for one in self.branches if self.asked.branch in (0, one.id)]

    def url(self, path: str = "", **more: Any) -> str:
        """The address of a page of the overview for the same question."""
        words = {"year": self.year, "part": self.part, "day": self.day, "branch": self.asked.branch, **more}
        return f"/dashboard{path}?{urlencode({name: word for name, word in words.items() if word not in ('', 0)})}"


def view_of(tx: Tx, given: Pass, words: Mapping[str, str], config: Config) -> View:
    """What is asked for, by whom. Raises Refused: not his, no such time, nothing to see yet."""
    sight = sight_of(tx, given.member, config)
    branches = [row for row in tx.all(BRANCHES) if sight.branch in (0, row.id)]
    branch = _number(words.get("branch") or "0", 1 << 31, 0) or sight.branch
    if branch and branch not in {row.id for row in branches}:
        raise Refused(NOT_YOURS)
    year = _number(words.get("year") or str(tx.now.year), tx.now.year, EARLIEST_YEAR)
    part = words.get("part", "" if "year" in words else f"Q{(tx.now.month + 2) // 3}")
    if part not in PARTS:
        raise Refused("没有这样的时间段，请在页面上选。")
    day = _day(words.get("day", ""))
    asked = figures.question(tx, figures.coded(f"{year}{part}"), branch, config, day)
    names = {row.id: row.name for row in branches}
    scope = names[branch] if branch else str(config.bot.organisation)
    page = _number(words.get("page", "1"), MOST_PAGES)
    more = {name: word for name, word in words.items() if name not in ("year", "part", "day", "branch")}
    return View(sight, asked, scope, branches, year, part, day.isoformat() if day else "", tx.now.date(), page, more)


def _number(word: str, most: int, least: int = 1) -> int:
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 11 else -1
    if not least <= number <= most:
        raise Refused("地址里的数字不对，请从页面上点开。")
    return number


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if word else None
    except ValueError:
        raise Refused(f"“{word[:20]}”不是日期，请写成 2026-06-30。") from None
