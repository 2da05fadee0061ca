"""The servers that are measured, each in a process of its own on one core."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from bench import cases
from bot.cli.place import opened
from bot.cli.serve import settle
from bot.commands import Who
from bot.config import load
from bot.db import Tx
from bot.platforms import KINDS
from bot.web import application
from handlers import people
from handlers.activities import Plan, open_activity
from handlers.sheet import check

INSTALLER = Who(account="bench", name="bench")
CONFIG = f"""
[bot]
database = "{{url}}"
data_dir = "{{folder}}"
[platforms.wecom]
kind = "wecom"
token = "{cases.TOKEN}"
encoding_aes_key = "{cases.AES_KEY}"
[platforms.ding]
kind = "dingtalk"
app_key = "bench"
app_secret = "{cases.APP_SECRET}"
"""


async def _constant(request: web.Request) -> web.Response:
    await request.read()
    return web.json_response({"ok": True})


async def main(kind: str, url: str, folder: str) -> None:
    """Serves `bare` or the bot on a free port, which it prints."""
    if kind == "bare":
        app = web.Application()
        app.router.add_post("/bare", _constant)
        await _listen(app)
        return
    path = Path(folder) / "config.toml"
    path.write_text(CONFIG.format(url=url, folder=folder), encoding="utf-8")
    async with opened(load(path, KINDS)) as place:
        await place.database.write(_furnish)
        settle()
        await _listen(application(place.database, place.platforms, place.house, place.ready))


async def _listen(app: web.Application) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def _furnish(tx: Tx) -> None:
    header = ["姓名", "支部", "科室", "企业微信账号", "钉钉账号"]
    rows = [[f"党员{n}", f"第{n % cases.BRANCHES}党支部", "内科", f"user{n}", f"user{n}"] for n in range(cases.MEMBERS)]
    sheet = check(list(enumerate([header, *rows], 1)))
    people.import_members(tx, sheet.rows, INSTALLER, {"企业微信账号": "wecom", "钉钉账号": "ding"})
    for n in range(cases.BRANCHES):
        for platform in ("wecom", "ding"):
            people.bind_group(tx, platform, f"group{n}", f"第{n}党支部", by=INSTALLER)
        open_activity(
            tx, people.branch_named(tx, f"第{n}党支部").id, Plan("主题党日", tx.now + timedelta(days=3)), INSTALLER
        )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
