"""What shall run for ever and stops is in the log at that moment, not at the end of the process."""

from __future__ import annotations

import asyncio

import pytest

from bot.cli.serve import watched


async def _bug() -> None:
    raise ValueError("a bug")


async def _gone() -> None:
    return None


async def test_a_listener_that_dies_is_logged_at_once(caplog: pytest.LogCaptureFixture) -> None:
    tasks = [watched("wecom", _bug()), watched("ding", _gone())]
    await asyncio.wait(tasks)
    await asyncio.sleep(0)
    assert [record.getMessage() for record in caplog.records] == [
        "wecom has stopped; restart the bot",
        "ding has stopped; restart the bot",
    ]
    assert "ValueError: a bug" in caplog.text


async def test_a_stop_that_was_asked_for_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    task = watched("wecom", asyncio.sleep(3600))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert caplog.records == []
