"""The clock on the page: to a moment, to the 5th, a month in a minute that can be stopped."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from tests.pages.conftest import OPEN, TODAY, Desk
from tests.pages.test_browser import CHROMIUM, browser, visit

__all__ = ["browser"]

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")

DAY_MILLISECONDS = 2000


def near(desk: Desk, moment: str) -> bool:
    return timedelta() <= desk.place.clock() - datetime.fromisoformat(f"{moment}+08:00") < timedelta(minutes=1)


async def test_to_the_fifth_and_to_a_moment(browser: Browser, desk: Desk) -> None:
    faults: list[str] = []
    page = await visit(browser, desk, faults)
    await page.locator("#goto summary").click()
    await page.get_by_role("button", name="5 日 9:00").click()
    await expect(page.locator("#now")).to_contain_text("12月5日 周六 09:00")
    assert near(desk, "2026-12-05T09:00")
    await page.get_by_label("拨到什么时候").fill("2026-12-08T18:30")
    await page.keyboard.press("Enter")
    await expect(page.locator("#now")).to_contain_text("12月8日 周二 18:30")
    assert near(desk, "2026-12-08T18:30")
    await page.keyboard.press("Escape")
    await expect(page.locator("#goto-form")).to_be_hidden()
    assert faults == []


async def still(page: Page, desk: Desk) -> None:
    """The page, in a browser whose own time goes on only where a test says so."""
    await page.clock.install(time=TODAY)
    await page.clock.pause_at(TODAY + timedelta(seconds=1))
    await page.goto(desk.url())
    await page.locator(".chip").first.wait_for()


async def play(page: Page, days: int) -> None:
    """Plays so many days, without waiting for them."""
    await page.get_by_role("button", name="放一个月").click()
    for day in range(1, days + 1):
        await expect(page.locator("#status")).to_contain_text(f"第 {day} 天" if day < 30 else "放完了")
        if day < days:
            await page.clock.run_for(DAY_MILLISECONDS)


async def test_a_month_is_played_in_a_minute(browser: Browser, desk: Desk) -> None:
    await desk.say("zhoumin", OPEN)
    faults: list[str] = []
    page = await browser.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    await still(page, desk)
    began = desk.place.clock()
    await play(page, 30)
    said = sum(one["pushed"] for one in (await desk.state())["bubbles"])
    await expect(page.locator("#status")).to_have_text(f"放完了：过了 30 天，推送了 {said} 条。")
    assert timedelta(days=30) <= desk.place.clock() - began < timedelta(days=30, minutes=5)
    texts = [one["text"] for one in await desk.bubbles() if one["pushed"]]
    assert any("主题党日" in text for text in texts) and any("党费" in text for text in texts)
    assert not any("补发" in text for text in texts)
    await expect(page.get_by_role("button", name="放一个月")).to_be_visible()
    assert faults == []


@pytest.mark.parametrize("way", ["button", "Escape"])
async def test_it_stops_when_it_is_told_to(browser: Browser, desk: Desk, way: str) -> None:
    page = await browser.new_page()
    await still(page, desk)
    began = desk.place.clock()
    await play(page, 2)
    if way == "button":
        await page.get_by_role("button", name="停", exact=True).click()
    else:
        await page.keyboard.press("Escape")
    await expect(page.locator("#status")).to_contain_text("停了：过了 2 天")
    await expect(page.get_by_role("button", name="下一天")).to_be_enabled()
    assert desk.place.clock() - began < timedelta(days=2, minutes=5)


async def test_a_waiting_window_ends_while_the_clock_is_moved(browser: Browser, desk: Desk) -> None:
    await desk.say("zhoumin", "/volunteer open 义诊 12月8日9:00-11:00 人民广场 1人")
    for who in ("wangfang", "hejing", "mazhiyuan"):
        await desk.say(who, "报名")
    await desk.say("wangfang", "退出")
    page = await visit(browser, desk, [])
    for name, button in (("何静", "+1 小时"), ("马志远", "下一天")):
        await page.get_by_role("button", name=button).click()
        await expect(page.locator(".msg.bot").last).to_contain_text(name)
