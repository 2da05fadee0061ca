"""`make screenshot`: starts the demonstration, plays on its pages and keeps their pictures.

A new page adds one line to PICTURES: the name of its file, its size, and how a browser comes to it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

FOLDER = Path(__file__).parent
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SHARPNESS = 2  # pixels of the picture for one of the page
COLOURS = 128  # enough for pages; a third of the bytes
MOST_BYTES = 300 * 1024
STOP_SECONDS = 10
SHIFT = "/volunteer open 义诊 后天9:00-11:00 人民广场 2人"
MEETING = "/attendance open 主题党日 明天15:00 三楼会议室"
LINK = re.compile(r"https?://[^/\s]+(/open/\S+)")


@contextmanager
def demonstration() -> Iterator[str]:
    """`serve --demo` on a free port with a folder of its own; the address of its console."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        place = f'[bot]\ndatabase = "sqlite:///{folder}/bot.db"\ndata_dir = "{folder}"\n[web]\nport = 0\n'
        config.write_text(place, encoding="utf-8")
        command = [sys.executable, "-m", "bot", "serve", "--demo", "--config", str(config)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def say(page: Page, account: str, text: str, hears: str) -> None:
    """One person speaks in the chat that is open and is answered."""
    page.locator(f".person[data-account={account}]").click()
    page.locator("#text").fill(text)
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".msg.bot").last).to_contain_text(hears)


def meeting(page: Page) -> None:
    """A shift that fills up, a meeting with answers by tap and in words."""
    page.locator(".chip").first.wait_for()
    if page.locator("#tour-skip").is_visible():
        page.locator("#tour-skip").click()
    say(page, "zhoumin", SHIFT, "名额 2")
    for account, hears in (("wangfang", "已报 1"), ("mazhiyuan", "已报 2"), ("hejing", "候补第 1 位")):
        say(page, account, "报名", hears)
    say(page, "zhoumin", MEETING, "未回 14")
    page.locator(".person[data-account=zhangsan]").click()
    page.locator(".bubble .card").last.get_by_role("button", name="参加").click()
    expect(page.locator(".bubble .card").last).to_contain_text("参加 1")
    say(page, "lisi", "值夜班，去不了", "请假 1")
    say(page, "liumin", "我和赵丽华都参加", "参加 3")


def console(page: Page, address: str) -> None:
    """The next reminder in the group, and beside it the rows of the answer in words."""
    page.goto(address)
    meeting(page)
    page.get_by_role("button", name="到下一个提醒").click()
    page.locator(".badge", has_text="定时推送").first.wait_for()
    page.locator(".msg.own .behind").last.click()
    expect(page.locator("#rows")).to_contain_text("党员 赵丽华")
    page.locator("#log").evaluate("log => log.scrollTo(0, log.scrollHeight)")


def tour(page: Page, address: str) -> None:
    """The tour on a telephone, where it has shown how three members answer."""
    page.goto(address)
    for step in (1, 2):
        expect(page.locator("#tour-where")).to_have_text(f"导览 {step} / 7")
        page.locator("#tour-do").click()
        expect(page.locator("#tour-next")).to_be_focused()
        if step == 1:
            page.locator("#tour-next").click()


def told(page: Page, account: str, text: str) -> str:
    """What the bot says to somebody alone."""
    page.get_by_role("tab", name="私聊小助手").click()
    page.locator(f".person[data-account={account}]").click()
    before = page.locator(".msg.bot").count()
    page.locator("#text").fill(text)
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".msg.bot")).to_have_count(before + 1)
    return page.locator(".msg.bot .said").last.inner_text()


def linked(page: Page, address: str, account: str, text: str) -> None:
    """Opens the page behind the link that the bot sends to somebody."""
    found = LINK.search(told(page, account, text))
    assert found
    parts = urlsplit(address)
    page.goto(f"{parts.scheme}://{parts.netloc}{found[1]}")
    page.get_by_role("button", name="打开").click()
    page.wait_for_url(lambda url: "/open/" not in url)


def roll_call(page: Page, address: str) -> None:
    """The projector, with three who have checked in."""
    page.goto(address)
    meeting(page)
    say(page, "zhoumin", "/attendance checkin on", "实到 0")
    for account in ("zhangsan", "liumin", "wangfang"):
        say(page, account, "签到", "已签到")
    say(page, "zhoumin", "/attendance checkin on code", "数字")
    linked(page, address, "zhoumin", "/attendance screen")
    page.locator("#left", has_text="秒").wait_for()


def mine(page: Page, address: str) -> None:
    """What 张三 sees of himself."""
    page.goto(address)
    meeting(page)
    linked(page, address, "zhangsan", "我的页面")


def desk(page: Page, address: str) -> None:
    """The secretary's month on a telephone, with leave that waits; the meeting is played on a wide screen."""
    phone = page.viewport_size
    assert phone
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.goto(address)
    meeting(page)
    say(page, "wangfang", "请假 出差", "请假 2")
    linked(page, address, "zhoumin", "/desk")
    page.set_viewport_size(phone)
    expect(page.locator("#waiting .count")).to_have_text("2")


def overview(page: Page, address: str) -> None:
    """What the committee's members see: done and not done, figures beside last year's."""
    page.goto(address)
    meeting(page)
    linked(page, address, "zhoumin", "/report dashboard")


# Each is played on a demonstration of its own.
PICTURES: dict[str, tuple[ViewportSize, Callable[[Page, str], None]]] = {
    "console": ({"width": 1280, "height": 1000}, console),
    "roll-call": ({"width": 1024, "height": 768}, roll_call),
    "mine": ({"width": 800, "height": 900}, mine),
    "desk": ({"width": 390, "height": 780}, desk),
    "overview": ({"width": 1280, "height": 1000}, overview),
    "console-phone": ({"width": 390, "height": 780}, tour),
}


def keep(browser: Browser, address: str, name: str) -> None:
    """Makes one picture, with few colours so that the page that shows it is quick."""
    size, play = PICTURES[name]
    context = browser.new_context(viewport=size, device_scale_factor=SHARPNESS, reduced_motion="reduce")
    path = FOLDER / f"{name}.png"
    page = context.new_page()
    play(page, address)
    page.screenshot(path=path)
    context.close()
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    assert path.stat().st_size < MOST_BYTES, path
    print(f"{path} {path.stat().st_size // 1024} KB")


def main() -> None:
    """All pictures, or those that are named. Needs a chromium on the PATH."""
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for name in sys.argv[1:] or PICTURES:
            with demonstration() as address:
                keep(browser, address, name)
        browser.close()


if __name__ == "__main__":
    main()
