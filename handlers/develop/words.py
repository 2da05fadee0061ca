"""What is read and said about 发展党员; for the secretary's and the organiser's eyes only."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from bot.commands import Ask, Command
from bot.db import Tx
from bot.message import Refused, Reply
from handlers.develop import operations
from handlers.develop.operations import Due, Way
from handlers.develop.steps import NOTES, STAGES, STEPS, warnings, window
from handlers.looks import DEVELOP, note_names
from handlers.register import branch_of
from handlers.registers.dates import past_day
from handlers.registers.line import plain, reason_of, split

LONGEST_NAME, MOST_LINES = 20, 20
STEP_WORD = re.compile(r"第?([0-9]{1,2})步?")
USAGE = "请这样发：/develop step 孙悦 7 2026-11-20"


def say_list(tx: Tx, ask: Ask) -> Reply:
    """/develop [list [姓名]]: where each person stands and what comes next; a name gives all his dates."""
    if ask.text:
        way = operations.found(tx, branch_of(ask), ask.text.strip())
        note_names(tx, ask.who, branch_of(ask), [way.name], DEVELOP)
        return Reply("\n".join(_all_dates(way)))
    going = [way for way in operations.ways(tx, branch_of(ask)) if not way.over]
    note_names(tx, ask.who, branch_of(ask), [way.name for way in going[:MOST_LINES]], DEVELOP)
    lines = [_standing(way) for way in going[:MOST_LINES]]
    more = [f"…… 还有 {len(going) - MOST_LINES} 人"] if len(going) > MOST_LINES else []
    return Reply("\n".join([f"发展党员 {len(going)} 人", *lines, *more]))


def _standing(way: Way) -> str:
    head = f"#{way.number} {way.name}"
    if way.last:
        head += f" 第{way.last}步 {STEPS[way.last].name} {way.newest[way.last]}"
    return f"{head}\n  {_next(way)}" if way.next else head


def _next(way: Way) -> str:
    step = STEPS[way.next]
    earliest, latest = window(way.next, way.dates)
    days = "，".join(f"{word} {day}" for word, day in (("最早", earliest), ("最晚", latest)) if day)
    notes = NOTES.get(way.next, "")
    return f"下一步：{step.number} {step.name}（{'；'.join(part for part in (step.who, days, notes) if part)}）"


def _all_dates(way: Way) -> list[str]:
    lines = [f"#{way.number} {way.name}" + (f"（{way.ended} 终止）" if way.ended else "")]
    for number, day in sorted(way.newest.items()):
        if number in STEPS:
            lines.append(f"{number} {STEPS[number].name} {day}（{STAGES[STEPS[number].stage]}）")
    return [*lines, _next(way)] if way.next and not way.ended else lines


def say_add(tx: Tx, ask: Ask) -> Reply:
    """/develop add 姓名"""
    name = plain(_private(ask), LONGEST_NAME, "姓名")
    if not name or " " in name:
        raise Refused("请只写姓名，如：/develop add 孙悦")
    way = operations.add(tx, branch_of(ask), name, ask.who)
    return Reply(f"已登记 #{way.number} {way.name}\n{_next(way)}")


def say_step(tx: Tx, ask: Ask) -> Reply:
    """/develop step 姓名 N 日期"""
    way, number, day = read_step(tx, branch_of(ask), _private(ask))
    after = operations.step(tx, branch_of(ask), way, number, day, ask.who)
    return step_said(after, number, day)


def say_correct(tx: Tx, ask: Ask) -> Reply:
    """/develop correct 姓名 N 日期 原因 …: the old day is kept as a row."""
    text, reason = reason_of(_private(ask))
    if not reason:
        raise Refused("更正请写原因，如：/develop correct 孙悦 7 2026-11-19 原因 日期写错")
    words = split(text)
    if "作废" in words:
        return _taken_back(tx, ask, [word for word in words if word != "作废"], reason)
    way, number, day = read_step(tx, branch_of(ask), text)
    return step_said(operations.step(tx, branch_of(ask), way, number, day, ask.who, reason), number, day)


def _taken_back(tx: Tx, ask: Ask, words: list[str], reason: str) -> Reply:
    """/develop correct 姓名 N 作废 原因 …; step 0 is the end."""
    numbers = [int(match[1]) for word in words if (match := STEP_WORD.fullmatch(word))]
    names = [word for word in words if not STEP_WORD.fullmatch(word)]
    if len(numbers) != 1 or len(names) != 1:
        raise Refused("请这样发：/develop correct 孙悦 7 作废 原因 登记错人")
    way = operations.found(tx, branch_of(ask), names[0])
    way = operations.take_back(tx, branch_of(ask), way, numbers[0], ask.who, reason)
    return Reply(f"已作废：#{way.number} {way.name} 第{numbers[0]}步的日期")


def say_end(tx: Tx, ask: Ask) -> Reply:
    """/develop end 姓名 [日期]: the way has ended; nothing says why."""
    words = split(_private(ask))
    day = next((found for word in words if (found := past_day(word, tx.now))), None)
    names = [word for word in words if past_day(word, tx.now) is None]
    if len(names) != 1:
        raise Refused("请写姓名和日期，如：/develop end 孙悦 11月20日。不用写原因。")
    way = operations.found(tx, branch_of(ask), names[0])
    operations.step(tx, branch_of(ask), way, operations.ENDED, day or tx.now.date(), ask.who)
    return Reply(f"已登记：#{way.number} {way.name} 的发展终止")


def read_step(tx: Tx, branch: int, text: str) -> tuple[Way, int, date]:
    """(who, which step, when) in any order. Raises Refused for what is missing or too much."""
    words, day, number = split(text), None, 0
    for word in list(words):
        if day is None and (found := past_day(word, tx.now)) is not None:
            day = found
            words.remove(word)
        elif not number and (match := STEP_WORD.fullmatch(word)):
            number = int(match[1])
            words.remove(word)
    if day is None or len(words) != 1:
        raise Refused(f"要写清姓名、第几步、日期，不写别的。{USAGE}")
    if number not in STEPS:
        raise Refused(f"步骤是 1 到 25。{USAGE}")
    return operations.found(tx, branch, words[0]), number, day


def step_said(way: Way, number: int, day: date) -> Reply:
    """What was recorded of a step, with what the rules say about its day and what comes next."""
    others = {one: on for one, on in way.dates.items() if one != number}
    lines = [f"已登记 #{way.number} {way.name}：第{number}步 {STEPS[number].name} {day}"]
    lines += [f"请注意：{warning}" for warning in warnings(number, day, others)]
    return Reply("\n".join([*lines, *([_next(way)] if way.next else [])]))


def reminder(due: Due) -> str:
    """One line for the clerk about a day that is near or over."""
    step = f"{due.name}：第{due.step}步 {STEPS[due.step].name}"
    if due.what == "earliest":
        return f"{step} 今天起可以办"
    return f"{step} 最晚 {due.on}" + ("（已过，请核对）" if due.late else "")


def _private(ask: Ask) -> str:
    if not ask.incoming.private:
        raise Refused("发展党员只在私聊里登记，没有记录。请私聊我发 /develop")
    return ask.text


def _sub(name: str, chinese: str, help: str, example: str, run: Any, **more: Any) -> Command:
    return Command(name, chinese, help, f"/develop {example}", run, secret=True, **more)


COMMANDS = (
    Command(
        "develop",
        "发展",
        "发展党员：25 步的日期（私聊）",
        "/develop",
        say_list,
        writes=False,
        secret=True,
        subs=(
            _sub("add", "登记", "登记一位申请人", "add 孙悦", say_add),
            _sub("list", "列表", "到哪一步、下一步最早最晚", "list 孙悦", say_list, writes=False),
            _sub("step", "步骤", "登记一步的日期", "step 孙悦 7 2026-11-20", say_step),
            _sub("correct", "更正", "更正一步的日期", "correct 孙悦 7 2026-11-19 原因 日期写错", say_correct),
            _sub("end", "终止", "登记发展终止", "end 孙悦 11月20日", say_end),
        ),
    ),
)
