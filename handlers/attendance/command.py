"""/attendance (/考勤): what secretaries type to follow a meeting, and the table of all its subcommands."""

from __future__ import annotations

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
from handlers.activities import label, numbered, open_now, silent, state_line, switch_checkin
from handlers.attendance import correcting, entering, exclusions, exporting, makeup, recording, repeating, screen
from handlers.attendance.ballots import may_vote_line
from handlers.attendance.changing import say_cancel, say_close, say_edit, say_move, say_open
from handlers.attendance.known import Stand, stands
from handlers.attendance.marking import say_mark
from handlers.attendance.operations import REASONS
from handlers.attendance.target import OPEN_EXAMPLE, alone
from handlers.attendance.words import card
from handlers.looks import LEAVE, note_looks
from handlers.phrases import names
from handlers.register import accounts_of
from handlers.roster import on_duty

UNBOUND = "支部还没有绑定群，没有地方提醒。请管理员绑定：/branch bind 支部名称"
SAID_BEFORE = sql(select(promises.c.id).where(promises.c.key.startswith(p("key"))).limit(1))


def say_state(tx: Tx, ask: Ask) -> Reply:
    """Where it stands: one line, or one per activity where several are open."""
    rows = open_now(tx, ask.who.branch)
    if not rows:
        raise Refused(f"现在没有正在登记的活动。例：{OPEN_EXAMPLE}")
    if len(rows) == 1:
        return Reply("\n".join(filter(None, [state_line(tx, rows[0]), _may_vote(tx, ask, rows[0])])))
    return Reply("\n".join(f"{label(tx, row)} {state_line(tx, row)}" for row in rows[:10]))


def _may_vote(tx: Tx, ask: Ask, activity: Any) -> str:
    return may_vote_line(tx, activity, half=ask.house.config.meetings.half_may_vote)


def say_list(tx: Tx, ask: Ask) -> Reply:
    """Who comes and who is on leave; reasons only in private, and nobody's silence."""
    activity = alone(tx, ask, "list")
    if isinstance(activity, Reply):
        return activity
    people = stands(tx, activity)
    coming = [one.name for one in people if one.coming]
    away = [one for one in people if one.declared == "leave"]
    leave = [_with_reason(one, ask.incoming.private) for one in away]
    if ask.incoming.private:
        note_looks(tx, ask.who, (one.member for one in away if one.reason), LEAVE)
    lines = [
        label(tx, activity),
        f"参加 {len(coming)}：{names(coming) or '无'}",
        f"请假 {len(leave)}：{names(leave) or '无'}",
    ]
    return Reply("\n".join([*lines, state_line(tx, activity)]))


def _with_reason(one: Stand, private: bool) -> str:
    facts = [*filter(None, [REASONS.get(one.reason, "")]), "已批" if one.approved else "待批"]
    return f"{one.name}（{'，'.join(facts)}）" if private else one.name


def say_who(tx: Tx, ask: Ask) -> Reply:
    """Who has not answered: for the secretary's eyes."""
    activity = alone(tx, ask, "who")
    if isinstance(activity, Reply):
        return activity
    people = [row.name for row in silent(tx, activity)]
    return Reply(f"{label(tx, activity)}\n未回 {len(people)}：{names(people, 200) or '无'}")


def say_nudge(tx: Tx, ask: Ask) -> Reply:
    """Reminds the groups once; those who have not answered are called by @ where the platform can, named nowhere."""
    activity = alone(tx, ask, "nudge")
    if isinstance(activity, Reply):
        return activity
    count = nudge(tx, activity, ask.house.abilities)
    return Reply(f"今天提醒 {count} 个群，只叫还没回复的同志。")


def nudge(tx: Tx, activity: Any, abilities: Any) -> int:
    """Reminds the branch's groups of a meeting, once a day; how many. Raises Refused where nobody is to be reminded."""
    if activity.state != "open":
        raise Refused(f"{label(tx, activity)} 已经结束或取消，不用提醒。")
    key = f"nudge:{activity.id}:{tx.now:%Y%m%d}"
    if tx.one(SAID_BEFORE, key=f"{key}:") is not None:
        raise Refused("今天已经提醒过一次，明天再提醒。")
    count = remind_silent(tx, activity, key, abilities, "请还没回复的同志回复")
    if count == 0:
        raise Refused(UNBOUND if silent(tx, activity) else "大家都回复了，不用提醒。")
    return count


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


def say_checkin(tx: Tx, ask: Ask) -> Reply:
    """checkin on [code]|off"""
    words = ask.text.lower().split()
    on, off, code = ({*words} & names for names in (ON, OFF, CODE))
    if bool(on or code) == bool(off):
        raise Refused("请写 /attendance checkin on（开始签到）、on code（看屏幕数字签到）或 off（结束签到）。")
    rest = " ".join(word for word in words if word not in ON | OFF | CODE)
    meant = alone(tx, replace(ask, text=rest), f"checkin {'off' if off else 'on code' if code else 'on'}")
    if isinstance(meant, Reply):
        return meant
    switch_checkin(tx, meant, ask.who, not off, code=bool(code))
    activity = numbered(tx, ask.who.branch, meant.number)
    text = f"{label(tx, activity)}\n{state_line(tx, activity)}"
    if off:
        return Reply("\n".join(filter(None, [f"签到结束\n{text}", _may_vote(tx, ask, activity)])))
    if code:
        return Reply(f"开始签到，到场的同志看屏幕上的数字，回复：签到 四位数字\n{text}")
    return Reply(f"开始签到，到场的同志回复：签到\n{text}", card(tx, activity, "开始签到，到场的同志回复：签到"))


ON, OFF = frozenset(("on", "开", "开始")), frozenset(("off", "关", "结束"))
CODE = frozenset(("code", "码", "数字"))
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
            Command("checkin", "签到", "开始或结束签到，on code 看数字签到", "/attendance checkin on", say_checkin),
            screen.COMMAND,
            Command("edit", "修改", "改地点或截止", "/attendance edit #12 地点 五楼会议室", say_edit),
            Command("move", "改期", "改时间", "/attendance move #12 12月5日15:00", say_move),
            recording.COMMAND,
            *repeating.COMMANDS,
            entering.COMMAND,
            exporting.COMMAND,
            correcting.COMMAND,
            exclusions.COMMAND,
            makeup.COMMAND,
            Command("close", "结束", "结束登记", "/attendance close #12", say_close),
            Command("cancel", "取消", "取消活动", "/attendance cancel #12", say_cancel),
        ),
    ),
)
