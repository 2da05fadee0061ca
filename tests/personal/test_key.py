"""The key of the sealed columns: made once, never replaced by itself, changed while the house works."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot import migrations, sealing
from bot.cli.check import verify
from bot.cli.move import move
from bot.cli.place import opened
from bot.cli.rotate import rotate
from bot.config import Config, ConfigError
from bot.db import Tx, connect
from bot.message import Refused
from bot.vault import MARK, is_under
from scheduler import jobs
from tests.cast import Cast, configure, opened_cast
from tests.personal.sealed import BASES, BRANCH, MEMBER, OWN_KEY, PHONES, PLACES, as_stored, lived, read


def start(config: Config) -> str:
    async def go() -> str:
        async with opened(config) as place:
            return place.database.keys.current

    return asyncio.run(go())


def test_a_key_is_made_once_and_a_database_never_gets_another_by_itself(sqlite: str, tmp_path: Path) -> None:
    config = configure(sqlite, tmp_path, OWN_KEY)
    first, kept = start(config), tmp_path / "secret.key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert start(config) == first
    kept.rename(tmp_path / "away")
    with pytest.raises(ConfigError, match=f"sealed by key {first}, which is not here; put it back"):
        start(config)
    assert not kept.exists()
    kept.write_bytes(b"x" * 32)
    with pytest.raises(ConfigError, match="put it back"):
        start(config)
    (tmp_path / "away").rename(kept)
    assert start(config) == first


def test_what_was_there_before_is_sealed_at_the_next_start(empty_url: str, tmp_path: Path) -> None:
    migrations.migrate(empty_url, "0011")
    connection = connect(empty_url)
    connection.execute("INSERT INTO branches (id, name) VALUES (1, '第一党支部')")
    connection.execute("INSERT INTO members (id, name, branch_id, phone) VALUES (1, '张三', 1, '13912345678')")
    connection.execute("INSERT INTO members (id, name, branch_id) VALUES (2, '李四', 1)")
    for base in (423756, 0):
        connection.execute(f"INSERT INTO dues_bases (member_id, kind, base_fen) VALUES (1, 'salaried', {base})")
    connection.close()
    config = configure(empty_url, tmp_path)
    key = start(config)
    stored = as_stored(empty_url)
    assert [len(stored[one]) for one in ("members.phone", "dues_bases.base_fen")] == [1, 1]
    assert all(is_under(value, key) for values in stored.values() for value in values)

    async def look() -> tuple[list[Any], list[Any]]:
        async with opened(config) as place:
            return await place.database.read(lambda tx: (tx.all(PHONES), tx.all(BASES)))

    phones, bases = asyncio.run(look())
    assert [row.phone for row in phones] == ["13912345678", ""]
    assert [row.base_fen for row in bases] == [423756, 0]


async def test_a_moved_database_is_read_with_the_same_key(
    sqlite: str, postgresql: str, tmp_path: Path, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT__WEB__PORT", str(unused_tcp_port))
    async with opened_cast(sqlite, tmp_path) as cast:
        await lived(cast)
        before = await read(cast)
    config = configure(sqlite, tmp_path)
    await asyncio.to_thread(start_in_thread, configure(postgresql, tmp_path))  # somebody had looked at it with `check`
    await asyncio.to_thread(move, config, postgresql)
    async with opened(configure(postgresql, tmp_path)) as place:
        assert await read(Cast(place)) == before


async def test_verify_finds_a_value_that_a_hand_has_changed(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path) as cast:
        await lived(cast)
        config = cast.place.config
    assert await verify(config) == []
    connection = connect(sqlite)
    connection.execute(
        "UPDATE members SET phone = (SELECT reason FROM answers WHERE reason <> '' LIMIT 1) WHERE id = 6"
    )
    connection.close()
    assert await verify(config) == ["members.phone: 1 of 2 encrypted values can't be opened"]


def start_in_thread(config: Config) -> str:
    return start(config)


# Another key


async def test_the_key_is_changed_while_the_house_works(cast_of_own_key: Cast) -> None:
    cast = cast_of_own_key
    await lived(cast)
    await cast.settle()
    await cast.place.database.write(partial(jobs.tidy, setting=cast.place.setting))
    config, before, old = cast.place.config, await read(cast), cast.place.database.keys.current
    said = await rotate(config)
    new = cast.place.database.keys.current
    assert new != old
    assert f"已换密钥 {new}" in said
    stored = as_stored(config.bot.database)
    assert all(is_under(value, new) for place in PLACES - {"outbox.reply"} for value in stored[place])
    assert not any(is_under(value, old) for value in stored["outbox.reply"])
    assert await read(cast) == before
    await cast.says("李四", "请假 病", "g1")
    await cast.says("周敏", "/attendance open 主题党日 12月5日15:00 三楼", "g1")
    await cast.says("李四", "请假 病", "g1")
    assert is_under(as_stored(config.bot.database)["answers.reason"][-1], new)
    assert len(list(config.bot.data_dir.glob("secret.key.????????"))) == 1
    assert await sealing_left(cast) == {}
    await rotate(config)
    assert cast.place.database.keys.current not in (old, new)
    assert (await read(cast))[0][0] == before[0][0]


async def sealing_left(cast: Cast) -> dict[str, int]:
    return await cast.place.database.read(sealing.left)


@pytest.fixture
async def cast_of_own_key(database_url: str, tmp_path: Path) -> Any:
    async with opened_cast(database_url, tmp_path, OWN_KEY) as made:
        yield made


def test_a_key_that_stands_in_the_configuration_is_changed_there(sqlite: str, tmp_path: Path) -> None:
    old = start(configure(sqlite, tmp_path, 'secret_key = "one"\n'))
    with pytest.raises(Refused, match="old_secret_key"):
        asyncio.run(rotate(configure(sqlite, tmp_path, 'secret_key = "one"\n')))
    with pytest.raises(ConfigError, match=f"sealed by key {old}"):
        start(configure(sqlite, tmp_path, 'secret_key = "two"\n'))
    both = configure(sqlite, tmp_path, 'secret_key = "two"\nold_secret_key = "one"\n')
    assert start(both) != old
    with pytest.raises(ConfigError):  # not before everything is under the new one
        start(configure(sqlite, tmp_path, 'secret_key = "two"\n'))
    assert "删掉配置里的 old_secret_key" in asyncio.run(rotate(both))
    assert start(configure(sqlite, tmp_path, 'secret_key = "two"\n')) != old


def test_killed_in_the_middle_it_leaves_everything_readable_and_goes_on(sqlite: str, tmp_path: Path) -> None:
    config = configure(sqlite, tmp_path, OWN_KEY)
    old, count = start(config), 8_000

    async def fill(look: bool = False) -> list[str]:
        async with opened(config) as place:
            if not look:
                await place.database.write(partial(_fill, count=count))
            return await place.database.read(lambda tx: [row.phone for row in tx.all(PHONES)])

    before = asyncio.run(fill())
    path = sqlite.removeprefix("sqlite:///")
    called = [sys.executable, "-m", "bot", "rotate-key", "--config", str(tmp_path / "config.toml")]
    with subprocess.Popen(called, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        while running.poll() is None and not 0 < _under(path, old) < count:
            pass
        os.kill(running.pid, signal.SIGKILL)
    assert 0 < _under(path, old) < count
    assert asyncio.run(fill(look=True)) == before
    done = subprocess.run(called, capture_output=True, text=True, check=True)
    assert _under(path, old) == 0
    assert asyncio.run(fill(look=True)) == before
    assert len(list(tmp_path.glob("secret.key.????????"))) == 1  # it went on with the key that was begun
    assert "没有留在旧密钥下的" in done.stdout


def _fill(tx: Tx, count: int) -> None:
    tx.run(BRANCH, name="第一党支部")
    for number in range(count):
        tx.run(MEMBER, name=f"党员{number}", branch_id=1, phone=f"139{number:08}")


def _under(path: str, key: str) -> int:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT count(*) FROM members WHERE phone LIKE ?", (f"{MARK}{key}:%",)).fetchone()
    connection.close()
    return int(found[0])
