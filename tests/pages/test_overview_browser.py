"""总览 in a real browser: down to the rows by keyboard, on a telephone, without a script."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.figures.conftest import filled
from tests.pages.house import House, running
from tests.pages.test_browser import CHROMIUM, PHONE, browser

__all__ = ["browser", "filled"]

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")

TABS = ("规定动作", "数字", "逐月", "消息", "导出")
PAGES = ("", "/figures", "/figure?name=主题党日", "/charts", "/messages", "/files", "?branch=5")


@pytest.fixture
async def house(filled: Path, tmp_path: Path) -> AsyncIterator[House]:
    """The generated year of 20 branches."""
    shutil.copy(filled, tmp_path / "house.db")
    async with running(f"sqlite:///{tmp_path / 'house.db'}", tmp_path) as one:
        yield one


async def visit(house: House, browser: Browser, faults: list[str], **context: Any) -> Page:
    """A page that has opened its link; what the browser complains about goes to `faults`."""
    page = await (await browser.new_context(**context)).new_page()
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(await house.link())
    await page.get_by_role("button", name="打开").click()
    await expect(page.locator("h1")).to_have_text("总览 某县卫生健康局")
    return page


async def tab_to(page: Page, name: str) -> None:
    """Presses Tab until something of that name has the focus."""
    for _ in range(150):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"Tab never comes to {name}")


async def test_down_to_the_rows_by_keyboard(browser: Browser, house: House) -> None:
    faults: list[str] = []
    page = await visit(house, browser, faults)
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await tab_to(page, "数字")
    await page.keyboard.press("Enter")
    await expect(page.locator("[aria-current=page]").first).to_have_text("数字")
    await tab_to(page, "会议和学习")
    await tab_to(page, "主题党日")
    await page.keyboard.press("Enter")
    await expect(page.locator("h2")).to_have_text("主题党日")
    await expect(page.locator("ol.rows li").first).to_contain_text("主题党日")
    await page.select_option("select[name=part]", label="全年")
    await page.locator("select[name=part]").press("Tab")
    await page.get_by_role("button", name="查看").press("Enter")
    await expect(page.locator("h2")).to_have_text("主题党日")
    await expect(page.locator("figure svg")).to_be_visible()
    await tab_to(page, "下一页")
    await page.keyboard.press("Enter")
    await expect(page.locator("ol.rows")).to_have_attribute("start", "51")
    assert faults == []


async def test_a_branch_and_a_day_are_chosen_and_kept_from_tab_to_tab(browser: Browser, house: House) -> None:
    faults: list[str] = []
    page = await visit(house, browser, faults)
    await page.get_by_role("link", name="第5党支部").click()
    await expect(page.locator("h1")).to_have_text("总览 第5党支部")
    await page.locator("input[name=day]").fill("2026-10-20")
    await page.get_by_role("button", name="查看").click()
    for name in TABS[1:]:
        await page.get_by_role("link", name=name, exact=True).click()
        await expect(page.locator("h1")).to_have_text("总览 第5党支部")
        await expect(page.locator("input[name=day]")).to_have_value("2026-10-20")
        await expect(page.locator("main")).to_contain_text("截至 2026-10-20，按 2026-10-20 当天所知")
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="规定动作（csv）").click()
    assert (await coming.value).suggested_filename == "第5党支部2026Q4规定动作.csv"
    assert faults == []


async def test_on_a_telephone_nothing_is_wider_than_the_screen(browser: Browser, house: House) -> None:
    faults: list[str] = []
    page = await visit(house, browser, faults, viewport=PHONE)
    start = page.url.rsplit("/dashboard", 1)[0]
    for path in PAGES:
        await page.goto(f"{start}/dashboard{path}{'&' if '?' in path else '?'}year=2026")
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        for tab in TABS:
            box = (
                await page.get_by_role("navigation", name="总览")
                .get_by_role("link", name=tab, exact=True)
                .bounding_box()
            )
            assert box is not None
            assert box["height"] >= 36
    assert faults == []


async def test_without_a_script_all_of_it_works(browser: Browser, house: House) -> None:
    faults: list[str] = []
    page = await visit(house, browser, faults, java_script_enabled=False)
    await page.select_option("select[name=branch]", label="第3党支部")
    await page.get_by_role("button", name="查看").click()
    await expect(page.locator("h1")).to_have_text("总览 第3党支部")
    await page.get_by_role("link", name="逐月", exact=True).click()
    await expect(page.get_by_role("img", name="出勤率").first).to_be_visible()
    await expect(page.locator("table").first).to_contain_text("2026年")
    assert faults == []
