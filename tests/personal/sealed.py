"""A house with one value at least in every sealed column, and how these lie in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from bot import sealing
from bot.db import connect
from bot.sql import insert_row, p, sql
from handlers.tables import branches, dues_bases, members
from tests.cast import Cast

PLACES = {
    *("answers.reason", "community_reports.community", "corrections.state", "dues_bases.base_fen", "exclusions.kind"),
    *("members.phone", "wishes.resident"),
    "outbox.reply",
}
OWN_KEY = 'secret_key = ""\n'
PHONE = sql(update(members).where(members.c.id == p("one")).values(phone=p("new")))
PHONES = sql(select(members.c.phone).order_by(members.c.id))
BASES = sql(select(dues_bases.c.base_fen).order_by(dues_bases.c.id))
BRANCH, MEMBER = insert_row(branches, "name"), insert_row(members, "name", "branch_id", "phone")


async def lived(cast: Cast) -> None:
    """One value at least in every sealed column."""
    for line in (
        ("周敏", "/attendance exclude 刘敏 长期病弱 上级 2026-11-01 大会 2026-11-10 从 2026-12-10", ""),
        ("周敏", "/attendance open 主题党日 12月4日15:00 三楼", "g1"),
        ("张三", "请假 病", "g1"),
        ("周敏", "/attendance close #1", "g1"),
        ("周敏", "/attendance correct #1 李四 请假:病 原因 漏记", ""),
        ("李红", "/dues set 张三 在职 4237.56 更正", ""),
        ("周敏", "/wish add 一副老花镜 居民代码A07", ""),
        ("张三", "/volunteer report 阳光社区 3月5日", ""),
    ):
        assert await cast.says(*line), line
    await cast.place.database.write(lambda tx: tx.run(PHONE, one=5, new="13912345678"))


def as_stored(url: str) -> dict[str, list[str]]:
    """Every value that isn't empty, by its place, as it lies in the database."""
    connection = connect(url)
    found = {}
    for column in sealing.columns():
        text = f"SELECT {column.name} FROM {column.table.name} WHERE {column.name} <> '' ORDER BY id"
        found[f"{column.table.name}.{column.name}"] = [row[0] for row in connection.execute(text).fetchall()]
    connection.close()
    return found


async def read(cast: Cast) -> list[Any]:
    """What the house reads of them."""
    return [await cast.rows(select(column).order_by(column.table.c.id)) for column in sealing.columns()]
