"""/attendance (/考勤): what secretaries type to open, follow, change and end a meeting."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot import outbox
from bot.commands import Ask, Command
from bot.db import Tx
from bot.language import find_when
from bot.message import Refused, Reply
from handlers.activities import (
    Plan,
    as_call,
    change,
    finish,
    kind_of,
    label,
    numbered,
    open_activity,
    open_now,
    roll,
    state_line,
    switch_checkin,
)
from handlers.attendance.operations import REASONS, declare, mark
from handlers.attendance.words import card
from handlers.choosing import choose
from handlers.phrases import names, span
from handlers.register import accounts_of, invited_by_words, member_named

OPEN_EXAMPLE = "/attendance open 主题党日 12月4日15:00 三楼会议室"
OPTION = re.compile(r"(?:^|[\s，,；;])(截止|应到)[\s:：]*")
NUMBER = re.compile(r"^[#＃]?(\d{1,6})(?:号)?(?=\s|$)")
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


def say_open(tx: Tx, ask: Ask) -> Reply:
    """open KIND WHEN [地点] [截止 …] [应到 …]: the answer is the announcement, with the words to say."""
    plan = _plan(tx, ask)
    activity, taken_over = open_activity(tx, ask.who.branch, plan, ask.who)
    opened = "已接续" if taken_over else "已开"
    text = _announcement(tx, activity, opened)
    here = ("", "") if ask.incoming.private else (ask.incoming.platform, ask.incoming.chat)
    groups = _announce(tx, activity, f"open:{activity.id}:{tx.at}", _announcement(tx, activity, "请回复"), here)
    if ask.incoming.private:
        text += f"\n将在 {groups} 个群里通知。" if groups else "\n这个支部还没有绑定群，请在群里转告。"
    return Reply(text, card(tx, activity))


def _announcement(tx: Tx, activity: Any, opened: str) -> str:
    lines = [f"{opened} {label(tx, activity)}", activity.place, _deadline(tx, activity)]
    say = f"回复：参加 / 请假 / 签到（多个活动时加 #{activity.number}）"
    return "\n".join([line for line in lines if line] + [say, state_line(tx, activity)])


def _deadline(tx: Tx, activity: Any) -> str:
    return f"截止 {span(tx.moment(activity.deadline_at), None)}" if activity.deadline_at else ""


def _announce(tx: Tx, activity: Any, key: str, text: str, here: tuple[str, str]) -> int:
    """Promises the text, with the card, to the branch's groups but the one it was typed in."""

    def words(_of: str, _by: str) -> Reply:
        return Reply(text, card(tx, activity))

    return outbox.put_to_branch(tx, activity.branch_id, words, key=key, besides=here, purpose="notice")


def _plan(tx: Tx, ask: Ask) -> Plan:
    head, options = _options(ask.text)
    when = find_when(head, tx.now)
    if when is None:
        raise Refused(f"没看懂时间。例：{OPEN_EXAMPLE}")
    start, end = exact(when)
    kind, place = head[: when.span[0]].strip(" ，,、"), head[when.span[1] :].strip(" ，,、")
    if not kind:
        kind, _, place = place.partition(" ")
    deadline = find_when(options["截止"], tx.now) if "截止" in options else None
    if "截止" in options and (deadline is None or not deadline.clock):
        raise Refused("没看懂截止时间。例：截止 12月3日17:00")
    audience = options.get("应到", "")
    return Plan(
        kind_of(kind),
        start,
        end,
        place.strip(),
        exact(deadline)[0] if deadline else None,
        audience,
        invited_by_words(tx, ask.who.branch, audience) if audience else (),
    )


def _options(text: str) -> tuple[str, dict[str, str]]:
    """The text before the first option, and the options: `截止 …`, `应到 …`, in any order."""
    parts = OPTION.split(text)
    return parts[0], {parts[i]: parts[i + 1].strip() for i in range(1, len(parts) - 1, 2)}


def exact(when: Any) -> tuple[datetime, datetime | None]:
    """The start and end of a time that leaves nothing to guess. Raises Refused for 周末, 12月4日 without an hour."""
    if when.ambiguous:
        choices = "，还是".join(span(moment, None) for moment in when.ambiguous)
        raise Refused(f"“{when.text}”是{choices}？请写明日期和时间。")
    if not when.clock:
        raise Refused(f"“{when.text}”没写几点，例：{when.start.month}月{when.start.day}日15:00")
    return when.start, when.end


