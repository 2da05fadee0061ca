"""`backup` and `restore`: the copy holds what the books held, and nothing is ever written over."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.cli.conftest import Bot


def test_what_was_backed_up_can_be_restored(bot: Bot, register: Path, config: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert bot("backup", str(copy)).out == f"已备份到 {copy}\n"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    again = bot("backup", str(copy))
    assert (again.code, again.err) == (1, f"{copy} exists already: name another file\n")
    occupied = bot("restore", str(copy))
    assert occupied.code == 1
    assert "move it away first" in occupied.err
    for name in ("house.db", "house.db-wal", "house.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    assert bot("restore", str(copy)).out == f"已从 {copy} 恢复\n"
    assert "没有变化 2 人" in bot("import", "members", str(register)).out
    assert bot("verify").out == "ok\n"


def test_what_is_no_backup_is_refused_and_leaves_nothing(bot: Bot, tmp_path: Path) -> None:
    (tmp_path / "house.db").unlink()
    (tmp_path / "text.db").write_text("not a database " * 100)
    (tmp_path / "empty.db").touch()
    for name in ("text.db", "empty.db", "nothing.db"):
        said = bot("restore", str(tmp_path / name))
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
        assert not (tmp_path / "house.db").exists()


def test_postgresql_is_left_to_its_own_tools(bot: Bot, config: Path, tmp_path: Path) -> None:
    config.write_text('[bot]\ndatabase = "postgresql+psycopg://u@127.0.0.1:1/x"\n', encoding="utf-8")
    assert "pg_dump" in bot("backup", str(tmp_path / "x")).err
    assert "pg_restore" in bot("restore", str(tmp_path / "x")).err
