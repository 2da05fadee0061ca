"""The address of a Redis of each kind: what it means, what a wrong one lacks, and that redis-py takes every option."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from redis.asyncio.connection import Connection, SSLConnection

from bot.cli.check import problems
from bot.config import ConfigError, load
from bot.coordination_redis import Shared
from bot.platforms import KINDS
from bot.redis_address import FORMS, OPTIONS, TLS, WATCHERS, Address, parse
from bot.redis_client import WATCHER_SECONDS, Client, connected
from tests.cast import configure
from tests.core.process import call
from tests.core.redis_servers import PASSWORD, WATCHWORD, cluster, free_port, watched
from tests.test_docs import HOME

VALUES = {"ssl_cert_reqs": "none", "ssl_check_hostname": "false", "socket_keepalive": "yes"}


@pytest.mark.parametrize(
    ("url", "kind", "hosts", "service"),
    [
        ("redis://h:1/2", "single", (("h", 1),), ""),
        ("rediss://:word@redis.example.org?ssl_ca_certs=/etc/ca.pem", "single", (("redis.example.org", 6379),), ""),
        ("unix:///run/redis.sock?db=1", "single", (), ""),
        ("redis+sentinel://a:1,b,10.0.0.3:3/house/4", "sentinel", (("a", 1), ("b", 26379), ("10.0.0.3", 3)), "house"),
        ("rediss+sentinel://me:w@ord@a/house", "sentinel", (("a", 26379),), "house"),
        ("redis+cluster://[::1]:7000,[fe80::2]", "cluster", (("::1", 7000), ("fe80::2", 6379)), ""),
        ("rediss+cluster://a:1,b:2/0?socket_timeout=0.5", "cluster", (("a", 1), ("b", 2)), ""),
    ],
)
def test_an_address_is_read(url: str, kind: str, hosts: tuple[tuple[str, int], ...], service: str) -> None:
    assert parse(url)[:3] == (kind, hosts, service)
    assert Address(*parse(url)).plain.startswith(("redis://", "rediss://", "unix://"))


@pytest.mark.parametrize(
    ("url", "line"),
    [
        (
            "localhost:6379",
            "write redis://HOST:PORT/0, redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/0 or redis+cluster",
        ),
        ("redis+proxy://:hidden@h", "write redis://HOST:PORT/0, "),
        ("unix+cluster://hidden", "write redis://HOST:PORT/0, "),
        ("redis://", "write redis://HOST:PORT/0, "),
        (
            "redis://:hidden@h1:1,h2:2/0",
            "several hosts: write redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/0 or redis+cl",
        ),
        (
            "redis://:hidden@h:port/0",
            "a host or its port is missing or wrong; write redis://HOST:PORT/0, in a password %40",
        ),
        ("redis://:hid/den@h:1/0", "a host or its port is missing or wrong; write redis://HOST:PORT/0"),
        ("redis://:hid#den@h:1/0", "a sign in the account has to be written as its number: %23 for #"),
        ("redis://h:1/hidden", "the database is a number; write redis://HOST:PORT/0"),
        (
            "redis+sentinel://:hidden@h:1",
            "the service that the Sentinels watch is missing; write redis+sentinel://HOST",
        ),
        ("redis+sentinel://h:1/", "the service that the Sentinels watch is missing"),
        ("redis+sentinel://h:1,/hidden/0", "a host or its port is missing or wrong; write redis+sentinel://HOST:PORT,"),
        ("redis+sentinel://h:99999/hidden/0", "a host or its port is missing or wrong"),
        ("redis+sentinel://h/x/hidden", "the database is a number; write redis+sentinel://"),
        ("redis+cluster:///0", "a host or its port is missing or wrong; write redis+cluster://HOST:PORT,HOST:PORT"),
        ("redis+cluster://:hidden@h:1/1", "a Cluster has no other database than 0; write redis+cluster://"),
        ("redis+cluster://h:1?sentinel_password=hidden", "an option after the ? is none of client_name, "),
        ("redis://h:1/0?pasword=hidden", "an option after the ? is none of client_name, db, "),
        ("redis://h:1/0?socket_timeout=hidden", "the value of socket_timeout can't be read"),
        ("redis://h:1/0?ssl_ca_certs=/hidden", "ssl_ca_certs is for TLS; write rediss in place of redis"),
    ],
)
def test_a_wrong_address_is_one_line_that_says_what_it_lacks(url: str, line: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[bot]\nredis = "{url}"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(config, KINDS)
    assert len(caught.value.lines) == 1
    assert caught.value.lines[0].startswith(f"bot.redis: {line}")
    assert "hid" not in caught.value.lines[0]


async def test_redis_py_takes_every_option_for_every_kind() -> None:
    """Its own check comes with the first connection only."""
    given = "&".join(f"{name}={VALUES.get(name, '7')}" for name in OPTIONS | TLS)
    watching = "&".join(f"{name}=7" for name in WATCHERS)
    addresses = [
        f"rediss://h:1/2?{given}&db=3",
        f"rediss+sentinel://h:1/house/2?{given}&{watching}",
        f"rediss+cluster://h:1?{given}",
    ]
    for url in addresses:
        made = connected(url)
        for one in connections(made):
            assert isinstance(one, SSLConnection)
        await ended(made)


async def test_the_account_is_the_servers_and_the_sentinels_have_their_own() -> None:
    made = connected("redis+sentinel://me:w%40rd@h:1,i:2/house/3?sentinel_password=w%26tch&socket_timeout=9")
    server, *watchers = connections(made)
    assert (server.username, server.password, server.db, server.socket_timeout) == ("me", "w@rd", 3, 9)
    assert [(one.host, one.port) for one in watchers] == [("h", 1), ("i", 2)]
    assert {(one.username, one.password, one.db, one.socket_timeout) for one in watchers} == {
        (None, "w&tch", 0, WATCHER_SECONDS)
    }
    assert not any(isinstance(one, SSLConnection) for one in (server, *watchers))
    await ended(made)


def connections(made: Client) -> list[Any]:
    """One to the server, or to each written node of a Cluster, then one to each Sentinel."""
    if not hasattr(made.server, "connection_pool"):
        nodes = made.server.startup_nodes
        return [one.connection_class(**one.connection_kwargs) for one in nodes]
    watchers = made.watchers.sentinels if made.watchers else []
    found: list[Connection] = [one.connection_pool.make_connection() for one in (made.server, *watchers)]
    return found


async def ended(made: Client) -> None:
    """Lets go of both."""
    await made.server.aclose()
    if made.watchers:
        await made.watchers.aclose()


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (
            "redis+sentinel://:hidden@127.0.0.1:{port}/zhibu/0",
            "bot.redis: No master found for 'zhibu' (ConnectionError)",
        ),
        ("redis+cluster://:hidden@127.0.0.1:{port}", "bot.redis: Redis Cluster cannot be connected."),
    ],
)
async def test_servers_that_are_away_are_one_line(kind: str, line: str, sqlite: str, tmp_path: Path) -> None:
    config = configure(sqlite, tmp_path)
    away = config.bot.model_copy(update={"redis": kind.format(port=free_port())})
    found = await problems(config.model_copy(update={"bot": away}), online=False)
    assert [one.startswith(line) for one in found] == [True]
    assert "hidden" not in found[0]
    assert "\n" not in found[0]


async def test_servers_of_another_kind_are_told_as_the_runbook_has_it(tmp_path: Path) -> None:
    account, runbook = quote(PASSWORD, safe=""), (HOME / "docs" / "runbook.md").read_text(encoding="utf-8")
    with watched(tmp_path) as house, cluster() as nodes:
        master, replica = (f"127.0.0.1:{one.port}" for one in (house.master, house.replica))
        lines = {
            f"redis://:{account}@{replica}": "redis: You can't write against a read only replica.",
            f"redis+cluster://:{account}@{master}": "Cluster mode is not enabled on this node",
            f"redis+sentinel://{master}/zhibu?sentinel_password={account}": "redis: unknown command 'SENTINEL'",
            f"redis://:{quote(WATCHWORD)}@127.0.0.1:{house.sentinel}": "redis: unknown command 'SET'",
            house.url.replace("/zhibu/", "/other/"): "redis: No master found for 'other' (ConnectionError)",
            house.url.partition("?")[0]: "redis: No master found for 'zhibu' (ConnectionError, AuthenticationError)",
            f"redis://:{account}@127.0.0.1:{nodes.nodes[0].port}": "redis: this server is one of a Cluster;",
        }
        for url, line in lines.items():
            shared = Shared(url)
            assert line in await shared.ready()
            assert line.partition(" for '")[0] in runbook
            await shared.close()


def test_check_says_what_an_address_lacks(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[bot]\nredis = "redis+sentinel://127.0.0.1"\n', encoding="utf-8")
    done = call(config, "check")
    assert done.returncode != 0
    assert done.stderr == f"bot.redis: the service that the Sentinels watch is missing; write {FORMS['sentinel']}\n"
