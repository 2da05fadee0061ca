"""The secret that signs and encrypts, made where nobody wrote one, and those it has taken the place of."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from bot.config.model import Config
from bot.config.problems import ConfigError

KEY_FILE = "secret.key"
KEY_BYTES = 32


def secret_key(config: Config) -> bytes:
    """32 bytes that sign and encrypt: from bot.secret_key, else made once in data_dir and kept there."""
    if written := config.bot.secret_key.get_secret_value():
        return hashlib.sha256(written.encode()).digest()
    kept = config.bot.data_dir / KEY_FILE
    try:
        if not kept.exists():
            _keep(kept, secrets.token_bytes(KEY_BYTES))
        return _read(kept)
    except OSError as error:
        raise _unwritable(kept, error) from None


def secret_keys(config: Config) -> list[bytes]:
    """Every secret that may have encrypted something, today's first: bot.old_secret_key, and what data_dir keeps."""
    found = [secret_key(config)]
    if old := config.bot.old_secret_key.get_secret_value():
        found.append(hashlib.sha256(old.encode()).digest())
    folder = config.bot.data_dir
    found += [_read(one) for one in (folder / KEY_FILE, *retired(folder)) if one.exists()]
    return list(dict.fromkeys(found))


def is_kept(config: Config) -> bool:
    """Whether there is a secret already, so that none would be made."""
    return bool(config.bot.secret_key.get_secret_value()) or (config.bot.data_dir / KEY_FILE).exists()


def stamp(config: Config) -> object:
    """Differs once data_dir has another secret."""
    try:
        seen = (config.bot.data_dir / KEY_FILE).stat()
    except OSError:
        return 0
    return seen.st_mtime_ns, seen.st_ino


def renew(config: Config) -> None:
    """Puts a new secret in the place of the one in data_dir; the old one is kept beside it first.

    Wherever it is stopped, both that were in use are there. Raises ConfigError where it can't be written.
    """
    kept = config.bot.data_dir / KEY_FILE
    try:
        old = _read(kept)
        _keep(kept.with_name(f"{KEY_FILE}.{hashlib.sha256(old).hexdigest()[:8]}"), old)
        draft = _draft(kept, secrets.token_bytes(KEY_BYTES))
        draft.replace(kept)
    except OSError as error:
        raise _unwritable(kept, error) from None


def retired(folder: Path) -> list[Path]:
    """The files of secrets that were renewed."""
    return sorted(folder.glob(f"{KEY_FILE}.????????"))


def _unwritable(kept: Path, error: OSError) -> ConfigError:
    return ConfigError([f"bot.data_dir: can't keep {kept} ({error.strerror}); make it writable"])


def _read(kept: Path) -> bytes:
    key = kept.read_bytes()
    if len(key) != KEY_BYTES:
        raise ConfigError([f"bot.secret_key: {kept} is damaged; put the backup's {kept.name} back"])
    return key


def _keep(kept: Path, key: bytes) -> None:
    """Complete or not there at all: the draft is linked into place, and the first of two processes wins."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(kept, key)
    try:
        with suppress(FileExistsError):
            os.link(draft, kept)
    finally:
        draft.unlink()


def _draft(kept: Path, key: bytes) -> Path:
    draft = kept.with_name(f"{kept.name}.{secrets.token_hex(8)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return draft
