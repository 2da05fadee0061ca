"""slack-bolt + aiosqlite: a well-made framework on a wire of its own, HMAC-SHA-256 and no encryption.

A slash command, since that is answered in the response of its own request. `authorize` is ours: Slack is not asked.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import Any

import aiosqlite
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bench.cases import SLACK_SECRET
from bench.peers import serving
from bench.peers.books import PRAGMAS, answered, furnish, state_of

PATH = "/slack/events"


async def record(connection: aiosqlite.Connection, message: str, chat: str, account: str, text: str) -> str:
    """One message in one transaction; the line to answer. A message seen before does nothing."""
    at, state = time.time_ns() // 1000, state_of(text)
    await connection.execute("BEGIN IMMEDIATE")
    try:
        await connection.execute("INSERT INTO seen (message, at) VALUES (?, ?)", (message, at))
    except aiosqlite.IntegrityError:
        await connection.rollback()
        return "已登记过。"
    member, name = await _one(connection, "SELECT id, name FROM members WHERE account = ?", account)
    activity, title = await _one(connection, "SELECT id, title FROM activities WHERE chat = ?", chat)
    await connection.execute(
        "INSERT INTO answers (activity_id, member_id, state, at) VALUES (?, ?, ?, ?)", (activity, member, state, at)
    )
    await connection.execute(
        "INSERT INTO trail (member_id, action, what, at) VALUES (?, 'answer', ?, ?)", (member, state, at)
    )
    await connection.commit()
    return answered(name, state, title)


async def _one(connection: aiosqlite.Connection, statement: str, value: str) -> Any:
    async with connection.execute(statement, (value,)) as cursor:
        return await cursor.fetchone()


async def _authorize(**_: Any) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_id="B1", bot_user_id="U0", bot_token="xoxb-bench")


def application(connection: aiosqlite.Connection) -> AsyncApp:
    """The bot on a connection, which one message has at a time."""
    app = AsyncApp(signing_secret=SLACK_SECRET, authorize=_authorize, process_before_response=True)
    turn = asyncio.Lock()

    @app.command("/attend")
    async def attend(ack: Any, command: dict[str, str]) -> None:
        async with turn:
            line = await record(
                connection, command["trigger_id"], command["channel_id"], command["user_id"], command["text"]
            )
        await ack(line)

    return app


async def main(path: str) -> None:
    """Serves on a free port, which it prints."""
    logging.basicConfig(level=logging.WARNING)
    furnish(path)
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        for pragma in PRAGMAS:
            await connection.execute(pragma)
        runner = web.AppRunner(application(connection).server(port=0, path=PATH).web_app, access_log=None)
        await runner.setup()
        taken = serving.listening()
        await web.SockSite(runner, taken).start()
        print(taken.getsockname()[1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
