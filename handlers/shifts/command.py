"""/volunteer (/志愿): the table of all its subcommands."""

from __future__ import annotations

from typing import Any

from bot.commands import Command
from handlers.shifts.community import say_report
from handlers.shifts.export import say_export
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
from handlers.shifts.year import say_hours, say_proof


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
    _sub("cancel", "取消", "取消一次志愿服务，已有的时长保留", "cancel 3", say_cancel),
    _sub("hours", "时长", "全年时长（私下，不排名）；补记、更正", "hours 张三 11月20日 3小时 阳光社区清雪", say_hours),
    _sub(
        "report", "双报到", "我在哪个社区报到、哪天", "report 阳光社区 3月5日", say_report, role="member", secret=True
    ),
    _sub(
        "proof",
        "证明",
        "我的时长清单；证明由志愿服务组织开",
        "proof 2026",
        say_proof,
        role="member",
        writes=False,
        secret=True,
    ),
    _sub("export", "导出", "全年记录的表格", "export 2026", say_export, secret=True),
)
COMMANDS = (
    Command(
        "volunteer", "志愿", "志愿服务：报到哪一步", "/volunteer", say_state, role="member", writes=False, subs=SUBS
    ),
)
