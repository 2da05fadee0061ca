"""The peers are whole programs: they compile, and their rows are what the benchmark says they are."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bench import beside, cases
from bench.peers import books

HOME = Path(__file__).parent.parent.parent
PROGRAMS = sorted((HOME / "bench/peers").glob("*.py"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_compiles(program: Path) -> None:
    assert compile(program.read_text(encoding="utf-8"), str(program), "exec")


def test_each_named_peer_is_a_program() -> None:
    assert {f"{module}.py" for module, _ in beside.PEERS.values()} <= {path.name for path in PROGRAMS}


def test_members_are_those_who_ask(tmp_path: Path) -> None:
    books.furnish(str(tmp_path / "bench.db"))
    assert (books.MEMBERS, books.BRANCHES) == (cases.MEMBERS, cases.BRANCHES)
    with closing(sqlite3.connect(tmp_path / "bench.db")) as connection:
        assert connection.execute("SELECT count(*) FROM members").fetchone() == (cases.MEMBERS,)
        assert connection.execute("SELECT chat FROM activities").fetchall() == [
            ("group0",),
            ("group1",),
            ("group2",),
            ("group3",),
        ]


def test_the_lock_holds_what_the_peers_are_made_of_and_names_no_index() -> None:
    asked = re.findall(r"^([a-z0-9-]+)", (HOME / "bench/peers/requirements.in").read_text("utf-8"), re.M)
    lock = (HOME / "requirements-bench.txt").read_text("utf-8")
    assert set(asked) <= set(re.findall(r"^([a-z0-9-]+)==", lock, re.M))
    assert "://" not in lock


def test_without_their_packages_the_run_says_what_to_do(tmp_path: Path) -> None:
    call = subprocess.run(
        [sys.executable, "-m", "bench.beside"],
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
    )
    assert (call.returncode, call.stderr.strip()) == (1, "the peers are not installed: make peers")
