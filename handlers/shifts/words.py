"""What is read and said about volunteer shifts."""

from __future__ import annotations

import re
from typing import Any

from bot.commands import Ask, Command, may
from bot.db import Tx
from bot.dispatch import ask_back
from bot.language import Call, Reading, When, find_when, which
from bot.message import Refused, Reply
from bot.outbox import put_to_branch
from handlers.phrases import day_and_time
from handlers.register import accounts_of, member_named
from handlers.shifts import seats
from handlers.shifts.lines import (
    announce,
    branch_of,
    card,
    heading,
    names_of,
    signup_calls,
    state_line,
    withdraw_calls,
)
from handlers.shifts.seats import NoShift

USAGE = "请这样发：/volunteer open 义诊 12月6日9:00-11:00 人民广场 10人"
LONGEST_NAME, LONGEST_PLACE, MOST_NAMES = 30, 60, 30
BETWEEN = re.compile(r"[\s、，,；;]+")
NUMBER = re.compile(r"#\s*(\d{1,6})|^(?:报名|退出)?\s*(\d{1,6})\s*号?$")
_count = r"(?<![\d.])(-?\d+(?:\.\d+)?)"
PEOPLE = re.compile(rf"(?:名额|限额|限|人数)?[:：]?\s*{_count}\s*[人名个位](?=$|[\s,，])")
BARE = re.compile(rf"(?:名额|限额|限|人数)?[:：]?\s*{_count}(?=$|[\s,，])")


def say_state(tx: Tx, ask: Ask) -> Reply:
    """Where it stands: the one shift's line, or a line each."""
    rows = seats.coming(tx, branch_of(ask))
    if not rows:
        return Reply("现在没有志愿服务。")
    if len(rows) == 1:
        return Reply(state_line(tx, rows[0]), card=card(tx, rows[0]) if rows[0].state == "open" else None)
    return Reply("\n".join(f"{heading(tx, row)} {state_line(tx, row)}" for row in rows))


def say_list(tx: Tx, ask: Ask) -> Reply:
    """/volunteer list [N]: the shifts, or who is signed up for one."""
    branch = branch_of(ask)
    rows = [seats.numbered(tx, branch, _number(ask.text)[0])] if ask.text else seats.coming(tx, branch)
    return Reply("\n".join(line for row in rows for line in names_of(tx, row)) or "现在没有志愿服务。")


def say_open(tx: Tx, ask: Ask) -> Reply:
    """/volunteer open NAME WHEN 地点 人数, in nearly any order."""
    when = find_when(ask.text, tx.now)
    if when is None:
        raise Refused(f"没看到时间。{USAGE}")
    if not when.clock:
        raise Refused(f"请写明几点。{USAGE}")
    if len(when.ambiguous) > 1:
        return _which_time(tx, ask, when)
    name, place, capacity = read_shift(ask.text, when.span)
    shift = seats.open_shift(tx, branch_of(ask), name, when.start, when.end, place, capacity, ask.who)
    where = f" {place}" if place else ""
    text = f"{heading(tx, shift)}{where}\n{state_line(tx, shift)}\n报名请发：报名 #{shift.number}"
    shown = card(tx, shift)
    here = ("", "") if ask.incoming.private else (ask.incoming.platform, ask.incoming.chat)
    groups = put_to_branch(
        tx,
        shift.branch_id,
        lambda _of, _by: Reply(text, shown),
        key=f"shift:{shift.id}",
        besides=here,
        purpose="notice",
    )
    heard = f"\n将在 {groups} 个群里通知。" if ask.incoming.private and groups else ""
    return Reply(f"已发布 {text}{heard}", card=shown)


def read_shift(text: str, span: tuple[int, int]) -> tuple[str, str, int]:
    """(name, place, capacity) of what stands around the time. Raises Refused."""
    rest = f"{text[: span[0]]} {text[span[1] :]}"
    found = list(PEOPLE.finditer(rest)) or list(BARE.finditer(rest))
    if not found:
        raise Refused(f"没看到人数。{USAGE}")
    count, rest = found[-1][1], f"{rest[: found[-1].start()]} {rest[found[-1].end() :]}"
    if not count.isdecimal() or not 1 <= int(count) <= seats.MOST_SEATS:
        raise Refused(f"人数要是 1 到 {seats.MOST_SEATS} 之间的整数。")
    words = [word for word in re.split(r"[\s，,]+", rest) if word]
    if not words:
        raise Refused(f"没看到名称。{USAGE}")
    name, place = words[0], " ".join(words[1:])
    if len(name) > LONGEST_NAME or len(place) > LONGEST_PLACE:
        raise Refused(f"名称最多 {LONGEST_NAME} 字，地点最多 {LONGEST_PLACE} 字。")
    return name, place, int(count)


