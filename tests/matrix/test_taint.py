"""A month with marked kinds of leave, amounts, bases and phones: no group, log, metric, error or trail has them.

What is said in passing (chatter) leaves no trace in any table or log.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.logs import _Json, _Text
from bot.message import Refused
from bot.sql import metadata
from bot.tables import trail
from bot.web import application
from tests.cast import Cast, opened_cast
from tests.matrix.world import (
    ACCOUNT,
    BASE,
    DUES,
    NAME,
    PHONE,
    SECRETS,
    last_promise,
    plant,
    promised,
    said_in,
    texts_of,
)

MONTH = (
    ("李四", "请假 生病住院了", "g1"),
    ("王芳(护理部)", "明天手术，去不了", "g1"),
    ("周敏", "/attendance nudge", "g1"),
    ("周敏", "/attendance list", "g1"),
    ("周敏", "/attendance", "g1"),
    ("周敏", "/attendance mark 李四 请假:病", "g1"),
    (ACCOUNT, f"党费已交 {DUES}", "g1"),
    ("李红", "/dues confirm", "g1"),
    ("李红", "/dues", "g1"),
    (ACCOUNT, "我的", "g1"),
    (ACCOUNT, "我的党费", "g1"),
    (ACCOUNT, "为什么", "g1"),
    ("周敏", f"/member find {NAME}", "g1"),
    ("周敏", "/todo ok 1 2 3", "g1"),
    ("李红", f"/dues set {NAME} 在职 abc", "g1"),
    ("李红", f"/dues set {NAME} 在职 9999999999999", "g1"),
    ("李红", f"/dues large {NAME} 5", "g1"),
    ("李红", f"/dues reverse 2026-1 {PHONE}", "g1"),
    ("周敏", "/attendance close", "g1"),
)
TOKENS = (*SECRETS, "116.6700", "11667", "777777")
CHATTER = (
    "隔壁老王家的猫丢了zq1",
    "今晚聚餐去不去火锅zq2",
    "[捂脸] 这天气真冷zq3",
    "孩子发烧38度5急死人zq4",
    "房贷利率又涨了zq5",
    "谁有退烧药zq6？",
)


class Lines(logging.Handler):
    """What the log would say, in both of its forms."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [_Json().format(record), _Text("%(message)s").format(record)]


@pytest.fixture
def log() -> Any:
    """All that is logged meanwhile, down to debug."""
    lines, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(lines)
    for name in ("", "bot", "handlers", "scheduler"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield lines.lines
    root.removeHandler(lines)
    root.setLevel(level)


async def metrics(cast: Cast) -> str:
    place = cast.place
    app = application(place.database, place.platforms, place.house, place.ready)
    async with TestServer(app) as server, ClientSession() as client:
        answers = [await client.get(server.make_url(path)) for path in ("/metrics", "/readyz", "/healthz", "/hook/x")]
        return "\n".join([await one.text() for one in answers])


async def test_a_month_tells_no_group_log_metric_or_trail(sqlite: str, tmp_path: Path, log: list[str]) -> None:
    async with opened_cast(sqlite, tmp_path, 'log_level = "debug"\n') as cast:
        await plant(cast)
        last = await last_promise(cast)
        for who, text, chat in MONTH:
            heard = texts_of(await cast.reply(who, text, chat))
            assert not any(one in heard for one in TOKENS), (who, text, heard)
        for day in ("2026-11-25 10:00", "2026-11-30 17:30", "2026-12-03 10:00", "2026-12-05 10:00", "2026-12-20 10:00"):
            await cast.until(day)
        rows = await promised(cast, last)
        groups = [said_in(row) for row in rows if not row.private]
        assert len(groups) > 3
        assert not any(one in text for text in groups for one in TOKENS), groups
        assert not any(one in row.error for row in rows for one in TOKENS)
        told = await metrics(cast)
        assert "zhibu_" in told
        assert not any(one in told for one in TOKENS)
        noted = [f"{row.actor} {row.action} {row.subject} {row.detail}" for row in await cast.rows(select(trail))]
        assert len(noted) > 20
        assert not any(one in text for text in noted for one in TOKENS)
        shown = repr(cast.place.config) + repr(cast.place.database) + repr(cast.place.database.keys)
        assert "always the same digits" not in shown
    assert log
    assert not [line for line in log if any(one in line for one in (*TOKENS, NAME))]


async def test_an_error_says_nothing_of_the_values_it_met(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path) as cast:
        await plant(cast)
        for text in (f"/dues set {NAME} 在职 {BASE}", f"/dues set {NAME} 固定 {BASE} 更正", "/dues confirm", "请假 病"):
            try:
                heard = await cast.says("李红", text, "g1")
            except Refused as refusal:
                heard = str(refusal)
            assert not any(one in heard for one in (BASE, DUES, PHONE)), (text, heard)


async def test_chatter_is_kept_nowhere(cast: Cast, log: list[str]) -> None:
    await cast.says("周敏", "/attendance open 主题党日 12月4日15:00 三楼")
    for chat in ("g1", "g9", ""):
        for text in CHATTER:
            heard = await cast.says("张三", text, chat)
            assert "zq" not in heard, (text, heard)
            await cast.says("nobody", text, chat)
    await cast.settle()
    for table in metadata.sorted_tables:
        for row in await cast.rows(select(table)):
            assert "zq" not in str(tuple(row)), (table.name, tuple(row))
    assert not [line for line in log if "zq" in line]
