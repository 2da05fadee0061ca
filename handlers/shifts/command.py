"""/volunteer (/志愿): the table of all its subcommands."""

from __future__ import annotations

from typing import Any

from bot.commands import Command
from handlers.shifts.words import (
    say_add,
    say_cancel,
    say_close,
    say_edit,
    say_list,
    say_open,
    say_remove,
    say_skill,
    say_state,
)


def _sub(name: str, chinese: str, help: str, example: str, run: Any, **more: Any) -> Command:
    return Command(name, chinese, help, f"/volunteer {example}", run, **more)


SUBS = (
    _sub(
        "open",
        "发布",
        "发布志愿服务，可写 至少、技能、退出截止、候补确认",
        "open 义诊 12月6日9:00-11:00 人民广场 10人",
        say_open,
    ),
    _sub("list", "名单", "看安排和名单", "list 3", say_list, role="member", writes=False),
    _sub("edit", "修改", "改人数、地点、时间等", "edit 3 人数 12人", say_edit),
    _sub("add", "添加", "替人报名", "add 3 张三 李四", say_add),
    _sub("remove", "移出", "移出名单", "remove 3 张三", say_remove),
    _sub("skill", "技能", "我会什么，好安排岗位", "skill 测血压 中医", say_skill, role="member"),
    _sub("close", "截止", "截止报名", "close 3", say_close),
    _sub("cancel", "取消", "取消一次志愿服务", "cancel 3", say_cancel),
)
COMMANDS = (
    Command(
        "volunteer", "志愿", "志愿服务：报到哪一步", "/volunteer", say_state, role="member", writes=False, subs=SUBS
    ),
)
