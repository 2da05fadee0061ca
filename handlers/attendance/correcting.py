"""/attendance correct: what a closed meeting got wrong is put right by a new row, never by taking one away.

A correction has its reason, when it happened and when it was recorded. When a meeting is closed its 实到 is published:
a correction that changes it waits in `/todo` for a second person, but where nobody's presence had been taken by then.
As known at an earlier instant nothing changes.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.commands import Ask, Command, Who
from bot.db import Tx, micros
from bot.language import find_when
from bot.message import Refused, Reply
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers import todos
from handlers.activities import PRESENT, by_id, label, state_line
from handlers.attendance import leave, makeup
from handlers.attendance.known import Stand, expected, stand_of
from handlers.attendance.marking import MARKS, Mark, reason_kind
from handlers.attendance.operations import ACTUAL, DECLARED, sits_in
from handlers.attendance.target import NUMBER, exact, target
from handlers.meetings_tables import corrections
from handlers.phrases import day_and_time
from handlers.register import one_named
from handlers.tables import answers, members, presences

KIND = "correction"
EXAMPLE = "/attendance correct #12 张三 到 原因 漏签"
STILL_THERE = "{name} 还记着到会，实到没有变。没来的，再发：/attendance correct #{number} {name} 缺席 原因 误记"
LONGEST_REASON = 60
OPTION = re.compile(r"[\s，,；;](原因|时间)[\s:：]+")

ADD = insert_row(
    corrections,
    *("activity_id", "member_id", "state", "reason", "happened_at", "recorded_at", "recorded_by", "by_member"),
    returning=corrections.c.id,
)
SETTLE = sql(
    update(corrections)
    .where(corrections.c.id == p("correction"), corrections.c.decided_at == 0)
    .values(decided_at=p("at"), decided_by=p("who"), outcome=p("new_outcome"), presence_id=p("new_row"))
)
ONE = sql(select(corrections).where(corrections.c.id == p("correction")))
OF_ACTIVITY = sql(
    select(corrections, members.c.name)
    .join(members, members.c.id == corrections.c.member_id)
    .where(corrections.c.activity_id == p("activity"), corrections.c.recorded_at <= p("known"))
    .order_by(corrections.c.id)
)
OPEN_OF = sql(
    select(corrections.c.id).where(
        corrections.c.activity_id == p("activity"),
        corrections.c.member_id == p("member"),
        corrections.c.decided_at == 0,
    )
)
PRESENCE = insert_row(
    presences,
    *("activity_id", "member_id", "state", "at", "by_member", "why", "happened_at"),
    returning=presences.c.id,
)
ANSWER = insert_row(
    answers,
    *("activity_id", "member_id", "state", "reason", "late", "at", "by_member", "why"),
    returning=answers.c.id,
)

TAKEN = sql(
    select(presences.c.id).where(presences.c.activity_id == p("activity"), presences.c.why != "correction").limit(1)
)

STILL_HERE = sql(
    select(members.c.id).where(members.c.id == p("member"), members.c.branch_id == p("branch"), members.c.left_at == 0)
)

# Operations


def correct(
    tx: Tx, activity: Any, member: int, what: Mark, why: str, happened_at: int, by: Who, *, makeup_days: int
) -> bool:
    """Corrects what a closed meeting says of a member; False where it waits for a second person.

    `why` says what was wrong in the books (漏签, 误记), `happened_at` is in UTC microseconds; who turns out not to have
    been there owes a 补学 within `makeup_days`, as those do who were absent at the close. Raises Refused for a
    meeting that isn't closed, who wasn't due, what stands so already, a time to come, and a second one that waits.
    """
    stand = _checked(tx, activity, member, what, why, happened_at)
    row = tx.value(
        ADD,
        activity_id=activity.id,
        member_id=member,
        state=_written(what),
        reason=why,
        happened_at=happened_at,
        recorded_at=tx.at,
        recorded_by=by.label,
        by_member=by.member,
    )
    subject, number = f"activity:{activity.id}", activity.number
    note(tx, activity.branch_id, by.label, by.member, "correct", subject, member=member, row=row, number=number)
    correction = tx.one(ONE, correction=row)
    if not what.was_there or stand.present == (what.state in PRESENT) or not _published(tx, activity):
        _apply(tx, activity, correction, by, makeup_days)
        return True
    title = f"更正：{stand.name} #{number} 改为{ACTUAL[what.state]}（{by.label}提出）"
    todos.add(tx, activity.branch_id, KIND, "secretary", title, json.dumps({"correction": row, "days": makeup_days}))
    return False


def _published(tx: Tx, activity: Any) -> bool:
    """Whether anybody's presence had been taken when it was closed: else no 实到 was published, and none is changed."""
    return tx.one(TAKEN, activity=activity.id) is not None


