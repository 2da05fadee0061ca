"""What the benchmarks print, from given numbers."""

from __future__ import annotations

import json
from pathlib import Path

from bench import report
from bench.load import Result

FOUND = {
    "bare": Result(20_000, 3, 7, 9),
    "wecom_sqlite": Result(5_000, 12.345, 30, 41.5),
    "fastapi": Result(400, 160, 200, 210),
    "slack_bolt": Result(2_500, 25, 50, 60),
}


def test_ratios_are_to_bare() -> None:
    rows = report.table(FOUND)
    assert rows["bare"]["ratio"] == 1
    assert rows["wecom_sqlite"] == {"rps": 5000, "ratio": 0.25, "p50_ms": 12.35, "p99_ms": 30, "slowest_ms": 41.5}
    assert rows["fastapi"]["ratio"] == 0.02


def test_a_line_a_case() -> None:
    lines = list(report.lines(report.table(FOUND)))
    assert [line.split()[0] for line in lines] == list(FOUND)
    assert lines[1].split() == ["wecom_sqlite", "5000", "0.250", "12.35", "30.00"]


def test_peers_are_held_against_the_goals() -> None:
    assert list(report.beside(FOUND, ["fastapi", "slack_bolt"])) == [
        "ours is 12.5 times fastapi (goal 10: met)",
        "ours is 2.0 times slack_bolt",
        "ours is 2.0 times the best of them, slack_bolt (goal 2.5: missed)",
    ]


def test_an_aim_says_whether_it_is_met() -> None:
    assert report.aim("p99", 49.96, 50, "ms") == "p99: 50.0 ms (below 50: met)"
    assert report.aim("slowest", 3.0, 3, "s") == "slowest: 3.0 s (below 3: missed)"


def test_the_table_is_kept_as_json(tmp_path: Path) -> None:
    report.keep(tmp_path / "latest.json", report.table(FOUND))
    assert json.loads((tmp_path / "latest.json").read_text(encoding="utf-8")) == report.table(FOUND)
