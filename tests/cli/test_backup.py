"""`backup` and `restore`: the copy holds what the books held, and nothing is ever written over."""

from __future__ import annotations

import asyncio
import itertools
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from bot.cli.backup import backup, restore
from bot.cli.check import verify
from bot.cli.place import opened
from bot.message import Refused
from tests.cast import Cast, Moved, configure, opened_cast
from tests.cli.conftest import Bot


def test_what_was_backed_up_can_be_restored(bot: Bot, register: Path, config: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert bot("backup", str(copy)).out == f"已备份到 {copy}，核对无误\n"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    again = bot("backup", str(copy))
    assert (again.code, again.err) == (1, f"{copy} exists already: name another file\n")
    occupied = bot("restore", str(copy))
    assert occupied.code == 1
    assert "move it away first" in occupied.err
    for name in ("house.db", "house.db-wal", "house.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    assert bot("restore", str(copy)).out == f"已从 {copy} 恢复，核对无误\n"
    assert "没有变化 2 人" in bot("import", "members", str(register)).out
    assert bot("verify").out == "ok\n"


def test_the_last_folder_is_made_and_a_disk_that_is_not_mounted_is_not(
    bot: Bot, register: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copies" / "copy.db"
    assert bot("backup", str(copy)).out == f"已备份到 {copy}，核对无误\n"
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700
    disk = tmp_path / "disk"
    said = bot("backup", str(disk / "copies" / "copy.db"))
    assert (said.code, said.err) == (1, f"{disk} isn't there: mount it, or make it with mkdir -p {disk / 'copies'}\n")
    assert not disk.exists()
    for place in (copy / "copy.db", Path("/proc/copy.db")):
        said = bot("backup", str(place))
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
        assert "name another" in said.err
        assert "Errno" not in said.err


def test_what_is_no_backup_is_refused_and_leaves_nothing(bot: Bot, tmp_path: Path) -> None:
    (tmp_path / "house.db").unlink()
    (tmp_path / "text.db").write_text("not a database " * 100)
    (tmp_path / "empty.db").touch()
    for name in ("text.db", "empty.db", "nothing.db"):
        said = bot("restore", str(tmp_path / name))
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
        assert not (tmp_path / "house.db").exists()


async def test_a_copy_of_a_working_postgresql_is_restored_into_either(
    postgresql: str, empty_url: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    async with opened_cast(postgresql, tmp_path) as cast:
        await cast.says("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室")
        await cast.says("张三", "参加")
        await cast.says("张三", "已交 42.38")
        await cast.says("李红", "/dues confirm 张三")
        said = await asyncio.to_thread(backup, cast.place.config, copy)
        assert said == f"已备份到 {copy}，核对无误"
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        assert [name for name in os.listdir(tmp_path) if name.startswith("copy.db")] == ["copy.db"]
        assert "已记" in await cast.says("李四", "参加")
    (tmp_path / "other").mkdir()
    config = configure(empty_url, tmp_path / "other")
    assert restore(config, copy) == f"已从 {copy} 恢复，核对无误"
    with pytest.raises(Refused, match=r"name an empty database|move it away first"):
        restore(config, copy)
    async with opened(config, Moved(config)) as place:
        again = Cast(place)
        again.serial = itertools.count(1000)
        assert "参加 1" in await again.says("周敏", "/attendance")
        assert "42.38" in await again.says("张三", "我的党费", "")
        assert "已记" in await again.says("李四", "参加")
    assert await verify(config) == []


async def test_a_copy_of_books_that_do_not_fit_is_made_and_says_so(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path) as cast:
        await cast.says("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室")
        with sqlite3.connect(tmp_path / "house.db") as connection:
            connection.execute("UPDATE trail SET action = 'else' WHERE id = (SELECT max(id) FROM trail)")
        connection.close()
        said = await asyncio.to_thread(backup, cast.place.config, tmp_path / "copy.db")
    assert "核对发现 1 处要看：\ntrail of branch 1" in said
    assert (tmp_path / "copy.db").exists()


def test_a_backup_without_its_key_says_so_when_it_is_restored(bot: Bot, register: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    bot("backup", str(copy))
    for name in ("house.db", "house.db-wal", "house.db-shm", "secret.key"):
        (tmp_path / name).unlink(missing_ok=True)
    said = bot("restore", str(copy)).out
    assert said.startswith(f"已从 {copy} 恢复，核对发现 1 处要看：\nbot.secret_key: the database is sealed by key ")
    assert not (tmp_path / "secret.key").exists()
