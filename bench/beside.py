"""`make peers`: other bots with the same durable effect (bench/peers/), by the same load in the same run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench import cases, report
from bench.runs import Case, ours, pin, rounds

PYTHON = ".venv-bench/bin/python"
PEERS = {
    "fastapi": ("fastapi_bot", cases.wecom),
    "nonebot": ("nonebot_bot", cases.wecom),
    "slack_bolt": ("slack_bot", cases.slack),
}


def _peer(module: str) -> Callable[[Path], list[str]]:
    return lambda folder: [PYTHON, "-m", f"bench.peers.{module}", f"{folder}/bench.db"]


def main() -> None:
    """Prints the table and how many times each peer ours is, and writes the table as JSON."""
    if not Path(PYTHON).exists():
        raise SystemExit("the peers are not installed: make peers")
    pin(0, 0)
    plan = {report.BARE: Case(ours("bare"), cases.bare), report.OURS: Case(ours("bot"), cases.wecom)}
    plan |= {name: Case(_peer(module), make) for name, (module, make) in PEERS.items()}
    found = rounds(plan)
    rows = report.table(found)
    print("\n".join([*report.lines(rows), *report.beside(found, list(PEERS))]))
    report.keep(Path("bench/latest-peers.json"), rows)


if __name__ == "__main__":
    main()
