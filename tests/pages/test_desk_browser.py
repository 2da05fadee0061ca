"""The desk in a real browser: a thumb on a phone, a keyboard alone, a page that was made before somebody decided."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from bot.pages import desk_live
from tests.pages.conftest import OPEN, Desk
from tests.pages.test_browser import CHROMIUM, PHONE, browser
from tests.pages.test_links import asked
from tests.pages.test_roll_call import visit

__all__ = ["browser"]

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")


async def busy(desk: Desk) -> None:
    """A branch with something in every section."""
    for who, text in (
        ("zhoumin", OPEN),
        ("lisi", "请假 值班"),
        ("zhangsan", "请假"),
        ("liumin", "参加"),
        ("zhoumin", "/project add 社区义诊点 负责人 张三 期限 12月20日"),
    ):
        await desk.say(who, text)
    await desk.say("lisi", "已交 109.82", private=True)


async def at_desk(browser: Browser, desk: Desk, faults: list[str], who: str = "zhoumin") -> Page:
    """Somebody on a phone, who has opened his link."""
    page = await visit(browser, faults, PHONE["width"], PHONE["height"])
    await page.goto(await asked(desk, who, "/desk"))
    await page.get_by_role("button", name="打开").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("第一党支部 2026年12月工作台")
    return page


async def test_leave_is_decided_on_a_phone(browser: Browser, desk: Desk) -> None:
    await busy(desk)
    faults: list[str] = []
    page = await at_desk(browser, desk, faults)
    waiting = page.locator("#waiting")
    await expect(waiting.locator(".count")).to_have_text("2")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await waiting.get_by_role("button", name="同意：请假：李四").click()
    await expect(page.locator("#said")).to_contain_text("已批：请假：李四")
    await expect(waiting.locator(".count")).to_have_text("1")
    await waiting.locator("summary", has_text="不同意").click()
    await waiting.get_by_label("原因（可不写）").fill("党日要到")
    await waiting.get_by_role("button", name="不同意：请假：张三").click()
    await expect(page.locator("#said")).to_contain_text("未批：请假：张三")
    await expect(waiting).to_contain_text("没有等您确认的事。")
    assert faults == []


async def test_those_who_are_silent_are_picked_and_entered(browser: Browser, desk: Desk) -> None:
    await busy(desk)
    faults: list[str] = []
    page = await at_desk(browser, desk, faults)
    await page.get_by_role("link", name="全部 11 项：未回").click()
    await page.wait_for_url("**/desk/silent/1")
    for name in ("何静", "陈建国"):
        await page.get_by_label(name).check()
    await page.get_by_label("登记为").select_option("公假")
    await page.get_by_role("button", name="登记选中的").click()
    await expect(page.locator("#said")).to_contain_text("已登记 2 人：公假")
    await expect(page.locator(".count")).to_have_text("9")
    assert page.url.endswith("/desk/silent/1?page=1#said")
    await page.get_by_role("link", name="回到工作台").click()
    await expect(page.locator("#silent-1 .note").first).to_have_text("应到 14 · 参加 1 · 请假 4 · 未回 9")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults == []


async def test_the_keyboard_is_enough(browser: Browser, desk: Desk) -> None:
    await busy(desk)
    faults: list[str] = []
    page = await at_desk(browser, desk, faults)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
    await page.locator("#waiting input[type=checkbox]").first.focus()
    await page.keyboard.press("Space")
    for _ in range(3):
        await page.keyboard.press("Tab")
    await expect(page.locator("#waiting input[type=checkbox]").nth(1)).to_be_focused()
    await page.keyboard.press("Space")
    bulk = page.get_by_role("button", name="同意选中的")
    for _ in range(3):
        await page.keyboard.press("Tab")
    await expect(bulk).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#said")).to_contain_text("已批：请假：李四")
    await expect(page.locator("#said")).to_contain_text("已批：请假：张三")
    await expect(page.locator("#said")).to_be_focused()
    assert faults == []


async def test_a_page_that_is_old_says_so_and_a_second_decision_is_told(
    browser: Browser, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_live, "LOOK_SECONDS", 0.05)
    await busy(desk)
    faults: list[str] = []
    page, other = await at_desk(browser, desk, faults), await at_desk(browser, desk, faults, "lihong")
    await expect(page.locator("#news")).to_be_hidden()
    await other.get_by_role("button", name="同意：请假：李四").click()
    await expect(other.locator("#said")).to_contain_text("已批")
    await expect(page.locator("#news")).to_be_visible()
    await page.get_by_role("button", name="同意：请假：李四").click()
    await expect(page.get_by_role("alert")).to_have_text("没有办成：待办 1 已由李红处理（同意）。")
    await expect(page.locator("#news")).to_be_hidden()
    assert faults == []


async def test_without_scripts_everything_can_be_done(browser: Browser, desk: Desk) -> None:
    await busy(desk)
    context = await browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 780})
    page = await context.new_page()
    await page.goto(await asked(desk, "zhoumin", "/desk"))
    await page.get_by_role("button", name="打开").click()
    await page.get_by_role("button", name="同意：请假：李四").click()
    await expect(page.locator("#said")).to_contain_text("已批：请假：李四")
    await page.locator("#reminders summary", has_text="加一条").click()
    await page.locator("#reminders [name=when]").last.fill("2026-12-03T09:00")
    await page.locator("#reminders [name=words]").fill("请带党费证")
    await page.get_by_role("button", name="加一条：接下来的提醒").click()
    await expect(page.locator("#said")).to_contain_text("12月3日(周四)09:00 在 1 个群里提醒：请带党费证")


async def test_the_ledger_prints_on_a4(browser: Browser, desk: Desk) -> None:
    await busy(desk)
    faults: list[str] = []
    page = await at_desk(browser, desk, faults)
    await page.get_by_role("link", name="打印台账").click()
    await expect(page.get_by_role("link", name="实事登记")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await page.get_by_role("link", name="实事登记").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("第一党支部 2026年实事登记台账")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert (await page.pdf(prefer_css_page_size=True)).startswith(b"%PDF")
    await page.emulate_media(media="print")
    await expect(page.get_by_role("link")).to_be_hidden()
    assert faults == []
