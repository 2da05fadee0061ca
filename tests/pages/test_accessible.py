"""Every page of the house: nothing serious for axe-core by day and by night, no sideways scroll on a telephone.

A new page adds one line to PAGES: its name, and how a browser comes to it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.pages.conftest import Desk
from tests.pages.test_browser import CHROMIUM, PHONE, browser
from tests.pages.test_links import asked
from tests.pages.test_roll_call import asked_for_screen, begin

__all__ = ["browser"]

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")

Opens = Callable[[Desk, Page], Awaitable[None]]
DESKTOP: ViewportSize = {"width": 1280, "height": 800}


def at(path: str) -> Opens:
    """A page that anybody may open."""

    async def open_it(desk: Desk, page: Page) -> None:
        await page.goto(str(desk.server.make_url(path)))

    return open_it


def linked(who: str, text: str, after: str = "") -> Opens:
    """The page behind the link that the bot sends for a text, and from there the page `after`."""

    async def open_it(desk: Desk, page: Page) -> None:
        await page.goto(await asked(desk, who, text))
        await page.get_by_role("button", name="打开").click()
        await page.wait_for_url(lambda url: "/open/" not in url)
        if after:
            await page.goto(str(desk.server.make_url(after)))

    return open_it


async def unopened(desk: Desk, page: Page) -> None:
    await page.goto(await asked(desk, "lisi"))


async def console(desk: Desk, page: Page) -> None:
    await page.goto(desk.url())
    await page.locator(".chip").first.wait_for()


async def console_in_use(desk: Desk, page: Page) -> None:
    """Its tour on the way, a message looked into, the moment to go to asked for."""
    await console(desk, page)
    await page.locator("#tour-do").click()
    await expect(page.locator("#tour-next")).to_be_focused()
    await page.locator(".behind").last.click()
    await expect(page.locator("#rows h3")).to_be_visible()
    await page.locator("#goto summary").click()


async def roll_call(desk: Desk, page: Page) -> None:
    await page.goto(await asked_for_screen(desk, page))


PAGES: dict[str, Opens] = {
    "console": console,
    "console in use": console_in_use,
    "link": unopened,
    "refusal": at("/me"),
    "mine": linked("lisi", "我的页面"),
    "screen": at("/screen"),
    "roll-call": roll_call,
    "print": linked("zhoumin", "/attendance export"),
    "sheet": linked("zhoumin", "/attendance export", "/print/1/sheet"),
    "record": linked("zhoumin", "/attendance export", "/print/1/record"),
    "desk": linked("zhoumin", "/desk"),
    "silent": linked("zhoumin", "/desk", "/desk/silent/1"),
    "owing": linked("lihong", "/desk", "/desk/dues"),
    "ledgers": linked("zhoumin", "/desk", "/desk/ledger"),
    "ledger": linked("zhoumin", "/desk", "/desk/ledger/attendance"),
    "overview": linked("admin", "/report dashboard"),
    "overview branch": linked("zhoumin", "/report dashboard"),
    "overview figures": linked("admin", "/report dashboard", "/dashboard/figures"),
    "overview figure": linked("admin", "/report dashboard", "/dashboard/figure?name=主题党日&year=2026"),
    "overview charts": linked("admin", "/report dashboard", "/dashboard/charts"),
    "overview messages": linked("admin", "/report dashboard", "/dashboard/messages"),
    "overview files": linked("admin", "/report dashboard", "/dashboard/files"),
}
NEVER_ON_A_PHONE = ("sheet", "record")  # on paper
LOOKS: tuple[tuple[Literal["light", "dark"], ViewportSize], ...] = (("light", DESKTOP), ("dark", PHONE))


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_can_be_used_by_everybody(browser: Browser, desk: Desk, name: str) -> None:
    await begin(desk)
    await desk.say("lisi", "参加")
    await desk.say("zhangsan", "请假 值班")
    faults: list[str] = []
    page = await browser.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    await PAGES[name](desk, page)
    for scheme, size in LOOKS:
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size(DESKTOP if name in NEVER_ON_A_PHONE else size)
        assert await findings(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert [fault for fault in faults if "status of 403" not in fault or name != "refusal"] == []


async def findings(page: Page) -> list[str]:
    """What axe-core takes for serious or critical, a line each."""
    found = (await Axe().run(page)).response["violations"]
    return [told(one) for one in found if one["impact"] in ("serious", "critical")]


def told(violation: dict[str, Any]) -> str:
    """A finding in one line."""
    return f"{violation['id']}: {violation['help']} {[node['html'][:200] for node in violation['nodes'][:3]]}"


async def test_what_is_bad_is_found(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content('<html lang="zh-CN"><title>一</title><h1>一</h1><input><p style="color:#ccc">看不清的字</p>')
    assert {one.partition(":")[0] for one in await findings(page)} == {"label", "color-contrast"}
