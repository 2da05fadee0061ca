"""What members say about meetings: 参加, 请假, 取消, 签到, lists of names; and how it is answered in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import select

from bot.commands import Ask, Command
from bot.db import Tx
from bot.message import Button, Card, Refused, Reply
from bot.sql import p, sql
from handlers import shifts
from handlers.activities import as_call, found, is_due, label, open_now, state_line
from handlers.attendance.beside import beside_again, pass_on
from handlers.attendance.code import fits, proven, typed
from handlers.attendance.operations import (
    ACTUAL,
    DECLARED,
    REASONS,
    Done,
    check_in,
    declare,
    listed,
    said_himself,
)
from handlers.attendance.vouching import ask_clerk
from handlers.choosing import choose
from handlers.phrases import names
from handlers.register import member_named
from handlers.tables import members

T = TypeVar("T")
PERSON = sql(select(members.c.id, members.c.name).where(members.c.id == p("member")))
NOTHING_OPEN = "现在没有正在登记的活动，没有记录。发“活动”可以看安排。"
REASON_WORDS = {
    "duty": "值班",
    "official": "出差",
    "training": "培训",
    "sick": "生病",
    "family": "家里有事",
    "leave": "休假",
    "other": "",
}
MOST_PROXIES = 60
MOST_LISTED = 300  # more than a branch has
AGAIN = {"attend": "参加", "online": "线上参加", "tentative": "尽量参加", "late": "参加，晚到"}


def say_attend(tx: Tx, ask: Ask) -> Reply:
    """参加 / 准时到 / 线上参加 / 应该能来, also for named others (代报)."""
    state = "tentative" if ask.slots.get("tentative") else "online" if ask.slots.get("mode") == "online" else "attend"
    if state == "attend" and ask.slots.get("late"):
        state = "late"
    return _declare(tx, ask, state, "", AGAIN[state])


def say_leave(tx: Tx, ask: Ask) -> Reply:
    """请假 [原因]: only the kind of the reason is kept."""
    reason = ask.slots.get("reason_type", "")
    return _declare(tx, ask, "leave", reason, f"请假 {REASON_WORDS.get(reason, '')}".strip())


def say_cancel(tx: Tx, ask: Ask) -> Reply:
    """取消: back to 未回."""
    return _declare(tx, ask, "none", "", "取消")


def _declare(tx: Tx, ask: Ask, state: str, reason: str, again: str) -> Reply:
    _for_people(ask)
    people = _others(tx, ask)
    activity = _which(tx, ask, open_now(tx, ask.who.branch), _for_them(ask, again), NOTHING_OPEN)
    if isinstance(activity, Reply):
        return activity
    if any(person.id != ask.who.member for person in people):
        return _declare_others(tx, ask, activity, people, state, reason)
    done = declare(tx, activity, ask.who.member, state, ask.who, reason, rule=ask.rule)
    return said(tx, ask, activity, _echo(ask, done, state, reason) + pass_on(tx, ask, activity))


def _for_people(ask: Ask) -> None:
    """Refuses what only the secretary may enter: past absences, whole groups, other dates."""
    if ask.slots.get("flag") == "needs_clerk":
        raise Refused("补报、更正和一次报多次，请联系书记登记。")
    if ask.slots.get("group") or ask.slots.get("count"):
        raise Refused("请写出每个人的姓名，或由各人自己回复。没有登记。")


def _others(tx: Tx, ask: Ask) -> list[Any]:
    """The members whom the sender speaks for; all of them are in the register, or nothing is done (Refused)."""
    told = _no_more(ask.slots.get("persons", ()), MOST_PROXIES)
    if told and ask.slots.get("include_self"):  # 我和王芳, said by a 王芳, speaks of the other one
        others = [member_named(tx, ask.who.branch, name) for name in told]
        return [_named(tx, ask, ask.who.name), *others]
    return [_named(tx, ask, name) for name in told]


def _no_more(listed: Sequence[T], most: int) -> Sequence[T]:
    """The same. Raises Refused for more than are taken at once: nobody is left out without a word."""
    if len(listed) > most:
        raise Refused(f"一次最多 {most} 人，这里有 {len(listed)} 人，请分开发。没有登记。")
    return listed


def _named(tx: Tx, ask: Ask, name: str) -> Any:
    """The member of that name; the sender's own name is himself, whoever else has it."""
    return tx.one(PERSON, member=ask.who.member) if name == ask.who.name else member_named(tx, ask.who.branch, name)


