"""/attendance copy, template, repeat: a meeting again, at another time, by its name, or by itself every month."""

from __future__ import annotations

import re
from typing import Any

from bot.commands import Ask, Command
from bot.db import Tx
from bot.language import find_when
from bot.message import Refused, Reply
from handlers.activities import numbered, title
from handlers.activities.templates import (
    RULE,
    again,
    end,
    last_opened,
    read_rule,
    rule_words,
    save,
    templates_of,
)
from handlers.attendance.changing import opened
from handlers.attendance.target import NUMBER, exact, target

COPY = "/attendance copy 12月25日15:00"
TEMPLATE = "/attendance template 保存 月度党课 #12"
REPEAT = "/attendance repeat #12 每月第一个周三"
SAVE, DELETE, STOP = ("保存", "存", "save"), ("删除", "删", "delete"), ("停", "停止", "不重复", "off", "stop")
CLOCK = re.compile(r"\s*(\d{1,2})[:：](\d{2})$")


def say_copy(tx: Tx, ask: Ask) -> Reply:
    """copy [#12] WHEN: the same kinds, place, audience and length at another time."""
    match = NUMBER.match(ask.text) if ask.text[:1] in ("#", "＃") else None
    meant = target(tx, ask, "copy") if match else (last_opened(tx, ask.who.branch), ask.text)
    if isinstance(meant, Reply):
        return meant
    activity, text = meant
    when = find_when(text, tx.now)
    if when is None:
        raise Refused(f"没看懂时间。例：{COPY}")
    start, until = exact(when)
    place = (text[: when.span[0]] + text[when.span[1] :]).strip(" ，,、")
    return opened(tx, ask, again(tx, ask.who.branch, activity, start, until, place))


def say_template(tx: Tx, ask: Ask) -> Reply:
    """template: the list; 保存 NAME #12 keeps a meeting, 删除 NAME ends a template."""
    words = ask.text.split()
    if not words:
        rows = templates_of(tx, ask.who.branch)
        return Reply("\n".join(_line(row) for row in rows) or f"还没有模板。例：{TEMPLATE}")
    if words[0] in DELETE and len(words) == 2:
        return _ended(tx, ask, words[1])
    number = words[2].lstrip("#＃") if len(words) == 3 else ""
    if words[0] not in SAVE or not number.isdigit() or len(number) > 6:
        raise Refused(f"请写：保存 名称 #编号，或 删除 名称。例：{TEMPLATE}")
    activity = numbered(tx, ask.who.branch, int(number))
    save(tx, ask.who.branch, words[1], activity, ask.who)
    return Reply(f"已存为模板：{words[1]}\n以后发：/attendance open {words[1]} 12月25日15:00")


def say_repeat(tx: Tx, ask: Ask) -> Reply:
    """repeat #12 每月第一个周三 [15:00]; repeat NAME 停."""
    words = ask.text.split()
    if len(words) == 2 and words[1].lower() in STOP and not NUMBER.match(ask.text):
        return _ended(tx, ask, words[0])
    if not NUMBER.match(ask.text):
        raise Refused(f"请写编号和怎么重复（{RULE}）。例：{REPEAT}")
    meant = target(tx, ask, "repeat")
    if isinstance(meant, Reply):
        return meant
    activity, text = meant
    if text.lower() in STOP:
        return _ended(tx, ask, title(activity))
    start = tx.moment(activity.starts_at)
    if not text:
        nth = f"每月第{'一二三四五'[(start.day - 1) // 7]}个周{'一二三四五六日'[start.weekday()]}"
        raise Refused(f"是每月{start.day}日，还是{nth}？例：/attendance repeat #{activity.number} {nth}")
    typed = CLOCK.search(text)
    clock = _clock(typed) if typed else f"{start:%H:%M}"
    rule = read_rule(text[: typed.start()] if typed else text)
    name = title(activity)
    save(tx, ask.who.branch, name, activity, ask.who, rule, clock)
    return Reply(
        f"以后{rule_words(rule)} {clock} 自动开：{name}（逢节假日顺延，已经开过或取消的月份不再开）\n"
        f"不要了发：/attendance repeat {name} 停"
    )


def _clock(typed: re.Match[str]) -> str:
    hour, minute = int(typed[1]), int(typed[2])
    if hour > 23 or minute > 59:
        raise Refused(f"没有 {typed[0].strip()} 这个时间。")
    return f"{hour:02}:{minute:02}"


def _ended(tx: Tx, ask: Ask, name: str) -> Reply:
    if not end(tx, ask.who.branch, name):
        names = "、".join(row.name for row in templates_of(tx, ask.who.branch)) or "没有"
        raise Refused(f"没有叫「{name[:20]}」的模板。现有：{names}")
    return Reply(f"已停：{name}。已经开的活动不变。")


def _line(row: Any) -> str:
    facts = [title(row), row.place, f"应到 {row.audience}" if row.audience else ""]
    facts += [f"{row.minutes} 分钟" if row.minutes else "", f"{rule_words(row.rule)} {row.clock}" if row.rule else ""]
    return f"{row.name}：{'，'.join(fact for fact in facts if fact)}"


COMMANDS = (
    Command("copy", "再开", "把上一个活动换个时间再开", COPY, say_copy),
    Command("template", "模板", "存下来以后按名称开", TEMPLATE, say_template),
    Command("repeat", "重复", "每月自动再开", REPEAT, say_repeat),
)
