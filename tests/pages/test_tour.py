"""The tour in a real browser: seven steps by the keyboard alone, skipped or left in the midst and remembered."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.pages.conftest import Desk
from tests.pages.test_browser import CHROMIUM, browser, visit

__all__ = ["browser"]

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")

# What the latest words of the bot hold after each step, and in which chat.
HEARD = (
    ("g1", "应到 14 · 参加 0 · 请假 0 · 未回 14"),
    ("g1", "应到 14 · 参加 4 · 请假 0 · 未回 10"),
    ("g1", "应到 14 · 参加 4 · 请假 1 · 未回 9"),
    ("g1", "参加 4 · 请假 1 · 未回 9 · 实到 2"),
    ("zhoumin", "会议记录 #1 主题党日"),
    ("g1", "还没回复的同志请回复"),
    ("zhoumin", "出勤率 14.3%（2/14）"),
)


async def tour(browser: Browser, desk: Desk, faults: list[str]) -> Page:
    page = await visit(browser, desk, faults)
    await page.emulate_media(reduced_motion="reduce")
    await page.reload()
    await expect(page.locator("#tour")).to_be_visible()
    return page


async def test_seven_steps_by_the_keyboard(browser: Browser, desk: Desk) -> None:
    faults: list[str] = []
    page = await tour(browser, desk, faults)
    await page.locator("#tour-do").focus()
    for step, (chat, words) in enumerate(HEARD, 1):
        await expect(page.locator("#tour-where")).to_have_text(f"导览 {step} / 7")
        await page.keyboard.press("Enter")
        await expect(page.locator("#tour-next")).to_be_focused()
        await expect(page.locator("#tour-do")).to_be_hidden()
        assert words in (await desk.bubbles(chat, private=chat != "g1"))[-1]["text"]
        await expect(page.locator(".msg.bot").last).to_contain_text(words)
        await page.keyboard.press("Enter")
        if step < len(HEARD):
            await expect(page.locator("#tour-title")).to_be_focused()
            await page.keyboard.press("Tab")
    await expect(page.locator("#tour")).to_be_hidden()
    await expect(page.locator("#tour-open")).to_be_focused()
    assert faults == []


async def test_nobody_hears_in_the_group_why_somebody_is_on_leave(browser: Browser, desk: Desk) -> None:
    page = await tour(browser, desk, [])
    for _ in HEARD:
        await page.locator("#tour-do").click()
        await page.locator("#tour-next").click()
    told = [one["text"] for one in await desk.bubbles() if one["sender"] == ""]
    assert len(told) >= len(HEARD)
    assert not any("值班" in text or "夜班" in text for text in told)


async def test_where_one_left_is_remembered_and_a_skipped_tour_stays_away(browser: Browser, desk: Desk) -> None:
    page = await tour(browser, desk, [])
    await page.locator("#tour-do").click()
    await page.locator("#tour-next").click()
    await page.reload()
    await expect(page.locator("#tour-where")).to_have_text("导览 2 / 7")
    await page.locator("#tour-do").click()
    await expect(page.locator(".msg.bot").last).to_contain_text("参加 4")
    await page.get_by_role("button", name="跳过导览").click()
    await page.reload()
    await page.locator(".chip").first.wait_for()
    await expect(page.locator("#tour")).to_be_hidden()
    await page.get_by_role("button", name="导览").click()
    await expect(page.locator("#tour-where")).to_have_text("导览 1 / 7")


async def test_whoever_is_being_looked_for_the_tour_has_its_people(browser: Browser, desk: Desk) -> None:
    faults: list[str] = []
    page = await tour(browser, desk, faults)
    await page.locator("#search").fill("李四")
    await expect(page.locator(".person")).to_have_count(1)
    await page.locator("#tour-do").click()
    await expect(page.locator(".card").last).to_contain_text("应到 14")
    await page.locator("#tour-next").click()
    await expect(page.locator("#tour-text")).to_contain_text("不用学口令")
    await expect(page.locator("#tour-do")).to_be_visible()
    await page.locator("#tour-do").click()
    await expect(page.locator(".msg.bot").last).to_contain_text("参加 4")
    await expect(page.locator(".person")).to_have_count(1)
    await page.locator("#search").fill("没有这个人")
    await expect(page.locator("#list")).to_contain_text("没有找到")
    await page.locator("#tour-next").click()
    await expect(page.locator("#tour-text")).to_contain_text("要值夜班")
    assert faults == []


async def test_what_goes_wrong_in_a_step_is_said_and_can_be_done_again(browser: Browser, desk: Desk) -> None:
    page = await tour(browser, desk, [])
    await page.context.set_offline(True)
    await page.locator("#tour-do").click()
    await expect(page.locator("#status")).to_have_text("连不上程序，请看看它是否还在运行。")
    await page.context.set_offline(False)
    await page.locator("#tour-do").click()
    await expect(page.locator(".card").last).to_contain_text("应到 14")
