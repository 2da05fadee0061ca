"""The cast on a stage that remembers all that a group could read, and looks through it after every dialog."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.db import Tx
from bot.message import Reply
from bot.sql import metadata, sql
from tests.cast import Cast, opened_cast

# What no group may read: the kind and the story of a leave, amounts, and the names of those who owe.
TAINTED = re.compile(r"值班|出差|公务|培训|病|家里|家事|孩子|发烧|休假|\d+\.\d\d|\d元|\d 元|未交：|未核定：")
MAY_SAY = ("帮助", "/help", "/帮助")  # examples stand there, of nobody
ALL = {table.name: sql(select(table)) for table in metadata.sorted_tables if table.name != "seen"}


class Stage(Cast):
    """The cast, with every answer that was heard in a group."""

    def __init__(self, place: Any) -> None:
        super().__init__(place)
        self.heard: list[tuple[str, Reply]] = []

    async def reply(self, name: str, text: str, chat: str = "g1", kind: Any = "text") -> Reply | None:
        reply = await super().reply(name, text, chat, kind)
        if reply is not None and chat and not text.startswith(MAY_SAY):
            self.heard.append((f"{name}: {text}", reply))
        return reply

    async def books(self) -> dict[str, list[str]]:
        """Every row of every table but `seen`."""

        def work(tx: Tx) -> dict[str, list[str]]:
            return {name: sorted(str(tuple(row)) for row in tx.all(query)) for name, query in ALL.items()}

        return await self.place.database.read(work)

    async def refused(self, lines: list[tuple[str, str, str]], chat: str = "g1") -> None:
        """Plays a dialog of which every line is answered and none leaves anything behind."""
        before = await self.books()
        for line in lines:
            await self.dialog([line], chat)
            assert await self.books() == before, f"{line} changed something"

    def in_groups(self) -> list[tuple[str, str]]:
        """(what led to it, all that a group could read of it)."""
        said = [(cause, json.dumps(asdict(reply), ensure_ascii=False)) for cause, reply in self.heard]
        pushed = [bubble for bubble in self.place.console.bubbles if bubble.pushed and not bubble.private]
        return said + [("push", json.dumps(asdict(bubble), ensure_ascii=False)) for bubble in pushed]


@pytest.fixture
async def cast(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage on each engine; nothing tainted may have been heard in a group by the end of any dialog."""
    async with opened_cast(database_url, tmp_path) as made:
        stage = Stage(made.place)
        yield stage
        for cause, text in stage.in_groups():
            assert not TAINTED.search(text), f"a group heard of {cause}: {text}"
