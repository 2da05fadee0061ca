"""What is wrong with a configuration, in lines that name the key and say what to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

# What pydantic would say too technically, by its error type.
PLAINLY = {
    "extra_forbidden": "unknown key; config.example.toml shows all there are",
    "missing": "is required",
    "list_type": 'write a list, such as ["one", "two"]',
    "tuple_type": 'write a list, such as ["one", "two"]',
    "model_type": "is a section, write keys below it",
    "dict_type": "is a section, write keys below it",
}


class ConfigError(Exception):
    """The configuration can't be used; `lines` has one line per problem, each naming the key and what to write."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def lines_of(error: ValidationError, above: tuple[str, ...] = ()) -> list[str]:
    """One line per problem; the values themselves stay out, they may be secrets."""
    lines: list[str] = []
    for problem in error.errors(include_url=False, include_input=False):
        where = (*above, *(str(part) for part in problem["loc"] if part != "[key]"))
        inner = problem.get("ctx", {}).get("error")
        if isinstance(inner, ValidationError):
            lines += lines_of(inner, where)
        else:
            said = _said(problem)
            lines.append(f"{'.'.join(where)}: {said}")
    return lines


def plainly(error: ValidationError) -> str:
    """The first of the problems, without the key."""
    return _said(error.errors(include_url=False, include_input=False)[0])


def _said(problem: Mapping[str, Any]) -> str:
    return PLAINLY.get(problem["type"], str(problem["msg"]).removeprefix("Value error, "))