def _which_time(tx: Tx, ask: Ask, when: When) -> Reply:
    before, behind = ask.text[: when.span[0]], ask.text[when.span[1] :]
    length = when.end - when.start if when.end else None
    options = []
    for start in (one for one in when.ambiguous if one > tx.now):
        end = f"-{start + length:%H:%M}" if length else ""
        label = f"{day_and_time(start)}{end}"
        options.append((label, f"/volunteer open {before} {start:%Y-%m-%d %H:%M}{end} {behind}"))
    return ask_back(tx, ask, "是哪个时间？", options)


def say_signup(tx: Tx, ask: Ask) -> Reply:
    """报名 [编号|活动], for oneself or for who is named. Raises NoShift where no open shift is meant."""
    calls = signup_calls(tx, branch_of(ask))
    found = _pick(tx, ask, calls, "现在没有可报名的志愿服务。")
    if len(found) > 1:
        return _which_shift(tx, ask, found, "报名")
    shift = seats.numbered(tx, branch_of(ask), found[0])
    lines = []
    for member, name in _people(tx, ask):
        place = seats.signup(tx, shift.id, member, ask.who, clerk=_clerk(ask), rule=ask.rule)
        who = "" if member == ask.who.member else f"（代{name}报）"
        lines.append(f"{'已报名' if place == 0 else f'已满，候补第 {place} 位'}：{heading(tx, shift)}{who}")
    return _answer(tx, ask, shift, lines)


def say_withdraw(tx: Tx, ask: Ask) -> Reply:
    """退出 [编号]. Raises NoShift where the sender is in no coming shift that is meant."""
    if ask.slots.get("object") == "wish":
        raise NoShift("这是微心愿，不是志愿服务。")
    people = _people(tx, ask)
    calls = withdraw_calls(tx, branch_of(ask), people[0][0])
    found = _pick(tx, ask, calls, "没有可退出的志愿服务报名。")
    if len(found) > 1:
        return _which_shift(tx, ask, found, "退出")
    shift = seats.numbered(tx, branch_of(ask), found[0])
    lines = []
    for member, name in people:
        promoted = seats.withdraw(tx, shift.id, member, ask.who, clerk=_clerk(ask), rule=ask.rule)
        announce(tx, shift, promoted)
        lines.append(f"已退出：{heading(tx, shift)}" + ("" if member == ask.who.member else f"（代{name}退）"))
    return _answer(tx, ask, shift, lines)


def _clerk(ask: Ask) -> bool:
    """A secretary who names others does it as the branch's clerk."""
    return bool(ask.slots.get("persons")) and may(ask.who, "secretary")


def _answer(tx: Tx, ask: Ask, shift: Any, lines: list[str]) -> Reply:
    pressed = ask.incoming.kind == "press"
    return Reply("\n".join([*lines, state_line(tx, shift)]), card=card(tx, shift) if pressed else None)


def _pick(tx: Tx, ask: Ask, calls: tuple[Call, ...], nothing: str) -> list[int]:
    """The numbers of the shifts that are meant: one, or several to ask about. A number that is typed is final."""
    if ask.number:
        return [ask.number]
    typed = NUMBER.search(ask.text)
    if typed:
        return [int(typed[1] or typed[2])]
    found = which(Reading(ask.intent, ask.slots, ask.rule), calls, tx.now) if calls else ()
    if not found:
        raise NoShift(nothing)
    return [call.number for call in found]


def _which_shift(tx: Tx, ask: Ask, numbers: list[int], word: str) -> Reply:
    rows = [seats.numbered(tx, branch_of(ask), number) for number in numbers]
    names = "、".join(ask.slots.get("persons", ()))
    verb = f"替{names}{word}" if names else word
    return ask_back(tx, ask, f"{word}哪一个？", [(heading(tx, row), f"{verb} #{row.number}") for row in rows])


def _people(tx: Tx, ask: Ask) -> list[tuple[int, str]]:
    """(member, name) of those who are meant: the sender, unless others are named."""
    if ask.who.member == 0 and not _clerk(ask):
        raise Refused("我还不认识您。请先说：我是 姓名")
    rows = [member_named(tx, branch_of(ask), name) for name in ask.slots.get("persons", ()) if name != ask.who.name]
    people = {row.id: row.name for row in rows}
    if not people or ask.slots.get("include_self"):
        people = {ask.who.member: ask.who.name, **people}
    return list(people.items())


