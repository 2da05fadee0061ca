"""`check` and `check --online` on DingTalk sections: one line per problem, with the key and the fix, and no secret."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from bot.cli.check import problems
from tests.cast import configure
from tests.twins.dingtalk import DingTalkTwin

SECRET = "geheim"


def section(base: str, more: str = "", mode: str = "http") -> str:
    keys = f'mode="{mode}"\napp_key="key"\napp_secret="{SECRET}"\napi_base="{base}"\noapi_base="{base}"\n'
    return f'[web]\npublic_url="https://bot.example.org"\n[platforms.ding]\nkind="dingtalk"\n{keys}{more}'


@pytest.mark.parametrize("mode", ["http", "stream"])
async def test_what_is_right_is_nothing(sqlite: str, tmp_path: Path, mode: str) -> None:
    async with DingTalkTwin("", "key", SECRET) as twin:
        config = configure(sqlite, tmp_path, section(twin.base, mode=mode))
        assert await problems(config, online=False) == [], "who only checks opens no connection"
        assert await problems(config, online=True) == []
        assert not twin.gateway.channels


@pytest.mark.parametrize("mode", ["http", "stream"])
async def test_wrong_credentials(sqlite: str, tmp_path: Path, mode: str) -> None:
    async with DingTalkTwin("", "key", "other") as twin:
        found = await problems(configure(sqlite, tmp_path, section(twin.base, mode=mode)), online=True)
    assert len(found) == 1
    assert found[0].startswith("platforms.ding: app_key or app_secret is wrong: copy both from the app's page")
    assert SECRET not in found[0]


async def test_a_robot_that_is_not_in_stream_mode(sqlite: str, tmp_path: Path) -> None:
    async with DingTalkTwin("", "key", SECRET) as twin:
        twin.fail_next("gateway", status=400, code="invalidParameter")
        found = await problems(configure(sqlite, tmp_path, section(twin.base, mode="stream")), online=True)
    assert found == [
        "platforms.ding: the robot is not in Stream mode, or not published: "
        "choose Stream 模式 in 机器人配置 and publish a version (HTTP 400)"
    ]


async def test_nobody_there(sqlite: str, tmp_path: Path) -> None:
    found = await problems(configure(sqlite, tmp_path, section("http://127.0.0.1:9")), online=True)
    assert found == [
        "platforms.ding: http://127.0.0.1:9 can't be reached (no connection (ConnectError)): "
        "check the network, the proxy and api_base"
    ]


async def test_cards_by_http_need_their_route_and_secret(sqlite: str, tmp_path: Path) -> None:
    template = 'card_template_id="t.schema"\n'
    found = await problems(configure(sqlite, tmp_path, section("http://127.0.0.1:9", template)), online=False)
    assert [line.partition(":")[0] for line in found] == ["platforms.ding.card_route_key", "platforms.ding.card_secret"]
    whole = f'{template}card_route_key="r"\ncard_secret="s"\n'
    assert await problems(configure(sqlite, tmp_path, section("http://127.0.0.1:9", whole)), online=False) == []
    stream = section("http://127.0.0.1:9", template, mode="stream")
    assert await problems(configure(sqlite, tmp_path, stream), online=False) == []


async def test_the_call_itself_names_the_key(sqlite: str, tmp_path: Path) -> None:
    path, more = tmp_path / "config.toml", 'monthly_messages = "many"\nmonthly_api_calls = -1\ncard_rout_key = "x"\n'
    path.write_text(
        f'[bot]\ndatabase = "{sqlite}"\ndata_dir = "{tmp_path}"\n{section("http://127.0.0.1:9", more)}', "utf-8"
    )
    call = (sys.executable, "-m", "bot", "check", "--config", str(path))
    done = await asyncio.create_subprocess_exec(*call, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    out, err = await done.communicate()
    assert (done.returncode, out) == (1, b"")
    assert {line.partition(":")[0] for line in err.decode().splitlines()} == {
        "platforms.ding.monthly_messages",
        "platforms.ding.monthly_api_calls",
        "platforms.ding.card_rout_key",
    }