def _target(tx: Tx, ask: Ask, sub: str) -> tuple[Any, str] | Reply:
    """The activity that a secretary means (`#12 …`, or the only open one) and the rest of the text."""
    match = NUMBER.match(ask.text)
    if match:
        return numbered(tx, ask.who.branch, int(match[1])), ask.text[match.end() :].strip()
    rows = open_now(tx, ask.who.branch)
    again = f"/attendance {sub}"
    calls = [as_call(tx, row) for row in rows]
    asked = replace(ask, slots={}, intent="attend")
    if len(calls) > 1 and ask.text:
        raise Refused(f"有 {len(calls)} 个活动，请写编号，例：{again} #{calls[0].number} {ask.text}"[:200])
    call = choose(tx, asked, calls, again, f"现在没有正在登记的活动。例：{OPEN_EXAMPLE}")
    if isinstance(call, Reply):
        return call
    return next(row for row in rows if row.number == call.number), ask.text


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
    target = _target(tx, ask, "list")
    if isinstance(target, Reply):
        return target
    people = roll(tx, target[0])
    coming = [row.name for row in people if row.declared in ("attend", "online", "late")]
    leave = [_with_reason(row, ask.incoming.private) for row in people if row.declared == "leave"]
    lines = [
        label(tx, target[0]),
        f"参加 {len(coming)}：{names(coming) or '无'}",
        f"请假 {len(leave)}：{names(leave) or '无'}",
    ]
    return Reply("\n".join([*lines, state_line(tx, target[0])]))


def _with_reason(row: Any, private: bool) -> str:
    return f"{row.name}（{REASONS[row.reason]}）" if private and row.reason in REASONS else str(row.name)


def say_who(tx: Tx, ask: Ask) -> Reply:
    """Who has not answered: for the secretary's eyes."""
    target = _target(tx, ask, "who")
    if isinstance(target, Reply):
        return target
    silent = [row.name for row in roll(tx, target[0]) if row.declared in (None, "none", "tentative")]
    return Reply(f"{label(tx, target[0])}\n未回 {len(silent)}：{names(silent, 200) or '无'}")


def say_nudge(tx: Tx, ask: Ask) -> Reply:
    """Reminds the groups once; those who have not answered are called by @ where the platform can, named nowhere."""
    target = _target(tx, ask, "nudge")
    if isinstance(target, Reply):
        return target
    activity = target[0]
    count = remind_silent(
        tx, activity, f"nudge:{activity.id}:{tx.now:%Y%m%d}", ask.house.abilities, "请还没回复的同志回复"
    )
    if count == 0:
        raise Refused("大家都回复了，或支部还没有绑定群，不用提醒。")
    return Reply(f"今天提醒 {count} 个群，只叫还没回复的同志。")


def remind_silent(tx: Tx, activity: Any, key: str, abilities: Any, opening: str, **options: Any) -> int:
    """Promises a reminder of an activity to the branch's groups while somebody has not answered; how many groups."""
    silent = [row.id for row in roll(tx, activity) if row.declared in (None, "none", "tentative")]
    if not silent:
        return 0

    def words(platform: str, speaker: str) -> Reply:
        mention: tuple[str, ...] = ()
        if "mention" in abilities.get(speaker, ()):
            mention = accounts_of(tx, platform, silent)
        text = "\n".join(filter(None, (opening, label(tx, activity), activity.place, state_line(tx, activity))))
        return Reply(f"{text}\n回复：参加 / 请假", card(tx, activity), mention=mention[:50])

    options.setdefault("purpose", "reminder")
    return outbox.put_to_branch(tx, activity.branch_id, words, key=key, **options)


def say_mark(tx: Tx, ask: Ask) -> Reply:
    """mark [#12] 张三 李四 到 王五 请假:病 — one line for many; all of it or nothing."""
    target = _target(tx, ask, "mark")
    if isinstance(target, Reply):
        return target
    activity, text = target
    waiting: list[str] = []
    done = 0
    for token in filter(None, re.split(r"[\s、，,；;]+", text)):
        word, _, reason = token.replace("：", ":").partition(":")
        if word not in MARKS:
            waiting.append(token)
            continue
        if not waiting:
            raise Refused(f"“{token}”前面要有姓名。例：/attendance mark 张三 李四 到 王五 请假:病")
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
    target = _target(tx, replace(ask, text=rest.strip()), f"checkin {word}")
    if isinstance(target, Reply):
        return target
    switch_checkin(tx, target[0], ask.who, on)
    activity = numbered(tx, ask.who.branch, target[0].number)
    text = f"{label(tx, activity)}\n{state_line(tx, activity)}"
    if not on:
        return Reply(f"签到结束\n{text}")
    return Reply(f"开始签到，到场的同志回复：签到\n{text}", card(tx, activity, "开始签到，到场请点“签到”"))


