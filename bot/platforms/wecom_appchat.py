"""Group chats that a self-built app made (appchat): it may speak there first and really call people.

The app's visible range has to be the root department. People can't speak to an app in a group, only hear it.
Source: WeCom docs 90244, 90245, 90248.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from bot.message import Refused, Reply
from bot.platforms.wecom_api import Denied
from bot.platforms.wecom_app_api import AppApi
from bot.platforms.wecom_text import clip, parts, typed

NAME, LIMIT = 150, 2048  # UTF-8 bytes of a name (50 characters), of a text
LEAST, MOST = 2, 2000  # people


def chat_id(branch: str) -> str:
    """The id of a branch's group: always the same, so that asking twice never makes a second group."""
    return "zhibu" + hashlib.sha256(branch.encode()).hexdigest()[:24]


async def gathered(api: AppApi, branch: str, owner: str, accounts: Sequence[str]) -> tuple[str, int, int]:
    """The branch's group with exactly these people in it: (its id, how many were added, how many taken out).

    Raises Refused (fewer than 2 or more than 2,000 people), Retry, Denied, Unknown.
    """
    if not LEAST <= len(accounts) <= MOST:
        raise Refused(f"一个群要有 {LEAST} 到 {MOST} 人，名册里有企业微信账号的是 {len(accounts)} 人。")
    chat = chat_id(branch)
    about = {"name": clip(branch, NAME), "owner": owner}
    try:
        await api.post("appchat/create", {**about, "userlist": list(accounts), "chatid": chat})
    except Denied as refused:
        found = await _members(api, chat)
        if found is None:
            raise refused from None
        return chat, *await _changed(api, chat, found, accounts)
    return chat, len(accounts), 0


async def _members(api: AppApi, chat: str) -> list[str] | None:
    """Who is in a group; None where there is no such group. The numbers of that refusal are not published."""
    try:
        about = (await api.get("appchat/get", chatid=chat)).get("chat_info")
    except Denied:
        return None
    users = about.get("userlist") if isinstance(about, dict) else None
    return [str(user) for user in users] if isinstance(users, list) else None


async def _changed(api: AppApi, chat: str, found: Sequence[str], wanted: Sequence[str]) -> tuple[int, int]:
    """Userids are the same in any case."""
    here, there = {user.casefold() for user in found}, {user.casefold() for user in wanted}
    added = [user for user in wanted if user.casefold() not in here]
    gone = [user for user in found if user.casefold() not in there]
    if added or gone:
        await api.post("appchat/update", {"chatid": chat, "add_user_list": added, "del_user_list": gone})
    return len(added), len(gone)


def texts(reply: Reply) -> list[dict[str, Any]]:
    """The messages of a reply in a group: no cards there, so the words to type stand in the text; the first calls.

    <@id> in somebody's words would call people.
    """
    text = typed(reply).replace("<@", "＜@")
    called = {"mentioned_list": list(reply.mention)} if reply.mention else {}
    return [
        {"msgtype": "text", "text": {"content": part, **({} if at else called)}}
        for at, part in enumerate(parts(text, LIMIT) if text else [])
    ]
