"""`make peers`: other bots with the same durable effect (bench/peers/), by the same load in the same run."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench import cases, report
from bench.load import arrive, request
from bench.runs import Case, ours, pin, rounds, started

PYTHON = ".venv-bench/bin/python"
PEERS = {
    "fastapi": ("fastapi_bot", cases.wecom),
    "nonebot": ("nonebot_bot", cases.wecom),
    "slack_bolt": ("slack_bot", cases.slack),
}

WRITTEN = ("seen", "answers", "trail")


def _peer(module: str) -> Callable[[Path], list[str]]:
    return lambda folder: [PYTHON, "-m", f"bench.peers.{module}", f"{folder}/bench.db"]


def prove(name: str, case: Case) -> None:
    """Raises RuntimeError unless a peer writes its three rows for two messages, one of which comes three times."""
    with started(case.command) as server:
        twice, other = request(case.make), request(case.make)
        asyncio.run(arrive(server.port, [(0.0, twice), (0.0, twice), (0.0, other), (0.0, twice)], connections=1))
        with closing(sqlite3.connect(server.folder / "bench.db")) as connection:
            rows = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in WRITTEN]
    if rows != [2] * len(WRITTEN):
        raise RuntimeError(f"{name} wrote {rows} rows of {WRITTEN} for two messages")


def main() -> None:
    """Prints the table and how many times each peer ours is, and writes the table as JSON."""
    if not Path(PYTHON).exists():
        raise SystemExit("the peers are not installed: make peers")
    pin(0, 0)
    plan = {report.BARE: Case(ours("bare"), cases.bare), report.OURS: Case(ours("bot"), cases.wecom)}
    peers = {name: Case(_peer(module), make) for name, (module, make) in PEERS.items()}
    for name, case in peers.items():
        prove(name, case)
    found = rounds(plan | peers)
    rows = report.table(found)
    print("\n".join([*report.lines(rows), *report.beside(found, list(PEERS))]))
    report.keep(Path("bench/latest-peers.json"), rows)


if __name__ == "__main__":
    main()
