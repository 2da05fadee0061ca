"""/report dashboard: the link to the overview, for the eyes of who asks."""

from __future__ import annotations

from bot.commands import Ask, Command
from bot.db import Tx
from bot.message import Refused, Reply
from handlers.links import LINK_MINUTES, offer
from handlers.overview.sight import sight_of

NOT_FOR_YOU = "总览由书记、组织委员、支委和管理员看。"


def say_dashboard(tx: Tx, ask: Ask) -> Reply:
    """/report dashboard"""
    if ask.who.member:
        try:
            sight_of(tx, ask.who.member, ask.house.config)
        except Refused:
            raise Refused(NOT_FOR_YOU) from None
    link = offer(tx, ask, "dashboard")
    return Reply(f"总览：{link}\n{LINK_MINUTES} 分钟内打开，只能用一次，请不要转发。", private=True)


DASHBOARD = Command(
    "dashboard",
    "总览",
    "规定动作、各项数字和明细，用浏览器看（私聊）",
    "/report dashboard",
    say_dashboard,
    role="member",
    aliases=("看板",),
    secret=True,
)
