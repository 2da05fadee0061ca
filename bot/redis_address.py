"""The address of a Redis: one server, the one that Sentinels watch over, or a Cluster.

redis-py reads `redis://`, `rediss://` (TLS) and `unix://`; for the other two it has clients but no address. Theirs are
written as is common elsewhere: `redis+sentinel://` and `redis+cluster://`, with `rediss+` for TLS.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl

Kind = Literal["single", "sentinel", "cluster"]
FORMS: dict[Kind, str] = {
    "single": "redis://HOST:PORT/0",
    "sentinel": "redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/0",
    "cluster": "redis+cluster://HOST:PORT,HOST:PORT",
}
PORTS: dict[Kind, int] = {"single": 6379, "sentinel": 26379, "cluster": 6379}  # those of the servers' own defaults
HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?", re.ASCII)
NUMBER, TRUTH, TEXT = r"\d{1,9}", r"(?i:true|false|yes|no|0|1)", r".+"

# What may stand after the "?": options of redis-py that all three clients take, and how each is written.
OPTIONS = {
    "username": TEXT,
    "password": TEXT,
    "client_name": TEXT,
    "health_check_interval": NUMBER,
    "max_connections": NUMBER,
    "socket_connect_timeout": r"\d{1,9}(\.\d+)?",
    "socket_timeout": r"\d{1,9}(\.\d+)?",
    "socket_keepalive": TRUTH,
}
TLS = {
    "ssl_ca_certs": TEXT,
    "ssl_cert_reqs": r"none|optional|required",
    "ssl_certfile": TEXT,
    "ssl_check_hostname": TRUTH,
    "ssl_ciphers": TEXT,
    "ssl_keyfile": TEXT,
}
WATCHERS = {"sentinel_username": TEXT, "sentinel_password": TEXT}  # where the Sentinels ask for one of their own


class Address(NamedTuple):
    """`hosts` are Sentinels or nodes of the Cluster; `plain` has account, database and options, for redis-py."""

    kind: Kind
    hosts: tuple[tuple[str, int], ...]
    service: str
    plain: str


def parse(url: str) -> Address:
    """Raises ValueError that says what is missing and never repeats the address, which may hold a password."""
    scheme, _, rest = url.partition("://")
    kind: Kind | None = _kind(scheme)
    if kind is None or not rest:
        raise ValueError(f'write {FORMS["single"]}, {FORMS["sentinel"]} or {FORMS["cluster"]}, or "" for none')
    front, _, options = rest.partition("?")
    _accept(options, kind, tls=scheme.startswith("rediss"))
    if scheme == "unix":
        return Address("single", (), "", url)
    authority, _, path = front.partition("/")
    account, _, hosts = authority.rpartition("@")
    if re.search(r"[#\[\]\s]", account):
        raise ValueError("a sign in the account has to be written as its number: %23 for #, %5B for [")
    found = tuple(_hosts(kind, hosts))
    service, database = _place(kind, path)
    plain = f"{scheme.partition('+')[0]}://{account}@/{database}?{options}"
    return Address(kind, found, service, plain)


def _kind(scheme: str) -> Kind | None:
    first, plus, second = scheme.partition("+")
    if first not in ("redis", "rediss"):
        return "single" if scheme == "unix" else None
    if not plus:
        return "single"
    return "sentinel" if second == "sentinel" else "cluster" if second == "cluster" else None


def _hosts(kind: Kind, text: str) -> list[tuple[str, int]]:
    found = [HOST.fullmatch(one) for one in text.split(",")]
    if kind == "single" and len(found) > 1:
        raise ValueError(f"several hosts: write {FORMS['sentinel']} or {FORMS['cluster']}")
    hosts = [(one[1].strip("[]"), int(one[2] or PORTS[kind])) for one in found if one]
    if None in found or not all(0 < port < 65536 for _, port in hosts):
        raise ValueError(
            f"a host or its port is missing or wrong; write {FORMS[kind]}, in a password %40 for @ and %2F for /"
        )
    return hosts


def _place(kind: Kind, path: str) -> tuple[str, str]:
    """The service that the Sentinels know, and the database."""
    service, _, database = path.partition("/") if kind == "sentinel" else ("", "", path)
    if kind == "sentinel" and not service:
        raise ValueError(f"the service that the Sentinels watch is missing; write {FORMS[kind]}")
    if not re.fullmatch(r"\d{0,5}", database, re.ASCII):
        raise ValueError(f"the database is a number; write {FORMS[kind]}")
    if kind == "cluster" and int(database or 0):
        raise ValueError(f"a Cluster has no other database than 0; write {FORMS[kind]}")
    return service, database


def _accept(options: str, kind: Kind, *, tls: bool) -> None:
    known = OPTIONS | TLS | (WATCHERS if kind == "sentinel" else {"db": NUMBER} if kind == "single" else {})
    for name, value in parse_qsl(options, keep_blank_values=True):
        if name not in known:
            raise ValueError(f"an option after the ? is none of {', '.join(sorted(known))}")
        if not re.fullmatch(known[name], value):
            raise ValueError(f"the value of {name} can't be read")
        if name in TLS and not tls:
            raise ValueError(f"{name} is for TLS; write rediss in place of redis")
