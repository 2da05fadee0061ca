"""On the desk: who has not answered, and the records that lack something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.db import Tx
from bot.message import Refused
from handlers.activities import label, numbered, open_now, silent_page, standing, state_line
from handlers.attendance.changing import close
from handlers.attendance.command import nudge
from handlers.attendance.correcting import correct, person_of
from handlers.attendance.marking import MARKS, enter, enter_line
from handlers.attendance.record import FIELDS, LONGEST, LONGEST_NAME, Incomplete, incomplete_records, write
from handlers.attendance.recording import LOOK_BACK
from handlers.desk_parts import Act, Bench, Do, Entry, Field, Given, Look, Section

STATES = ("参加", "请假", "值班", "公假", "病假", "事假", "休假", "到会", "迟到", "线上", "缺席")
TYPED = {name: field for field, name in FIELDS.items()}
LONGEST_NAMES = 500


def unanswered(tx: Tx, bench: Bench, look: Look) -> list[Section]:
    """A section for each open meeting: who was called and has said nothing, in the register's order."""
    rows = [row for row in open_now(tx, bench.who.branch) if look.number in (0, row.number)]
    return [_unanswered(tx, row, look) for row in rows]


def _unanswered(tx: Tx, row: Any, look: Look) -> Section:
    count, of = standing(tx, row).silent, {"activity": str(row.number)}
    people = silent_page(tx, row, look.start, look.most) if count else []
    entries = tuple(Entry(one.name, ((one.department,) if one.department else ()), pick=str(one.id)) for one in people)
    state = Field("state", "登记为", "choice", needed=True, options=STATES)
    return Section(
        "silent",
        f"未回：{label(tx, row)}",
        count,
        entries,
        "都回复了。",
        row.number,
        (state_line(tx, row),),
        (Act("nudge", "在群里提醒一次", of, primary=False),) if count else (),
        Act("mark", "登记选中的", of, (state,)) if count else None,
        "member",
    )


def incomplete(tx: Tx, bench: Bench, look: Look) -> list[Section]:
    """The meetings of the last two months that don't count yet, and what their records lack."""
    found = incomplete_records(tx, bench.who.branch, tx.at - LOOK_BACK, tx.at)
    entries = tuple(_entry(tx, one) for one in look.of(found))
    return [Section("records", "会议记录不全", len(found), entries, "会议记录都齐全。")]


def _entry(tx: Tx, one: Incomplete) -> Entry:
    row, of = one.held.row, {"activity": str(one.held.number)}
    typed = tuple(
        Field(TYPED[name], name, longest=LONGEST.get(TYPED[name], LONGEST_NAME))
        for name in one.missing
        if name in TYPED
    )
    acts = [Act("record", "记下", of, typed)] if typed else []
    if "实到" in one.missing:
        acts.append(_presence(row, of))
    if "结束登记" in one.missing:
        acts.append(Act("close", "结束登记", of, primary=False))
    return Entry(label(tx, row), (f"还缺：{'、'.join(one.missing)}",), tuple(acts))


def _presence(row: Any, of: Mapping[str, str]) -> Act:
    if row.state == "open":
        who = Field("people", "到会的人（姓名，或签到表序号 1-12）", needed=True, longest=LONGEST_NAMES)
        return Act("present", "登记到会", of, (who,), primary=False)
    asks = (
        Field("people", "漏记的一位到会", needed=True, longest=LONGEST_NAME),
        Field("why", "更正的原因", needed=True),
    )
    return Act("correct", "更正", of, asks, primary=False)


def _mark(tx: Tx, bench: Bench, given: Given) -> str:
    what, activity = MARKS.get(given.text("state")), _meeting(tx, bench, given)
    if what is None:
        raise Refused("请选一种状态。没有登记。")
    people = given.numbers("member")
    for member in people:
        enter(tx, activity, member, what, bench.who)
    return f"已登记 {len(people)} 人：{given.text('state')}\n{state_line(tx, activity)}"


def _nudge(tx: Tx, bench: Bench, given: Given) -> str:
    return f"今天提醒 {nudge(tx, _meeting(tx, bench, given), bench.house.abilities)} 个群，只叫还没回复的同志。"


def _record(tx: Tx, bench: Bench, given: Given) -> str:
    lines = {field: words for field in FIELDS if (words := given.text(field))}
    if not lines:
        raise Refused("什么都没写，没有登记。")
    activity = _meeting(tx, bench, given)
    return f"{label(tx, activity)}：已记 {write(tx, activity, lines, bench.who)} 项"


def _present(tx: Tx, bench: Bench, given: Given) -> str:
    activity = _meeting(tx, bench, given)
    done = enter_line(tx, bench.who, activity, f"{given.text('people', LONGEST_NAMES)} 到")
    return f"已登记 {done} 人到会\n{state_line(tx, activity)}"


def _correct(tx: Tx, bench: Bench, given: Given) -> str:
    activity = _meeting(tx, bench, given)
    person = person_of(tx, activity, given.text("people"))
    why, happened, days = given.text("why"), min(activity.starts_at, tx.at), bench.house.config.meetings.makeup_days
    done = correct(tx, activity, person.id, MARKS["到"], why, happened, bench.who, makeup_days=days)
    return f"已更正：{person.name} 到会" if done else "更正会改变公布过的实到，等第二个人在“等您确认”里确认。"


def _close(tx: Tx, bench: Bench, given: Given) -> str:
    activity = _meeting(tx, bench, given)
    owed = close(tx, activity, bench.who, bench.house.config.meetings.makeup_days)
    return f"已结束 {label(tx, activity)}" + (f"，{owed} 人待补学" if owed else "")


def _meeting(tx: Tx, bench: Bench, given: Given) -> Any:
    """The meeting of the branch that a form is about. Raises Refused."""
    return numbered(tx, bench.who.branch, given.number("activity"))


ACTS: Mapping[str, Do] = {
    "mark": _mark,
    "nudge": _nudge,
    "record": _record,
    "present": _present,
    "correct": _correct,
    "close": _close,
}
