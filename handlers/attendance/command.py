"""/attendance (/考勤): what secretaries type to follow a meeting, and the table of all its subcommands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from bot import outbox
from bot.commands import Ask, Command
from bot.db import Tx
from bot.message import Refused, Reply
from bot.sql import p, sql
from bot.tables import outbox as promises
from handlers.activities import label, numbered, open_now, roll, silent, state_line, switch_checkin
from handlers.attendance.changing import say_cancel, say_close, say_edit, say_move, say_open
from handlers.attendance.operations import REASONS, declare, mark
from handlers.attendance.target import OPEN_EXAMPLE, target
from handlers.attendance.words import card
from handlers.phrases import names
from handlers.register import accounts_of, member_named
from handlers.roster import on_duty

SAID_BEFORE = sql(select(promises.c.id).where(promises.c.key.startswith(p("key"))).limit(1))
MARKS = {
    **dict.fromkeys(("到", "到会", "已到", "签到", "实到"), ("actual", "present")),
    "迟到": ("actual", "late"),
    "早退": ("actual", "early"),
    "线上": ("actual", "online"),
    "缺席": ("actual", "absent"),
    "未到": ("actual", "absent"),
    "参加": ("declared", "attend"),
    "请假": ("declared", "leave"),
    "取消": ("declared", "none"),
}


def say_state(tx: Tx, ask: Ask) -> Reply:
    """Where it stands: one line, or one per activity where several are open."""
    rows = open_now(tx, ask.who.branch)
    if not rows:
        raise Refused(f"现在没有正在登记的活动。例：{OPEN_EXAMPLE}")
    if len(rows) == 1:
        return Reply(state_line(tx, rows[0]))
    return Reply("\n".join(f"{label(tx, row)} {state_line(tx, row)}" for row in rows[:10]))


def say_list(tx: Tx, ask: Ask) -> Reply:
    """Who comes and who is on leave; reasons only in private, and nobody's silence."""
    meant = target(tx, ask, "list")
    if isinstance(meant, Reply):
        return meant
    people = roll(tx, meant[0])
    coming = [row.name for row in people if row.declared in ("attend", "online", "late")]
    leave = [_with_reason(row, ask.incoming.private) for row in people if row.declared == "leave"]
    lines = [
        label(tx, meant[0]),
        f"参加 {len(coming)}：{names(coming) or '无'}",
        f"请假 {len(leave)}：{names(leave) or '无'}",
    ]
    return Reply("\n".join([*lines, state_line(tx, meant[0])]))


def _with_reason(row: Any, private: bool) -> str:
    return f"{row.name}（{REASONS[row.reason]}）" if private and row.reason in REASONS else str(row.name)


def say_who(tx: Tx, ask: Ask) -> Reply:
    """Who has not answered: for the secretary's eyes."""
    meant = target(tx, ask, "who")
    if isinstance(meant, Reply):
        return meant
    people = [row.name for row in silent(tx, meant[0])]
    return Reply(f"{label(tx, meant[0])}\n未回 {len(people)}：{names(people, 200) or '无'}")


def say_nudge(tx: Tx, ask: Ask) -> Reply:
    """Reminds the groups once; those who have not answered are called by @ where the platform can, named nowhere."""
    meant = target(tx, ask, "nudge")
    if isinstance(meant, Reply):
        return meant
    activity = meant[0]
    if activity.state != "open":
        raise Refused(f"{label(tx, activity)} 已经结束或取消，不用提醒。")
    key = f"nudge:{activity.id}:{tx.now:%Y%m%d}"
    if tx.one(SAID_BEFORE, key=f"{key}:") is not None:
        raise Refused("今天已经提醒过一次，明天再提醒。")
    count = remind_silent(tx, activity, key, ask.house.abilities, "请还没回复的同志回复")
    if count == 0:
        raise Refused("大家都回复了，或支部还没有绑定群，不用提醒。")
    return Reply(f"今天提醒 {count} 个群，只叫还没回复的同志。")


def remind_silent(tx: Tx, activity: Any, key: str, abilities: Any, opening: str, **options: Any) -> int:
    """Promises a reminder of an activity to the branch's groups while somebody has not answered; how many groups."""
    asked = [row.id for row in silent(tx, activity)]
    if not asked:
        return 0
    words = words_to_silent(tx, activity, asked, abilities, opening)
    options.setdefault("purpose", "reminder")
    return outbox.put_to_branch(tx, activity.branch_id, words, key=key, **options)


