"""`serve` and `check` as processes: how they start, what they need, how they end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.db import Database
from tests.cast import ZONE
from tests.core.post import post
from tests.core.process import WECOM, Served, call
from tests.core.snapshot import rows_of


@pytest.fixture
def served(sqlite: str, tmp_path: Path) -> Iterator[Served]:
    made = Served(sqlite, tmp_path)
    yield made
    if made.process.poll() is None:
        made.end(kill=True)


def test_it_is_ready_soon_needs_little_memory_and_logs_no_words(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    idle = served.resident()
    with httpx.Client(base_url=served.address, trust_env=False) as client:
        assert client.get("/readyz").text == "ready\n"
        for number in range(50):
            path, body = post(number, "zhangsan", "今晚的饺子很好吃" if number % 2 else "帮助")
            assert client.post(path, content=body).status_code == 200
        assert client.post(path.replace("nonce=", "nonce=0"), content=body).status_code == 403
    used = served.resident()
    with capsys.disabled():
        print(f"\nserve: ready after {served.seconds:.1f} s, {idle:.0f} MB idle, {used:.0f} MB after 51 messages")
    assert served.seconds < 10
    assert idle < 120
    assert used < 130
    code, seconds = served.end()
    assert (code, seconds < 10) == (0, True)
    log = served.log.read_text(encoding="utf-8")
    assert "饺子" not in log
    assert "Traceback" not in log


async def test_sigterm_under_load_loses_no_message_that_heard_200(
    served: Served, sqlite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[int] = []
    serial = iter(range(100_000))

    async def talk(client: httpx.AsyncClient) -> None:
        while True:
            number = next(serial)
            path, body = post(number, f"user{number % 20}", "帮助")
            try:
                response = await client.post(path, content=body)
            except httpx.TransportError:
                return
            if response.status_code == 200:
                heard.append(number)

    async with httpx.AsyncClient(base_url=served.address, trust_env=False) as client:
        talking = [asyncio.create_task(talk(client)) for _ in range(16)]
        while len(heard) < 100:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        code, seconds = await asyncio.to_thread(served.end)
        await asyncio.gather(*talking)
    with capsys.disabled():
        print(f"\nserve: {len(heard)} answered, gone {seconds:.1f} s after SIGTERM")
    assert (code, seconds < 10) == (0, True)
    database = Database(sqlite, ZONE)
    kept = {row[1] for row in (await rows_of(database))["seen"]}
    await database.close()
    assert {f"m{number}" for number in heard} <= kept


async def test_an_open_console_does_not_keep_it_from_ending(sqlite: str, tmp_path: Path) -> None:
    served = await asyncio.to_thread(Served, sqlite, tmp_path, console=True)
    async with httpx.AsyncClient(base_url=served.address, trust_env=False) as client:
        assert (await client.get("/console")).status_code == 200
        events = asyncio.create_task(client.get("/console/events"))
        await asyncio.sleep(0.2)
        code, seconds = await asyncio.to_thread(served.end)
        await asyncio.gather(events, return_exceptions=True)
    assert (code, seconds < 5) == (0, True)


@pytest.mark.parametrize("word", ["serve", "check"])
def test_an_unknown_key_ends_it_with_one_line_that_names_it(tmp_path: Path, word: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[web]\nprot = 8080\n", encoding="utf-8")
    done = call(config, word)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "web.prot" in done.stderr


def test_check_says_ok_or_every_problem_with_its_key(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    rows = f'[bot]\ndatabase = "sqlite:///{tmp_path}/x.db"\ndata_dir = "{tmp_path}"\n'
    config.write_text(f'{rows}[web]\npublic_url = "https://bot.example.org"\n{WECOM}', "utf-8")
    done = call(config, "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")
    config.write_text(
        f'[bot]\ndatabase = "sqlite:///{tmp_path}/x.db"\ndata_dir = "{tmp_path}"\nredis = "redis://127.0.0.1:1"\n'
        '[web]\nhost = "0.0.0.0"\n',
        encoding="utf-8",
    )
    done = call(config, "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["web.console_token", "bot.redis"]


def test_check_names_the_database_that_can_not_be_opened(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[bot]\ndatabase = "postgresql+psycopg://nobody@127.0.0.1:1/none"\n', encoding="utf-8")
    done = call(config, "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("bot.database: ")


def test_a_port_that_is_taken_is_told_in_one_line(served: Served, tmp_path: Path) -> None:
    port = served.address.rsplit(":", 1)[1]
    config = tmp_path / "second.toml"
    config.write_text(served.config.read_text("utf-8").replace("port = 0", f"port = {port}"), "utf-8")
    done = call(config, "serve")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert port in done.stderr


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        rows = f'[bot]\ndatabase = "sqlite:///{tmp_path}/x.db"\ndata_dir = "{tmp_path}"\n'
        config.write_text(f"{rows}[web]\nport = {taken.getsockname()[1]}\n", encoding="utf-8")
        done = call(config, "serve")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("web.host, web.port: ")
    assert "is the bot running already?" in done.stderr
