"""docs/scope.md against the commands: all 58 systems are answered for, and what must never be built is nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import handlers
from bot.commands import Command, find, pick
from bot.sql import metadata
from handlers import COMMANDS, WORDS
from handlers.registers import BOOKS
from handlers.registers.kinds import RECORD_KINDS

assert handlers.COMMANDS
SCOPE = (Path(__file__).parent.parent / "docs" / "scope.md").read_text(encoding="utf-8")
QUOTED = re.compile(r"`([^`]+)`")
ROW = re.compile(r"^\| (X?\d+) \|(.+)\|$", re.M)
# What would be needed for what must never be built: as a column, a table, or a word of a command.
NEVER_KEPT = re.compile(r"latitude|longitude|location|gps|photo|face|mood|sentiment|rank|streak|travel|thought|verdict")
NEVER_SAID = re.compile(r"定位|人脸|照片|截图|排名榜|思想动态|出国|函询|诫勉|家访|自行脱党|政治素质")


def rows() -> dict[str, list[str]]:
    """The cells behind the number of every row."""
    return {number: [cell.strip() for cell in cells.split("|")] for number, cells in ROW.findall(SCOPE)}


def named(text: str) -> list[str]:
    """The commands that a text names."""
    return [one for one in QUOTED.findall(text) if one.startswith("/")]


def every_command() -> list[Command]:
    return [one for command in (*COMMANDS, *WORDS) for one in (command, *command.subs)]


def test_all_of_them_are_answered_for() -> None:
    assert list(rows()) == [*map(str, range(1, 59)), *(f"X{number}" for number in range(1, 11))]
    for number, cells in rows().items():
        assert cells[0]
        assert cells[1] or (cells[2:] and cells[2]), f"{number}: neither where nor why not"


def test_every_command_that_is_named_is_one() -> None:
    for text in named(SCOPE):
        command, sub, rest = pick(COMMANDS, text[1:])
        assert command is not None, text
        assert sub is not None or not rest, text


def test_every_kind_that_is_named_is_one_of_its_book() -> None:
    books = {book.name: book for book in BOOKS}
    for text in named(SCOPE):
        _, _, kind = (*text[1:].split(" "), "", "")[:3]
        if kind:
            options = [one for field in books[text[1:].split(" ")[0]].fields for one in field.kind.options]
            assert kind in options, text


def test_every_other_list_has_a_row() -> None:
    assert [kind for kind in RECORD_KINDS if f"`/record add {kind}`" not in SCOPE] == []


def test_what_must_never_be_built_is_nowhere() -> None:
    for table in metadata.sorted_tables:
        for column in table.columns:
            assert not NEVER_KEPT.search(f"{table.name}.{column.name}"), f"{table.name}.{column.name}"
    for command in every_command():
        text = " ".join((command.name, command.chinese, command.help, command.example))
        assert not NEVER_SAID.search(text), text
    assert find(COMMANDS, "rank") is None
    assert all(rows()[f"X{number}"][1] for number in range(1, 11))
