"""Whether the bot of a configuration runs on this machine, for calls that must not be made beside it."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address

from bot.config import Config

SECONDS = 1.0


def runs(config: Config) -> bool:
    """Whether /healthz answers where the configuration says that the bot listens. Replicas elsewhere aren't seen."""
    asked = HTTPConnection(_home(config.web.host), config.web.port, timeout=SECONDS)
    try:
        asked.request("GET", "/healthz")
        answer = asked.getresponse()
        return (answer.status, answer.read(8)) == (200, b"ok\n")
    except (OSError, HTTPException):
        return False
    finally:
        asked.close()


def _home(host: str) -> str:
    """Where what listens on `host` is asked from this machine: everywhere is here, too."""
    try:
        return "127.0.0.1" if ip_address(host).is_unspecified else host
    except ValueError:
        return host or "127.0.0.1"
