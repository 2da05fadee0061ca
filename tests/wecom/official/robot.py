"""A robot made of Tencent's own Python SDK (wecom-aibot-python-sdk), for the twin."""

# mypy: ignore-errors
import asyncio
import json
import sys

import websockets
from aibot import WSClient, WSClientOptions

connect = websockets.connect


def without_tls(url, **options):
    """The SDK insists on TLS, which the twin has none of; all else is the SDK's."""
    return connect(url, **{**options, "ssl": None})


websockets.connect = without_tls


class Quiet:
    def _say(self, *_args):
        return None

    debug = info = warn = error = _say


def tell(what):
    print(json.dumps(what, ensure_ascii=False), flush=True)


async def main():
    url, bot_id, secret = sys.argv[1:]
    client = WSClient(WSClientOptions(bot_id=bot_id, secret=secret, ws_url=url, heartbeat_interval=50, logger=Quiet()))

    async def text(frame):
        await client.reply_stream(frame, "s1", f"收到：{frame['body']['text']['content']}", True)
        await client.send_message(frame["body"]["chatid"], {"msgtype": "markdown", "markdown": {"content": "推送"}})
        tell("done")

    async def welcome(frame):
        await client.reply_welcome(frame, {"msgtype": "text", "text": {"content": "您好"}})
        tell("done")

    client.on("authenticated", lambda: tell("authenticated"))
    client.on("message.text", text)
    client.on("event.enter_chat", welcome)
    await client.connect()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    client.disconnect()


asyncio.run(main())
