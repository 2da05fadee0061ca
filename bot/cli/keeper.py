"""Whose the files are: what root makes in the folder of another user is closed to that one, so his bot won't start."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from bot.config import Config, ConfigError
from bot.config.key import KEY_FILE

PRIVATE = 0o077  # what nobody else may do with a file that a call makes: names and what was paid stand in them
ROOT = 0


def keep_private() -> None:
    """From now on this process makes files that only its own user can read."""
    os.umask(PRIVATE)


def not_in_anothers_name(config: Config) -> None:
    """Raises ConfigError where root calls and `data_dir` belongs to somebody else, unless root keeps the key in it."""
    folder = config.bot.data_dir
    if os.geteuid() != ROOT or not folder.exists() or _is_roots(folder) or _is_roots(folder / KEY_FILE):
        return
    owner = _name(folder.stat().st_uid)
    raise ConfigError([f"bot.data_dir: {folder} belongs to {owner}: call this as that user (sudo -u {owner} …)"])


def _is_roots(path: Path) -> bool:
    return path.exists() and path.stat().st_uid == ROOT


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