def _for_them(ask: Ask, again: str) -> str:
    """The words that ask for the same again, for the same people: `我和李四参加`, `替李四、刘敏请假 值班`."""
    again += beside_again(ask)
    people = names(ask.slots.get("persons", ()), MOST_PROXIES)
    if not people:
        return again
    return f"我和{people}{again}" if ask.slots.get("include_self") else f"替{people}{again}"


def _which(tx: Tx, ask: Ask, rows: list[Any], again: str, nothing: str) -> Any:
    """The activity that is meant, or the question which; who speaks for himself is asked only among his own.

    Raises Refused for a number that takes no answers, which says why.
    """
    if ask.number and all(row.number != ask.number for row in rows):
        _say_ended(tx, ask)
    if len(rows) > 1 and not ask.number and not ask.slots.get("persons"):
        rows = [row for row in rows if is_due(tx, row, ask.who.member)] or rows
    call = choose(tx, ask, [as_call(tx, row) for row in rows], again, nothing)
    return call if isinstance(call, Reply) else next(row for row in rows if row.number == call.number)


def _say_ended(tx: Tx, ask: Ask) -> None:
    row = found(tx, ask.who.branch, ask.number)
    if row is not None:
        ended = {"cancelled": "已取消", "closed": "已结束"}.get(row.state, "早已开过")
        raise Refused(f"{label(tx, row)} {ended}，没有登记。需要更正请联系书记。")


def _declare_others(tx: Tx, ask: Ask, activity: Any, people: list[Any], state: str, reason: str) -> Reply:
    for person in people:
        why = "" if person.id == ask.who.member else "proxy"
        declare(tx, activity, person.id, state, ask.who, reason, why, ask.rule)
    listed = names(person.name for person in people)
    return said(
        tx, ask, activity, f"已记：{listed} {DECLARED[state]}（{ask.who.name}代报）{pass_on(tx, ask, activity)}"
    )


def _echo(ask: Ask, done: Done, state: str, reason: str) -> str:
    """One line of what was understood; in a group without the kind of the reason."""
    words = DECLARED[state]
    if reason and ask.incoming.private and state == "leave":
        words += f"（{REASONS.get(reason, '其他')}）"
    if not done.recorded:
        return "还没有您的回复，不用取消" if state == "none" else f"之前已记：{words}"
    return f"已记：{words}" + ("（截止后，注明迟报）" if done.late else "")


def said(tx: Tx, ask: Ask, activity: Any, line: str) -> Reply:
    """The echo with the activity and where it stands; a tap gets the card anew, in place."""
    text = f"{line}\n{label(tx, activity)}\n{state_line(tx, activity)}"
    if ask.incoming.kind != "press":
        return Reply(text)
    who = f"{ask.who.name} " if not ask.incoming.private else ""
    return Reply(text, card(tx, activity, f"{who}{line}"))


def card(tx: Tx, activity: Any, line: str = "") -> Card:
    """The activity as a card whose buttons send the words that could be typed."""
    number = activity.number
    lines = tuple(filter(None, (activity.place, state_line(tx, activity), line)))
    buttons = [Button("参加", f"参加 #{number}", primary=True), Button("请假", f"请假 #{number}")]
    if not activity.code:  # a tap can't say what the screen shows
        buttons.append(Button("签到", f"签到 #{number}"))
    return Card(label(tx, activity), lines, tuple(buttons) if activity.state == "open" else ())


