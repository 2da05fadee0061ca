"""Files on the console: pictures are seen, sheets and papers open in their bubble, everything is taken along."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from bot.pages.body import Unfit
from bot.pages.console_files import MOST_LINES, look
from scheduler.papers import make_one
from tests.pages.conftest import Desk
from tests.pages.test_browser import CHROMIUM, PHONE, browser, play, visit

__all__ = ["browser"]


async def made(desk: Desk, *commands: str) -> None:
    """The secretary asks for papers, they are made and handed over."""
    for command in commands:
        await desk.say("zhoumin", command)
    while await make_one(desk.place.database, desk.place.config):
        pass
    await desk.post("/clock", {"minutes": 1})


async def test_a_picture_is_shown_and_a_sheet_is_kept(desk: Desk) -> None:
    await made(desk, "/report chart", "/report excel")
    for bubble in await desk.bubbles("zhoumin", private=True):
        for place, name in enumerate(bubble["files"]):
            response = await desk.get(f"/file/{bubble['number']}/{place}")
            picture = name.endswith(".png")
            assert response.headers["Content-Disposition"].startswith("inline" if picture else "attachment")
            assert response.content_type == ("image/png" if picture else "application/octet-stream")
            looked = await desk.get(f"/look/{bubble['number']}/{place}")
            assert looked.status == (415 if picture else 200)
    for path in ("/file/1/0", "/look/99/0", "/file/1/99"):
        assert (await desk.get(path)).status == 404


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
async def test_what_could_not_be_opened_is_asked_for_again(browser: Browser, desk: Desk) -> None:
    await made(desk, "/report excel")
    page = await visit(browser, desk, [])
    await play(page, "zhoumin")
    await page.get_by_role("tab", name="私聊小助手").click()
    file = page.locator(".file", has_text=".xlsx").first
    await page.route("**/look/**", lambda route: route.fulfill(status=503, json={"error": "稍等"}))
    opener = file.get_by_role("button", name="打开")
    await opener.click()
    await expect(file.locator(".inside")).to_have_text("稍等")
    await page.unroute("**/look/**")
    for _ in ("shut", "open"):
        await opener.click()
    await expect(file.locator(".inside section").first).to_be_visible()
    await expect(file.locator(".inside")).not_to_contain_text("稍等")


def test_a_long_text_is_begun_and_the_rest_is_said() -> None:
    (part,) = look("名单.csv", "\n".join(str(number) for number in range(100)).encode())["parts"]
    assert (len(part["lines"]), part["more"]) == (MOST_LINES, True)
    assert look("短.txt", "\ufeff一行".encode())["parts"] == [{"name": "", "lines": [["一行"]], "more": False}]
    with pytest.raises(Unfit):
        look("包.zip", b"PK")


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
async def test_they_open_in_their_bubble_on_a_telephone(browser: Browser, desk: Desk) -> None:
    await desk.say("zhoumin", "/volunteer open 义诊 后天9:00-11:00 人民广场 2人")
    await made(desk, "/report chart", "/report excel", "/report word 年报")
    faults: list[str] = []
    page = await visit(browser, desk, faults, **PHONE)
    await page.locator("#people-open").click()
    await play(page, "zhoumin")
    await page.get_by_role("tab", name="私聊小助手").click()
    picture = page.locator(".picture img").first
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("complete", True)
    assert await picture.evaluate("image => image.naturalWidth") > 100
    for ending, words in ((".xlsx", "党员"), (".docx", "第一党支部")):
        file = page.locator(".file", has_text=ending).first
        await file.get_by_role("button", name="打开").press("Enter")
        await expect(file.locator(".inside")).to_contain_text(words)
    async with page.expect_download() as download:
        await page.locator(".file", has_text=".docx").get_by_role("link", name="下载").click()
    assert (await download.value).suggested_filename.endswith(".docx")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults == []
