"""模板: meetings of a branch that come again, by their name or by themselves every month."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.rules import ThemeDay, parse_theme_day
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.activities.kinds import all_kinds
from handlers.activities.opening import Plan, of_month, open_activity, was_cancelled
from handlers.activities.standing import ENTERED
from handlers.meetings_tables import templates
from handlers.phrases import WEEKDAYS
from handlers.register import invited_by_words
from handlers.tables import activities

LONGEST_NAME = 30
MOST = 30  # templates of one branch
NUMERALS = "一二三四五"
RULE = "每月5日、每月第一个周五、每月最后一个周五"

ADD = insert_row(
    templates,
    *("branch_id", "name", "kind", "also", "place", "audience", "minutes", "rule", "clock", "made_at", "made_by"),
)
OF_BRANCH = sql(
    select(templates).where(templates.c.branch_id == p("branch"), templates.c.ended_at == 0).order_by(templates.c.id)
)
END = sql(
    update(templates)
    .where(templates.c.branch_id == p("branch"), templates.c.name == p("called"), templates.c.ended_at == 0)
    .values(ended_at=p("at"))
)
LAST = sql(
    select(activities)
    .where(activities.c.branch_id == p("branch"), activities.c.state != "cancelled", activities.c.origin != ENTERED)
    .order_by(activities.c.id.desc())
    .limit(1)
)


def templates_of(tx: Tx, branch: int) -> list[Any]:
    """The templates of a branch, the oldest first."""
    return tx.all(OF_BRANCH, branch=branch)


def template_named(tx: Tx, branch: int, name: str) -> Any:
    """The template of that name, or None."""
    return next((row for row in templates_of(tx, branch) if row.name == name), None)


def save(tx: Tx, branch: int, name: str, activity: Any, by: Who, rule: str = "", clock: str = "") -> None:
    """Keeps a meeting as a template, in place of one of the same name; with a rule it repeats every month at `clock`.

    Raises Refused for a name that can't be, or too many.
    """
    if not 0 < len(name) <= LONGEST_NAME or "#" in name:
        raise Refused(f"模板名称最多 {LONGEST_NAME} 字，不带 #。")
    replaced = end(tx, branch, name)
    if not replaced and len(templates_of(tx, branch)) >= MOST:
        raise Refused(f"模板最多 {MOST} 个，请先删掉不用的。")
    kept = {"kind": activity.kind, "also": activity.also, "place": activity.place, "audience": activity.audience}
    when = {"minutes": _minutes(activity), "rule": rule, "clock": clock, "made_at": tx.at, "made_by": by.label}
    tx.run(ADD, branch_id=branch, name=name, **kept, **when)
    note(tx, branch, by.label, by.member, "template", f"activity:{activity.id}", name=name, rule=rule)


def end(tx: Tx, branch: int, name: str) -> bool:
    """Ends a template; False where there is none of that name."""
    return tx.run(END, branch=branch, called=name, at=tx.at) > 0


def again(tx: Tx, branch: int, row: Any, start: datetime, end: datetime | None = None, place: str = "") -> Plan:
    """A meeting (or a template) as it would be at another time, as long as before, for those who are meant today."""
    if end is None:
        lasted = row.minutes if hasattr(row, "minutes") else _minutes(row)
        end = start + timedelta(minutes=lasted) if lasted else None
    invited = invited_by_words(tx, branch, row.audience) if row.audience else ()
    kinds = all_kinds(row)
    return Plan(kinds[0], start, end, place or row.place, None, row.audience, invited, kinds[1:])


def _minutes(row: Any) -> int:
    return (row.ends_at - row.starts_at) // 60_000_000 if row.ends_at else 0


def last_opened(tx: Tx, branch: int) -> Any:
    """The meeting that was opened last. Raises Refused where there is none."""
    row = tx.one(LAST, branch=branch)
    if row is None:
        raise Refused("还没有开过活动，先用 /attendance open 开一个。")
    return row


def is_settled(tx: Tx, row: Any, start: datetime) -> bool:
    """Whether a template's meeting of the month needs no opening: that kind stands there already, or was called off."""
    branch = row.branch_id
    return bool(of_month(tx, branch, row.kind, start)) or was_cancelled(tx, branch, row.kind, start)


def open_repeated(tx: Tx, row: Any, start: datetime, by: Who) -> Any:
    """Opens the month's meeting of a repeating template; None where it is settled or its time is over.

    Raises Refused, with nothing written, where those it is for can't be found any more.
    """
    if start <= tx.now or is_settled(tx, row, start):
        return None
    activity, _ = open_activity(tx, row.branch_id, again(tx, row.branch_id, row, start), by, "clock")
    return activity


def read_rule(words: str) -> str:
    """A rule of bot.rules from `每月第一个周五`, `每月5日`, or written as one. Raises Refused."""
    text = words.replace(" ", "")
    if found := re.fullmatch(r"每月(\d{1,2})[日号]", text):
        return _checked(f"day:{found[1]}")
    if re.fullmatch(r"每月最后一天|每月底", text):
        return "day:31"
    if found := re.fullmatch(r"每月第([一二三四五1-5])个((?:周|星期|礼拜)\S)", text):
        return _checked(f"nth:{_number(found[1])},{found[2]}")
    if found := re.fullmatch(r"每月最后一个((?:周|星期|礼拜)\S)", text):
        return _checked(f"last:{found[1]}")
    if found := re.fullmatch(r"每月第([一二三四五1-5])周的?((?:周|星期|礼拜)\S)", text):
        number = _number(found[1])
        raise Refused(
            f"“{words}”是第{found[1]}个{found[2]}（写：每月第{found[1]}个{found[2]}），"
            f"还是第{found[1]}个自然周的{found[2]}（写：nth-week:{number},{found[2]}）？"
        )
    return _checked(text)


def _number(sign: str) -> int:
    return NUMERALS.find(sign) + 1 or int(sign)


def _checked(rule: str) -> str:
    try:
        parsed = parse_theme_day(rule)
    except ValueError:
        parsed = None
    if parsed is None or parsed.kind == "date":
        raise Refused(f"没看懂怎么重复。可以写：{RULE}")
    return rule


def rule_words(rule: str) -> str:
    """每月第1个周五, for people; "" for no rule."""
    parsed = parse_theme_day(rule)
    return _words(parsed) if parsed else ""


def _words(rule: ThemeDay) -> str:
    weekday = f"周{WEEKDAYS[rule.weekday]}"
    return {
        "day": f"每月{rule.number}日" if rule.number < 31 else "每月最后一天",
        "nth": f"每月第{rule.number}个{weekday}",
        "last": f"每月最后一个{weekday}",
        "nth-week": f"每月第{rule.number}周的{weekday}",
        "date": str(rule.day),
    }[rule.kind]
