"""Who answers with another address is not followed: neither a session's answer nor a platform's leads anywhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.message import Trouble
from bot.platforms import dingtalk_wire, wecom_api
from bot.platforms.client import Client
from bot.platforms.origin import same_origin

BASE = "https://oapi.dingtalk.com"


@dataclass
class Trap:
    """A server that sends whoever asks to another one, which counts who came."""

    address: str
    came: list[str] = field(default_factory=list)


@pytest.fixture(params=[301, 302, 307, 308])
async def trap(request: pytest.FixtureRequest) -> AsyncIterator[Trap]:
    made = Trap("")

    async def inner(asked: web.Request) -> web.Response:
        made.came.append(asked.path)
        return web.json_response({"errcode": 0})

    inside = web.Application()
    inside.router.add_route("*", "/{path:.*}", inner)
    async with TestServer(inside) as hidden:

        async def away(_asked: web.Request) -> web.Response:
            return web.Response(status=request.param, headers={"Location": str(hidden.make_url("/secret"))})

        outside = web.Application()
        outside.router.add_route("*", "/{path:.*}", away)
        async with TestServer(outside) as server:
            made.address = str(server.make_url("/answer"))
            yield made


async def test_nobody_is_sent_on(trap: Trap) -> None:
    line: Client
    for line in (wecom_api.Line(), dingtalk_wire.Line()):
        try:
            found = await line.ask("POST", trap.address, content=b"{}")
            assert found.status_code in (301, 302, 307, 308)
        except Trouble:
            raise AssertionError("an answer is an answer") from None
        finally:
            await line.close()
    assert trap.came == []


@pytest.mark.parametrize(
    "url",
    [
        "https://oapi.dingtalk.com.evil.example/x",
        "https://oapi.dingtalk.com@127.0.0.1/x",
        "https://127.0.0.1#@oapi.dingtalk.com/x",
        "https://oapi.dingtalk.com:443@evil.example/",
        "https://oapi%2edingtalk.com/x",
        "https://oapi.dingtalk.com%00.evil.example/x",
        "https://oapi.dingtalk.com。evil.example/x",
        "https://ｏapi.dingtalk.com/x",
        "https://xn--api-8ya.dingtalk.com/x",
        "https://oapi.dingtalk.com./x",
        "https://0x7f000001/x",
        "https:/oapi.dingtalk.com/x",
        "https:oapi.dingtalk.com/x",
        "HTTPS://oapi.dingtalk.com:8443/x",
        "file:///etc/passwd",
        "gopher://oapi.dingtalk.com/x",
        "https://oapi.dingtalk.com\t.evil.example/x",
    ],
)
def test_no_other_host_is_taken_for_ours(url: str) -> None:
    assert not same_origin(url, BASE)
