"""`make screenshot`: starts the demonstration, plays a short meeting through the page and keeps its picture."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

PICTURE = Path(__file__).parent / "console.png"
SIZE = {"width": 1200, "height": 1180}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
STOP_SECONDS = 10
SHIFT = "/volunteer open 义诊 后天9:00-11:00 人民广场 2人"


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
    """One person speaks in the group and is answered."""
    page.locator(f".person[data-account={account}]").click()
    page.locator("#text").fill(text)
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".msg.bot").last).to_contain_text(hears)


def play(page: Page) -> None:
    """A shift that fills up, a meeting with three answers, and the next reminder."""
    page.locator(".chip").first.wait_for()
    page.locator("#hint summary").click()
    say(page, "zhoumin", SHIFT, "名额 2")
    for account, hears in (("wangfang", "已报 1"), ("mazhiyuan", "已报 2"), ("hejing", "候补第 1 位")):
        say(page, account, "报名", hears)
    say(page, "zhoumin", "/attendance open 主题党日 明天15:00 三楼会议室", "未回 14")
    page.locator(".person[data-account=zhangsan]").click()
    page.locator(".card").last.get_by_role("button", name="参加").click()
    expect(page.locator(".card").last).to_contain_text("参加 1")
    say(page, "lisi", "值夜班，去不了", "请假 1")
    say(page, "liumin", "我和赵丽华都参加", "参加 3")
    page.get_by_role("button", name="到下一个提醒").click()
    page.locator(".badge", has_text="定时推送").first.wait_for()
    page.locator("#records summary").click()
    page.locator("#rows li").first.wait_for()
    page.locator("#log").evaluate("log => log.scrollTo(0, log.scrollHeight)")


def main() -> None:
    """Needs a chromium on the PATH."""
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    with demonstration() as address, sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": SIZE["width"], "height": SIZE["height"]})
        page.goto(address)
        play(page)
        page.screenshot(path=PICTURE)
        browser.close()
    print(f"{PICTURE} {PICTURE.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
