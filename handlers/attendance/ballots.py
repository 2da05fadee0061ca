"""表决: the votes of a meeting as rows, with the denominators counted from who was due and there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.activities import label
from handlers.activities.kinds import ASSEMBLY, COMMITTEE_MEETING
from handlers.attendance.known import ALWAYS, Stand, as_held, stands
from handlers.attendance.votes import (
    ADMISSIONS,
    ELECTION,
    NAMES,
    Quorum,
    kind_of_vote,
    least_present,
    needed,
    quorum,
)
from handlers.meetings_tables import ballots
from handlers.people.history import members_of

LONGEST_MATTER = 60
MOST_VOTES = 9999

ADD = insert_row(
    ballots,
    *("activity_id", "kind", "matter", "due", "present", "written", "yes", "no", "abstain", "replaces", "at"),
    *("recorded_by", "by_member"),
    returning=ballots.c.id,
)
_newer = ballots.alias("newer")
HELD = sql(
    select(ballots)
    .where(ballots.c.activity_id == p("activity"), ballots.c.at <= p("known"))
    .where(~exists(select(_newer.c.id).where(_newer.c.replaces == ballots.c.id, _newer.c.at <= p("known"))))
    .order_by(ballots.c.id)
)


@dataclass(frozen=True, slots=True)
class Count:
    """The votes as they were counted; `written` opinions were handed in before and are among them."""

    yes: int
    no: int
    abstain: int
    written: int = 0


def ballots_of(tx: Tx, activity: int, known: int = ALWAYS) -> list[Any]:
    """The votes of a meeting as known at an instant, each in its newest form."""
    return tx.all(HELD, activity=activity, known=known)


def voters(tx: Tx, activity: Any, people: list[Stand]) -> tuple[list[Stand], int]:
    """(those who were due and had the right to vote when it began, how many are left out for want of a 党员类别)."""
    then = {one.member: one for one in members_of(tx, activity.branch_id, tx.moment(activity.starts_at))}
    known = [(one, then[one.member]) for one in people if one.member in then]
    return [one for one, was in known if was.votes], sum(was.category == "" for _, was in known)


def standing(tx: Tx, activity: Any, kind: str, *, half: bool) -> Quorum:
    """Whether a vote of that kind may be held in a meeting as it stands."""
    entitled, _ = voters(tx, activity, stands(tx, activity))
    return quorum(kind, len(entitled), sum(one.present for one in entitled), half=half)


def record_vote(tx: Tx, activity: Any, matter: str, count: Count, by: Who, *, half: bool) -> Any:
    """Records a vote and returns its row; the same matter again corrects it, as a new row.

    Raises Refused where the meeting could not vote, or the numbers can't be.
    """
    if not matter or len(matter) > LONGEST_MATTER:
        raise Refused(f"表决要写事项，最多 {LONGEST_MATTER} 字。例：表决 年度计划 赞成8 反对0 弃权1")
    kind = kind_of_vote(matter, committee=COMMITTEE_MEETING in as_held(activity).kinds)
    stand = standing(tx, activity, kind, half=half)
    _check(tx, activity, kind, stand, count)
    before = next((row.id for row in ballots_of(tx, activity.id) if row.matter == matter), 0)
    row = tx.value(
        ADD,
        activity_id=activity.id,
        kind=kind,
        matter=matter,
        due=stand.due,
        present=stand.present,
        written=count.written,
        yes=count.yes,
        no=count.no,
        abstain=count.abstain,
        replaces=before,
        at=tx.at,
        recorded_by=by.label,
        by_member=by.member,
    )
    note(tx, activity.branch_id, by.label, by.member, "vote", f"activity:{activity.id}", row=row, replaces=before)
    return next(one for one in ballots_of(tx, activity.id) if one.id == row)


def _check(tx: Tx, activity: Any, kind: str, stand: Quorum, count: Count) -> None:
    if not stand.reached:
        least = stand.present + stand.lacking
        raise Refused(
            f"{label(tx, activity)} 应到会有表决权 {stand.due} 人，实到 {stand.present} 人；"
            f"{NAMES[kind]}要 {least} 人到会，不能表决，没有登记。"
        )
    if count.written and kind not in ADMISSIONS.values():
        raise Refused("书面意见只在接收、转正、延长、取消预备党员时计票。")
    ballots_in = stand.present + count.written
    if ballots_in > stand.due or count.yes + count.no + count.abstain > ballots_in:
        raise Refused(f"票数对不上：应到会有表决权 {stand.due} 人，实到 {stand.present} 人，书面 {count.written} 份。")


def passed(row: Any) -> bool:
    """Whether a vote passed, by the rule of its kind."""
    return bool(row.yes >= needed(row.kind, row.due, row.present))


def ballot_line(row: Any) -> str:
    """`年度计划：应到会有表决权 15 · 实到 12 · 赞成 8 · 反对 2 · 弃权 2 · 要 8 票 · 通过`"""
    parts = [f"应到会有表决权 {row.due}", f"实到 {row.present}"]
    parts += [f"书面 {row.written}"] if row.written else []
    parts += [f"赞成 {row.yes}", f"反对 {row.no}", f"弃权 {row.abstain}"]
    missing = row.present + row.written - row.yes - row.no - row.abstain
    parts += [f"未投 {missing}"] if missing else []
    parts += [f"要 {needed(row.kind, row.due, row.present)} 票", "通过" if passed(row) else "没有通过"]
    return f"{row.matter}：{' · '.join(parts)}"


def may_vote_line(tx: Tx, activity: Any, *, half: bool) -> str:
    """Whether the meeting may vote now; "" for a meeting that decides nothing or before anybody is there."""
    kinds = set(as_held(activity).kinds)
    if not kinds & {ASSEMBLY, COMMITTEE_MEETING}:
        return ""
    entitled, unknown = voters(tx, activity, stands(tx, activity))
    present = sum(one.present for one in entitled)
    if not present and not activity.checkin:
        return ""
    stand = quorum(kind_of_vote("", committee=ASSEMBLY not in kinds), len(entitled), present, half=half)
    line = f"应到会有表决权 {stand.due} · 实到 {present} · "
    line = f"{unknown} 人没有党员类别，没有算进表决权（/member category）\n{line}" if unknown else line
    if not stand.reached:
        return f"{line}还差 {stand.lacking} 人才能表决"
    more = least_present(ELECTION, stand.due) - present
    return f"{line}可以表决" + (f"（选举还差 {more} 人）" if ASSEMBLY in kinds and more > 0 else "")
