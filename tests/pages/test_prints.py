"""The papers of a meeting from a browser: for its branch's secretary, with the names of the register and no script."""

from __future__ import annotations

import shutil

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import update

from bot.sql import p, sql
from handlers import links
from handlers.tables import members
from tests.pages.conftest import OPEN, Desk
from tests.pages.test_browser import browser
from tests.pages.test_links import asked, refused
from tests.pages.test_links import browser as client
from tests.pages.test_roll_call import visit

__all__ = ["browser"]

RENAME = sql(update(members).where(members.c.name == "李四").values(name=p("name")))
NO_DUTY = sql(update(members).where(members.c.name == "周敏").values(duty=""))


async def meeting(desk: Desk) -> None:
    for who, text in (
        ("zhoumin", OPEN),
        ("zhangsan", "请假 值班"),
        ("zhoumin", "/attendance checkin on"),
        ("lisi", "签到"),
        ("zhoumin", "/attendance record #1 主持人 周敏 议题 学习<党章>"),
    ):
        await desk.say(who, text)


async def test_the_sheet_and_the_record_are_printed_by_the_link_of_export(desk: Desk) -> None:
    await meeting(desk)
    await desk.place.database.write(lambda tx: tx.run(RENAME, name="<i>李四</i>"))
    link = await asked(desk, "zhoumin", "/attendance export #1")
    async with client() as own, client() as other:
        first = await own.post(link)
        assert (first.status, first.url.path) == (200, "/print/1")
        sheet = await own.get(desk.server.make_url("/print/1/sheet"))
        text = await sheet.text()
        assert "<td>&lt;i&gt;李四&lt;/i&gt;</td>" in text
        assert "值班" not in text
        assert "党支部：第一党支部　时间：2026年" in text
        policy = sheet.headers["Content-Security-Policy"]
        assert "style-src 'sha256-" in policy
        assert "unsafe" not in policy
        text = await (await own.get(desk.server.make_url("/print/1/record"))).text()
        assert '<th scope="row">议题</th><td>学习&lt;党章&gt;</td>' in text
        assert "还缺：记录人、结束登记" in text
        assert '<th scope="row">党支部</th><td>第一党支部</td></tr>\n<tr><th scope="row">时间</th><td>2026年' in text
        assert "张三（值班" in text
        for path in ("/print/1", "/print/1/sheet", "/print/1/record"):
            await refused(await other.get(desk.server.make_url(path)), links.NOT_OPEN)


async def test_who_is_no_secretary_any_more_prints_nothing(desk: Desk) -> None:
    await meeting(desk)
    async with client() as own:
        assert (await own.post(await asked(desk, "zhoumin", "/attendance export #1"))).status == 200
        await desk.place.database.write(lambda tx: tx.run(NO_DUTY))
        await refused(await own.get(desk.server.make_url("/print/1/record")), links.NOT_YOURS)


@pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium on this machine")
async def test_both_papers_print_on_a4(browser: Browser, desk: Desk) -> None:
    await meeting(desk)
    faults: list[str] = []
    page = await visit(browser, faults, 1024, 768)
    await page.goto(await asked(desk, "zhoumin", "/attendance export #1"))
    await page.get_by_role("button", name="打开").click()
    await page.get_by_role("link", name="签到表").click()
    await expect(page.locator("h1")).to_have_text("主题党日签到表")
    border = "getComputedStyle(document.querySelector('td')).borderTopStyle"
    assert await page.evaluate(border) == "solid"
    assert (await page.pdf(prefer_css_page_size=True)).startswith(b"%PDF")
    await page.go_back()
    await page.get_by_role("link", name="会议记录").click()
    await expect(page.locator("h1")).to_have_text("会议记录")
    await page.emulate_media(media="print")
    assert await page.evaluate(border) == "solid"
    await expect(page.locator(".missing")).to_be_hidden()
    assert faults == []
