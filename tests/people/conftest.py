"""A real database file, and a small cast in two branches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine

import handlers.tables  # noqa: F401  both put their tables into the metadata
from bot import dispatch
from bot.commands import Who
from bot.db import Database, Tx
from bot.message import Ability, Incoming, Kind
from bot.sql import insert_row, metadata, sql
from bot.tables import groups
from handlers import desk, help, people
from handlers.people import Imported, import_members
from handlers.sheet import SheetRow, check
from tests.cast import KEYS

T = TypeVar("T")
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=ZONE)
OFFICE = Who("office")
PLATFORMS = {"企业微信账号": "wecom", "钉钉账号": "ding"}
BIND = insert_row(groups, "platform", "chat", "branch_id", "push_platform", "push_target", "bound_at")

CAST = """\
姓名,别名,支部,党小组,科室,党内职务,手机,企业微信账号,钉钉账号,党费类别,党费基数
赵书记,老赵,第一党支部,,院办,书记,13800000001,Zhao,,在职,8000.00
钱组织,,第一党支部,,人事科,组织委员,,qian,,在职,5000
孙宣传,,第一党支部,,宣传科,宣传委员,,sun,,,
李组长,,第一党支部,第一党小组,检验科,党小组长,,li,,,
张三,小张、三哥,第一党支部,第一党小组,检验科,,13800000002,,,,
王芳,,第一党支部,,检验科,,,,,,
王芳,,第一党支部,,护理部,,,,,,
周书记,,第二党支部,,卫生院,书记,,,zhou,,
吴九,,第二党支部,,卫生院,,,wu,wu9,,
"""


def sheet(text: str) -> list[SheetRow]:
    """The rows of a sheet typed with commas."""
    lines = [(number, line.split(",")) for number, line in enumerate(text.strip().splitlines(), 1)]
    return list(check(lines).rows)


class House:
    """The database with shorthands for tests."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW

    async def write(self, work: Callable[[Tx], T]) -> T:
        return await self.database.write(work)

    async def take(self, text: str, by: Who = OFFICE) -> Imported:
        return await self.write(lambda tx: import_members(tx, sheet(text), by, PLATFORMS))

    async def rows(self, query: str) -> list[Any]:
        def work(tx: Tx) -> list[Any]:
            tx._cursor.execute(query)
            return [tuple(row) for row in tx._cursor.fetchall()]

        return await self.write(work)

    async def opened(self, statement: Any) -> list[Any]:
        """The rows of a Core statement, their sealed columns opened."""
        prepared = sql(statement)
        return await self.write(lambda tx: [tuple(row) for row in tx.all(prepared)])

    async def bind(self, chat: str = "g1", branch: int = 1, platform: str = "wecom") -> None:
        values = {"push_platform": "", "push_target": "", "bound_at": 1}
        await self.write(lambda tx: tx.run(BIND, platform=platform, chat=chat, branch_id=branch, **values))


@asynccontextmanager
async def open_house(path: Path) -> AsyncIterator[House]:
    """An empty house with its tables, closed at the end."""
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    made: list[House] = []
    database = Database(f"sqlite:///{path}", ZONE, now=lambda: made[0].now, keys=KEYS)
    made.append(House(database))
    try:
        yield made[0]
    finally:
        await database.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "bot.db") as opened:
        yield opened


@pytest.fixture
async def cast(house: House) -> House:
    """第一党支部 (bound to g1) and 第二党支部 (bound to g2 on ding)."""
    await house.take(CAST)
    await house.bind("g1", 1)
    await house.bind("g2", 2, "ding")
    return house


ADMINS = frozenset({"wecom:boss"})
ABILITIES: dict[str, frozenset[Ability]] = {
    "wecom": frozenset({"answer"}),
    "ding": frozenset({"answer", "private"}),
    "ding-push": frozenset({"push", "mention"}),
}
EVERYTHING = dispatch.House(
    commands=(*people.COMMANDS, *desk.COMMANDS, *help.COMMANDS),
    words=(*people.WORDS, *help.WORDS),
    who=lambda tx, incoming: people.who(tx, incoming, ADMINS),
    names=people.names,
    abilities=ABILITIES,
    inline={"wecom": True},
    private_via={"ding": "ding"},
    coming=lambda _tx, _branch: [],
    at_once={},
)


class Chat:
    """People who speak, on wecom (answers come back) unless said otherwise."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.count = 0

    async def say(self, sender: str, text: str, chat: str = "g1", platform: str = "wecom", kind: Kind = "text") -> str:
        """The answer, "" for silence; `chat` "" is the private one."""
        self.count += 1
        incoming = Incoming(platform, f"m{self.count}", chat or sender, sender, text, private=not chat, kind=kind)
        reply = await self.house.write(lambda tx: dispatch.handle(tx, incoming, EVERYTHING))
        return reply.text if reply else ""


@pytest.fixture
async def chat(cast: House) -> Chat:
    return Chat(cast)
