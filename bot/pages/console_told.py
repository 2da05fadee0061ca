"""How a row reads on the console: its table and columns by their Chinese names, instants as times, members by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.db import Tx
from bot.pages.console_rows import Change, Row, Written
from bot.sql import p, sql
from handlers.attendance.operations import ACTUAL, DECLARED, REASONS
from handlers.personal.holding import SECRET
from handlers.personal.named import COLUMNS, TABLES
from handlers.shifts.export import STATES
from handlers.tables import members

LONGEST = 200  # characters of a cell
NAME = sql(select(members.c.name).where(members.c.id == p("member")))
# The tables that hold nothing on a person, so that his page has no name for them.
OTHER_TABLES = {
    "activities": "活动",
    "branches": "支部",
    "candidates": "发展对象",
    "dues_closings": "党费结账",
    "dues_slips": "党费上缴单",
    "files": "待发的文件",
    "groups": "群与支部",
    "jobs": "定时任务",
    "orders": "报表任务",
    "page_screens": "签到大屏",
    "seen": "收到的消息",
    "shifts": "志愿服务",
    "templates": "活动模板",
    "year_notices": "放假通知",
}
OTHER_COLUMNS = {
    "member_id": "党员",
    "other_member_id": "另一人",
    "payer_id": "代交人",
    "by_member": "操作人",
    "activity_id": "活动",
    "shift_id": "班次",
    "branch_id": "支部",
    "checkin": "签到开关",
    "taken": "已占名额",
    "capacity": "名额",
    "last_number": "最后编号",
    "last_todo": "最后待办号",
    "message_id": "消息",
    "answer": "回答",
    "deadline_at": "回复截止",
    "also": "兼",
    "origin": "来源",
    "code": "签到码",
    "bound_at": "绑定时间",
}
HELD = {"open": "进行中", "closed": "已结束", "cancelled": "已取消"}
SAYING = {
    "planned": "待发",
    "claimed": "正在发",
    "sent": "已发",
    "failed": "没发出",
    "unknown": "不确定",
    "merged": "并入别条",
}
# What a code in a column stands for.
VALUES: dict[tuple[str, str], dict[str, str]] = {
    ("answers", "state"): DECLARED,
    ("answers", "reason"): REASONS,
    ("presences", "state"): ACTUAL,
    ("activities", "state"): HELD,
    ("shifts", "state"): STATES,
    ("outbox", "state"): SAYING,
}
PEOPLE = ("member_id", "other_member_id", "payer_id", "by_member")
DID = {(True, False): "删", (False, True): "加", (True, True): "改"}


def told(tx: Tx, written: Written) -> dict[str, Any]:
    """What was written, for the page: a table's rows together, the machine's own after the books'."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for change in written.changes:
        tables.setdefault(change.table, []).append(_row(tx, change))
    more = dict(written.more)
    ordered = sorted(tables, key=lambda name: name in ("trail", "seen", "outbox", "questions", "files"))
    return {
        "tables": [
            {"table": name, "called": called(name), "rows": tables[name], "more": more.get(name, 0)} for name in ordered
        ]
    }


def called(table: str) -> str:
    """The Chinese name of a table."""
    return TABLES.get(table) or OTHER_TABLES.get(table, table)


def _row(tx: Tx, change: Change) -> dict[str, Any]:
    before, after = change.before or {}, change.after or {}
    names = [name for name in after or before if name not in SECRET and _tells(name, before, after, change)]
    cells = [
        {
            "called": COLUMNS.get(name) or OTHER_COLUMNS.get(name, name),
            "column": name,
            "before": _value(tx, change.table, name, before),
            "after": _value(tx, change.table, name, after),
        }
        for name in names
    ]
    return {"did": DID[change.before is not None, change.after is not None], "cells": cells}


def _tells(name: str, before: Row, after: Row, change: Change) -> bool:
    """A changed row is told by its number and what changed, a new one by all that stands in it."""
    if change.before is not None and change.after is not None:
        return name in ("id", "number", "key") or before[name] != after[name]
    return (after or before)[name] not in ("", 0, None)


def _value(tx: Tx, table: str, name: str, row: Row) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"{len(value)} 字节"
    if name in PEOPLE and value:
        return str(tx.value(NAME, member=value) or value)
    if isinstance(value, int) and value > 10**14:  # no number of ours but an instant is so large
        return f"{tx.moment(value):%Y-%m-%d %H:%M:%S}"
    text = str(value)
    meaning = VALUES.get((table, name), {}).get(text)
    if meaning:
        return f"{meaning} {text}"
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