def say_check_in(tx: Tx, ask: Ask) -> Reply:
    """签到 [码]: only for oneself; for somebody else it goes to the secretary. In a running shift service begins."""
    if not _taken_now(tx, ask) and shifts.check_in_is_meant(tx, ask):
        return shifts.say_check_in(tx, ask)
    rows, digits = open_now(tx, ask.who.branch), typed(ask.text)
    if not ask.number:
        rows = [row for row in rows if row.checkin == 1]
    if digits and any(row.code for row in rows):
        rows = [row for row in rows if row.code and fits(tx, row, ask.house.key, digits)] or rows
        ask = replace(ask, slots={name: value for name, value in ask.slots.items() if name not in ("item", "code")})
    nothing = "现在没有在签到的活动，没有记录。签到由书记现场开始。"
    activity = _which(tx, ask, rows, _for_them(ask, "签到"), nothing)
    if isinstance(activity, Reply):
        return activity
    told = ask.slots.get("persons", ())
    others = [name for name in told if name != ask.who.name]
    if ask.slots.get("flag") == "needs_clerk" and not others:
        raise Refused("补签要书记登记。活动还在签到的话，请直接回复：签到。")
    handed = ask_clerk(tx, ask, activity, _no_more(others, MOST_PROXIES)) if others else ""
    if others and not ask.slots.get("include_self") and len(others) == len(told):
        return Reply(handed)
    state = "online" if ask.slots.get("mode") == "online" else "late" if ask.slots.get("late") else "present"
    if activity.checkin == 1 and not proven(tx, activity, ask.house.key, digits, ask.who.member):
        return Reply("\n".join(filter(None, ["数字不对或已经过期（30 秒换一次），请看现场屏幕再发一次。", handed])))
    done = check_in(tx, activity, ask.who.member, state, ask.who, ask.rule)
    line = f"{'已签到' if done.recorded else '之前已签到'}：{ACTUAL[state]}"
    return said(tx, ask, activity, f"{line}。{handed}" if handed else line)


def _taken_now(tx: Tx, ask: Ask) -> bool:
    """Whether a meeting that the sender is due at takes check-ins now, where no number was named."""
    rows = [] if ask.number else open_now(tx, ask.who.branch)
    return any(row.checkin == 1 and is_due(tx, row, ask.who.member) for row in rows)


def say_roster(tx: Tx, ask: Ask) -> Reply:
    """接龙 and lists of names: every line is one person's state; what is not in the register is named, not guessed."""
    entries = _no_more(ask.slots.get("entries", []), MOST_LISTED)
    acts = {"attend": "attend", "signup": "attend", "leave": "leave"}
    if not entries or any(entry["intent"] not in acts for entry in entries):
        raise Refused("这份名单里有我不能代记的内容（签到要本人来，几样事请分开发）。没有登记。")
    activity = _which(tx, ask, open_now(tx, ask.who.branch), "参加", NOTHING_OPEN)
    if isinstance(activity, Reply):
        raise Refused("有几个活动在登记，请在名单第一行写上编号，例如 #12。没有登记。")
    before = {row.member_id: row.name for row in listed(tx, activity)}
    taken, unknown, own = {}, [], []
    for entry in entries:
        try:
            person = member_named(tx, ask.who.branch, entry["name"])
            state = acts[entry["intent"]]
            if person.id != ask.who.member and said_himself(tx, activity, person.id, state):
                own.append(person.name)
                continue
            declare(tx, activity, person.id, state, ask.who, entry.get("reason_type", ""), "roster", ask.rule)
            taken[person.id] = person.name
        except Refused:
            unknown.append(entry["name"])
    if not taken and not own:
        raise Refused(f"名单里没有对上名册或应到名单的姓名：{names(unknown, 10)}。没有登记。")
    same_list = not before.keys().isdisjoint(taken)  # a department's own list has nobody in common with the last one
    gone = [name for member, name in before.items() if same_list and member not in taken and name not in own]
    return said(tx, replace(ask, slots={}), activity, _listed_line(len(taken), unknown, own, gone))


def _listed_line(count: int, unknown: list[str], own: list[str], gone: list[str]) -> str:
    """What a list did, and what it left open: a later list holds, but nobody is struck off for a missing line."""
    rest = (
        ("没对上（不在名册或应到里，或同名要写科室）", unknown),
        ("本人另有回复，没有改", own),
        ("上次名单里有、这次没有，没有改，要取消请本人说“取消”", gone),
    )
    return "；".join([f"已按名单登记 {count} 人", *(f"{what}：{names(people, 10)}" for what, people in rest if people)])


WORDS = (
    Command("attend", "参加", "我参加", "参加", say_attend, role="member", intents=("attend",), aliases=()),
    Command("leave", "请假", "我请假，原因只留类别", "请假 值班", say_leave, role="member", intents=("leave",)),
    Command("cancel", "取消", "收回我的回复", "取消", say_cancel, role="member", intents=("cancel",)),
    Command(
        "checkin", "签到", "我到了；现场有数字的写上数字", "签到", say_check_in, role="member", intents=("checkin",)
    ),
)
