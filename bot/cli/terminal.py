"""`console`: the chat in the terminal, with the same handlers as every platform."""

from __future__ import annotations

import asyncio
import sys
import uuid
from functools import partial
from pathlib import PurePath

from sqlalchemy import select

from bot import delivery
from bot.cli.demo import furnish
from bot.cli.place import Place, opened
from bot.config import Config
from bot.dispatch import handle
from bot.message import Incoming, Refused, Reply
from bot.platforms.console import NAME, Bubble
from bot.sql import p, sql
from bot.tables import groups
from handlers.tables import accounts, members

HELP = "输入要说的话；:as 姓名 换人，:in 群编号 换群，:private 私聊，:quit 退出。"
BY_NAME = sql(
    select(accounts.c.account, members.c.name)
    .select_from(accounts.join(members, members.c.id == accounts.c.member_id))
    .where(accounts.c.platform == NAME, (members.c.name == p("name")) | (accounts.c.account == p("name")))
)
GROUPS = sql(select(groups.c.chat).where(groups.c.platform == NAME).order_by(groups.c.chat))


async def chat(config: Config, name: str) -> None:
    """Reads lines until the end of the input. Where nothing is configured there is a demonstration branch."""
    async with opened(config) as place:
        if not config.platforms:
            await furnish(place)
        chats = await place.database.read(lambda tx: [row.chat for row in tx.all(GROUPS)])
        account = await _account(place, name) if name else "admin"
        where = chats[0] if chats else ""
        place.console.listeners.add(partial(_show, place))
        print(HELP)
        while (line := await _ask(f"{name or account}@{where or '私聊'}> ")) is not None:
            word, _, rest = line.strip().partition(" ")
            if word == ":quit":
                break
            if word == ":as":
                account, name = await _become(place, rest, account, name)
            elif word == ":in":
                where = rest
            elif word == ":private":
                where = ""
            elif word:
                await say(place, account, where, line)


async def _become(place: Place, wanted: str, account: str, name: str) -> tuple[str, str]:
    """(account, name) of who is played from now on; a name that nobody has changes nothing and is said."""
    try:
        return await _account(place, wanted), wanted
    except Refused as refusal:
        print(refusal.text)
        return account, name


async def _ask(prompt: str) -> str | None:
    try:
        return await asyncio.to_thread(input, prompt if sys.stdin.isatty() else "")
    except EOFError:
        return None


async def _account(place: Place, name: str) -> str:
    row = await place.database.read(lambda tx: tx.one(BY_NAME, name=name))
    if row is None:
        raise Refused(f"nobody named {name} has a console account")
    return str(row.account)


async def say(place: Place, account: str, where: str, text: str) -> Reply | None:
    """One line from a person: into a group, or (empty `where`) in private. The answer and due pushes are printed."""
    incoming = Incoming(NAME, uuid.uuid4().hex, where or account, account, text, private=not where)
    reply = await place.database.write(partial(handle, incoming=incoming, house=place.house))
    if reply is not None:
        place.console.show(incoming.chat, incoming.private, "", reply)
    while await delivery.deliver(place.database, {NAME: place.console}, place.coordination.window, place.lost):
        pass
    return reply


def _show(place: Place, bubble: Bubble) -> None:
    called = "".join(f" @{account}" for account in bubble.mention)
    print(f"[{bubble.chat}] 支部小助手：{bubble.text}{called}")
    if bubble.card and bubble.card.buttons:
        print("   " + "  ".join(f"[{button.command}]" for button in bubble.card.buttons))
    for number, name in enumerate(bubble.files):
        path = place.config.bot.data_dir / "files" / PurePath(name).name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(place.console.files[bubble.number, number])
        print(f"   文件：{path}")
