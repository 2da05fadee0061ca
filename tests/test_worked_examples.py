"""The worked examples of CONTRIBUTING are taken out of the document, put in their place and seen to work.

A new command, reminder and figure are each one function and one line of a table; a new platform is one class.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.dispatch import handle
from bot.message import BadSignature, Incoming, Knock, NotOurs, Promise, Reply, Undeliverable, Wire
from bot.platforms.console import NAME
from handlers import COMMANDS
from handlers.figures import CATALOGUE
from scheduler import jobs
from tests.cast import ACCOUNTS, START, Cast
from tests.test_docs import HOME, blocks


@pytest.fixture
def worked() -> dict[str, Any]:
    """All names that the Python blocks of CONTRIBUTING define."""
    names: dict[str, Any] = {"__name__": "worked"}
    for block in blocks(HOME / "CONTRIBUTING.md", "python"):
        exec(compile(block, "CONTRIBUTING.md", "exec", dont_inherit=True), names)
    return names


async def test_the_worked_command_works(one_cast: Cast, worked: dict[str, Any]) -> None:
    house = replace(one_cast.place.house, commands=(*COMMANDS, *worked["COMMANDS"]))
    incoming = Incoming(NAME, "worked", "g1", ACCOUNTS["周敏"], "/size")
    reply = await one_cast.place.database.write(partial(handle, incoming=incoming, house=house))
    assert reply == Reply("第一党支部 党员 14 人")


async def test_the_worked_reminder_is_said_once(
    one_cast: Cast, worked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "JOBS", (worked["STUDY"],))
    monkeypatch.setattr(jobs, "TABLE", {"study_notice": worked["STUDY"]})
    await one_cast.until("2026-12-10 08:59")
    assert one_cast.pushed() == []
    for _ in range(3):
        await one_cast.pass_time(minutes=30)
    assert [bubble.text for bubble in one_cast.pushed()] == ["本月学习材料请登记。"]


async def test_the_worked_figure_is_counted_and_shows_its_rows(
    one_cast: Cast, worked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue: Any = CATALOGUE
    monkeypatch.setitem(catalogue, "志愿岗位", worked["FIGURE"])
    await one_cast.says("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 10人")
    await one_cast.says("周敏", "/volunteer open 清雪 12月7日9:00-11:00 社区 6人")
    await one_cast.says("周敏", "/volunteer open 巡诊 12月8日9:00-11:00 社区 5人")
    await one_cast.says("周敏", "/volunteer cancel #3")
    heard = await one_cast.says("周敏", "/report why 志愿岗位 12月", "")
    assert "没有数" in heard or "还没到" in heard
    await one_cast.until("2026-12-09 10:00")
    heard = await one_cast.says("周敏", "/report why 志愿岗位 12月", "")
    assert heard.startswith("志愿岗位 16个（第一党支部 2026年12月）")
    assert "义诊" in heard
    assert "清雪" in heard
    assert "巡诊" not in heard
    assert "志愿岗位 0个" in await one_cast.says("郑晓燕", "/report why 志愿岗位 12月", "")


async def test_the_worked_platform_hears_and_answers(worked: dict[str, Any]) -> None:
    def knock(body: str, token: str) -> Knock:
        return Knock("POST", {}, {"x-token": token}, body.encode(), START)

    echo = worked["Echo"]("echo", worked["EchoSettings"](kind="echo", token="t"), None)
    heard = echo.receive(knock('{"id": "1", "group": "g", "sender": "a", "text": "参加"}', "t"))
    assert heard == Incoming("echo", "1", "g", "a", "参加")
    assert echo.answer(heard, Reply("好")) == Wire(body="好".encode(), content_type="text/plain")
    with pytest.raises(BadSignature):
        echo.receive(knock("{}", "other"))
    with pytest.raises(NotOurs):
        echo.receive(knock("{}", "t"))
    with pytest.raises(Undeliverable):
        await echo.send(Promise("k", "g", Reply("好")))
