"""Opening, changing and ending a meeting: every rule about its time, its names and what takes over what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, literal, or_, select, update

from bot.commands import Who
from bot.db import Tx, micros
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.activities.kinds import THEME_DAY
from handlers.activities.standing import label
from handlers.activities.statements import BY_ID
from handlers.phrases import span
from handlers.tables import activities, branches, invited

FARTHEST_DAYS = 550
LONGEST_KIND, LONGEST_PLACE = 30, 60
LONGEST = timedelta(days=10)
LONGEST_NIGHT = timedelta(hours=12)  # 15:00-14:00 is read as the next day's: more likely a slip than 23 hours


NEXT_NUMBER = sql(
    update(branches)
    .where(branches.c.id == p("branch"))
    .values(last_number=branches.c.last_number + 1)
    .returning(branches.c.last_number)
)
ADD = insert_row(
    activities,
    *("branch_id", "number", "kind", "starts_at", "ends_at", "place", "deadline_at", "audience", "state"),
    *("checkin", "origin", "opened_by", "opened_at", "also"),
    returning=activities.c.id,
)
INVITE = insert_row(invited, "activity_id", "member_id", conflict=["activity_id", "member_id"])
UNINVITE = sql(delete(invited).where(invited.c.activity_id == p("activity")))
SAME = sql(
    select(activities.c.number).where(
        activities.c.branch_id == p("branch"),
        activities.c.kind == p("kind"),
        activities.c.starts_at == p("start"),
        activities.c.audience == p("audience"),
        activities.c.state == "open",
    )
)
_is_of_kind = or_(
    activities.c.kind == p("kind"), (literal("、") + activities.c.also + literal("、")).contains(p("between"))
)
BETWEEN = sql(
    select(activities)
    .where(
        activities.c.branch_id == p("branch"),
        _is_of_kind,
        activities.c.state != "cancelled",
        activities.c.starts_at >= p("first"),
        activities.c.starts_at < p("last"),
    )
    .order_by(activities.c.starts_at)
)
CANCELLED = sql(
    select(activities.c.id).where(
        activities.c.branch_id == p("branch"),
        _is_of_kind,
        activities.c.state == "cancelled",
        activities.c.starts_at >= p("first"),
        activities.c.starts_at < p("last"),
    )
)
CHANGE = sql(
    update(activities)
    .where(activities.c.id == p("activity"), activities.c.state == "open")
    .values(
        kind=p("new_kind"),
        also=p("new_also"),
        starts_at=p("new_start"),
        ends_at=p("new_end"),
        place=p("new_place"),
        deadline_at=p("new_deadline"),
        audience=p("new_audience"),
        origin=p("new_origin"),
    )
)
SET_STATE = sql(
    update(activities)
    .where(activities.c.id == p("activity"), activities.c.state == "open")
    .values(state=p("new_state"), ended_at=p("at"))
)
SET_CHECKIN = sql(
    update(activities)
    .where(activities.c.id == p("activity"), activities.c.state == "open")
    .values(checkin=p("new_checkin"), code=p("new_code"))
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for when an activity is opened; `invited` are member ids, () = the whole branch.

    `also` are further kinds of the same session.
    """

    kind: str
    start: datetime
    end: datetime | None = None
    place: str = ""
    deadline: datetime | None = None
    audience: str = ""
    invited: Sequence[int] = ()
    also: tuple[str, ...] = ()


def open_activity(tx: Tx, branch: int, plan: Plan, by: Who, origin: str = "chat") -> tuple[Any, bool]:
    """Opens an activity: (its row, whether it took over the one the clock had opened).

    A 主题党日 takes over the one that the first notice of its month opened, with its number and its answers.
    Raises Refused for a time that is past or too far, a late deadline, and the same meeting twice.
    """
    check_plan(tx, plan)
    taken = _opened_by_clock(tx, branch, plan) if origin == "chat" else None
    if taken is not None:
        return change(tx, taken, by, plan=plan, action="take_over"), True
    same = tx.value(SAME, branch=branch, kind=plan.kind, start=micros(plan.start), audience=plan.audience)
    if same is not None:
        raise Refused(f"这场{plan.kind}已经开了：#{same}。改时间用 /attendance move #{same} 时间。")
    return add(tx, branch, plan, by, origin), False


def check_plan(tx: Tx, plan: Plan) -> None:
    """Raises Refused for what can't be planned: the past, years ahead, a deadline after the start, overlong words."""
    if plan.start <= tx.now:
        raise Refused(f"{span(plan.start, plan.end)} 已经过去了，请写以后的时间。")
    if (plan.start - tx.now).days > FARTHEST_DAYS:
        raise Refused(f"{plan.start.year}年{span(plan.start, plan.end)} 太远了，请核对年份。")
    if plan.deadline is not None and not tx.now < plan.deadline <= plan.start:
        raise Refused("截止时间要在现在之后、活动开始之前。")
    check_shape(plan)


