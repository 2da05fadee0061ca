"""The open port over a raw socket: whatever is written to it, the answer is 4xx, never a bug, and the house goes on."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from bot import web as door
from bot.cli.place import opened
from bot.pages import console
from bot.pages import site as pages
from bot.web import application
from tests.cast import configure
from tests.core.post import KEY, TOKEN

PLATFORMS = (
    f'[platforms.wecom]\nkind="wecom"\ntoken="{TOKEN}"\nencoding_aes_key="{KEY}"\n'
    '[platforms.ding]\nkind="dingtalk"\napp_key="key"\napp_secret="secret"\n'
)
HOSTILE = (
    b"GET /me HTTP/1.1\r\nHost: x\r\nCookie: zhibu_page=\x80\xff\r\n\r\n",
    b"GET /console HTTP/1.1\r\nHost: localhost\r\nCookie: zhibu_console=\x80\r\n\r\n",
    b"GET /console?token=%80%ED%A0%80 HTTP/1.1\r\nHost: bot.example.org\r\n\r\n",
    b"GET /console HTTP/1.1\r\nHost: [::1\r\n\r\n",
    b"GET /open/%80.%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /open/" + b"a" * 100 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /open/" + "９".encode() * 30 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /roll-call/999999999 HTTP/1.1\r\nHost: x\r\nCookie: zhibu_page=a\r\n\r\n",
    "GET /roll-call/٣ HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    b"GET /page/../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /page/%2e%2e/%2e%2e/config.toml HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /hook/wecom HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /hook/wecom HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /hook/wecom?msg_signature=%80&timestamp=%80&nonce=%80 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /hook/ding HTTP/1.1\r\nHost: x\r\ntimestamp: \x80\r\nsign: \xff\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /hook/ding HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /hook/wecom HTTP/1.1\r\nHost: x\r\nContent-Encoding: deflate\r\nContent-Length: 5\r\n\r\nhello",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)
UNFINISHED = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\r\n\r\n\r\n",
    b"GET /",
    b"POST /hook/wecom HTTP/1.1\r\n",
)


@pytest.fixture
async def port(sqlite: str, tmp_path: Path) -> AsyncIterator[int]:
    """A house as `serve` puts it on a port, with the console behind a token."""
    web = '[web]\nconsole = true\nconsole_token = "long and secret"\npublic_url = "https://bot.example.org"\n'
    async with opened(configure(sqlite, tmp_path, web + PLATFORMS)) as place:
        app = application(place.database, place.platforms, place.house, place.ready)
        pages.add_to(app, place)
        console.add_to(app, place)
        async with TestServer(app) as server:
            assert server.port
            yield server.port


async def heard(port: int, data: bytes, *, end: bool = False) -> bytes:
    """The first line of the answer to raw bytes, b"" where the connection is just closed; with `end` hung up behind."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    if end:
        writer.write_eof()
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(10):
            line = await reader.readline()
            writer.close()
            return line
    return b""


async def test_whatever_is_written_to_the_port_is_refused(port: int, caplog: pytest.LogCaptureFixture) -> None:
    for data in HOSTILE:
        line = await heard(port, data)
        assert line.startswith(b"HTTP/1."), (data[:80], line)
        assert line.split()[1].startswith(b"4"), (data[:80], line)
    for data in UNFINISHED:
        assert not (await heard(port, data, end=True)).startswith(b"HTTP/1.1 2")
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []
    assert (await heard(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")).startswith(b"HTTP/1.1 200")


async def test_what_unpacks_to_more_than_it_may_is_too_large(port: int) -> None:
    packed = gzip.compress(bytes(50_000_000))
    assert len(packed) < 64 * 1024
    head = f"POST /hook/wecom HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    assert (await heard(port, head.encode() + packed)).split()[1] in (b"400", b"413")


async def test_a_body_that_does_not_come_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BODY_SECONDS", 0.05)
    head = b"POST /hook/wecom HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
    assert (await heard(port, head)).startswith(b"HTTP/1.1 408")
