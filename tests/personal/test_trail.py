"""The trail: what is flipped, taken out, put in or moved is found, in the database and in the exported file."""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import anchors, trail
from bot.cli.check import verify, verify_file
from bot.cli.trail import export_trail
from bot.db import Tx, connect
from bot.engines import BEGIN, engine_of
from bot.message import Refused
from bot.writer import begun
from tests.cast import ZONE, configure, opened_cast

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZONE)
NUMBERS, TEXTS = ("branch_id", "number", "at", "member_id"), ("actor", "action", "subject", "detail", "hash")
SNIPPET = re.compile(r"```python\n(.*?)```", re.S)


@contextmanager
def filled(url: str) -> Iterator[tuple[Any, Tx]]:
    """A cursor in a transaction with three chains and their ends noted; nothing of it is kept."""
    connection = connect(url)
    cursor, engine = begun(connection, BEGIN[engine_of(url)]), engine_of(url)
    tx = Tx(cursor, engine, NOW)
    for number in range(24):
        trail.note(tx, number % 3, "周敏", 1, "leave_ok", f"activity:{number}", member=number, number=number % 5)
    anchors.anchor(tx)
    try:
        yield cursor, tx
    finally:
        cursor.execute("ROLLBACK")
        connection.close()


def faults(tx: Tx) -> list[str]:
    return [*trail.verify(tx), *anchors.check(tx)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_any_row_that_was_touched_is_found(database_url: str, seed: int) -> None:
    with filled(database_url) as (cursor, tx):
        assert faults(tx) == []
        done = _touched(cursor, tx, random.Random(seed))
        assert faults(tx), done


def _touched(cursor: Any, tx: Tx, dice: random.Random) -> str:
    """Does one thing to the trail as a hand with all rights would; what it was."""
    rows = tx.all(trail.CHAIN)
    row = dice.choice([one for one in rows if one.action != anchors.ACTION])
    other = dice.choice([one for one in rows if one.branch_id == row.branch_id and one.id != row.id])
    # Who cuts off the end of branch 0, and with it the ends that were noted there, is found by the file alone.
    what = dice.choice(("number", "text", "out", "swap", "again", *(("cut",) if row.branch_id else ())))
    if what == "number":
        name, by = dice.choice(NUMBERS), 1 << dice.randrange(12)
        cursor.execute(f"UPDATE trail SET {name} = {name} + {by + 1000} WHERE id = {row.id}")
    elif what == "text":
        name = dice.choice(TEXTS)
        value = getattr(row, name)
        at = dice.randrange(len(value))
        changed = value[:at] + chr((ord(value[at]) ^ (1 << dice.randrange(6))) or 1) + value[at + 1 :]
        _set(cursor, row.id, name, changed)
    elif what == "out":
        cursor.execute(f"DELETE FROM trail WHERE id = {row.id}")
    elif what == "swap":
        cursor.execute(f"UPDATE trail SET number = -1 WHERE id = {row.id}")
        cursor.execute(f"UPDATE trail SET number = {row.number} WHERE id = {other.id}")
        cursor.execute(f"UPDATE trail SET number = {other.number} WHERE id = {row.id}")
    elif what == "again":
        names = ", ".join((*NUMBERS[2:], *TEXTS))
        text = f"SELECT {row.branch_id}, 1000, {names} FROM trail WHERE id = {row.id}"
        cursor.execute(f"INSERT INTO trail (branch_id, number, {names}) {text}")
    else:
        cursor.execute(f"DELETE FROM trail WHERE branch_id = {row.branch_id} AND number >= {row.number}")
    return f"{what} {tuple(row)}"


def _set(cursor: Any, row: int, name: str, value: str) -> None:
    quoted = value.replace("'", "''").replace("%", "%%")
    cursor.execute(f"UPDATE trail SET {name} = '{quoted}' WHERE id = {row}")


async def test_the_ends_are_noted_once_a_day_and_a_cut_is_found(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path) as cast:
        await cast.says("周敏", "/attendance open 主题党日 12月4日15:00 三楼")
        await cast.says("张三", "参加")

        def note(tx: Tx) -> int:
            return anchors.anchor(tx)

        assert await cast.place.database.write(note) == 2
        assert await cast.place.database.write(note) == 0
        await cast.pass_time(days=1)
        assert await cast.place.database.write(note) <= 2
        config = cast.place.config
    assert await verify(config) == []
    connection = connect(sqlite)
    connection.execute("DELETE FROM trail WHERE id = (SELECT max(id) FROM trail WHERE branch_id = 1)")
    connection.close()
    (found,) = await verify(config)
    assert re.fullmatch(r"trail of branch 1: row \d+, its last on 2026-11-2\d, is gone", found)


def test_the_exported_file_is_checked_without_the_bot(sqlite: str, tmp_path: Path) -> None:
    async def live() -> None:
        async with opened_cast(sqlite, tmp_path) as cast:
            for line in (
                ("周敏", "/attendance open 主题党日 12月4日15:00 三楼"),
                ("张三", "参加"),
                ("李四", "请假 病"),
            ):
                await cast.says(*line)
            await cast.until("2027-01-05 09:00")
            await cast.says("张三", "参加")

    asyncio.run(live())
    config, file = configure(sqlite, tmp_path), tmp_path / "trail.jsonl"
    assert "逐条核对过" in export_trail(config, 2026, file)
    with pytest.raises(Refused, match="exists already"):
        export_trail(config, 2026, file)
    export_trail(config, 2027, tmp_path / "next.jsonl")
    text = file.read_text(encoding="utf-8")
    assert "sick" not in text
    assert "病" not in text
    (snippet,) = SNIPPET.findall(Path("docs/trail.md").read_text(encoding="utf-8"))

    def outside(path: Path) -> str:
        called = [sys.executable, "-I", "-c", snippet, str(path)]
        done = subprocess.run(called, capture_output=True, text=True, check=False, cwd=tmp_path)
        return done.stdout + done.stderr

    for good in (file, tmp_path / "next.jsonl"):
        assert "rows, whole" in outside(good)
        assert verify_file(good) == []
    head, *lines = text.splitlines()
    bad = tmp_path / "bad.jsonl"
    first, branches = json.loads(lines[0]), [json.loads(line)[1] for line in lines]
    at = next(at for at in range(len(lines) - 1) if branches[at] == branches[at + 1])
    for changed in (
        [json.dumps([*first[:4], "别人", *first[5:]], ensure_ascii=False), *lines[1:]],
        [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]],
        lines[1:],
        lines[:-1],
        [*lines, lines[-1]],
    ):
        bad.write_text("\n".join([head, *changed]) + "\n", encoding="utf-8")
        assert "rows, whole" not in outside(bad)
        assert verify_file(bad)
    for broken in ("{}\n", f'{head}\n["cut off"]\n'):
        bad.write_text(broken, encoding="utf-8")
        with pytest.raises(ValueError, match="is no trail"):
            verify_file(bad)
