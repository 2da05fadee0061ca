"""`python -m bot verify` holds the ledger against itself, on both engines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.cast import configure, opened_cast


def verify(folder: Path) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "bot", "verify", "--config", str(folder / "config.toml")]
    return subprocess.run(call, capture_output=True, text=True, timeout=60, check=False)


async def test_a_fen_that_is_missing_is_found(database_url: str, tmp_path: Path) -> None:
    async with opened_cast(database_url, tmp_path) as cast:
        await cast.dialog(
            [
                ("张三", "党费已交42.38", "已登记"),
                ("李红", "/dues confirm", "收据 1 号"),
                ("李红", "/dues close 11月", "已申请"),
                ("周敏", "/dues close 11月", "已封账"),
            ],
            chat="",
        )
    configure(database_url, tmp_path)
    assert verify(tmp_path).stdout == "ok\n"
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("update postings set fen = fen - 1 where account = 'dues'"))
    engine.dispose()
    found = verify(tmp_path)
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.splitlines() == [
        "ledger: entry claim:1 has 2 postings that sum to -1 fen",
        "ledger: all postings sum to -1 fen",
        "dues of branch 1, 2026-11: members' rows 42.39, cash received 42.38, difference 0.01 yuan",
        "dues of branch 1, 2026-11: members' rows 42.39, closed with 42.38, difference 0.01 yuan",
    ]
