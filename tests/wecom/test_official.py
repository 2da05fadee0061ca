"""The twin against implementations that were not written here: Tencent's own packages from the registries.

They are installed once, beside the project, into the temporary directory; without node, or where a registry can't be
reached, the tests are skipped and say so.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.wecom_crypto import Lock
from tests.twins.wecom_socket import SocketTwin
from tests.wecom.conftest import KEY, TOKEN
from tests.wecom.line import BOT, SECRET
from tests.wecom.wire import Wire

HERE = Path(__file__).parent / "official"
NODE = ["@wecom/crypto@1.0.1", "@wecom/aibot-node-sdk@1.0.7"]
PYTHON = ["wecom-aibot-python-sdk==1.0.2", "pyee", "websockets", "certifi"]


def installed(name: str, *command: str, needed: str) -> Path:
    """The directory that the command filled, now or at an earlier run. Skips where it can't be."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    place = Path(tempfile.gettempdir()) / f"zhibu-{name}-{os.getuid()}"
    if not (place / needed).exists():
        fresh = Path(tempfile.mkdtemp(prefix=f"zhibu-{name}-"))
        done = subprocess.run([*command, str(fresh)], capture_output=True, timeout=90, check=False)
        if done.returncode or not (fresh / needed).exists():
            shutil.rmtree(fresh)
            pytest.skip(f"{name}: the registry can't be reached, or hasn't got them")
        try:
            fresh.rename(place)
        except OSError:  # another run was faster
            shutil.rmtree(fresh)
    return place


@pytest.fixture(scope="module")
def node() -> Path:
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    return installed("npm", "npm", "install", *quiet, *NODE, "--prefix", needed="node_modules/@wecom/aibot-node-sdk")


@pytest.fixture(scope="module")
def python() -> Path:
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check")
    return installed("pip", *pip, *PYTHON, "--target", needed="aibot/client.py")


class Robot:
    """A program that speaks to the twin, and tells in lines of JSON what became of it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def told(self) -> Any:
        assert self.process.stdout
        return json.loads(await asyncio.wait_for(self.process.stdout.readline(), 20))


@asynccontextmanager
async def running(*command: str, **environment: str) -> AsyncIterator[Robot]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env={**os.environ, **environment})
    try:
        yield Robot(process)
    finally:
        assert process.stdin
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()


async def test_the_official_node_sdk(node: Path) -> None:
    command = "node", str(HERE / "robot.cjs")
    async with SocketTwin({BOT: SECRET}) as twin:  # noqa: SIM117
        async with running(*command, twin.url, BOT, SECRET, NODE_PATH=str(node / "node_modules")) as robot:
            assert await robot.told() == "authenticated"
            await twin.say("u1", "你好")
            assert await robot.told() == "done"
            assert [said.text for said in twin.said] == ["正在…", "收到：@支部小助手 你好"]
            await twin.say("u1", "卡片")
            assert await robot.told() == "done"
            await twin.tap("u1", twin.said[-1].body["template_card"], "参加")
            assert await robot.told() == "done"
            assert [said.cmd for said in twin.said[-2:]] == ["aibot_respond_update_msg", "aibot_send_msg"]
            await twin.event("enter_chat", "u2")
            assert await robot.told() == "done"
            await twin.say("u1", "文件")
            assert await robot.told() == "done"
            assert list(twin.uploads.files.values()) == [("台账.xlsx", b"\x07" * 1_300_000)]
            await twin.until(lambda: twin.pings > 1)
            twin.errcodes.append(846605)
            await twin.say("u1", "你好")
            assert "error" in await robot.told()
            await twin.hang_up(BOT)
            assert "disconnected" in await robot.told()
            assert await robot.told() == "authenticated"  # it connects again
            await twin.kick(BOT)
            assert "disconnected" in await robot.told()
            await asyncio.sleep(0.1)
            assert len(twin.subscriptions) == 2  # kicked, it stays away


async def test_the_official_python_sdk(python: Path) -> None:
    command = sys.executable, str(HERE / "robot.py")
    async with SocketTwin({BOT: SECRET}) as twin:  # noqa: SIM117
        async with running(*command, twin.url, BOT, SECRET, PYTHONPATH=str(python)) as robot:
            assert await robot.told() == "authenticated"
            await twin.say("u1", "你好")
            assert await robot.told() == "done"
            assert [said.text for said in twin.said] == ["收到：@支部小助手 你好", "推送"]
            await twin.event("enter_chat", "u2")
            assert await robot.told() == "done"
            await twin.until(lambda: twin.pings > 1)


@pytest.mark.parametrize("receive_id", ["", "wwCORP"])
async def test_the_official_encryption(node: Path, receive_id: str) -> None:
    twin, lock = Wire(TOKEN, KEY, receive_id), Lock(TOKEN, KEY, receive_id)
    command = "node", str(HERE / "lock.cjs")
    async with running(*command, NODE_PATH=str(node / "node_modules")) as robot:
        assert robot.process.stdin
        for words in ("参加", "党" * 500, "🇨🇳 {}"):
            for sealed in (twin.lock(words.encode()), lock.encrypt(words.encode())):
                about = {"key": KEY, "token": TOKEN, "timestamp": "1700000000", "nonce": "n", "sealed": sealed}
                line = json.dumps({**about, "answer": words, "id": receive_id})
                robot.process.stdin.write(f"{line}\n".encode())
                told = await robot.told()
                assert (told["opened"]["message"], told["opened"]["id"]) == (words, receive_id)
                assert told["signature"] == twin.sign("1700000000", "n", sealed)
                lock.check(told["signed"], "1700000000", "n", told["sealed"])
                assert lock.decrypt(told["sealed"]) == twin.unlock(told["sealed"]) == words.encode()
