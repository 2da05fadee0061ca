"""`backup` and `restore` of a SQLite database: one consistent copy while the bot runs. PostgreSQL has its own tools."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from bot.config import Config
from bot.message import Refused
from bot.migrations import migrate


def backup(config: Config, target: Path) -> str:
    """Copies the database into a new file that only its owner can read; what was done. Refuses to write over a file."""
    source = _file(config, "pg_dump -Fc -f FILE DATABASE")
    migrate(config.bot.database)
    _copy(source, target)
    return f"已备份到 {target}"


def restore(config: Config, source: Path) -> str:
    """Puts a backup where the configuration has no database yet, and migrates it; what was done."""
    target = _file(config, "pg_restore -d DATABASE FILE")
    if target.exists():
        raise Refused(f"{target} exists already: stop the bot and move it away first")
    if not source.is_file():
        raise Refused(f"{source}: there is no such backup")
    target.parent.mkdir(parents=True, exist_ok=True)
    _copy(source, target)
    migrate(config.bot.database)
    return f"已从 {source} 恢复"


def _file(config: Config, instead: str) -> Path:
    url = make_url(config.bot.database)
    if not url.drivername.startswith("sqlite") or not url.database:
        raise Refused(f"the database is PostgreSQL, which brings its own tool: {instead}")
    return Path(url.database)


def _copy(source: Path, target: Path) -> None:
    """One consistent state of a whole database, checked; nothing is left behind where it fails."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise Refused(f"{target} exists already: name another file") from None
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            fault = new.execute("PRAGMA integrity_check").fetchone()[0]
            known = new.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()[0]
    except sqlite3.Error as error:
        target.unlink()
        raise Refused(f"{source} can't be copied: {error}") from error
    if fault != "ok" or not known:
        target.unlink()
        raise Refused(f"{source} is no whole database of this bot{'' if fault == 'ok' else f': {fault}'}")
