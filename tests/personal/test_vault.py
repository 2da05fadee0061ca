"""Sealed columns: what a stolen database must not tell, the key that opens it, and how that is changed."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, select, update
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter
from sqlalchemy.sql.functions import FunctionElement

from bot import migrations, sealing
from bot.cli.move import move
from bot.cli.place import opened
from bot.cli.rotate import rotate
from bot.config import Config, ConfigError
from bot.db import Tx, connect
from bot.message import Refused
from bot.sql import Sealed, Statement, insert_row, p, sql
from bot.vault import MARK, NoKey, Vault, is_under
from handlers.tables import branches, dues_bases, members
from tests.cast import Cast, configure, opened_cast

PLACES = {
    *("answers.reason", "community_reports.community", "corrections.state", "dues_bases.base_fen", "exclusions.kind"),
    *("members.phone", "wishes.resident"),
}
OWN_KEY = 'secret_key = ""\n'
PHONE = sql(update(members).where(members.c.id == p("one")).values(phone=p("new")))
PHONES = sql(select(members.c.phone).order_by(members.c.id))
BASES = sql(select(dues_bases.c.base_fen).order_by(dues_bases.c.id))
BRANCH, MEMBER = insert_row(branches, "name"), insert_row(members, "name", "branch_id", "phone")


async def lived(cast: Cast) -> None:
    """One value at least in every sealed column."""
    for line in (
        ("周敏", "/attendance exclude 刘敏 长期病弱 上级 2026-11-01 大会 2026-11-10 从 2026-12-10", ""),
        ("周敏", "/attendance open 主题党日 12月4日15:00 三楼", "g1"),
        ("张三", "请假 病", "g1"),
        ("周敏", "/attendance close #1", "g1"),
        ("周敏", "/attendance correct #1 李四 请假:病 原因 漏记", ""),
        ("李红", "/dues set 张三 在职 4237.56 更正", ""),
        ("周敏", "/wish add 一副老花镜 居民代码A07", ""),
        ("张三", "/volunteer report 阳光社区 3月5日", ""),
    ):
        assert await cast.says(*line), line
    await cast.place.database.write(lambda tx: tx.run(PHONE, one=5, new="13912345678"))


def as_stored(url: str) -> dict[str, list[str]]:
    """Every value that isn't empty, by its place, as it lies in the database."""
    connection = connect(url)
    found = {}
    for column in sealing.columns():
        text = f"SELECT {column.name} FROM {column.table.name} WHERE {column.name} <> '' ORDER BY id"
        found[f"{column.table.name}.{column.name}"] = [row[0] for row in connection.execute(text).fetchall()]
    connection.close()
    return found


async def read(cast: Cast) -> list[Any]:
    """What the house reads of them."""
    return [await cast.rows(select(column).order_by(column.table.c.id)) for column in sealing.columns()]


async def test_what_lies_in_the_database_tells_nothing(cast: Cast) -> None:
    await lived(cast)
    stored = as_stored(cast.place.config.bot.database)
    assert set(stored) == PLACES
    for place, values in stored.items():
        assert values, place
        assert all(is_under(one, cast.place.database.keys.current) for one in values), place
    assert {len(one) for one in stored["answers.reason"]} == {len(MARK) + 9 + 60}  # no length tells the kind
    assert len(set(stored["answers.reason"])) == len(stored["answers.reason"])
    assert [row.phone for row in await cast.rows(select(members.c.phone).where(members.c.id == 5))] == ["13912345678"]
    bases = await cast.rows(select(dues_bases.c.base_fen).where(dues_bases.c.member_id == 5))
    assert 423756 in [row.base_fen for row in bases]
    assert "13912345678" in await cast.says("周敏", "/member find 张三", "")
    assert "张三（病假，待批）" in await cast.says("周敏", "/attendance record #1", "")


def test_no_statement_compares_sorts_or_sums_a_sealed_column() -> None:
    statements = [one for one in gc.get_objects() if isinstance(one, Statement)]
    assert len(statements) > 300
    for statement in statements:
        text = statement.on("sqlite")[0]
        sorted_by = [
            *getattr(statement.clause, "_order_by_clauses", ()),
            *getattr(statement.clause, "_group_by_clauses", ()),
        ]
        assert not any(map(_sealed, sorted_by)), text
        for part in visitors.iterate(statement.clause):
            assert not isinstance(part, FunctionElement) or not any(map(_sealed, visitors.iterate(part))), text
            if isinstance(part, BinaryExpression) and (_sealed(part.left) or _sealed(part.right)):
                assert isinstance(part.right, BindParameter), text
                assert part.right.value == "", text


def _sealed(part: Any) -> bool:
    return isinstance(part, Column) and isinstance(part.type, Sealed)


@given(
    text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60),
    flip=st.integers(0, 10**6),
)
def test_a_value_opens_to_what_was_sealed_and_a_changed_one_to_nothing(text: str, flip: int) -> None:
    keys = Vault(lambda: [b"one"])
    sealed = keys.seal(text, "answers.reason")
    assert keys.open(sealed, "answers.reason") == text
    if not text:
        assert sealed == ""
        return
    with pytest.raises(NoKey, match="changed by hand"):
        keys.open(sealed, "members.phone")
    with pytest.raises(NoKey, match="is missing"):
        Vault(lambda: [b"other"]).open(sealed, "answers.reason")
    head, body = sealed[: len(MARK) + 9], bytearray(urlsafe_b64decode(sealed[len(MARK) + 9 :]))
    body[flip % len(body)] ^= 1 << flip % 8
    changed = head + urlsafe_b64encode(bytes(body)).decode()
    with pytest.raises(NoKey):
        keys.open(changed, "answers.reason")


def test_who_has_no_key_writes_nothing_plain() -> None:
    with pytest.raises(NoKey):
        Vault().seal("sick", "answers.reason")
    assert "seal" not in repr(Vault(lambda: [b"one"])).replace("bot.vault", "")


# The key


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


async def test_a_moved_database_is_read_with_the_same_key(sqlite: str, postgresql: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path) as cast:
        await lived(cast)
        before = await read(cast)
    config = configure(sqlite, tmp_path)
    await asyncio.to_thread(start_in_thread, configure(postgresql, tmp_path))  # somebody had looked at it with `check`
    await asyncio.to_thread(move, config, postgresql)
    async with opened(configure(postgresql, tmp_path)) as place:
        assert await read(Cast(place)) == before


def start_in_thread(config: Config) -> str:
    return start(config)


# Another key


async def test_the_key_is_changed_while_the_house_works(cast_of_own_key: Cast) -> None:
    cast = cast_of_own_key
    await lived(cast)
    config, before, old = cast.place.config, await read(cast), cast.place.database.keys.current
    said = await rotate(config)
    new = cast.place.database.keys.current
    assert new != old
    assert f"已换密钥 {new}" in said
    stored = as_stored(config.bot.database)
    assert all(is_under(value, new) for values in stored.values() for value in values)
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
