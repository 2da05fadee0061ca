"""`make bench`: every case in one run, a line each, and bench/latest.json."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bench import cases, report
from bench.load import Result, arrive, burst, drive, steady
from bench.runs import SECONDS, WARM_SECONDS, Case, Server, ours, pin, postgresql, rounds, started

HALF, CROWD = "half_rate_sqlite", "crowd_sqlite"
CROWD_CONNECTIONS = 256  # a platform opens as many as it needs
HALF_P99_MS, CROWD_SECONDS = 50.0, 3.0


def run() -> dict[str, Result]:
    """The closed loops, then arrivals at half of the rate that they reached, then the crowd."""
    with postgresql() as uri:
        plan = {
            "bare": Case(ours("bare"), cases.bare),
            "wecom_sqlite": Case(ours("bot"), cases.wecom),
            "dingtalk_sqlite": Case(ours("bot"), cases.dingtalk),
            "wecom_postgres": Case(ours("bot", uri), cases.wecom),
        }
        found = rounds(plan)
    with started(ours("bot")) as server:
        asyncio.run(drive(server.port, cases.wecom, WARM_SECONDS))
        asked = steady(cases.wecom, found["wecom_sqlite"].rps / 2, max(SECONDS, 2.0))
        found[HALF] = asyncio.run(arrive(server.port, asked))
    with started(ours("crowd")) as server:
        found[CROWD] = asyncio.run(arrive(server.port, burst(cases.check_in, cases.CROWD, 1.0), CROWD_CONNECTIONS))
        _all_there(server)
    return found


def _all_there(server: Server) -> None:
    """Raises RuntimeError unless every one of the crowd has a check-in of the own."""
    with closing(sqlite3.connect(server.folder / "bench.db")) as connection:
        there = connection.execute("SELECT count(DISTINCT member_id) FROM presences WHERE state = 'present'").fetchone()
    if there[0] != cases.CROWD:
        raise RuntimeError(f"{there[0]} of {cases.CROWD} are checked in")


def main() -> None:
    """Prints the table and the two aims in milliseconds and seconds, and writes the table as JSON."""
    pin(0, 0)
    found = run()
    rows = report.table(found)
    print("\n".join(report.lines(rows)))
    print(report.aim("p99 at half of the top rate", found[HALF].p99_ms, HALF_P99_MS, "ms"))
    slowest = found[CROWD].slowest_ms / 1000
    print(report.aim(f"{cases.CROWD} check in within one second, the slowest answer", slowest, CROWD_SECONDS, "s"))
    report.keep(Path("bench/latest.json"), rows)


if __name__ == "__main__":
    main()
