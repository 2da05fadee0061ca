"""The door over a real socket: what it answers to the unknown, the forged, the too long, and when it can't."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from bot import db
from bot import web as door
from bot.cli.place import Place, opened
from bot.db import Tx
from tests.cast import configure
from tests.core.post import KEY, TOKEN, post
from tests.core.snapshot import rows_of
from tests.rooms import furnish, served

SECRET = "ding-secret"
PLATFORMS = (
    f'[platforms.wecom]\nkind="wecom"\ntoken="{TOKEN}"\nencoding_aes_key="{KEY}"\n'
    f'[platforms.ding]\nkind="dingtalk"\napp_key="key"\napp_secret="{SECRET}"\n'
)


@dataclass
class Open:
    """A bot on a port, and a client that knows its address."""

    place: Place
    client: httpx.AsyncClient

    async def post(self, text: str, number: int = 1, sender: str = "zhangsan") -> httpx.Response:
        path, body = post(number, sender, text)
        return await self.client.post(path, content=body)


@pytest.fixture
async def opened_door(sqlite: str, tmp_path: Path) -> AsyncIterator[Open]:
    async with opened(configure(sqlite, tmp_path, PLATFORMS)) as place, served(place) as address:
        await furnish(place, "wecom", "企业微信账号", "g1")
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            yield Open(place, client)


def bare(response: httpx.Response) -> tuple[int, bytes]:
    return response.status_code, response.content


async def test_an_unknown_platform_is_not_found(opened_door: Open) -> None:
    for name in ("nobody", "", "wecom/more", "%2e%2e"):
        assert bare(await opened_door.client.post(f"/hook/{name}")) == (404, b"")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_methods_that_no_platform_uses_are_refused_with_an_empty_body(opened_door: Open, method: str) -> None:
    for path in ("/hook/wecom", "/hook/ding", "/hook/console"):
        status, body = bare(await opened_door.client.request(method, path, content=b"{}"))
        assert 400 <= status < 500
        assert body == b""
    assert bare(await opened_door.client.request(method, "/healthz")) == (405, b"")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_64_kib_is_too_large_and_one_of_64_is_read(opened_door: Open, chunked: bool) -> None:
    async def pieces(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 1024):
            yield b"x" * 1024

    def content(size: int) -> Any:
        return pieces(size) if chunked else b"x" * size

    path, _ = post(1, "zhangsan", "参加")
    assert bare(await opened_door.client.post(path, content=content(65 * 1024))) == (413, b"")
    status, body = bare(await opened_door.client.post(path, content=content(64 * 1024)))
    assert 400 <= status < 500
    assert (status != 413, body) == (True, b"")
    assert (await opened_door.post("帮助")).status_code == 200


async def test_forged_requests_are_refused_with_an_empty_body_and_leave_nothing(opened_door: Open) -> None:
    before = await rows_of(opened_door.place.database)
    path, body = post(1, "zhangsan", "参加")
    client = opened_door.client
    assert bare(await client.post(path.replace("msg_signature=", "msg_signature=0"), content=body)) == (403, b"")
    assert bare(await client.post(path.replace("nonce=1", "nonce=2"), content=body)) == (403, b"")
    assert bare(await client.post(path.split("?")[0], content=body))[1] == b""
    other = json.dumps({"encrypt": base64.b64encode(b"x" * 64).decode()}).encode()
    assert bare(await client.post(path, content=other)) == (403, b"")
    for content in (b"", b"{", b"[]", b'{"encrypt": 1}', b"\xff\xfe", b'{"encrypt": "%s"}' % (b"A" * 1000)):
        status, said = bare(await client.post(path, content=content))
        assert 400 <= status < 500, content
        assert said == b""
    assert await rows_of(opened_door.place.database) == before


async def test_forged_and_stale_requests_of_dingtalk_are_refused_with_an_empty_body(opened_door: Open) -> None:
    body = json.dumps({"msgId": "x", "msgtype": "text", "text": {"content": "参加"}}).encode()

    async def knock(secret: str, ahead: float) -> tuple[int, bytes]:
        stamp = str(int((time.time() + ahead) * 1000))
        sign = base64.b64encode(hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest())
        headers = {"timestamp": stamp, "sign": sign.decode()}
        return bare(await opened_door.client.post("/hook/ding", content=body, headers=headers))

    for status, said in [await knock("wrong", 0), await knock(SECRET, -3700), await knock(SECRET, 3700)]:
        assert status in (401, 403)
        assert said == b""
    assert bare(await opened_door.client.post("/hook/ding", content=body))[0] in (401, 403)


async def test_200_means_recorded_and_a_repeat_hears_the_same_words(opened_door: Open) -> None:
    first, again = await opened_door.post("帮助"), await opened_door.post("帮助")
    assert (first.status_code, again.status_code) == (200, 200)
    assert len((await rows_of(opened_door.place.database))["seen"]) == 1


async def test_a_database_that_is_down_is_503_with_an_empty_body_until_it_is_back(
    postgresql: str, tmp_path: Path
) -> None:
    name = postgresql.split("?")[0].rsplit("/", 1)[1]
    admin = postgresql.replace("+psycopg", "").replace(f"/{name}", "/postgres")

    def allow(yes: bool) -> None:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {yes}".encode())
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    async with (
        opened(configure(postgresql, tmp_path, PLATFORMS)) as place,
        served(place) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        await furnish(place, "wecom", "企业微信账号", "g1")
        one = Open(place, client)
        assert (await one.post("帮助", 1)).status_code == 200
        allow(False)
        assert bare(await one.post("帮助", 2)) == (503, b"")
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert ready.text.startswith("database: ")
        assert (await client.get("/healthz")).status_code == 200
        metrics = await client.get("/metrics")
        assert metrics.status_code == 200
        assert "zhibu_outbox" not in metrics.text
        allow(True)
        assert (await one.post("帮助", 2)).status_code == 200
        assert bare(await client.get("/readyz")) == (200, b"ready\n")
        assert len((await rows_of(place.database))["seen"]) == 2


async def test_a_bug_is_500_with_an_empty_body_logged_once_and_leaves_nothing(
    opened_door: Open, caplog: pytest.LogCaptureFixture
) -> None:
    house = opened_door.place.house

    def broken(*_: object) -> Any:
        raise ZeroDivisionError("a bug")

    app = door.application(
        opened_door.place.database,
        opened_door.place.platforms,
        replace(house, who=broken),
        opened_door.place.ready,
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    path, body = post(7, "zhangsan", "一句不该进日志的话")
    before = await rows_of(opened_door.place.database)
    with caplog.at_level(logging.INFO):
        caplog.clear()
        async with httpx.AsyncClient(trust_env=False) as client:
            address = f"http://127.0.0.1:{runner.addresses[0][1]}{path}"
            assert bare(await client.post(address, content=body)) == (500, b"")
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in errors] == ["500: POST /hook/wecom"]
    assert "ZeroDivisionError" in caplog.text
    assert "不该进日志" not in caplog.text
    assert await rows_of(opened_door.place.database) == before
    await runner.cleanup()


async def test_who_goes_away_in_the_middle_of_a_body_is_no_bug(
    opened_door: Open, caplog: pytest.LogCaptureFixture
) -> None:
    address = opened_door.client.base_url
    _, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(b"POST /hook/wecom HTTP/1.1\r\nHost: x\r\nContent-Length: 700\r\n\r\nhalf")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await writer.wait_closed()
    assert (await opened_door.post("帮助")).status_code == 200
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_when_too_many_wait_the_answer_is_503_at_once(opened_door: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "MOST_WAITING", 3)
    entered, opened_gate = threading.Event(), threading.Event()

    def hold(_tx: Tx) -> None:
        entered.set()
        assert opened_gate.wait(10)

    database = opened_door.place.database
    held = [database.write(hold)]
    await asyncio.to_thread(entered.wait, 10)
    held += [database.write(lambda _tx: None) for _ in range(4)]
    assert bare(await opened_door.post("帮助", 5)) == (503, b"")
    opened_gate.set()
    await asyncio.gather(*held)
    assert (await opened_door.post("帮助", 5)).status_code == 200


async def test_metrics_are_read_by_prometheus_and_hold_nobody(opened_door: Open) -> None:
    await opened_door.post("帮助", 1)
    await opened_door.post("大家中午好呀", 2)
    await opened_door.client.post("/hook/wecom", content=b"{}")
    page = await opened_door.client.get("/metrics")
    assert page.headers["Content-Type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(page.text)}
    outcomes = {
        sample.labels["outcome"]: sample.value
        for sample in families["zhibu_messages"].samples
        if sample.name.endswith("_total")
    }
    assert outcomes == {"answered": 1, "silent": 1, "refused": 1}
    steps = [one.labels["step"] for one in families["zhibu_step_seconds"].samples if one.name.endswith("_count")]
    assert steps == ["read", "record", "answer"]
    assert families["zhibu_outbox_oldest_seconds"].samples[0].value == 0
    assert families["zhibu_waiting"].samples[0].value >= 0
    assert families["zhibu_units"].samples[0].value >= 3
    labels = {value for family in families.values() for one in family.samples for value in one.labels.values()}
    for person in ("zhangsan", "张三", "g1", "第一党支部", "user"):
        assert not any(person in label for label in labels)
        assert person not in page.text
