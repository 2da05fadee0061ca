"""The console where the program is away for a moment: it says so, tries again by itself, and then shows what is."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Route, expect

from tests.pages.conftest import Desk
from tests.pages.test_browser import CHROMIUM, browser, visit
from tests.pages.test_roll_call import begin

__all__ = ["browser"]

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")

AWAY = "连不上程序，请看看它是否还在运行。"


async def test_a_page_that_missed_too_much_is_loaded_until_it_is_there(browser: Browser, desk: Desk) -> None:
    page = await visit(browser, desk, [])
    wires, states = [], []

    async def missed(route: Route) -> None:
        wires.append(route)
        if len(wires) == 1:
            await route.fulfill(content_type="text/event-stream", body="event: reset\ndata: {}\n\n")
        else:
            await route.continue_()

    async def away(route: Route) -> None:
        states.append(route)
        await (route.abort() if len(states) == 2 else route.continue_())

    await page.route("**/console/events*", missed)
    await page.route("**/console/state", away)
    await page.reload()
    await expect(page.locator("#status")).to_have_text(AWAY)
    await expect(page.locator("#status")).to_have_text("")
    await desk.say("lisi", "活动")
    await expect(page.locator(".msg.other .meta b")).to_have_text("李四")
    assert len(states) == 3


async def test_a_search_that_was_not_answered_says_so(browser: Browser, desk: Desk) -> None:
    page = await visit(browser, desk, [])
    await page.context.set_offline(True)
    await page.locator("#search").fill("李四")
    await expect(page.locator("#status")).to_have_text(AWAY)
    await page.context.set_offline(False)
    await page.locator("#search").fill("张三")
    await expect(page.locator(".person")).to_have_count(1)


async def test_who_left_the_branch_is_no_longer_listed(browser: Browser, desk: Desk) -> None:
    page = await visit(browser, desk, [])
    await expect(page.locator("[data-account=lisi]")).to_have_count(1)
    await desk.say("zhoumin", "/member leave 李四 转出", private=True)
    await page.locator("#text").fill("活动")
    await page.keyboard.press("Enter")
    await expect(page.locator(".msg.own")).to_have_count(1)
    await expect(page.locator("[data-account=lisi]")).to_have_count(0)


async def test_a_projector_s_page_asks_on_where_an_answer_never_came(browser: Browser, desk: Desk) -> None:
    await begin(desk)
    page = await browser.new_page()
    unanswered: list[Route] = []

    async def leave(route: Route) -> None:
        unanswered.append(route)

    await page.clock.install()
    await page.goto(str(desk.server.make_url("/screen")))
    await page.route("**/screen", leave)
    async with page.expect_event("requestfailed"):
        async with page.expect_request("**/screen"):
            await page.clock.run_for(3000)
        await page.clock.run_for(10_000)
    await page.unroute("**/screen")
    async with page.expect_response("**/screen"):
        await page.clock.run_for(3000)
    assert len(unanswered) == 1
