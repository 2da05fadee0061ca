"""The page in a real browser: a meeting is opened, answered by tap and by text, and read on a telephone."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect
from sqlalchemy import update

from bot.sql import p, sql
from handlers.tables import members
from tests.pages.conftest import OPEN, Desk, Made

CHROMIUM = shutil.which("chromium") or ""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE: ViewportSize = {"width": 390, "height": 780}
PATIENCE = 20_000  # milliseconds, for a machine that has other work too
RENAME = sql(update(members).where(members.c.name == p("old")).values(name=p("new_name")))

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def visit(browser: Browser, desk: Desk, faults: list[str], width: int = 1280, height: int = 800) -> Page:
    """The page, ready to be used; what the browser complains about goes to `faults`."""
    page = await browser.new_page(viewport={"width": width, "height": height})
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(desk.url())
    await page.locator(".chip").first.wait_for()
    return page


async def play(page: Page, account: str) -> None:
    await page.locator(f".person[data-account={account}]").click()


async def chip(page: Page, label: str) -> None:
    await page.locator(".chip", has_text=label).click()


async def test_a_meeting_is_played_through(browser: Browser, desk: Desk) -> None:
    faults: list[str] = []
    page = await visit(browser, desk, faults)
    card = page.locator(".card").last

    await play(page, "zhoumin")
    await chip(page, "开主题党日")
    await page.keyboard.press("Enter")
    await expect(card).to_contain_text("应到 14 · 参加 0 · 请假 0 · 未回 14")

    await play(page, "lisi")
    await card.get_by_role("button", name="参加").click()
    await expect(card).to_contain_text("应到 14 · 参加 1 · 请假 0 · 未回 13")
    assert await page.locator(".card").count() == 1

    await play(page, "zhangsan")
    await page.locator("#text").fill("请假 值班")
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator(".msg.bot .said").last).to_contain_text("应到 14 · 参加 1 · 请假 1 · 未回 12")
    await expect(page.locator(".msg.own .said")).to_have_text("@支部小助手 请假 值班")

    await page.get_by_role("button", name="到下一个提醒").click()
    await expect(page.locator(".badge", has_text="定时推送").first).to_be_visible()
    assert faults == []


async def test_a_message_that_is_tapped_shows_its_rows(browser: Browser, desk: Desk) -> None:
    faults: list[str] = []
    page = await visit(browser, desk, faults)
    await desk.say("zhoumin", OPEN)
    rows = page.locator("#rows")
    await expect(rows).to_contain_text("活动 activities 1 行")
    await desk.say("lisi", "参加")
    await expect(rows).to_contain_text("活动的回复 answers 1 行")
    await expect(rows).to_contain_text("党员 李四")
    await page.locator(".msg .bubble").first.click()
    await expect(rows).to_contain_text("最后编号 0 → 1")
    await desk.say("zhangsan", "参加")
    await expect(page.locator(".msg")).to_have_count(6)
    await expect(rows).to_contain_text("最后编号 0 → 1")
    await page.get_by_role("button", name="回到最新一条").click()
    await expect(rows).to_contain_text("党员 张三")
    await page.get_by_role("button", name="李四").first.focus()
    await page.locator(".behind").first.focus()
    await page.keyboard.press("Enter")
    await expect(rows).to_contain_text("最后编号 0 → 1")
    assert faults == []


async def test_a_name_with_markup_is_a_name(browser: Browser, desk: Desk) -> None:
    name = "<img src=x onerror=alert(1)>"
    await desk.place.database.write(lambda tx: tx.run(RENAME, old="李四", new_name=name))
    faults: list[str] = []
    page = await visit(browser, desk, faults)
    await expect(page.locator(".person[data-account=lisi] b")).to_have_text(name)
    await play(page, "lisi")
    await page.locator("#text").fill("活动")
    await page.keyboard.press("Enter")
    await expect(page.locator(".msg.own .meta b")).to_have_text(name)
    await expect(page.locator("#rows h3")).to_have_text(name)
    assert await page.locator("#list img, #log img, #rows img").count() == 0
    assert faults == []


async def test_names_and_words_with_markup_stay_words(browser: Browser, desk: Desk) -> None:
    faults: list[str] = []
    page = await visit(browser, desk, faults)
    text = "<img src=x onerror=\"document.title='owned'\"> <b>粗</b>"
    await page.locator("#text").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator(".msg.own .said")).to_have_text(f"@支部小助手 {text}")
    assert await page.locator("#log img, #log .said b").count() == 0
    assert await page.title() == "支部小助手 · 试用台"
    assert faults == []


async def test_a_telephone_needs_no_sideways_scroll(browser: Browser, desk: Desk) -> None:
    faults: list[str] = []
    page = await visit(browser, desk, faults, **PHONE)
    await page.locator("#people-open").click()
    await page.locator("#search").fill("四")
    await play(page, "lisi")
    await expect(page.locator("#people-open")).to_have_text("李四 ▾")
    await page.locator("#text").fill("a" * 300)
    await page.keyboard.press("Enter")
    await page.locator(".msg.own").wait_for()
    await page.locator("#records > summary").click()
    await page.locator("#rows h3").wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await expect(page.locator("#text")).to_be_in_viewport()
    await page.locator("#text").click()
    await page.locator("#text").fill("活动")
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator(".msg.bot")).to_have_count(1)
    assert faults == []


@pytest.mark.parametrize(("width", "height"), [(1024, 700), (760, 900), (390, 667), (320, 568)])
async def test_there_is_room_for_everything(browser: Browser, desk: Desk, width: int, height: int) -> None:
    """With the tour and the rows open, what is written can still be seen and sent."""
    await desk.say("lisi", "活动")
    page = await visit(browser, desk, [], width=width, height=height)
    await page.locator(".behind").last.click()
    await page.locator("#rows h3").wait_for()
    await page.locator("#text").fill("参加")
    await page.locator("#form button").click()
    await expect(page.locator(".msg.own")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def reach(page: Page, name: str, key: str = "Tab") -> None:
    """Presses a key until the button or link of that name has the focus."""
    for _ in range(80):
        if await page.evaluate("[document.activeElement.ariaLabel, document.activeElement.innerText].join()") in (
            f",{name}",
            f"{name},",
        ):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"{name} is never reached")


async def test_the_keyboard_is_enough(browser: Browser, desk: Desk) -> None:
    """A meeting is opened, answered by a button of its card, looked into, and the clock moved without a pointer."""
    faults: list[str] = []
    page = await visit(browser, desk, faults)
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.type(OPEN)
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble .card")).to_contain_text("未回 14")
    await expect(page.locator("#text")).to_be_focused()
    await reach(page, "参加", "Shift+Tab")
    while await page.evaluate("document.activeElement.className") == "chip quiet":
        await page.keyboard.press("Shift+Tab")
    await reach(page, "参加", "Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble .card")).to_contain_text("参加 1")
    await expect(page.locator(".taps button").first).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#rows")).to_contain_text("活动的回复")
    await reach(page, "到下一个提醒", "Shift+Tab")
    await page.keyboard.press("Space")
    await expect(page.locator(".badge").first).to_be_visible()
    await expect(page.get_by_role("button", name="到下一个提醒")).to_be_focused()
    assert faults == []


async def test_tabs_and_people_by_the_keyboard(browser: Browser, desk: Desk) -> None:
    page = await visit(browser, desk, [])
    chosen = page.locator("[role=tab][aria-selected=true]")
    await chosen.focus()
    for key, name in (
        ("ArrowRight", "第二党支部群"),
        ("End", "私聊小助手"),
        ("ArrowRight", "第一党支部群"),
        ("ArrowLeft", "私聊小助手"),
        ("Home", "第一党支部群"),
    ):
        await page.keyboard.press(key)
        await expect(chosen).to_have_text(name)
        await expect(chosen).to_be_focused()
    await page.locator("#search").fill("冯磊")
    await expect(page.locator(".person")).to_have_count(1)
    await page.locator("#search").press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".person[data-account=fenglei]")).to_be_focused()
    await expect(page.locator("#as")).to_have_text("以 冯磊 的身份发言")


async def test_a_page_that_is_reloaded_shows_the_same(browser: Browser, desk: Desk) -> None:
    faults: list[str] = []
    page = await visit(browser, desk, faults)
    await desk.say("lisi", "活动")
    await page.locator(".msg").nth(1).wait_for()
    before = await page.locator("#log").inner_text()
    await page.reload()
    await page.locator(".msg").nth(1).wait_for()
    assert await page.locator("#log").inner_text() == before
    assert faults == []


async def test_the_token_leaves_the_address(browser: Browser, made: Made) -> None:
    async with made('[web]\nconsole_token = "let-me-in"') as desk:
        page = await browser.new_page()
        await page.goto(desk.url("?token=let-me-in"))
        await page.locator(".chip").first.wait_for()
        assert page.url == desk.url()
        await chip(page, "帮助")
        await page.locator(".msg").nth(1).wait_for()
