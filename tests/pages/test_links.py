"""Links open once, within ten minutes, one page, for one browser; all else hears one plain line."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from http.cookies import Morsel
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar
from sqlalchemy import update

from bot.db import Tx
from bot.sql import metadata, p, sql
from handlers import links
from handlers.pages_tables import page_links
from handlers.personal.holding import SECRET, tables
from handlers.personal.named import COLUMNS, TABLES, is_shown
from handlers.tables import members
from tests.pages.conftest import Desk, Made

LEAVE = sql(update(members).where(members.c.name == p("who")).values(left_at=p("at")))
TWIST = sql(update(page_links).values(member_id=p("member")))


def leaves(tx: Tx, name: str) -> None:
    tx.run(LEAVE, who=name, at=tx.at)


async def heard(desk: Desk, who: str, text: str) -> str:
    """What the bot says in private."""
    await desk.say(who, text, private=True)
    answer: str = (await desk.bubbles(who, private=True))[-1]["text"]
    return answer


async def asked(desk: Desk, who: str, text: str = "我的页面") -> str:
    """The address that the bot sends, without the host."""
    found = re.search(r"http://127\.0\.0\.1:8080(/open/\S+)", await heard(desk, who, text))
    assert found
    return str(desk.server.make_url("/"))[:-1] + found[1]


async def refused(response: ClientResponse, line: str) -> None:
    """A page of one line, and nothing else of ours."""
    assert response.status == 403
    text = await response.text()
    assert line in text
    assert re.findall(r'class="line"[^>]*>([^<]+)<', text) == [line]


async def at(desk: Desk, path: str) -> ClientResponse:
    return await desk.client.get(str(desk.server.make_url(path)))


def browser() -> ClientSession:
    """Another browser: it shares no cookie."""
    return ClientSession(cookie_jar=CookieJar(unsafe=True))


def cookie_of(response: ClientResponse) -> Morsel[str]:
    return response.cookies["zhibu_page"]


async def test_a_link_is_looked_at_by_many_and_opened_by_one(desk: Desk) -> None:
    link = await asked(desk, "lisi")
    async with browser() as own, browser() as other:
        for _ in range(2):
            assert "打开" in await (await own.get(link)).text()
        opened = await own.post(link, allow_redirects=False)
        assert (opened.status, opened.headers["Location"]) == (303, "/me")
        page = await own.get(desk.server.make_url("/me"))
        assert page.status == 200
        assert "李四" in await page.text()
        await refused(await other.get(link), links.USED)
        await refused(await other.post(link), links.USED)
        await refused(await other.get(desk.server.make_url("/me")), links.NOT_OPEN)


async def test_the_cookie_is_for_the_one_page_and_no_script(desk: Desk) -> None:
    response = await desk.client.post(await asked(desk, "lisi"), allow_redirects=False)
    cookie = cookie_of(response)
    assert (cookie["path"], cookie["samesite"], cookie["httponly"], cookie["secure"]) == ("/me", "Strict", True, "")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_behind_tls_the_cookie_never_goes_in_the_clear(made: Made) -> None:
    async with made('[web]\npublic_url = "https://zhibu.example.org/"') as desk:
        found = re.search(r"https://zhibu\.example\.org(/open/\S+)", await heard(desk, "lisi", "我的页面"))
        assert found
        response = await desk.client.post(desk.server.make_url(found[1]), allow_redirects=False)
        assert cookie_of(response)["secure"] is True


async def test_after_ten_minutes_a_link_is_over_and_after_half_an_hour_the_page(desk: Desk) -> None:
    late, link = await asked(desk, "lisi"), await asked(desk, "zhangsan")
    async with browser() as own:
        assert (await own.post(link)).status == 200
        desk.place.clock.ahead += timedelta(minutes=11)
        await refused(await own.get(late), links.EXPIRED)
        await refused(await own.post(late), links.EXPIRED)
        assert (await own.get(desk.server.make_url("/me"))).status == 200
        desk.place.clock.ahead += timedelta(minutes=20)
        await refused(await own.get(desk.server.make_url("/me")), links.NOT_OPEN)


async def test_a_new_link_shakes_off_whoever_opened_the_old_one(desk: Desk) -> None:
    first = await asked(desk, "lisi")
    async with browser() as other:
        assert (await other.post(first)).status == 200
        unused = await asked(desk, "lisi")
        await asked(desk, "lisi")
        await refused(await other.get(desk.server.make_url("/me")), links.NOT_OPEN)
        await refused(await other.post(unused), links.EXPIRED)


async def test_a_link_that_was_changed_is_none(desk: Desk) -> None:
    link = await asked(desk, "lisi")
    for wrong in (
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        link.rpartition(".")[0],
        link.replace("/open/", "/open/x"),
    ):
        await refused(await desk.client.get(wrong), links.WRONG)
        await refused(await desk.client.post(wrong), links.WRONG)
    await desk.place.database.write(lambda tx: tx.run(TWIST, member=1))
    await refused(await desk.client.post(link), links.WRONG)


async def test_who_has_left_sees_nothing_more(desk: Desk) -> None:
    link, waiting = await asked(desk, "lisi"), await asked(desk, "zhangsan")
    async with browser() as own:
        assert (await own.post(link)).status == 200
        for name in ("李四", "张三"):
            await desk.place.database.write(partial(leaves, name=name))
        await refused(await own.get(desk.server.make_url("/me")), links.NOT_YOURS)
        await refused(await own.post(waiting), links.NOT_YOURS)


async def test_no_foreign_page_opens_a_link(desk: Desk) -> None:
    link = await asked(desk, "lisi")
    response = await desk.client.post(link, headers={"Sec-Fetch-Site": "cross-site"})
    await refused(response, links.NOT_OPEN)
    assert (await desk.client.get(link)).status == 200


async def test_in_a_group_the_link_is_sent_aside(desk: Desk) -> None:
    await desk.say("lisi", "我的页面")
    await desk.post("/clock", {"minutes": 1})
    assert not any("/open/" in one["text"] for one in await desk.bubbles())
    assert "/open/" in (await desk.bubbles("lisi", private=True))[-1]["text"]


async def test_my_page_has_my_answers_and_all_rows_and_the_file(desk: Desk) -> None:
    await desk.say("zhoumin", "/attendance open 主题党日 明天15:00 <b>三楼</b>")
    await desk.say("lisi", "请假 值班")
    await desk.client.post(await asked(desk, "lisi"), allow_redirects=False)
    async with browser() as own:
        assert (await own.post(await asked(desk, "lisi"))).status == 200
        text = await (await own.get(desk.server.make_url("/me"))).text()
        assert "#1 主题党日 12月2日(周三)15:00：请假（待批）" in text
        assert "活动的回复（1）" in text
        assert "张三" not in text
        response = await own.get(desk.server.make_url("/me/file"))
        told: dict[str, Any] = await response.json()
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert told["person"] == "李四"
        assert told["rows"]["answers"][0]["reason"] == "duty"
        assert [row["purpose"] for row in told["rows"]["page_sessions"]] == ["me", "me"]
        assert "hash" not in told["rows"]["page_sessions"][0]


def test_every_table_and_column_on_a_person_has_a_name_that_people_read() -> None:
    named = (metadata.tables[name] for name in ("members", "outbox", "questions", "todos", "trail"))
    columns = {column.name for table in (*tables(), *named) for column in table.columns}
    assert {one for one in columns - SECRET if is_shown(one)} <= set(COLUMNS)
    assert {table.name for table in tables()} <= set(TABLES)
    assert set(TABLES) <= set(metadata.tables)


@pytest.mark.parametrize("path", ["/me", "/me/file"])
async def test_without_a_link_there_is_one_line(desk: Desk, path: str) -> None:
    await refused(await at(desk, path), links.NOT_OPEN)