def say_add(tx: Tx, ask: Ask) -> Reply:
    """/volunteer add N 姓名…: all of them or none; beyond the seats they wait."""
    shift, people = _named_people(tx, ask)
    lines = []
    for row in people:
        place = seats.signup(tx, shift.id, row.id, ask.who, clerk=True)
        lines.append(f"{row.name}：{'已报' if place == 0 else f'已满，候补第 {place} 位'}")
    return Reply("\n".join([heading(tx, shift), *lines, state_line(tx, shift)]))


def say_remove(tx: Tx, ask: Ask) -> Reply:
    """/volunteer remove N 姓名…"""
    shift, people = _named_people(tx, ask)
    for row in people:
        announce(tx, shift, seats.withdraw(tx, shift.id, row.id, ask.who, clerk=True))
    names = "、".join(row.name for row in people)
    return Reply(f"{heading(tx, shift)}\n已移出：{names}\n{state_line(tx, shift)}")


def _named_people(tx: Tx, ask: Ask) -> tuple[Any, list[Any]]:
    number, rest = _number(ask.text)
    names = dict.fromkeys(word for word in BETWEEN.split(rest) if word)
    if not names:
        raise Refused("请写明姓名，如：/volunteer add 3 张三 李四")
    shift = seats.numbered(tx, branch_of(ask), number)
    rows = [member_named(tx, branch_of(ask), name) for name in names]
    return shift, list({row.id: row for row in rows}.values())


def say_close(tx: Tx, ask: Ask) -> Reply:
    """/volunteer close N."""
    shift = seats.numbered(tx, branch_of(ask), _number(ask.text)[0])
    seats.close(tx, shift.id, ask.who)
    return Reply(f"报名已截止：{heading(tx, shift)}\n{state_line(tx, shift)}")


def say_cancel(tx: Tx, ask: Ask) -> Reply:
    """/volunteer cancel N: those who were signed up hear it once, in the branch's groups."""
    shift = seats.numbered(tx, branch_of(ask), _number(ask.text)[0])
    people = seats.cancel(tx, shift.id, ask.who)
    if not people:
        return Reply(f"已取消：{heading(tx, shift)}")
    names = "、".join(one.name for one in people[:MOST_NAMES]) + (" 等" if len(people) > MOST_NAMES else "")
    text = f"{heading(tx, shift)} 已取消，请报名的 {len(people)} 人知悉：{names}"

    def words(platform: str, speaker: str) -> Reply:
        return Reply(text, mention=accounts_of(tx, platform, [one.member_id for one in people]))

    groups = put_to_branch(tx, shift.branch_id, words, key=f"cancelled:{shift.id}", purpose="notice")
    told = (
        f"已在群里通知报名的 {len(people)} 人。"
        if groups
        else f"还没有绑定的群，请自行通知报名的 {len(people)} 人：{names}"
    )
    return Reply(f"已取消：{heading(tx, shift)}\n{told}")


def _number(text: str) -> tuple[int, str]:
    """The number that a text begins with, and the rest."""
    match = re.match(r"#?\s*(\d{1,6})(?!\d)号?(.*)$", text.strip(), re.S)
    if match is None:
        raise Refused("请写明编号，如：/volunteer close 3。发 /volunteer 看编号。")
    return int(match[1]), match[2].strip()


def _sub(name: str, chinese: str, help: str, example: str, run: Any, **more: Any) -> Command:
    return Command(name, chinese, help, f"/volunteer {example}", run, **more)


COMMANDS = (
    Command(
        "volunteer",
        "志愿",
        "志愿服务：报到哪一步",
        "/volunteer",
        say_state,
        role="member",
        writes=False,
        subs=(
            _sub("open", "发布", "发布一次志愿服务", "open 义诊 12月6日9:00-11:00 人民广场 10人", say_open),
            _sub("list", "名单", "看安排和名单", "list 3", say_list, role="member", writes=False),
            _sub("add", "添加", "替人报名", "add 3 张三 李四", say_add),
            _sub("remove", "移出", "移出名单", "remove 3 张三", say_remove),
            _sub("close", "截止", "截止报名", "close 3", say_close),
            _sub("cancel", "取消", "取消一次志愿服务", "cancel 3", say_cancel),
        ),
    ),
)
