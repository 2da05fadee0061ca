"""The console plays any member: a foreign page, a foreign machine and a proxy must not reach it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import make_mocked_request

from bot.pages.console import HERE
from bot.pages.guard import Closed, Guard
from tests.pages.conftest import Desk, Made, config

HELLO = {"as": "lisi", "chat": "g1", "text": "活动"}


async def test_the_page_carries_a_strict_policy_and_no_inline_script(desk: Desk) -> None:
    response = await desk.get()
    text = await response.text()
    policy = response.headers["Content-Security-Policy"]
    assert response.status == 200
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert " style=" not in text
    assert " onclick=" not in text
    assert text.count("<script") == text.count('<script type="module" src="/console/static/')


async def test_names_in_the_configuration_are_never_markup(made: Made) -> None:
    async with made("organisation = \"<b onclick='x'>局</b>\"") as desk:
        assert "&lt;b onclick=" in await (await desk.get()).text()


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (HERE / "static").iterdir() if path.suffix in (".js", ".css", ".svg"))
)
async def test_what_the_page_needs_is_served_from_here(desk: Desk, name: str) -> None:
    response = await desk.get(f"/static/{name}")
    assert response.status == 200
    assert "http://" not in (await response.text()).replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("path", ["", "/state", "/events", "/people", "/rows/1", "/static/console.js"])
@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example:8080"}, {"Host": "127.0.0.1.evil.example"}, {"X-Forwarded-For": "9.9.9.9"}, {"Host": "["}],
)
async def test_foreign_names_and_proxies_are_refused(desk: Desk, path: str, headers: dict[str, str]) -> None:
    response = await desk.get(path, headers=headers)
    assert response.status in (400, 403)


async def test_localhost_is_this_machine_too(desk: Desk) -> None:
    assert (await desk.get("/state", headers={"Host": f"localhost:{desk.server.port}"})).status == 200
    assert (await desk.get("/state", headers={"Host": "[::1]:8080"})).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
@pytest.mark.parametrize("path", ["/say", "/tap", "/clock"])
async def test_a_foreign_page_cannot_post(desk: Desk, path: str, headers: dict[str, str], status: int) -> None:
    before = desk.place.clock.ahead
    response = await desk.post(path, HELLO | {"minutes": 60}, **headers)
    assert response.status == status
    assert (await response.json())["error"]
    assert desk.place.clock.ahead == before
    assert not desk.place.console.bubbles


async def test_our_own_page_can(desk: Desk) -> None:
    own = str(desk.server.make_url("/")).rstrip("/")
    response = await desk.post("/say", HELLO, Origin=own, **{"Sec-Fetch-Site": "same-origin"})
    assert response.status == 200


async def test_another_port_of_this_machine_is_foreign(desk: Desk) -> None:
    assert (await desk.post("/say", HELLO, Origin="http://127.0.0.1:1")).status == 403


async def test_with_a_token_the_first_visit_leaves_a_cookie(made: Made) -> None:
    async with made('[web]\nconsole_token = "let-me-in"') as desk:
        assert (await desk.get()).status == 401
        assert (await desk.get("?token=wrong")).status == 401
        assert (await desk.post("/say", HELLO)).status == 401
        response = await desk.get("?token=let-me-in")
        cookie = response.headers["Set-Cookie"]
        assert response.status == 200
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "let-me-in" not in cookie
        value = cookie.partition(";")[0]
        async with ClientSession() as other:
            assert (await other.get(desk.url("/state"), headers={"Cookie": value})).status == 200
            assert (await other.get(desk.url("/state"), headers={"Cookie": f"{value}0"})).status == 401


def request_from(remote: str, host: str, query: str = "") -> Any:
    transport = Mock()
    transport.get_extra_info = lambda name, default=None: (remote, 1) if name == "peername" else default
    return make_mocked_request("GET", f"/console{query}", headers={"Host": host}, transport=transport)


def test_another_machine_needs_the_token_and_the_public_name(tmp_path: Path) -> None:
    public = 'public_url = "https://bot.example:8443"'
    closed, open_ = (
        Guard(config(tmp_path, f"[web]\n{public}")),
        Guard(config(tmp_path, f'[web]\n{public}\nconsole_token = "t0ken"')),
    )
    for remote, host in (("10.0.0.7", "127.0.0.1"), ("10.0.0.7", "bot.example"), ("127.0.0.1", "bot.example:8443")):
        with pytest.raises(Closed):
            closed.check(request_from(remote, host, "?token=t0ken"))
    open_.check(request_from("10.0.0.7", "bot.example:8443", "?token=t0ken"))
    with pytest.raises(Closed):
        open_.check(request_from("10.0.0.7", "other.example", "?token=t0ken"))
    closed.check(request_from("::ffff:127.0.0.1", "127.0.0.1:8080"))
