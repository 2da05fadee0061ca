"""The servers that are measured, each in a process of its own on one core."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from functools import partial
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
from handlers.activities import Plan, open_activity, switch_checkin
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
    """Serves `bare`, the `bot`, or the bot with a `crowd` about to check in, on a free port, which it prints."""
    if kind == "bare":
        app = web.Application()
        app.router.add_post("/bare", _constant)
        await _listen(app)
        return
    path = Path(folder) / "config.toml"
    path.write_text(CONFIG.format(url=url, folder=folder), encoding="utf-8")
    async with opened(load(path, KINDS)) as place:
        await place.database.write(partial(_furnish, crowd=kind == "crowd"))
        settle()
        await _listen(application(place.database, place.platforms, place.house, place.ready))


async def _listen(app: web.Application) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def _furnish(tx: Tx, crowd: bool) -> None:
    members, branches = (cases.CROWD, cases.CROWD_BRANCHES) if crowd else (cases.MEMBERS, cases.BRANCHES)
    header = ["姓名", "支部", "科室", "企业微信账号", "钉钉账号"]
    rows = [[f"党员{n}", f"第{n % branches}党支部", "内科", f"user{n}", f"user{n}"] for n in range(members)]
    sheet = check(list(enumerate([header, *rows], 1)))
    people.import_members(tx, sheet.rows, INSTALLER, {"企业微信账号": "wecom", "钉钉账号": "ding"})
    for n in range(branches):
        for platform in ("wecom", "ding"):
            people.bind_group(tx, platform, f"group{n}", f"第{n}党支部", by=INSTALLER)
        start = tx.now + (timedelta(minutes=10) if crowd else timedelta(days=3))
        branch = people.branch_named(tx, f"第{n}党支部").id
        activity, _ = open_activity(tx, branch, Plan("主题党日", start), INSTALLER)
        if crowd:
            switch_checkin(tx, activity, INSTALLER, True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
