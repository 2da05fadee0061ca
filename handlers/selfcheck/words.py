"""/branch selfcheck: what was done and what not, with the records behind it; all branches for an admin."""

from __future__ import annotations

from datetime import date

from bot import files
from bot.commands import Ask, Command, may
from bot.db import Tx
from bot.message import Attachment, Refused, Reply
from handlers.registers.dates import period
from handlers.selfcheck.item import WORDS, Item, Window
from handlers.selfcheck.reckoning import everywhere, selfcheck
from handlers.sheet.writing import workbook

EVERYWHERE = ("全部", "所有支部")
EXPORT = ("导出", "export")
EXAMPLE = "/branch selfcheck 2026"
HEADER = ("支部", "项目", "要求", "时段", "结果", "依据", "不完整的记录", "得分")


def say_selfcheck(tx: Tx, ask: Ask) -> Reply:
    """/branch selfcheck [年|季度|月] [全部] [导出]"""
    words = ask.text.split()
    called, first, last = period(" ".join(one for one in words if one not in (*EVERYWHERE, *EXPORT)), tx.now)
    found = _found(tx, ask, first, last, everybody=any(one in EVERYWHERE for one in words))
    lines = [line for name, items in found for line in _branch(name, called, items, brief=len(found) > 1)]
    attached = (_sheet(tx, called, found),) if any(one in EXPORT for one in words) else ()
    end = f"表格：{EXAMPLE} 导出。空着的由人填写。"
    return Reply("\n".join([*lines, "见表格。" if attached else end]), private=True, attachments=attached)


def _found(tx: Tx, ask: Ask, first: date, last: date, *, everybody: bool) -> list[tuple[str, list[Item]]]:
    config = ask.house.config
    if everybody or not ask.who.branch:
        if not may(ask.who, "admin"):
            raise Refused(f"全部支部由管理员查看。本支部：{EXAMPLE}")
        return list(everywhere(tx, first, last, config))
    return [(ask.who.branch_name, selfcheck(tx, ask.who.branch, first, last, config))]


def _branch(name: str, called: str, items: list[Item], *, brief: bool) -> list[str]:
    if brief:
        missing = "；".join(f"{one.name}（{_names(one.missing)}）" for one in items if one.missing)
        return [
            f"{name} {called}：未做 {sum(len(one.missing) for one in items)} 期" + (f"：{missing}" if missing else "")
        ]
    return [f"自查 {name} {called}", *(_item(one) for one in items)]


def _item(one: Item) -> str:
    if not one.windows:
        return f"{one.name}：（空，{one.why}）" if one.why else f"{one.name}：（空）"
    parts = [f"已做 {one.done}/{len(one.windows)}"]
    parts += [f"未做：{_names(one.missing)}"] if one.missing else []
    parts += [f"{each.name}{WORDS[each.state]}" for each in one.windows if each.state == "late"]
    records = [record for each in one.windows for record in each.records]
    parts += [f"依据 {' '.join(records)}"] if records else []
    parts += [f"待核 {'；'.join(each.incomplete)}" for each in one.windows if each.incomplete]
    return f"{one.name}（{one.asked}）：{' · '.join(parts)}"


def _names(found: tuple[Window, ...]) -> str:
    return "、".join(one.name for one in found)


def _sheet(tx: Tx, called: str, found: list[tuple[str, list[Item]]]) -> Attachment:
    """The table of the appraisal: a line per window, the score left for people."""
    table = [line for name, items in found for one in items for line in _lines(name, one)]
    return files.attach(tx, f"自查_{called}.xlsx", workbook("自查", HEADER, table))


def _lines(name: str, one: Item) -> list[tuple[str, ...]]:
    if not one.windows:
        return [(name, one.name, one.asked, "", "", "", one.why, "")]
    head = (name, one.name, one.asked)
    return [
        (*head, each.name, WORDS[each.state], " ".join(each.records), "；".join(each.incomplete), "")
        for each in one.windows
    ]


SELFCHECK = Command(
    "selfcheck",
    "自查",
    "规定的次数做到了没有，依据是哪些记录",
    EXAMPLE,
    say_selfcheck,
    role=("secretary", "committee"),
    secret=True,
)
