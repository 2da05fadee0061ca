"""/remind (/提醒): what the calendar will say, why it said something, and everything that a branch may change in it."""

from __future__ import annotations

from typing import Any

from bot.commands import Command
from handlers.reminders.coming import say_coming, say_preview
from handlers.reminders.duties import DUTY_EXAMPLE, say_duty
from handlers.reminders.holidays import HOLIDAYS_EXAMPLE, say_holidays
from handlers.reminders.once import ONCE_EXAMPLE, say_once
from handlers.reminders.pausing import say_pause, say_resume
from handlers.reminders.sending import say_resend
from handlers.reminders.setting import SET_EXAMPLE, say_set
from handlers.reminders.why import say_why_reminded

COMMANDS: tuple[Any, ...] = (
    Command(
        "remind",
        "提醒",
        "接下来的提醒",
        "/remind",
        say_coming,
        writes=False,
        subs=(
            Command("once", "一次", "到时候提醒一次", ONCE_EXAMPLE, say_once),
            Command(
                "preview",
                "预览",
                "接下来会怎么说（私下）",
                "/remind preview 党费",
                say_preview,
                writes=False,
                secret=True,
            ),
            Command("pause", "暂停", "暂停一种提醒，写明原因", "/remind pause 党费 原因 系统检修", say_pause),
            Command("resume", "恢复", "恢复暂停的提醒，写明原因", "/remind resume 党费 原因 检修完成", say_resume),
            Command("set", "设置", "改本支部的提醒规则", SET_EXAMPLE, say_set),
            Command("resend", "补发", "再发一次没发出或不确定的", "/remind resend 12", say_resend),
            Command("duty", "值班表", "登记值班表（整张粘贴）", DUTY_EXAMPLE, say_duty, secret=True),
            Command("holidays", "节假日", "登记放假通知（整段粘贴）", HOLIDAYS_EXAMPLE, say_holidays),
        ),
    ),
)
WORDS = (
    Command(
        "why_reminded",
        "为什么提醒我",
        "最近为什么提醒我",
        "为什么提醒我",
        say_why_reminded,
        role="member",
        writes=False,
        aliases=("为什么提醒", "为什么提醒我?", "为什么@我", "为什么叫我", "为什么叫我?"),
        secret=True,
    ),
)
