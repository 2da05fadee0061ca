"""The lock of WeCom callbacks: who does not hold the token and the key neither speaks to the bot nor reads it.

Source: WeCom doc 101033 and the published samples. Stricter than the vendor's own libraries, some of which take
a wrong padding, length or receive id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pydantic_core import to_json

from bot.message import BadSignature, NotOurs

PAD = 32  # bytes; the pad is PKCS#7 with a block of 32, though the cipher's block is 16
HEAD = 20  # bytes before the message: 16 random ones and its length, big-endian


def key_of(encoding_aes_key: str) -> bytes:
    """The 32 key bytes of an EncodingAESKey: 43 ASCII letters and digits. Raises ValueError (without the key in it)."""
    if len(encoding_aes_key) != 43 or not (encoding_aes_key.isascii() and encoding_aes_key.isalnum()):
        raise ValueError("must be the 43 letters and digits of the admin page")
    return base64.b64decode(encoding_aes_key + "=")


def signature(token: str, timestamp: str, nonce: str, encrypt: str) -> str:
    """40 hex digits, lower case: SHA-1 of the four strings as received, sorted and joined."""
    joined = "".join(sorted((token, timestamp, nonce, encrypt))).encode("utf-8", "surrogatepass")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()  # SHA-1 is what the protocol has


def _unpad(padded: bytes) -> bytes:
    size = padded[-1]
    if not 1 <= size <= PAD or size > len(padded) or padded[-size:] != bytes((size,)) * size:
        raise NotOurs("padding")
    return padded[:-size]


class Lock:
    """Opens and seals what goes over the wire, with one token, one key and one receive id ("" for a smart robot)."""

    __slots__ = ("_cipher", "_receive_id", "_token")

    def __init__(self, token: str, encoding_aes_key: str, receive_id: str = "") -> None:
        """Raises ValueError where the key is not one."""
        key = key_of(encoding_aes_key)
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._token, self._receive_id = token, receive_id.encode()

    def check(self, claimed: str, timestamp: str, nonce: str, encrypt: str) -> None:
        """Returns where the signature is right, in constant time; raises BadSignature else."""
        right = signature(self._token, timestamp, nonce, encrypt)
        if not hmac.compare_digest(right.encode(), claimed.encode("utf-8", "surrogatepass")):
            raise BadSignature("signature")

    def decrypt(self, encrypt: str) -> bytes:
        """The message in a base64 ciphertext, not yet believed to be UTF-8. Raises NotOurs."""
        try:
            data = base64.b64decode(encrypt, validate=True)
        except ValueError:
            raise NotOurs("base64") from None
        if not data or len(data) % 16:
            raise NotOurs("length of the ciphertext")
        decryptor = self._cipher.decryptor()
        plain = _unpad(decryptor.update(data) + decryptor.finalize())
        end = HEAD + int.from_bytes(plain[16:HEAD], "big")
        if len(plain) < HEAD or end > len(plain):
            raise NotOurs("length of the message")
        if not hmac.compare_digest(plain[end:], self._receive_id):
            raise NotOurs("receive id")
        return plain[HEAD:end]

    def encrypt(self, message: bytes, random: bytes = b"") -> str:
        """The base64 ciphertext of a message; `random` (16 bytes) is given in tests only."""
        plain = (random or os.urandom(16)) + len(message).to_bytes(4, "big") + message + self._receive_id
        size = PAD - len(plain) % PAD
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(plain + bytes((size,)) * size) + encryptor.finalize()).decode()

    def sign(self, timestamp: int, nonce: str, encrypt: str) -> str:
        """The signature of an answer; `timestamp` in unix seconds."""
        return signature(self._token, str(timestamp), nonce, encrypt)

    def seal(self, message: bytes, timestamp: int, nonce: str, random: bytes = b"") -> bytes:
        """The JSON body of an encrypted answer; `nonce` is the callback's, `timestamp` in unix seconds.

        The document has the timestamp as a number, the vendor's sample as a string; both are taken (unverified),
        the number is sent.
        """
        encrypt = self.encrypt(message, random)
        signed = self.sign(timestamp, nonce, encrypt)
        envelope = {"encrypt": encrypt, "msgsignature": signed, "timestamp": timestamp, "nonce": nonce}
        return to_json(envelope)
