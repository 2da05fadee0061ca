"""What the desk shows of others' personal rows is noted, and they read it; what stands open to all is not."""

from __future__ import annotations

from sqlalchemy import select

from bot.db import Tx
from bot.sql import sql
from handlers.looks_tables import looks
from handlers.tables import members
from tests.pages.conftest import OPEN, Desk
from tests.pages.desk_room import sitting
from tests.pages.test_desk_acts import room
from tests.pages.test_links import asked, heard
from tests.pages.test_links import browser as client

__all__ = ["room"]

NOTED = sql(
    select(looks.c.what, members.c.name).outerjoin(members, members.c.id == looks.c.member_id).order_by(looks.c.id)
)


async def noted(desk: Desk) -> set[tuple[str, str | None]]:
    def work(tx: Tx) -> set[tuple[str, str | None]]:
        return {(row.what, row.name) for row in tx.all(NOTED)}

    return await desk.place.database.read(work)


async def test_the_desk_itself_shows_nothing_personal_to_who_does_not_collect(room: Desk) -> None:
    await room.say("zhoumin", OPEN)
    await room.say("lisi", "请假 值班")
    await heard(room, "lisi", "已交 109.82")
    async with sitting(room) as own:
        await own.text()
        await own.text("/silent/1")
        await own.text("/ledger/meetings")
    assert await noted(room) == set()


async def test_what_was_paid_is_looked_at_by_who_collects(room: Desk) -> None:
    await heard(room, "lisi", "已交 109.82")
    async with sitting(room, "lihong") as own:
        await own.text()
    assert await noted(room) == {("党费", "李四")}
    assert "李红看党费" in await heard(room, "lisi", "我的")
    async with client() as mine:
        page = await (await mine.post(await asked(room, "lisi"))).text()
    assert "谁看过我的记录" in page
    assert "2026-12-01 10:00 李红 党费" in page


async def test_names_of_those_who_owe_and_of_who_is_on_the_way_are_noted(room: Desk) -> None:
    for line in ("/develop add 欧阳静", "/develop step 欧阳静 1 2026-11-10"):
        await heard(room, "zhoumin", line)
    async with sitting(room) as own:
        await own.text("/due")
        assert await noted(room) == {("发展党员", "欧阳静")}
        await own.text("/dues")
    assert {("党费", "李四"), ("党费", "张三")} <= await noted(room)
    assert ("党费", "周敏") not in await noted(room)


async def test_a_printed_book_is_a_look_at_the_whole_branch(room: Desk) -> None:
    async with sitting(room) as own:
        await own.text("/ledger/study")
    assert await noted(room) == {("学时登记台账", None)}
    assert "周敏看学时登记台账" in await heard(room, "lisi", "我的")