def _written(what: Mark) -> str:
    return what.state if what.was_there else f"{what.state}:{what.reason or 'other'}"


def _checked(tx: Tx, activity: Any, member: int, what: Mark, why: str, happened_at: int) -> Stand:
    if activity.state == "open":
        raise Refused(f"{label(tx, activity)} 还没结束，直接登记：/attendance mark #{activity.number} 张三 到")
    stand = stand_of(tx, activity, member)
    if activity.state == "cancelled" or stand is None:
        raise Refused(f"{label(tx, activity)} 的应到名单里没有这位同志，或活动已取消。")
    if not 0 < len(why) <= LONGEST_REASON:
        raise Refused(f"更正要写原因（最多 {LONGEST_REASON} 字，只写登记上的原因）。例：{EXAMPLE}")
    if happened_at > tx.at:
        raise Refused("发生的时间还没到，请核对。")
    before = (stand.actual or "absent") if what.was_there else stand.declared
    if what.state == before and (what.was_there or what.reason == stand.reason):
        now = ACTUAL[before] if what.was_there else DECLARED[before]
        raise Refused(f"{stand.name} 本来就是{now}，不用更正。")
    if tx.one(OPEN_OF, activity=activity.id, member=member) is not None:
        raise Refused(f"{stand.name} 已有一项更正在等第二个人确认（/todo）。")
    return stand


def _apply(tx: Tx, activity: Any, correction: Any, by: Who, makeup_days: int) -> None:
    """The row that counts from now on, recorded now, with the time it happened."""
    state, _, reason = correction.state.partition(":")
    told = {"member_id": correction.member_id, "state": state, "at": tx.at, "why": "correction"}
    if reason:
        answer = tx.value(ANSWER, activity_id=activity.id, reason=reason, late=1, by_member=by.member, **told)
        leave.approve(tx, activity, correction.member_id, answer, by)
        row = 0
    else:
        happened = {"by_member": by.member, "happened_at": correction.happened_at}
        row = tx.value(PRESENCE, activity_id=activity.id, **told, **happened)
    tx.run(SETTLE, correction=correction.id, at=tx.at, who=by.label, new_outcome="ok", new_row=row)
    if state in PRESENT:
        makeup.drop(tx, activity.id, correction.member_id, by)
    elif not reason and tx.one(STILL_HERE, member=correction.member_id, branch=activity.branch_id):
        makeup.owe(tx, activity, correction.member_id, by, makeup_days)


def person_of(tx: Tx, activity: Any, name: str) -> Any:
    """The one of a meeting's own list whom a name means: who was due on that day, not who is a member now.

    Raises Refused for anybody else; a guest (列席) stands in the record and is none of 实到.
    """
    due = expected(tx, activity)
    if len(name) > 1 and sits_in(tx, activity, name) and not any(row.name == name for row in due):
        raise Refused(f"{name[:20]} 是 {label(tx, activity)} 的列席人员，不计实到；列席写在会议记录里，不用更正。")
    return one_named(due, name, f"#{activity.number} 的应到名单")


