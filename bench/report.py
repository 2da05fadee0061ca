"""The tables that the benchmarks print: ratios first, since rates of one machine differ from hour to hour."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.load import Result

BARE, OURS = "bare", "wecom_sqlite"
BEST_GOAL = 2.5  # times the best peer
GOALS = {"fastapi": 10.0}  # times a peer by name: FastAPI does the same crypto
Row = dict[str, float]


def table(found: Mapping[str, Result]) -> dict[str, Row]:
    """By case: requests a second, the ratio to bare, and the waiting."""
    bare = found[BARE].rps
    return {
        name: {
            "rps": round(result.rps),
            "ratio": round(result.rps / bare, 3),
            "p50_ms": round(result.p50_ms, 2),
            "p99_ms": round(result.p99_ms, 2),
            "slowest_ms": round(result.slowest_ms, 2),
        }
        for name, result in found.items()
    }


def lines(rows: Mapping[str, Row]) -> Iterator[str]:
    """A line a case: its name, requests a second, the ratio to bare, p50 and p99 in milliseconds."""
    for name, row in rows.items():
        yield f"{name:18} {row['rps']:>7.0f} {row['ratio']:>7.3f} {row['p50_ms']:>8.2f} {row['p99_ms']:>8.2f}"


def beside(found: Mapping[str, Result], peers: Sequence[str]) -> Iterator[str]:
    """How many times each peer ours is, and whether the goals are met."""
    ours = found[OURS].rps
    for name in peers:
        times = ours / found[name].rps
        yield f"ours is {times:.1f} times {name}{_goal(times, GOALS.get(name))}"
    best = max(peers, key=lambda name: found[name].rps)
    times = ours / found[best].rps
    yield f"ours is {times:.1f} times the best of them, {best}{_goal(times, BEST_GOAL)}"


def _goal(times: float, goal: float | None) -> str:
    if goal is None:
        return ""
    return f" (goal {goal:g}: {'met' if times >= goal else 'missed'})"


def aim(what: str, found: float, most: float, unit: str) -> str:
    """A figure that shall be below `most`."""
    return f"{what}: {found:.1f} {unit} (below {most:g}: {'met' if found < most else 'missed'})"


def keep(path: Path, rows: Mapping[str, Row]) -> None:
    """Writes the table as JSON."""
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
