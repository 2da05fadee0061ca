"""不计入应到: only where the superior organisation agreed and the members' meeting approved, from a day on.

Everybody else stays in 应到, also on leave. Whom it concerns and why is told and taken in private only; the kind is
kept, never the story. A day before today is taken only where no meeting has been closed since: a published 应到 stays.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, select

from bot.commands import Ask, Command, Who
from bot.db import Tx, micros
from bot.message import Refused, Reply
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.looks import EXCLUDED as EXEMPT
from handlers.looks import note_looks
from handlers.meetings_tables import exclusions
from handlers.register import member_named
from handlers.registers.dates import due_day, past_day
from handlers.tables import activities, members

EXCLUDED = {
    "unable": "无法表达",
    "abroad": "自费出国",
    "sentence": "服刑",
    "ill": "长期病弱",
    "away": "外出半年",
    "settled": "异地定居",
}
EXAMPLE = "/attendance exclude 孙桂兰 异地定居 上级 2026-10-08 大会 2026-10-20"
HOW = f"请写姓名、情况（{'、'.join(EXCLUDED.values())}）、上级同意和大会通过的日期。例：{EXAMPLE}"
DATE = re.compile(r"(?<=[\s，,；;])(上级|大会|从|到|恢复)[\s:：]*([^\s，,]+)")  # the name stands first: 从云

ADD = insert_row(
    exclusions,
    *("branch_id", "member_id", "kind", "superior_on", "meeting_on", "from_at", "to_at", "replaces"),
    *("recorded_at", "recorded_by", "by_member"),
    returning=exclusions.c.id,
)
_newer = exclusions.alias("newer")
STANDING = sql(
    select(exclusions, members.c.name)
    .join(members, members.c.id == exclusions.c.member_id)
    .where(
        exclusions.c.branch_id == p("branch"), ~exists(select(_newer.c.id).where(_newer.c.replaces == exclusions.c.id))
    )
    .where((exclusions.c.to_at == 0) | (exclusions.c.to_at > p("at")))
    .order_by(exclusions.c.id)
)
LAST_CLOSED = sql(
    select(func.max(activities.c.starts_at)).where(
        activities.c.branch_id == p("branch"), activities.c.state == "closed"
    )
)

# Operations


def standing(tx: Tx, branch: int) -> list[Any]:
    """Who is not counted now or later, with name, kind, the two days of agreement, from_at and to_at."""
    return tx.all(STANDING, branch=branch, at=tx.at)


def exclude(
    tx: Tx, branch: int, member: int, kind: str, agreed: tuple[date, date], span: tuple[date, date | None], by: Who
) -> None:
    """Doesn't count a member from a day on (`span`: first day, day from which he counts again or None).

    `agreed` are the days on which the superior agreed and the members' meeting approved; both are needed. Raises
    Refused for a kind that isn't one, an order that can't be, a member who is not counted already, a published 应到.
    """
    superior, meeting = agreed
    first, last = span
    if first < meeting or (last is not None and last <= first):
        raise Refused("起算日不能早于大会通过的那天，截止日要在起算日之后。")
    if superior > meeting:
        raise Refused("要先上级同意，再大会通过：请核对两个日期。")
    if any(row.member_id == member for row in standing(tx, branch)):
        raise Refused("这位同志已经登记了不计入应到。要改先写“恢复”。")
    values = {"kind": kind, "superior_on": superior.isoformat(), "meeting_on": meeting.isoformat()}
    from_at, to_at = _midnight(tx, first), _midnight(tx, last) if last else 0
    _keep_published(tx, branch, from_at)
    _add(tx, branch, member, by, "exclude", from_at=from_at, to_at=to_at, replaces=0, **values)


def count_again(tx: Tx, row: Any, day: date, by: Who) -> None:
    """Counts a member again from a day on, as a new row. Raises Refused where that would change a published 应到."""
    to_at = max(_midnight(tx, day), row.from_at)
    _keep_published(tx, row.branch_id, to_at)
    kept = {"kind": row.kind, "superior_on": row.superior_on, "meeting_on": row.meeting_on, "from_at": row.from_at}
    _add(tx, row.branch_id, row.member_id, by, "include", to_at=to_at, replaces=row.id, **kept)


def _add(tx: Tx, branch: int, member: int, by: Who, action: str, **values: Any) -> None:
    who = {"recorded_at": tx.at, "recorded_by": by.label, "by_member": by.member}
    row = tx.value(ADD, branch_id=branch, member_id=member, **values, **who)
    note(tx, branch, by.label, by.member, action, f"member:{member}", row=row)


def _midnight(tx: Tx, day: date) -> int:
    return micros(datetime(day.year, day.month, day.day, tzinfo=tx.now.tzinfo))


def _keep_published(tx: Tx, branch: int, since: int) -> None:
    last = tx.value(LAST_CLOSED, branch=branch)
    if last is not None and last >= since:
        raise Refused("这之后已经有结束的会议，公布过的应到不改。请从今天起算，或写以后的日期。")


# Words


def say_exclude(tx: Tx, ask: Ask) -> Reply:
    """/attendance exclude: who is not counted; with a name enters or ends it. In private only."""
    if not ask.text:
        rows = standing(tx, ask.who.branch)
        note_looks(tx, ask.who, (row.member_id for row in rows), EXEMPT)
        return Reply("\n".join([f"不计入应到 {len(rows)} 人", *(_line(tx, row) for row in rows)]))
    if not ask.incoming.private:
        raise Refused("不计入的情况是个人情况，请私聊我发。")
    days = {word: _day(tx, word, found) for word, found in DATE.findall(ask.text)}
    words = [word for word in DATE.sub(" ", ask.text).split() if word != "恢复"]
    person = member_named(tx, ask.who.branch, words[0] if words else "")
    if "恢复" in ask.text:
        return _again(tx, ask, person, days.get("恢复", tx.now.date()))
    kind = next((key for key, word in EXCLUDED.items() if words[1:] == [word]), "")
    if not kind or "上级" not in days or "大会" not in days:
        raise Refused(HOW)
    span = (days.get("从", tx.now.date()), days.get("到"))
    exclude(tx, ask.who.branch, person.id, kind, (days["上级"], days["大会"]), span, ask.who)
    return Reply(f"已登记：{person.name} 从 {span[0]} 起不计入应到（{EXCLUDED[kind]}）")


def _again(tx: Tx, ask: Ask, person: Any, day: date) -> Reply:
    row = next((row for row in standing(tx, ask.who.branch) if row.member_id == person.id), None)
    if row is None:
        raise Refused(f"{person.name} 没有登记不计入应到。")
    count_again(tx, row, day, ask.who)
    return Reply(f"已恢复：{person.name} 从 {day} 起计入应到")


def _day(tx: Tx, word: str, text: str) -> date:
    found = past_day(text, tx.now) if word in ("上级", "大会") else due_day(text, tx.now)
    if found is None:
        raise Refused(f"没看懂“{word}”后面的日期。例：{EXAMPLE}")
    return found


def _line(tx: Tx, row: Any) -> str:
    end = f"到 {tx.moment(row.to_at):%Y-%m-%d} 前" if row.to_at else "长期"
    agreed = f"上级 {row.superior_on}，大会 {row.meeting_on}"
    return f"{row.name}（{EXCLUDED[row.kind]}）：{tx.moment(row.from_at):%Y-%m-%d} 起，{end}；{agreed}"


COMMAND = Command("exclude", "不计入", "谁不计入应到（私聊）", EXAMPLE, say_exclude, secret=True)
