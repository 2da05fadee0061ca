"""What members ask: 活动, 我的, 为什么, 撤销, and questions in their own words. Own matters are told in private."""

from __future__ import annotations

from typing import Any

from bot.commands import Ask, Command
from bot.config.sections import Registers
from bot.db import Tx
from bot.message import Refused, Reply
from handlers import dues, looks, registers, shifts, wishes
from handlers.activities import label, open_now, state_line
from handlers.attendance import makeup
from handlers.attendance import words as meetings
from handlers.attendance.known import Stand, stand_of
from handlers.attendance.operations import ACTUAL, DECLARED
from handlers.attendance.words import card, say_attend, say_cancel
from handlers.register import duty_of
from handlers.shifts.lines import heading
from handlers.undoing import say_undo, say_why

WHAT_CAN_BE_SAID = "可以说：参加、请假、取消、签到、报名、已交、活动、我的、帮助。"


def say_activities(tx: Tx, ask: Ask) -> Reply:
    """活动: what is open, one line each."""
    rows = open_now(tx, ask.who.branch)
    lines = [f"{label(tx, row)} {row.place}".strip() + f"\n{state_line(tx, row)}" for row in rows[:5]]
    lines += [f"{heading(tx, row)}\n{shifts.state_line(tx, row)}" for row in shifts.joinable(tx, ask.who.branch)[:5]]
    if not lines:
        return Reply("现在没有正在登记的活动。")
    return Reply("\n".join(lines), card(tx, rows[0]) if len(lines) == 1 and rows else None)


def say_mine(tx: Tx, ask: Ask) -> Reply:
    """我的: own answers, shifts and dues, for private eyes."""
    lines = own_lines(tx, ask.who.branch, ask.who.member, ask.house.config.registers)
    return Reply("\n".join([f"{ask.who.name}（{ask.who.branch_name}）", *lines]), private=True)


def own_lines(tx: Tx, branch: int, member: int, rules: Registers) -> list[str]:
    """What a member has to do with now: open meetings, 补学, shifts, wishes, hours and dues."""
    lines = []
    for row in open_now(tx, branch):
        stand = stand_of(tx, row, member)
        if stand is not None:
            lines.append(f"{label(tx, row)}：{_declared(stand)}")
    lines += makeup.mine(tx, member)
    lines += shifts.mine(tx, branch, member)
    lines += wishes.mine(tx, branch, member)
    lines += registers.mine(tx, member, duty_of(tx, member), rules)
    return lines + dues.mine(tx, branch, member) + looks.mine(tx, member)


def own_meeting(tx: Tx, activity: Any, member: int) -> str:
    """What a member said of a meeting and whether he was there, "" where he was not due."""
    stand = stand_of(tx, activity, member)
    if stand is None:
        return ""
    actual = ACTUAL.get(stand.actual, "")
    return _declared(stand) + (f"，{actual}" if actual else "")


def _declared(stand: Stand) -> str:
    if stand.declared == "leave":
        return "请假（已批）" if stand.approved else "请假（待批）"
    return DECLARED[stand.declared] if stand.declared else "还没回复"


def say_signup(tx: Tx, ask: Ask) -> Reply:
    """报名: a seat in a shift; where none is meant but a meeting is open, it is 参加 (a meeting has no seats)."""
    try:
        return shifts.say_signup(tx, ask)
    except shifts.NoShift:
        if not open_now(tx, ask.who.branch):
            raise
        return say_attend(tx, ask)


def say_withdraw(tx: Tx, ask: Ask) -> Reply:
    """退出: leaves a shift; where none is meant but a meeting is open, the answer to it is taken back."""
    if wishes.is_meant(tx, ask):
        return wishes.say_withdraw_wish(tx, ask)
    try:
        return shifts.say_withdraw(tx, ask)
    except shifts.NoShift:
        if not open_now(tx, ask.who.branch):
            raise
        return say_cancel(tx, ask)


def say_roster(tx: Tx, ask: Ask) -> Reply:
    """接龙 and lists of names: of payments they are claims of dues, all else answers a meeting."""
    entries = ask.slots.get("entries", [])
    if entries and all(entry["intent"] == "dues_paid" for entry in entries):
        return dues.say_list(tx, ask)
    return meetings.say_roster(tx, ask)


def say_query(tx: Tx, ask: Ask) -> Reply:
    """A question in a member's own words: answered where the rows know it, else by what can be said."""
    topic = ask.slots.get("topic", "")
    if topic in ("schedule", "slots", "attendance"):
        return say_activities(tx, ask)
    if topic in ("dues_status", "dues_due"):
        return dues.say_own(tx, ask)
    if topic == "missing":
        dues_asked = "党费" in ask.text or "交" in ask.text
        whom, command = ("党费收缴人", "/dues") if dues_asked else ("书记", "/attendance who")
        raise Refused(f"这由{whom}私下查看（{command}）。")
    if topic == "procedure":
        return Reply(f"直接回复就行。{WHAT_CAN_BE_SAID}")
    return Reply(f"这个我还答不了，请问书记。{WHAT_CAN_BE_SAID}")


def say_unclear(_tx: Tx, _ask: Ask) -> Reply:
    """What looks like an answer but could mean two things is not guessed."""
    raise Refused(f"没看明白，没有登记。{WHAT_CAN_BE_SAID}")


WORDS = (
    Command("roster", "接龙", "按名单登记", "参加：张三、李四、刘敏", say_roster, role="member", intents=("roster",)),
    Command("signup", "报名", "报名志愿服务", "报名 #3", say_signup, role="member", intents=("signup",)),
    Command("withdraw", "退出", "退出志愿服务", "退出 #3", say_withdraw, role="member", intents=("withdraw",)),
    Command(
        "checkout",
        "签退",
        "志愿服务结束，记时长",
        "签退 #2",
        shifts.say_check_out,
        role="member",
        intents=("checkout",),
    ),
    Command("activities", "活动", "现在有哪些活动", "活动", say_activities, role="member", writes=False),
    Command("mine", "我的", "我自己的登记和党费", "我的", say_mine, role="member", writes=False, secret=True),
    Command("why", "为什么", "最近一次是怎么登记的", "为什么", say_why, role="member", writes=False, secret=True),
    Command("undo", "撤销", "收回最近一次登记", "撤销", say_undo, role="member"),
    Command("query", "提问", "用自己的话问", "", say_query, role="member", writes=False, intents=("query",)),
    Command("unclear", "不明白", "没看明白的话", "", say_unclear, role="anyone", writes=False, intents=("unclear",)),
)
