"""`backup` and `restore`: one consistent copy while the bot runs, as a SQLite file whatever the database is.

A copy of PostgreSQL is made as `move` makes it: from one state of the source, counted and compared table by table. So
one file can be restored into either database, without tools of PostgreSQL's own version, and `verify` looks through it.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from bot.cli.check import faults
from bot.cli.move import copied, shown
from bot.cli.place import vault_of
from bot.config import Config, ConfigError
from bot.engines import BEGIN_READING, connect
from bot.message import Refused
from bot.migrations import migrate
from bot.tx import Tx
from bot.writer import begun


def backup(config: Config, target: Path) -> str:
    """Copies the database into a new file; what was done, and what `verify` says of the copy. Raises as `copy_out`."""
    return _said(f"已备份到 {target}", copy_out(config, target))


def copy_out(config: Config, target: Path) -> list[str]:
    """Copies the database into a new file that only its owner can read; what `verify` finds in it.

    Its folder is made where that alone is lacking: a disk that isn't mounted is not taken for one. Raises Refused
    where there is a file already, where none can be written, and where the database can't be copied.
    """
    migrate(config.bot.database)
    _make_folder(target.parent)
    _reserve(target)
    try:
        if (source := _file(config)) is not None:
            _copy(source, target)
        else:
            copied(config.bot.database, f"sqlite:///{target}", datetime.now(config.zone), stopped=False)
        _one_file(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return _look_through(config, f"sqlite:///{target}")


def restore(config: Config, source: Path) -> str:
    """Puts a backup where the configuration has no database yet, and migrates it; what was done."""
    if not source.is_file():
        raise Refused(f"{source}: there is no such backup")
    target = _file(config)
    if target is None:
        _restore_elsewhere(config, source)
    else:
        if target.exists():
            raise Refused(f"{target} exists already: stop the bot and move it away first")
        target.parent.mkdir(parents=True, exist_ok=True)
        _reserve(target)
        try:
            _copy(source, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        migrate(config.bot.database)
    return _said(f"已从 {source} 恢复", [*_look_through(config, config.bot.database), *_without_key(config)])


def _without_key(config: Config) -> list[str]:
    """That the encrypted fields of what was restored can't be read here, because their key lies elsewhere."""
    try:
        vault_of(config)
    except ConfigError as error:
        return list(error.lines)
    return []


def _restore_elsewhere(config: Config, source: Path) -> None:
    """Into an empty PostgreSQL, by way of a copy of the file, which is brought to the newest shape first."""
    with tempfile.TemporaryDirectory(prefix="zhibu-restore-") as folder:
        draft = Path(folder) / "draft.db"
        _reserve(draft)
        _copy(source, draft)
        migrate(f"sqlite:///{draft}")
        try:
            copied(f"sqlite:///{draft}", config.bot.database, datetime.now(config.zone), stopped=False)
        except Refused as refusal:
            what = f"{shown(config.bot.database)} can't take it: name an empty database"
            raise Refused(f"{what}\n{refusal.text}") from None


def _file(config: Config) -> Path | None:
    """The file of a SQLite database, None for PostgreSQL."""
    url = make_url(config.bot.database)
    return Path(url.database) if url.drivername.startswith("sqlite") and url.database else None


def _said(done: str, found: list[str]) -> str:
    return "\n".join([f"{done}，核对无误" if not found else f"{done}，核对发现 {len(found)} 处要看：", *found])


def _look_through(config: Config, url: str) -> list[str]:
    """What `verify` finds in a database, as it stands there."""
    with closing(connect(url, read_only=True)) as connection:
        engine = "sqlite" if url.startswith("sqlite") else "postgresql"
        return faults(Tx(begun(connection, BEGIN_READING[engine]), engine, datetime.now(config.zone)))


def _make_folder(folder: Path) -> None:
    """The last folder of a path, for its owner alone. Raises Refused where what it is to lie in isn't there either."""
    if folder.is_dir():
        return
    try:
        folder.mkdir(mode=0o700)
    except FileNotFoundError:
        raise Refused(f"{folder.parent} isn't there: mount it, or make it with mkdir -p {folder}") from None
    except OSError as error:
        raise Refused(f"{folder} can't be made ({error.strerror}): name another folder") from None


def _reserve(target: Path) -> None:
    """An empty file that only its owner can read. Raises Refused where there is one, and where none can be written."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise Refused(f"{target} exists already: name another file") from None
    except OSError as error:
        raise Refused(f"{target} can't be written ({error.strerror}): name another file") from None


def _one_file(target: Path) -> None:
    """What lies beside the file while it is written is taken into it."""
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _copy(source: Path, target: Path) -> None:
    """One consistent state of a whole SQLite database, checked. Raises Refused."""
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            fault = new.execute("PRAGMA integrity_check").fetchone()[0]
            known = new.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()[0]
    except sqlite3.Error as error:
        raise Refused(f"{source} can't be copied: {error}") from error
    if fault != "ok" or not known:
        raise Refused(f"{source} is no whole database of this bot{'' if fault == 'ok' else f': {fault}'}")
