"""Long alternations as readable tables: one regular expression from words parted by white space."""

from __future__ import annotations

import re


def any_of(words: str, flags: int = 0) -> re.Pattern[str]:
    """The expression that matches any of the alternatives, which are parted by white space."""
    return re.compile("|".join(words.split()), flags)


def words(table: str) -> frozenset[str]:
    """The words of a table, which are parted by white space."""
    return frozenset(table.split())


def alternatives(table: str) -> str:
    """The words of a table as a part of a larger expression, in their order."""
    return "|".join(table.split())
