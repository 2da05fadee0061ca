"""A client of redis-py for an address of each kind: it connects when it is first asked, and again after a failure."""

from __future__ import annotations

from typing import Any, NamedTuple

from redis import asyncio as redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

from bot.redis_address import parse

SECONDS = 2.0  # for a connection, and for an answer
WATCHER_SECONDS = 1.0  # the same of a Sentinel: where one is away the next is asked


class Client(NamedTuple):
    """`server` is a Redis or a RedisCluster; `watchers` are the Sentinels, where there are any."""

    server: Any
    watchers: Sentinel | None = None


def connected(url: str) -> Client:
    """What `url` means. Raises ValueError for an address that is none."""
    address = parse(url)
    limits = {
        "socket_timeout": SECONDS,
        "socket_connect_timeout": SECONDS,
        "decode_responses": True,
        "retry": Retry(NoBackoff(), 1),
    }
    if address.kind == "single":
        return Client(redis.from_url(url, **limits))
    options: dict[str, Any] = {**limits, **parse_url(address.plain)}
    options["ssl"] = options.pop("connection_class", None) is SSLConnection
    if address.kind == "sentinel":
        return _watched(address.hosts, address.service, options)
    # The written nodes are kept: in a Cluster that comes back with other addresses only their names still hold.
    nodes = [ClusterNode(host, port) for host, port in address.hosts]
    return Client(RedisCluster(startup_nodes=nodes, dynamic_startup_nodes=False, **options))


def _watched(hosts: tuple[tuple[str, int], ...], service: str, options: dict[str, Any]) -> Client:
    """The account of the address is the server's; the Sentinels have one of their own, or none."""
    account = {"username": options.pop("sentinel_username", None), "password": options.pop("sentinel_password", None)}
    limits = {"socket_timeout": WATCHER_SECONDS, "socket_connect_timeout": WATCHER_SECONDS}
    tls = {name: value for name, value in options.items() if name.startswith("ssl")}
    watchers = Sentinel(hosts, sentinel_kwargs={**tls, **limits, **account, "retry": Retry(NoBackoff(), 0)})
    return Client(watchers.master_for(service, **options), watchers)
