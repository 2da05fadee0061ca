"""docs/sight.md is the table of handlers/sight.py, and the table is made of commands and pages that there are."""

from __future__ import annotations

from pathlib import Path

from handlers import COMMANDS
from handlers.links import PURPOSES
from handlers.sight import PAGES, SHOWS, sights, written

DOCUMENT = Path(__file__).parents[2] / "docs" / "sight.md"


def test_the_document_is_the_table() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.endswith(written(COMMANDS)), "python -m handlers.sight writes the tables of docs/sight.md"


def test_the_table_names_what_there_is() -> None:
    assert set(SHOWS) <= {one.path for one in sights(COMMANDS)}
    assert set(PURPOSES) <= set(PAGES), "a page needs its line in handlers/sight.py"


def test_what_a_group_may_not_hear_of_others_is_answered_in_private() -> None:
    """A command of SHOWS is secret, or its words keep others' rows out of a group (tests/matrix/test_own_branch.py)."""
    open_ones = {one.path for one in sights(COMMANDS) if one.shows and not one.alone}
    words = {"attendance list", "dues", "dues confirm", "dues reverse", "volunteer hours"}
    papers = {"report word", "report excel", "report chart"}  # made later and sent to who asked alone
    assert open_ones <= words | papers | {f"{book} list" for book in ("study", "issue", "record")}
