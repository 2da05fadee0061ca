"""The house stays as it is meant: short files and functions, nothing said twice, no test that asserts nothing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
PRODUCT = [path for part in ("bot", "handlers", "scheduler") for path in sorted((HOME / part).rglob("*.py"))]
TESTS = sorted((HOME / "tests").rglob("*.py"))
MIGRATIONS = HOME / "bot" / "migrations" / "versions"  # fixed for ever, a table after the other
FILE_LINES, FUNCTION_LINES = 300, 50
TEST_FILE_LINES, TEST_FUNCTION_LINES = 500, 80
SAME_LINES = 4

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def lines_of(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def name(path: Path) -> str:
    return path.relative_to(HOME).as_posix()


def too_long(paths: list[Path], file_lines: int, function_lines: int) -> list[str]:
    found = []
    for path in paths:
        if path.is_relative_to(MIGRATIONS):
            continue
        count = path.read_text(encoding="utf-8").count("\n")
        found += [f"{name(path)}: {count} lines"] if count > file_lines else []
        found += [f"{name(path)}: {one.name}" for one in functions(path) if lines_of(one) > function_lines]
    return found


def test_files_and_functions_are_short() -> None:
    assert too_long(PRODUCT, FILE_LINES, FUNCTION_LINES) == []
    assert too_long(TESTS, TEST_FILE_LINES, TEST_FUNCTION_LINES) == []


def test_no_function_is_written_twice() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in PRODUCT:
        if path.is_relative_to(MIGRATIONS):
            continue
        for one in functions(path):
            body = one.body[1:] if ast.get_docstring(one) else one.body
            if body and (body[-1].end_lineno or 0) - body[0].lineno + 1 >= SAME_LINES:
                places["".join(map(ast.dump, body))].append(f"{name(path)}: {one.name}")
    assert [found for found in places.values() if len(found) > 1] == []


def test_every_module_says_why_it_exists() -> None:
    for path in PRODUCT:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree) or not tree.body or path.is_relative_to(MIGRATIONS), name(path)


@pytest.mark.parametrize(
    "mark", [r"\bTODO\b:?\s*[a-z]", r"\bFIXME\b", r"\bXXX\b", r"# noqa(?!: [A-Z])", r"type: ignore(?!\[)"]
)
def test_nothing_is_put_off_and_every_exception_names_its_rule(mark: str) -> None:
    for path in [*PRODUCT, *TESTS]:
        if path != Path(__file__):
            comments = [line.partition("#")[2] and line for line in path.read_text(encoding="utf-8").splitlines()]
            assert [line for line in comments if line and re.search(mark, line)] == [], name(path)


def asserts(node: Function, helpers: set[str]) -> bool:
    """Whether a function asserts, or hands it to a helper that does."""
    for one in ast.walk(node):
        if isinstance(one, ast.Assert):
            return True
        if isinstance(one, ast.Call):
            called = one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
            if called in helpers:
                return True
    return False


def test_every_test_asserts_something() -> None:
    every = {path: list(functions(path)) for path in TESTS}
    helpers = {"raises", "expect", "check_returncode", "run_state_machine_as_test", "fullmatch"}
    while True:
        more = {one.name for found in every.values() for one in found if asserts(one, helpers)}
        more = {one for one in more if not one.startswith("test_")} - helpers
        if not more:
            break
        helpers |= more
    idle = [
        f"{name(path)}: {one.name}"
        for path, found in every.items()
        for one in found
        if path.name.startswith("test_") and one.name.startswith("test_") and not asserts(one, helpers)
    ]
    assert idle == []