def check_shape(plan: Plan) -> None:
    """Raises Refused for what no meeting can be, whenever it is: too long, without a name, overlong words."""
    if plan.end is not None and not plan.start < plan.end <= plan.start + LONGEST:
        raise Refused(f"{span(plan.start, plan.end)} 太长了或结束得太早，请核对起止时间。")
    if plan.end is not None and LONGEST_NIGHT < plan.end - plan.start < timedelta(days=1):
        raise Refused(f"{span(plan.start, plan.end)} 的结束时间比开始早？请核对。")
    if not plan.kind:
        raise Refused("请写上活动名称，如：主题党日、党课、支委会。")
    if len("+".join((plan.kind, *plan.also))) > LONGEST_KIND or len(plan.place) > LONGEST_PLACE:
        raise Refused(f"活动名称最多 {LONGEST_KIND} 字，地点最多 {LONGEST_PLACE} 字。")


def _opened_by_clock(tx: Tx, branch: int, plan: Plan) -> Any:
    if THEME_DAY not in (plan.kind, *plan.also):
        return None
    rows = of_month(tx, branch, THEME_DAY, plan.start)
    return next((row for row in rows if row.origin == "clock" and row.state == "open" and row.starts_at > tx.at), None)


def was_cancelled(tx: Tx, branch: int, kind: str, moment: datetime) -> bool:
    """Whether somebody called off an activity of that kind in the month of a moment."""
    first, last = _month(moment)
    return tx.one(CANCELLED, branch=branch, **_kind(kind), first=first, last=last) is not None


def of_month(tx: Tx, branch: int, kind: str, moment: datetime) -> list[Any]:
    """The activities of a kind in the month of a moment, cancelled ones left out."""
    first, last = _month(moment)
    return tx.all(BETWEEN, branch=branch, **_kind(kind), first=first, last=last)


def _kind(kind: str) -> dict[str, str]:
    return {"kind": kind, "between": f"、{kind}、"}


def _month(moment: datetime) -> tuple[int, int]:
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return micros(first), micros(first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1))


def add(tx: Tx, branch: int, plan: Plan, by: Who, origin: str, action: str = "open") -> Any:
    """Writes an open meeting under the branch's next number, with whom it is for, as it was checked; its row."""
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
        also="、".join(plan.also),
    )
    _invite(tx, activity, plan)
    note(tx, branch, by.label, by.member, action, f"activity:{activity}", kind=plan.kind, starts_at=micros(plan.start))
    return tx.one(BY_ID, activity=activity)


def _invite(tx: Tx, activity: int, plan: Plan) -> None:
    for member in plan.invited:
        tx.run(INVITE, activity_id=activity, member_id=member)


def change(tx: Tx, activity: Any, by: Who, *, plan: Plan, action: str) -> Any:
    """Moves or edits an open activity and returns its new row; another audience takes the place of the one before.

    Raises Refused where it is not open any more.
    """
    check_plan(tx, plan)
    changed = tx.run(
        CHANGE,
        activity=activity.id,
        new_kind=plan.kind,
        new_also="、".join(plan.also),
        new_start=micros(plan.start),
        new_end=micros(plan.end) if plan.end else 0,
        new_place=plan.place or activity.place,
        new_deadline=micros(plan.deadline) if plan.deadline else 0,
        new_audience=plan.audience,
        new_origin="chat",
    )
    if changed == 0:
        raise Refused(f"{label(tx, activity)} 已经结束或取消，不能再改。")
    if plan.audience != activity.audience:
        tx.run(UNINVITE, activity=activity.id)
    _invite(tx, activity.id, plan)
    before = {"starts_at": activity.starts_at, "place": activity.place}
    note(tx, activity.branch_id, by.label, by.member, action, f"activity:{activity.id}", before=before)
    return tx.one(BY_ID, activity=activity.id)


def finish(tx: Tx, activity: Any, by: Who, state: str, why: str = "") -> None:
    """Closes or cancels ("closed", "cancelled"); raises Refused where that was done before."""
    if tx.run(SET_STATE, activity=activity.id, new_state=state, at=tx.at) == 0:
        raise Refused(f"{label(tx, activity)} 之前已经{'取消' if activity.state == 'cancelled' else '结束'}了。")
    note(tx, activity.branch_id, by.label, by.member, state, f"activity:{activity.id}", why=why)


def switch_checkin(tx: Tx, activity: Any, by: Who, on: bool, *, code: bool = False) -> None:
    """Begins or ends check-in (1 = on, 2 = ended; 0 = not begun), with the code on the screen or without."""
    if tx.run(SET_CHECKIN, activity=activity.id, new_checkin=1 if on else 2, new_code=int(on and code)) == 0:
        raise Refused(f"{label(tx, activity)} 已经结束或取消。")
    note(tx, activity.branch_id, by.label, by.member, "checkin_on" if on else "checkin_off", f"activity:{activity.id}")