def words_to_silent(
    tx: Tx, activity: Any, asked: Sequence[int], abilities: Any, opening: str
) -> Callable[[str, str], Reply]:
    """How a group is asked: those who owe an answer are called by a real @, but for those on night duty just now."""
    resting = on_duty(tx, activity.branch_id, asked)
    called = [one for one in asked if one not in resting]

    def words(platform: str, speaker: str) -> Reply:
        mention: tuple[str, ...] = ()
        if "mention" in abilities.get(speaker, ()):
            mention = accounts_of(tx, platform, called)
        text = "\n".join(filter(None, (opening, label(tx, activity), activity.place, state_line(tx, activity))))
        return Reply(f"{text}\n回复：参加 / 请假", card(tx, activity), mention=mention[:50])

    return words


def say_mark(tx: Tx, ask: Ask) -> Reply:
    """mark [#12] 张三 李四 到 刘敏 请假 — one line for many; all of it or nothing."""
    meant = target(tx, ask, "mark")
    if isinstance(meant, Reply):
        return meant
    activity, text = meant
    waiting: list[str] = []
    done = 0
    for token in filter(None, re.split(r"[\s、，,；;]+", text)):
        word, _, reason = token.replace("：", ":").partition(":")
        if word not in MARKS:
            waiting.append(token)
            continue
        if not waiting:
            raise Refused(f"“{token}”前面要有姓名。例：/attendance mark 张三 李四 到 王五 请假")
        for name in waiting:
            _mark_one(tx, ask, activity, name, word, reason)
        done, waiting = done + len(waiting), []
    if waiting or not done:
        raise Refused("请写姓名和状态（到、迟到、早退、线上、缺席、参加、请假）。例：/attendance mark 张三 李四 到")
    return Reply(f"已登记 {done} 人\n{label(tx, activity)}\n{state_line(tx, activity)}")


def _mark_one(tx: Tx, ask: Ask, activity: Any, name: str, word: str, reason: str) -> None:
    person = member_named(tx, ask.who.branch, name)
    column, state = MARKS[word]
    if column == "actual":
        mark(tx, activity, person.id, state, ask.who, "secretary")
    else:
        kind = next((key for key, words in REASONS.items() if reason and reason[0] in words), "")
        declare(tx, activity, person.id, state, ask.who, kind or ("other" if reason else ""), "secretary")


def say_checkin(tx: Tx, ask: Ask) -> Reply:
    """checkin on|off"""
    word, _, rest = ask.text.strip().partition(" ")
    if word.lower() not in ("on", "off", "开", "关", "开始", "结束"):
        raise Refused("请写 /attendance checkin on（开始签到）或 off（结束签到）。")
    on = word.lower() in ("on", "开", "开始")
    meant = target(tx, replace(ask, text=rest.strip()), f"checkin {word}")
    if isinstance(meant, Reply):
        return meant
    switch_checkin(tx, meant[0], ask.who, on)
    activity = numbered(tx, ask.who.branch, meant[0].number)
    text = f"{label(tx, activity)}\n{state_line(tx, activity)}"
    if not on:
        return Reply(f"签到结束\n{text}")
    return Reply(f"开始签到，到场的同志回复：签到\n{text}", card(tx, activity, "开始签到，到场请点“签到”"))


COMMANDS = (
    Command(
        "attendance",
        "考勤",
        "活动与考勤",
        OPEN_EXAMPLE,
        say_state,
        role="member",
        writes=False,
        subs=(
            Command("open", "开", "开一个活动", OPEN_EXAMPLE, say_open, aliases=("新建", "发起")),
            Command("list", "名单", "参加和请假的名单", "/attendance list", say_list, writes=False),
            Command("who", "未回", "谁还没回（私下）", "/attendance who", say_who, writes=False, secret=True),
            Command("nudge", "提醒", "提醒还没回的", "/attendance nudge", say_nudge),
            Command("mark", "登记", "代登记到会或请假", "/attendance mark 张三 李四 到 刘敏 请假", say_mark),
            Command("checkin", "签到", "开始或结束签到", "/attendance checkin on", say_checkin),
            Command("edit", "修改", "改地点或截止", "/attendance edit #12 地点 五楼会议室", say_edit),
            Command("move", "改期", "改时间", "/attendance move #12 12月5日15:00", say_move),
            Command("close", "结束", "结束登记", "/attendance close #12", say_close),
            Command("cancel", "取消", "取消活动", "/attendance cancel #12", say_cancel),
        ),
    ),
)
