"""Sealed columns: what a stolen copy of the database must not tell is kept encrypted, by a key that isn't in it.

AES-256-GCM with a nonce of its own per value. A value names its key (`aes1:KEY:…`), so that keys can be changed while
old values are still read; it is bound to its column and padded, so that its length tells no kind of leave. "" stays "".
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.message import Trouble

MARK = "aes1:"
NONCE_BYTES, KEY_BYTES, ID_BYTES = 12, 32, 4
PAD_BYTES = 16

Secrets = Callable[[], Sequence[bytes]]  # those that may have sealed something, the one to seal with first
Stamp = Callable[[], object]  # differs from its last value once the secrets are others


class NoKey(Trouble):
    """A sealed value's key is not at hand, or the value is not what was sealed."""


class _Key:
    """One key, and the name that values give it; nothing of it can be printed."""

    __slots__ = ("id", "seal_with")

    def __init__(self, secret: bytes) -> None:
        derived = HKDF(SHA256(), KEY_BYTES + ID_BYTES, salt=None, info=b"sealed columns").derive(secret)
        self.id = derived[KEY_BYTES:].hex()
        self.seal_with = AESGCM(derived[:KEY_BYTES])


class Vault:
    """Seals with the current key, opens with every key it has; asks for them again when `stamp` changes."""

    __slots__ = ("_current", "_keys", "_secrets", "_seen", "_stamp")

    def __init__(self, secrets: Secrets = tuple, stamp: Stamp = lambda: 0) -> None:
        self._secrets, self._stamp = secrets, stamp
        self._load()

    def _load(self) -> None:
        self._seen = self._stamp()
        keys = [_Key(secret) for secret in self._secrets()]
        self._current = keys[0] if keys else None
        self._keys = {key.id: key for key in keys}

    @property
    def current(self) -> str:
        """The name of the key that seals now. Raises NoKey."""
        return self._key().id

    def has(self, key: str) -> bool:
        """Whether values of this key can be read."""
        if key not in self._keys:
            self._load()
        return key in self._keys

    def _key(self) -> _Key:
        if self._stamp() != self._seen:
            self._load()
        if self._current is None:
            raise NoKey("no key for the sealed columns: this connection was opened without one")
        return self._current

    def seal(self, text: str, place: str) -> str:
        """A text as it stands in the column `place`. Raises NoKey."""
        if not text:
            return ""
        key, nonce, raw = self._key(), os.urandom(NONCE_BYTES), text.encode()
        padded = raw + bytes(-len(raw) % PAD_BYTES)
        sealed = nonce + key.seal_with.encrypt(nonce, padded, place.encode())
        return f"{MARK}{key.id}:{urlsafe_b64encode(sealed).decode()}"

    def open(self, value: str, place: str) -> str:
        """The text of a value of the column `place`; what was never sealed is given back. Raises NoKey."""
        if not value.startswith(MARK):
            return value
        key, _, body = value.removeprefix(MARK).partition(":")
        if not self.has(key):
            raise NoKey(f"the key {key} of {place} is missing: put it back (docs/deploy.md, The key)")
        try:
            sealed = urlsafe_b64decode(body)
            nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            return self._keys[key].seal_with.decrypt(nonce, rest, place.encode()).rstrip(b"\0").decode()
        except (InvalidTag, ValueError):
            raise NoKey(f"a value of {place} was changed by hand: restore it from a backup") from None

    def sealed(self, seals: Sequence[tuple[str, str]], values: dict[str, Any]) -> dict[str, Any]:
        """The values of a statement, with those that go into sealed columns (parameter, place) sealed.

        A whole number is sealed as its digits, 0 as "". Raises NoKey.
        """
        return values | {name: self.seal(str(values[name] or ""), place) for name, place in seals}

    def opened(self, opens: Sequence[tuple[int, str, bool]], row: Any) -> Any:
        """A named tuple with the sealed columns among its cells (index, place, whether it is a number) opened."""
        if not any(row[index] or number for index, _, number in opens):
            return row  # most have nothing to open
        cells = list(row)
        for index, place, is_number in opens:
            if cells[index] is not None:
                text = self.open(str(cells[index]), place)
                cells[index] = int(text or 0) if is_number else text
        return type(row)(*cells)


def is_under(value: str, key: str) -> bool:
    """Whether a value is sealed by the key of this name."""
    return value.startswith(f"{MARK}{key}:")


NONE = Vault()  # of who has no business with sealed columns
