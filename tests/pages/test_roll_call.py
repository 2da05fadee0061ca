"""The roll-call on the projector: how it gets there, what it shows live, and what it costs."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from aiohttp.web import StreamResponse
from playwright.async_api import Browser, Page, expect

from bot.db import Tx
from bot.pages import board, rollcall
from bot.pages.board import Boards
from handlers import links
from handlers.activities import found
from handlers.attendance import screen
from handlers.attendance.code import code_now
from tests.pages.conftest import OPEN, Desk, Made
from tests.pages.test_browser import CHROMIUM, PHONE, browser
from tests.pages.test_links import asked, heard, refused
from tests.pages.test_links import browser as client

__all__ = ["browser"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "LOOK_SECONDS", 0.02)


async def begin(desk: Desk, how: str = "on code") -> None:
    await desk.say("zhoumin", OPEN)
    await desk.say("zhoumin", f"/attendance checkin {how}")


async def digits(desk: Desk, number: int = 1) -> str:
    def work(tx: Tx) -> str:
        return code_now(tx, found(tx, 1, number), desk.place.house.key).digits

    return await desk.place.database.read(work)


async def paired(desk: Desk, own: ClientSession, line: str = "/attendance screen {code}") -> str:
    """What the secretary hears once she has typed the code that a browser shows."""
    text = await (await own.get(desk.server.make_url("/screen"))).text()
    code = re.search(r'id="code">(\d{4})<', text)
    assert code
    return await heard(desk, "zhoumin", line.format(code=code[1]))


async def state(events: ClientResponse, **wanted: Any) -> dict[str, Any]:
    """The first state of a stream in which all that is wanted stands."""
    async with asyncio.timeout(5):
        while True:
            line = (await events.content.readline()).decode()
            if line.startswith("data: "):
                told: dict[str, Any] = json.loads(line.removeprefix("data: "))
                if wanted.items() <= told.items():
                    return told


async def test_the_projector_shows_a_code_and_then_the_meeting(desk: Desk) -> None:
    await begin(desk)
    async with client() as projector, client() as stranger:
        assert "已接上 #1 主题党日" in await paired(desk, projector)
        shown = await projector.get(desk.server.make_url("/screen"))
        assert shown.url.path == "/roll-call/1"
        text = await shown.text()
        assert await digits(desk) in text
        assert "三楼会议室" in text
        await refused(await stranger.get(desk.server.make_url("/roll-call/1")), links.NOT_OPEN)
        await refused(await stranger.get(desk.server.make_url("/roll-call/1/events")), links.NOT_OPEN)


async def test_names_appear_as_members_check_in_and_the_end_ends_it(desk: Desk) -> None:
    await begin(desk)
    await desk.say("zhangsan", "请假 值班")
    async with client() as projector:
        await paired(desk, projector)
        await projector.get(desk.server.make_url("/screen"))
        async with await projector.get(desk.server.make_url("/roll-call/1/events")) as events:
            first = await state(events)
            assert (first["due"], first["present"], first["leave"], first["names"]) == (14, 0, 1, [])
            for who in ("lisi", "liumin"):
                await desk.say(who, f"签到 {await digits(desk)}")
            assert (await state(events, present=2))["names"] == ["刘敏", "李四"]
            await desk.say("zhoumin", "/attendance checkin off")
            assert (await state(events, says="签到还没开始，或已结束"))["digits"] == ""
            await desk.say("zhoumin", "/attendance close #1")
            assert (await state(events, over=True))["says"] == "登记已结束"
            assert await asyncio.wait_for(events.content.read(), 5) == b"\n"


async def test_the_digits_change_with_the_clock(desk: Desk) -> None:
    await begin(desk)
    async with client() as projector:
        await paired(desk, projector)
        await projector.get(desk.server.make_url("/screen"))
        desk.place.clock.ahead += timedelta(seconds=30)
        async with await projector.get(desk.server.make_url("/roll-call/1/events")) as events:
            told = await state(events)
        assert 0 < told["seconds"] <= 30
        assert told["digits"] == await digits(desk)


async def test_counts_only_where_the_house_wants_no_names(made: Made) -> None:
    async with made("[web]\nroll_call_names = false") as desk:
        await begin(desk, "on")
        await desk.say("lisi", "签到")
        async with client() as projector:
            await paired(desk, projector)
            text = await (await projector.get(desk.server.make_url("/screen"))).text()
            assert '<td id="present">1</td>' in text
            assert "李四" not in text
            assert "请回复：签到<" in text


async def test_the_link_on_the_telephone_opens_it_too(desk: Desk) -> None:
    await begin(desk)
    link = await asked(desk, "zhoumin", "/attendance screen")
    async with client() as phone:
        shown = await phone.post(link)
        assert (shown.status, shown.url.path) == (200, "/roll-call/1")


async def test_another_branch_stays_out(desk: Desk) -> None:
    await begin(desk)
    await desk.say("zhengxiaoyan", OPEN, "g2")
    async with client() as projector, client() as plain:
        await paired(desk, projector)
        opened = await projector.get(desk.server.make_url("/screen"))
        assert opened.url.path == "/roll-call/1"
        cookie = next(one.value for one in projector.cookie_jar if one.key == "zhibu_page")
        theirs = await plain.get(desk.server.make_url("/roll-call/2"), headers={"Cookie": f"zhibu_page={cookie}"})
        await refused(theirs, links.NOT_YOURS)


async def test_a_code_that_no_screen_shows_connects_nothing(desk: Desk) -> None:
    await begin(desk)
    async with client() as projector:
        url = desk.server.make_url("/screen")
        first = await (await projector.get(url)).text()
        assert await (await projector.get(url)).text() == first
        assert "没有屏幕在显示" in await heard(desk, "zhoumin", "/attendance screen 0000 #1") or "0000" in first
        desk.place.clock.ahead += timedelta(minutes=6)
        again = await paired(desk, projector, "/attendance screen #1 {code}")
        assert "已接上" in again
    await desk.say("zhoumin", "/attendance close #1")
    assert "已经结束" in await heard(desk, "zhoumin", "/attendance screen 1234 #1")


async def test_more_screens_than_rooms_are_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "MOST_WAITING", 1)
    async with client() as first, client() as second:
        assert (await first.get(desk.server.make_url("/screen"))).status == 200
        assert "太多" in await (await second.get(desk.server.make_url("/screen"))).text()


async def test_many_screens_read_a_meeting_once_per_change(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "LOOK_SECONDS", 3600)
    await begin(desk, "on")
    boards = Boards(desk.place)
    async with AsyncExitStack() as stack:
        seats = [await stack.enter_async_context(boards.seat(1)) for _ in range(200)]
        assert (boards.reads, boards.screens) == (1, 200)
        await desk.say("lisi", "签到")
        await desk.say("zhangsan", "签到")
        await boards.look()
        assert boards.reads == 2
        assert {one.shown.present for one in seats} == {2}
        await boards.look()
        await desk.say("lisi", "中午食堂见")
        await boards.look()
        assert boards.reads == 2
    assert boards.screens == 0
    boards.close()


async def test_too_many_screens_are_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollcall, "MOST_SCREENS", 0)
    await begin(desk)
    async with client() as projector:
        await paired(desk, projector)
        await projector.get(desk.server.make_url("/screen"))
        assert (await projector.get(desk.server.make_url("/roll-call/1/events"))).status == 503


# In a real browser


async def visit(browser: Browser, faults: list[str], width: int, height: int) -> Page:
    page = await browser.new_page(viewport={"width": width, "height": height})
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return page


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
async def test_three_members_on_the_projector(browser: Browser, desk: Desk) -> None:
    await begin(desk)
    faults: list[str] = []
    page = await visit(browser, faults, 1024, 768)
    await page.goto(str(desk.server.make_url("/screen")))
    code = await page.locator("#code").inner_text()
    await heard(desk, "zhoumin", f"/attendance screen {code}")
    await page.wait_for_url("**/roll-call/1")
    await expect(page.locator("#digits")).to_have_text(await digits(desk))
    for who in ("lisi", "liumin", "zhangsan"):
        await desk.say(who, f"签到 {await digits(desk)}")
    await expect(page.locator("#present")).to_have_text("3")
    assert await page.locator("#names span").all_inner_texts() == ["张三", "刘敏", "李四"]
    assert await page.evaluate("document.documentElement.scrollHeight") <= 768
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1024
    await desk.say("zhoumin", "/attendance close #1")
    await expect(page.locator("#says")).to_have_text("登记已结束")
    assert faults == []


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
async def test_a_screen_that_lost_its_wire_comes_back_by_itself(
    browser: Browser, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollcall, "RETRY_MILLISECONDS", 50)
    await begin(desk, "on")
    page = await visit(browser, [], 1024, 768)
    await page.goto(await asked_for_screen(desk, page))
    await expect(page.locator("#present")).to_have_text("0")
    lost: list[str] = []

    async def cut(_response: StreamResponse, text: str) -> None:
        lost.append(text)
        raise ConnectionError

    with monkeypatch.context() as wire:
        wire.setattr(rollcall, "write", cut)
        await desk.say("lisi", "签到")
        await expect(page.locator("#link")).to_have_text("正在重新连接……")
        await desk.say("zhangsan", "签到")
    assert lost
    await expect(page.locator("#present")).to_have_text("2")
    await expect(page.locator("#link")).to_have_text("")


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
async def test_a_browser_without_scripts_shows_it_too(browser: Browser, desk: Desk) -> None:
    await begin(desk)
    context = await browser.new_context(java_script_enabled=False, viewport={"width": 1024, "height": 768})
    page = await context.new_page()
    await page.goto(await asked_for_screen(desk, page))
    await expect(page.locator("#digits")).to_have_text(await digits(desk))
    assert 'http-equiv="refresh"' in await page.content()
    await context.close()


async def asked_for_screen(desk: Desk, page: Page) -> str:
    """Connects a projector by its code; the address of the roll-call."""
    await page.goto(str(desk.server.make_url("/screen")))
    code = await page.locator("#code").inner_text()
    await heard(desk, "zhoumin", f"/attendance screen {code}")
    return str(desk.server.make_url("/screen"))


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
async def test_my_page_on_a_telephone_by_the_keyboard(browser: Browser, desk: Desk) -> None:
    await desk.say("zhoumin", OPEN)
    await desk.say("lisi", "参加")
    faults: list[str] = []
    page = await visit(browser, faults, PHONE["width"], PHONE["height"])
    await page.goto(await asked(desk, "lisi"))
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="打开")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/me")
    await expect(page.locator("h1")).to_have_text("李四")
    await page.locator("summary", has_text="活动的回复").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("details[open] td").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    async with page.expect_download() as download:
        await page.get_by_role("link", name="下载全部").click()
    assert (await download.value).suggested_filename == "李四-我的全部记录.json"
    assert faults == []