def decide_correction(tx: Tx, row: Any, ok: bool, by: Who, _why: str) -> str:
    """What `/todo` does with a correction of 实到: only somebody else than who asked for it may say yes."""
    asked = json.loads(row.subject)
    correction = tx.one(ONE, correction=asked["correction"])
    if ok and (by.member or by.label) in (correction.by_member, correction.recorded_by):
        raise Refused("更正出席要第二个人确认：请另一位书记、组织委员或管理员处理。")
    activity = by_id(tx, correction.activity_id)
    if ok:
        _apply(tx, activity, correction, by, asked.get("days", 0))
        subject = f"activity:{activity.id}"
        detail = {"member": correction.member_id, "row": correction.id, "number": activity.number}
        note(tx, activity.branch_id, by.label, by.member, "corrected", subject, **detail)
        return f"已更正一项\n{label(tx, activity)}\n{state_line(tx, activity)}"
    tx.run(SETTLE, correction=correction.id, at=tx.at, who=by.label, new_outcome="no", new_row=0)
    return f"不更正：{label(tx, activity)} 的一项"


def corrections_of(tx: Tx, activity: int, known: int = 1 << 62) -> list[Any]:
    """The corrections of a meeting that were asked for by then, with the member's name."""
    return tx.all(OF_ACTIVITY, activity=activity, known=known)


# Words


def say_correct(tx: Tx, ask: Ask) -> Reply:
    """correct #12 张三 到 原因 漏签 [时间 15:10]; with the number alone what was corrected."""
    if not NUMBER.match(ask.text):
        raise Refused(f"请写编号、姓名、状态和原因。例：{EXAMPLE}")
    meant = target(tx, ask, "correct")
    if isinstance(meant, Reply):
        return meant
    activity, text = meant
    if not text:
        return Reply("\n".join([f"{label(tx, activity)} 的更正", *_shown(tx, activity)]))
    head, *rest = OPTION.split(text)
    options = dict(zip(rest[::2], rest[1::2], strict=True))
    words = head.replace("：", ":").split()
    if len(words) != 2:
        raise Refused(f"一次更正一位：姓名、状态和原因。例：{EXAMPLE}")
    what = _mark(words[1])
    person = person_of(tx, activity, words[0])
    happened = _happened(tx, activity, options.get("时间", ""))
    why, days = options.get("原因", "").strip(), ask.house.config.meetings.makeup_days
    done = correct(tx, activity, person.id, what, why, micros(happened), ask.who, makeup_days=days)
    if not done:
        return Reply(f"更正会改变公布过的实到，已放进 /todo，等第二个人确认。\n{label(tx, activity)}")
    lines = [f"已更正：{person.name}", label(tx, activity), state_line(tx, activity)]
    stand = stand_of(tx, activity, person.id)
    if not what.was_there and stand is not None and stand.present:
        lines.append(STILL_THERE.format(name=person.name, number=activity.number))
    return Reply("\n".join(lines))


def _mark(text: str) -> Mark:
    word, _, kind = text.partition(":")
    what = MARKS.get(word)
    if what is None or what.state in ("attend", "none"):
        raise Refused("更正的状态：到、迟到、早退、线上、缺席、请假、值班。")
    return what if what.was_there else Mark(False, what.state, what.reason or reason_kind(kind) or "other")


def _happened(tx: Tx, activity: Any, text: str) -> datetime:
    """When it happened: the typed time, on the day of the meeting where none is typed; else when the meeting began."""
    start = tx.moment(activity.starts_at)
    if not text:
        return min(start, tx.now)
    when = find_when(text if re.search(r"[月-]", text) else f"{start:%Y-%m-%d} {text.strip()}", tx.now)
    if when is None:
        raise Refused("没看懂时间。例：时间 15:10，或 时间 2026-12-04 15:10")
    return exact(when)[0]


def _shown(tx: Tx, activity: Any) -> list[str]:
    return [_line(tx, row) for row in corrections_of(tx, activity.id)] or ["没有更正。"]


def _line(tx: Tx, row: Any) -> str:
    state, _, reason = row.state.partition(":")
    became = DECLARED[state] if reason else ACTUAL[state]
    outcome = {"ok": f"{row.decided_by}确认", "no": f"{row.decided_by}不同意"}.get(row.outcome, "等第二个人确认")
    happened, recorded = day_and_time(tx.moment(row.happened_at)), day_and_time(tx.moment(row.recorded_at))
    return f"{row.name} 改为{became}：{row.reason}；发生 {happened}，登记 {recorded} {row.recorded_by}；{outcome}"


COMMAND = Command("correct", "更正", "改已结束活动的到会，旧的保留（私聊）", EXAMPLE, say_correct, secret=True)
