"""Addresses that come with a message are spoken to only where they lead to the server we are configured for.

Else whoever can write a callback would have the bot ask any host of the inner network.
"""

from __future__ import annotations

from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def same_origin(url: str, base: str) -> bool:
    """Whether scheme, host and port are equal. Anything that two parsers could read differently is refused."""
    if not (url.isascii() and url.isprintable()) or any(char in url for char in " \\"):
        return False
    mine, theirs = _origin(base), _origin(url)
    return theirs is not None and theirs == mine


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return None if "@" in parts.netloc or not parts.hostname else (parts.scheme, parts.hostname, port)
