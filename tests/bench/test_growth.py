"""Growth is counted in a real database, and other sizes follow from it by multiplication."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench import growth
from bench.history import made


def test_a_table_weighs_its_rows_and_indexes(tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE light (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE heavy (id INTEGER PRIMARY KEY, text TEXT)")
        connection.execute("CREATE INDEX by_text ON heavy (text)")
    before = growth.weighed(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO heavy (text) VALUES (?)", [("x" * 100 + str(n),) for n in range(1000)])
    rows, size = growth.weighed(path).less(before, 10)["heavy"]
    assert rows == 100
    assert 20_000 < size < 40_000  # of ten shares: 100 rows, each in the table and in the index
    assert "light" not in growth.weighed(path).less(before, 10)


async def test_a_message_leaves_its_rows_and_the_clock_catches_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "MESSAGES", 64)
    config = await made(tmp_path, "said", 2, 66, 1)
    message, took = await growth.a_message(tmp_path, config, 33)
    assert {name: rows for name, (rows, _) in message.items() if name in ("seen", "trail", "answers")} == {
        "seen": 1,
        "trail": 1,
        "answers": 1,
    }
    assert took > 0
    done, _, idle = await growth.beats(config, tmp_path / "said.db")
    assert done > 10
    assert idle > 0


async def test_a_year_is_counted_by_branch(tmp_path: Path) -> None:
    year = await growth.a_year(tmp_path, 2, 20)
    assert year["activities"][0] == 60
    assert year["presences"][0] == 600
    assert year["postings"][0] == 2 * year["entries"][0] == 240


def test_sizes_are_the_slope_times_the_branches() -> None:
    year = {"presences": (2000.0, 100_000.0)}
    message = {"seen": (1.0, 200.0), "answers": (1.0, 100.0)}
    assert growth.spoken(year, message, members=30, meetings=50) == (8000, 1_000_000)
    head, *lines = growth.houses((8000, 1_000_000), 0.0005)
    assert len(lines) == len(growth.SIZES)
    assert lines[-1].split() == ["100,000", "800.00", "100.00", "10,000,000", "50.00", "5,000"]
    assert len(head) == len(lines[0])