def say_edit(tx: Tx, ask: Ask) -> Reply:
    """edit [#12] 地点 … | 截止 …"""
    target = _target(tx, ask, "edit")
    if isinstance(target, Reply):
        return target
    activity, text = target
    word, _, value = text.replace("：", " ").partition(" ")
    if word not in ("地点", "截止") or not value.strip():
        raise Refused("可以改：地点、截止。例：/attendance edit #12 地点 五楼会议室")
    plan = _as_plan(tx, activity)
    if word == "截止":
        when = find_when(value, tx.now)
        if when is None:
            raise Refused("没看懂截止时间。例：截止 12月3日17:00")
        plan = replace(plan, deadline=exact(when)[0])
    else:
        plan = replace(plan, place=value.strip())
    return _changed(tx, ask, change(tx, activity, ask.who, plan=plan, action="edit"), f"{word}改为 {value.strip()}")


def say_move(tx: Tx, ask: Ask) -> Reply:
    """move [#12] WHEN: the answers stay, those concerned hear it once."""
    target = _target(tx, ask, "move")
    if isinstance(target, Reply):
        return target
    when = find_when(target[1], tx.now)
    if when is None:
        raise Refused(f"没看懂时间。例：/attendance move #{target[0].number} 12月5日15:00")
    start, end = exact(when)
    plan = replace(_as_plan(tx, target[0]), start=start, end=end, deadline=None)
    before = span(tx.moment(target[0].starts_at), None)
    return _changed(tx, ask, change(tx, target[0], ask.who, plan=plan, action="move"), f"原定 {before} 改期")


def _as_plan(tx: Tx, activity: Any) -> Plan:
    return Plan(
        activity.kind,
        tx.moment(activity.starts_at),
        tx.moment(activity.ends_at) if activity.ends_at else None,
        activity.place,
        tx.moment(activity.deadline_at) if activity.deadline_at else None,
        activity.audience,
    )


def _changed(tx: Tx, ask: Ask, activity: Any, what: str) -> Reply:
    text = "\n".join(filter(None, (f"{what}：{label(tx, activity)}", activity.place, state_line(tx, activity))))
    here = ("", "") if ask.incoming.private else (ask.incoming.platform, ask.incoming.chat)
    _announce(tx, activity, f"change:{activity.id}:{tx.at}", text, here)
    return Reply(text, card(tx, activity))


def say_close(tx: Tx, ask: Ask) -> Reply:
    """close [#12]: no more answers; the record stands."""
    target = _target(tx, ask, "close")
    if isinstance(target, Reply):
        return target
    finish(tx, target[0], ask.who, "closed")
    return Reply(f"已结束 {label(tx, target[0])}\n{state_line(tx, target[0])}")


def say_cancel(tx: Tx, ask: Ask) -> Reply:
    """cancel [#12] [原因]: nothing is deleted; those concerned hear it once."""
    target = _target(tx, ask, "cancel")
    if isinstance(target, Reply):
        return target
    activity, why = target
    finish(tx, activity, ask.who, "cancelled")
    text = f"已取消 {label(tx, activity)}" + (f"：{why[:60]}" if why else "")
    here = ("", "") if ask.incoming.private else (ask.incoming.platform, ask.incoming.chat)
    outbox.put_to_branch(
        tx,
        activity.branch_id,
        lambda _of, _by: Reply(text),
        key=f"cancel:{activity.id}",
        besides=here,
        purpose="notice",
    )
    return Reply(text)


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
            Command("mark", "登记", "代登记到会或请假", "/attendance mark 张三 李四 到 王五 请假:病", say_mark),
            Command("checkin", "签到", "开始或结束签到", "/attendance checkin on", say_checkin),
            Command("edit", "修改", "改地点或截止", "/attendance edit #12 地点 五楼会议室", say_edit),
            Command("move", "改期", "改时间", "/attendance move #12 12月5日15:00", say_move),
            Command("close", "结束", "结束登记", "/attendance close #12", say_close),
            Command("cancel", "取消", "取消活动", "/attendance cancel #12", say_cancel),
        ),
    ),
)
