"""`rotate-key`: a new key for the encrypted fields, while the bot runs. Stopped, it goes on when called again."""

from __future__ import annotations

from bot import sealing
from bot.cli.place import opened
from bot.config import Config, renew, retired
from bot.message import Refused

STEPS = (
    "bot.secret_key is written in the configuration: write the new key there and the one of now as "
    "bot.old_secret_key, restart the bot, then call rotate-key again"
)


async def rotate(config: Config) -> str:
    """Seals everything anew; what was done.

    A key that data_dir keeps is made anew first, unless a change is under way. Raises Refused where the key is written
    in the configuration and no new one stands there.
    """
    written = bool(config.bot.secret_key.get_secret_value())
    async with opened(config) as place:
        if not await place.database.write(sealing.unfinished):
            if written:
                raise Refused(STEPS)
            renew(config)
            await place.database.write(sealing.admit)
        count = await sealing.reseal(place.database)
        key = place.database.keys.current
    done = f"已换密钥 {key}：{count} 个值重新加密，逐个核对过，没有留在旧密钥下的。"
    return f"{done}\n{_after(config, written)}"


def _after(config: Config, written: bool) -> str:
    """What is left to do about the old key: a backup of before can't be read without it."""
    if written:
        return "现在可以删掉配置里的 old_secret_key；以前的备份要用它才能读，请另行保管。"
    files = "、".join(str(one) for one in retired(config.bot.data_dir))
    return f"旧密钥留在 {files}：以前的备份要用它才能读；不再需要那些备份时，删掉这个文件。"
