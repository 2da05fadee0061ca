"""The secret that signs and encrypts, made where nobody wrote one."""

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
            _make_key(kept)
        key = kept.read_bytes()
    except OSError as error:
        raise ConfigError([f"bot.data_dir: can't keep {kept} ({error.strerror}); make it writable"]) from None
    if len(key) != KEY_BYTES:
        raise ConfigError([f"bot.secret_key: {kept} is damaged; put the backup's {KEY_FILE} back"])
    return key


def _make_key(kept: Path) -> None:
    """Complete or not there at all: the draft is linked into place, and the first of two processes wins."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_name(f"{KEY_FILE}.{secrets.token_hex(8)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, kept)
    finally:
        draft.unlink()
