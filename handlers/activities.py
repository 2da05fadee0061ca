"""活动: the meetings of a branch, who is due at them and where they stand.

Operations only; what is said about them in chat is in `handlers/attendance.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, or_, select, update

from bot.commands import Who
from bot.db import Tx, micros
from bot.language import Call
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.phrases import span
from handlers.tables import activities, answers, branches, invited, members, memberships, presences

HOUR = 3600 * 1_000_000
STAYS_OPEN = 36 * HOUR  # after it began, an activity still takes late answers, then only corrections
FARTHEST_DAYS = 550
LONGEST_KIND, LONGEST_PLACE = 30, 60

THEME_DAY = "主题党日"
KINDS: dict[str, tuple[str, ...]] = {
    THEME_DAY: ("党日", "主题党日活动", "党日活动", "支部主题党日"),
    "支部党员大会": ("党员大会", "支部大会", "大会"),
    "支委会": ("支部委员会", "支委会议", "支部委员会会议"),
    "党小组会": ("小组会",),
    "党课": ("上党课",),
    "组织生活会": ("专题组织生活会",),
    "民主评议": ("民主评议党员",),
    "集中学习": ("学习", "政治学习"),
    "专题研讨": ("研讨",),
    "理论中心组": ("中心组", "中心组学习", "理论学习中心组"),
    "警示教育": (),
    "集中培训": ("培训",),
}

COMING = ("attend", "online", "late")
PRESENT = ("present", "late", "early", "online")

NEXT_NUMBER = sql(
    update(branches)
    .where(branches.c.id == p("branch"))
    .values(last_number=branches.c.last_number + 1)
    .returning(branches.c.last_number)
)
ADD = insert_row(
    activities,
    *("branch_id", "number", "kind", "starts_at", "ends_at", "place", "deadline_at", "audience", "state"),
    *("checkin", "origin", "opened_by", "opened_at"),
    returning=activities.c.id,
)
INVITE = insert_row(invited, "activity_id", "member_id", conflict=["activity_id", "member_id"])
ONE = sql(select(activities).where(activities.c.branch_id == p("branch"), activities.c.number == p("number")))
BY_ID = sql(select(activities).where(activities.c.id == p("activity")))
OPEN = sql(
    select(activities)
    .where(activities.c.branch_id == p("branch"), activities.c.state == "open", activities.c.starts_at > p("since"))
    .order_by(activities.c.starts_at, activities.c.number)
)
SAME = sql(
    select(activities.c.number).where(
        activities.c.branch_id == p("branch"),
        activities.c.kind == p("kind"),
        activities.c.starts_at == p("start"),
        activities.c.state == "open",
    )
)
BETWEEN = sql(
    select(activities)
    .where(
        activities.c.branch_id == p("branch"),
        activities.c.kind == p("kind"),
        activities.c.state != "cancelled",
        activities.c.starts_at >= p("first"),
        activities.c.starts_at < p("last"),
    )
    .order_by(activities.c.starts_at)
)
CANCELLED = sql(
    select(activities.c.id).where(
        activities.c.branch_id == p("branch"),
        activities.c.kind == p("kind"),
        activities.c.state == "cancelled",
        activities.c.starts_at >= p("first"),
        activities.c.starts_at < p("last"),
    )
)
CHANGE = sql(
    update(activities)
    .where(activities.c.id == p("activity"), activities.c.state == "open")
    .values(
        starts_at=p("new_start"),
        ends_at=p("new_end"),
        place=p("new_place"),
        deadline_at=p("new_deadline"),
        origin=p("new_origin"),
    )
)
SET_STATE = sql(
    update(activities)
    .where(activities.c.id == p("activity"), activities.c.state == "open")
    .values(state=p("new_state"))
)
SET_CHECKIN = sql(
    update(activities)
    .where(activities.c.id == p("activity"), activities.c.state == "open")
    .values(checkin=p("new_checkin"))
)


def _due_in_branch() -> Select[Any]:
    return select(memberships.c.member_id).where(
        memberships.c.branch_id == p("branch"),
        memberships.c.from_at <= p("start"),
        or_(memberships.c.to_at == 0, memberships.c.to_at > p("start")),
    )


def _due_by_list() -> Select[Any]:
    return select(invited.c.member_id).where(invited.c.activity_id == p("activity"))


def _newest(table: Any, due: Any, column: str = "state") -> Any:
    """A column of a member's newest row: found by the key (activity, member, id), however long the history."""
    return (
        select(table.c[column])
        .where(table.c.activity_id == p("activity"), table.c.member_id == due.c.member_id)
        .order_by(table.c.id.desc())
        .limit(1)
        .correlate(due)
        .scalar_subquery()
    )


