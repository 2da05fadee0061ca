"""The rows behind the pages on both engines: who comes second is refused, whichever replica he comes through."""

from __future__ import annotations

import asyncio
import re
from functools import partial

import pytest
from sqlalchemy import select

from bot.db import Tx
from bot.message import Refused
from bot.trail import newest
from handlers import links
from handlers.attendance.screen import changed, new_screen, roll_call
from handlers.pages_tables import page_links, page_screens, page_sessions
from handlers.personal.page import my_page
from tests.cast import Cast

DAY = 86_400_000_000


async def token(cast: Cast, name: str, text: str = "我的页面") -> str:
    found = re.search(r"/open/(\S+)", await cast.says(name, text, ""))
    assert found
    return found[1]


async def test_of_two_who_open_a_link_at_once_one_is_let_in(cast: Cast) -> None:
    given, key, write = await token(cast, "张三"), cast.place.house.key, cast.place.database.write
    both = [write(partial(links.redeem, key=key, token=given, secret=secret)) for secret in ("one", "two")]
    first, second = await asyncio.gather(*both, return_exceptions=True)
    assert isinstance(first, links.Pass)
    assert isinstance(second, Refused)
    assert second.text == links.USED
    seen = await cast.place.database.read(partial(links.admitted, secret="one", purpose="me"))
    assert seen == first
    with pytest.raises(Refused, match=links.NOT_OPEN):
        await cast.place.database.read(partial(links.admitted, secret="two", purpose="me"))
    with pytest.raises(Refused, match=links.NOT_YOURS):
        await cast.place.database.read(partial(links.admitted, secret="one", purpose="print", activity=1))


async def test_a_screen_is_connected_once_and_sees_what_is_recorded(cast: Cast) -> None:
    await cast.says("周敏", "/attendance open 主题党日 12月4日15:00 三楼")
    code = await cast.place.database.write(partial(new_screen, secret="projector"))
    await cast.dialog(
        [
            ("张三", f"/attendance screen {code}", "书记"),
            ("周敏", f"/attendance screen {code}", "已接上 #1"),
            ("周敏", f"/attendance screen {code}", "没有屏幕在显示"),
        ],
        chat="",
    )
    seen = partial(links.admitted, secret="projector", purpose="roll-call", activity=1)
    assert (await cast.place.database.read(seen)).branch == 1
    mark = await cast.place.database.read(newest)
    await cast.says("张三", "参加")
    assert (await cast.place.database.read(partial(changed, after=mark)))[0] == {1}
    await cast.says("周敏", "/attendance mark 张三 李四 到")
    shown = await cast.place.database.read(partial(roll_call, activity=1))
    assert (shown.present, set(shown.names)) == (2, {"张三", "李四"})
    await cast.pass_time(minutes=6)
    await cast.place.database.write(partial(new_screen, secret="another"))
    assert len(await cast.rows(select(page_screens.c.id))) == 1


async def test_my_page_reads_on_both_engines_and_the_links_are_let_go_of(cast: Cast) -> None:
    await cast.says("周敏", "/attendance open 主题党日 12月4日15:00 三楼")
    await cast.says("张三", "请假 值班")
    await token(cast, "张三")
    rules = cast.place.config.registers
    mine = await cast.place.database.read(partial(my_page, member=5, rules=rules))
    assert (mine.name, mine.meetings) == ("张三", ["#1 主题党日 12月4日(周五)15:00：请假（待批）"])
    assert "page_links" in mine.held.rows

    def go(tx: Tx) -> None:
        links.let_go_of(tx, tx.at + DAY)

    await cast.place.database.write(go)
    assert not [*await cast.rows(select(page_links.c.id)), *await cast.rows(select(page_sessions.c.id))]