def _counts(audience: Select[Any]) -> Any:
    due = audience.subquery("due")
    newest = (_newest(answers, due).label("declared"), _newest(presences, due).label("actual"))
    states = select(*newest).select_from(due).subquery("states")
    return select(
        func.count().label("due"),
        func.count(case((states.c.declared.in_(COMING), 1))).label("coming"),
        func.count(case((states.c.declared == "leave", 1))).label("leave"),
        func.count(case((states.c.actual.in_(PRESENT), 1))).label("present"),
    ).select_from(states)


def _roll(audience: Select[Any]) -> Any:
    due = audience.subquery("due")
    return (
        select(
            members.c.id,
            members.c.name,
            members.c.department,
            _newest(answers, due).label("declared"),
            _newest(answers, due, "reason").label("reason"),
            _newest(presences, due).label("actual"),
        )
        .select_from(due.join(members, members.c.id == due.c.member_id))
        .order_by(members.c.id)
    )


COUNTS = {False: sql(_counts(_due_in_branch())), True: sql(_counts(_due_by_list()))}
ROLL = {False: sql(_roll(_due_in_branch())), True: sql(_roll(_due_by_list()))}
IS_DUE = {
    False: sql(_due_in_branch().where(memberships.c.member_id == p("member"))),
    True: sql(_due_by_list().where(invited.c.member_id == p("member"))),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for when an activity is opened; `invited` are member ids, () = the whole branch."""

    kind: str
    start: datetime
    end: datetime | None = None
    place: str = ""
    deadline: datetime | None = None
    audience: str = ""
    invited: Sequence[int] = ()


def kind_of(word: str) -> str:
    """The standard name of a kind of meeting; a word that is none of them stays as it is."""
    return next((kind for kind, others in KINDS.items() if word == kind or word in others), word)


def open_activity(tx: Tx, branch: int, plan: Plan, by: Who, origin: str = "chat") -> tuple[Any, bool]:
    """Opens an activity: (its row, whether it took over the one the clock had opened).

    A 主题党日 takes over the one that the first notice of its month opened, with its number and its answers.
    Raises Refused for a time that is past or too far, a late deadline, and the same meeting twice.
    """
    check_plan(tx, plan)
    taken = _opened_by_clock(tx, branch, plan) if origin == "chat" else None
    if taken is not None:
        return change(tx, taken, by, plan=plan, action="take_over"), True
    same = tx.value(SAME, branch=branch, kind=plan.kind, start=micros(plan.start))
    if same is not None:
        raise Refused(f"这场{plan.kind}已经开了：#{same}。改时间用 /attendance move #{same} 时间。")
    return _add(tx, branch, plan, by, origin), False


def check_plan(tx: Tx, plan: Plan) -> None:
    """Raises Refused for what can't be planned: the past, years ahead, a deadline after the start, overlong words."""
    if plan.start <= tx.now:
        raise Refused(f"{span(plan.start, plan.end)} 已经过去了，请写以后的时间。")
    if (plan.start - tx.now).days > FARTHEST_DAYS:
        raise Refused(f"{plan.start.year}年{span(plan.start, plan.end)} 太远了，请核对年份。")
    if plan.end is not None and plan.end <= plan.start:
        raise Refused("结束时间要晚于开始时间。")
    if plan.deadline is not None and not tx.now < plan.deadline <= plan.start:
        raise Refused("截止时间要在现在之后、活动开始之前。")
    if not 1 <= len(plan.kind) <= LONGEST_KIND or len(plan.place) > LONGEST_PLACE:
        raise Refused(f"活动名称 1–{LONGEST_KIND} 字，地点最多 {LONGEST_PLACE} 字。")


def _opened_by_clock(tx: Tx, branch: int, plan: Plan) -> Any:
    if plan.kind != THEME_DAY:
        return None
    return next((row for row in of_month(tx, branch, THEME_DAY, plan.start) if row.origin == "clock"), None)


def was_cancelled(tx: Tx, branch: int, kind: str, moment: datetime) -> bool:
    """Whether somebody called off an activity of that kind in the month of a moment."""
    first, last = _month(moment)
    return tx.one(CANCELLED, branch=branch, kind=kind, first=first, last=last) is not None


def of_month(tx: Tx, branch: int, kind: str, moment: datetime) -> list[Any]:
    """The activities of a kind in the month of a moment, cancelled ones left out."""
    first, last = _month(moment)
    return tx.all(BETWEEN, branch=branch, kind=kind, first=first, last=last)


def _month(moment: datetime) -> tuple[int, int]:
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return micros(first), micros(first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1))


def _add(tx: Tx, branch: int, plan: Plan, by: Who, origin: str) -> Any:
    number = int(tx.value(NEXT_NUMBER, branch=branch))
    activity = tx.value(
        ADD,
        branch_id=branch,
        number=number,
        kind=plan.kind,
        starts_at=micros(plan.start),
        ends_at=micros(plan.end) if plan.end else 0,
        place=plan.place,
        deadline_at=micros(plan.deadline) if plan.deadline else 0,
        audience=plan.audience,
        state="open",
        checkin=0,
        origin=origin,
        opened_by=by.label,
        opened_at=tx.at,
    )
    for member in plan.invited:
        tx.run(INVITE, activity_id=activity, member_id=member)
    note(tx, branch, by.label, by.member, "open", f"activity:{activity}", kind=plan.kind, starts_at=micros(plan.start))
    return tx.one(BY_ID, activity=activity)


def change(tx: Tx, activity: Any, by: Who, *, plan: Plan, action: str) -> Any:
    """Moves or edits an open activity and returns its new row. Raises Refused where it is not open any more."""
    check_plan(tx, plan)
    changed = tx.run(
        CHANGE,
        activity=activity.id,
        new_start=micros(plan.start),
        new_end=micros(plan.end) if plan.end else 0,
        new_place=plan.place or activity.place,
        new_deadline=micros(plan.deadline) if plan.deadline else 0,
        new_origin="chat",
    )
    if changed == 0:
        raise Refused(f"{label(tx, activity)} 已经结束或取消，不能再改。")
    before = {"starts_at": activity.starts_at, "place": activity.place}
    note(tx, activity.branch_id, by.label, by.member, action, f"activity:{activity.id}", before=before)
    return tx.one(BY_ID, activity=activity.id)


def finish(tx: Tx, activity: Any, by: Who, state: str, why: str = "") -> None:
    """Closes or cancels ("closed", "cancelled"); raises Refused where that was done before."""
    if tx.run(SET_STATE, activity=activity.id, new_state=state) == 0:
        raise Refused(f"{label(tx, activity)} 之前已经{'取消' if activity.state == 'cancelled' else '结束'}了。")
    note(tx, activity.branch_id, by.label, by.member, state, f"activity:{activity.id}", why=why)


def switch_checkin(tx: Tx, activity: Any, by: Who, on: bool) -> None:
    """Begins or ends check-in (1 = on, 2 = ended; 0 = not begun)."""
    if tx.run(SET_CHECKIN, activity=activity.id, new_checkin=1 if on else 2) == 0:
        raise Refused(f"{label(tx, activity)} 已经结束或取消。")
    note(tx, activity.branch_id, by.label, by.member, "checkin_on" if on else "checkin_off", f"activity:{activity.id}")


def numbered(tx: Tx, branch: int, number: int) -> Any:
    """The activity `#number` of a branch. Raises Refused."""
    row = tx.one(ONE, branch=branch, number=number)
    if row is None:
        raise Refused(f"没有编号 #{number} 的活动。发 /attendance 看现在有哪些。")
    return row


def open_now(tx: Tx, branch: int) -> list[Any]:
    """The activities that still take answers, soonest first."""
    return tx.all(OPEN, branch=branch, since=tx.at - STAYS_OPEN)


def as_call(tx: Tx, row: Any) -> Call:
    """An activity as the language's `which` wants it."""
    return Call(row.number, row.kind, row.kind, tx.moment(row.starts_at), "activity")


def _keys(activity: Any) -> tuple[bool, dict[str, Any]]:
    if activity.audience:
        return True, {"activity": activity.id}
    return False, {"activity": activity.id, "branch": activity.branch_id, "start": activity.starts_at}


def is_due(tx: Tx, activity: Any, member: int) -> bool:
    """Whether the activity is for this member."""
    listed, keys = _keys(activity)
    if not listed:
        del keys["activity"]
    return tx.one(IS_DUE[listed], member=member, **keys) is not None


def roll(tx: Tx, activity: Any) -> list[Any]:
    """Everybody who is due: (id, name, department, declared, reason, actual); None where nothing was said."""
    listed, keys = _keys(activity)
    return tx.all(ROLL[listed], **keys)


def state_line(tx: Tx, activity: Any) -> str:
    """`应到 20 · 参加 12 · 请假 3 · 未回 5`, with ` · 实到 11` once check-in has begun. Counted from the rows."""
    listed, keys = _keys(activity)
    row = tx.one(COUNTS[listed], **keys)
    missing = row.due - row.coming - row.leave
    line = f"应到 {row.due} · 参加 {row.coming} · 请假 {row.leave} · 未回 {missing}"
    return f"{line} · 实到 {row.present}" if activity.checkin or row.present else line


def label(tx: Tx, activity: Any) -> str:
    """`#12 主题党日 12月4日(周五)15:00`"""
    end = tx.moment(activity.ends_at) if activity.ends_at else None
    return f"#{activity.number} {activity.kind} {span(tx.moment(activity.starts_at), end)}"
