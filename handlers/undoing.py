"""撤销 and 为什么: both ask the trail what was recorded, by whom, and by which rule the words were read."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import or_, select

from bot.commands import Ask
from bot.db import Tx
from bot.message import Refused, Reply
from bot.sql import p, sql
from bot.tables import trail
from bot.trail import LATEST_OF
from handlers import dues, shifts
from handlers.activities import by_id, label, numbered
from handlers.attendance.operations import ACTUAL, DECLARED, take_back, take_back_presence
from handlers.attendance.words import said
from handlers.dues.months import month_word
from handlers.phrases import day_and_time
from handlers.shifts import hours
from handlers.shifts.lines import heading
from handlers.tables import shifts as shift_rows

UNDO_HOURS = 24
SHIFT = sql(select(shift_rows).where(shift_rows.c.id == p("shift")))
ABOUT = sql(
    select(trail.c.at, trail.c.actor, trail.c.member_id, trail.c.action, trail.c.subject, trail.c.detail)
    .where(trail.c.branch_id == p("branch"))
    .where(or_(trail.c.subject == p("subject"), *(trail.c.detail.contains(p(one)) for one in ("within", "last"))))
    .order_by(trail.c.number.desc())
    .limit(20)
)
ACTS = {
    **DECLARED,
    "leave_ok": "请假已批",
    "correct": "更正",
    "corrected": "更正（第二个人已确认）",
    "makeup_done": "补学已销",
    "makeup_dropped": "不用补学",
    "none": "取消",
    "signup": "报名",
    "withdraw": "退出",
    "seat_confirmed": "确认名额",
    "seat_lapsed": "候补名额过时未确认",
    "guests": "随行人数",
    "service_in": "志愿服务签到",
    "service_out": "志愿服务签退",
    "hours_asked": "志愿时长（待确认）",
    "hours_ok": "志愿时长",
    "hours_no": "志愿时长没有计入",
    "skills": "技能",
    "community": "双报到",
    "dues_claimed": "党费已交（待确认）",
    "dues_corrected": "党费更正（待确认）",
    "dues_withdrawn": "撤回党费登记",
    "dues_ok": "党费已确认收到",
    "dues_no": "党费登记被退回",
    "dues_set": "党费核定",
    "dues_waived": "党费少交或免交",
    "dues_waiver_ended": "党费少交或免交结束",
    "dues_large": "大额党费",
    "dues_reversed": "党费冲正",
    "dues_close_asked": "党费封账申请",
    "dues_closed": "党费封账",
    "dues_slip": "党费缴款单",
    "dues_bank_receipt": "党费银行回单",
    "dues_exported": "党费导出",
    "link": "关联账号",
    "member_role": "党内职务",
    "member_add": "加入名册",
    "transfer": "转支部",
    "member_category": "党员类别",
    "member_left": "离开名册",
}


def say_why(tx: Tx, ask: Ask) -> Reply:
    """为什么: the last thing that was recorded of me, when, by whom, and by which rule the words were read."""
    row, detail = _newest_of(tx, ask)
    if row is None:
        return Reply("还没有您的登记。", private=True)
    act = ACTS.get(row.action) or f"实到：{ACTUAL.get(row.action.removeprefix('mark_'), '有变动')}"
    by = "本人" if row.member_id == ask.who.member else row.actor
    lines = [f"您最近一次登记：{day_and_time(tx.moment(row.at))} {'撤销，现为' if detail.get('undo') else ''}{act}"]
    lines += [line for line in (_subject(tx, row, detail), f"登记人：{by}") if line]
    lines += [f"依据：{detail['rule']}"] if detail.get("rule") else []
    if by == "本人" and not detail.get("undo"):
        lines.append(f"{UNDO_HOURS} 小时内发“撤销”可以收回。")
    return Reply("\n".join(lines), private=True)


def _newest_of(tx: Tx, ask: Ask) -> tuple[Any, dict[str, Any]]:
    """The newest row of the branch's trail that is about the sender, whoever wrote it, with its detail."""
    me = ask.who.member
    branch = ask.who.home or ask.who.branch
    words = {"within": f'"member": {me},', "last": f'"member": {me}}}'}  # 1 is not 10
    for row in tx.all(ABOUT, branch=branch, subject=f"member:{me}", **words):
        detail = json.loads(row.detail)
        if row.subject == f"member:{me}" or detail.get("member") == me:
            return row, detail
    return None, {}


def _subject(tx: Tx, row: Any, detail: dict[str, Any]) -> str:
    kind, _, key = row.subject.partition(":")
    if kind == "activity":
        return label(tx, by_id(tx, int(key)))
    if kind == "shift":
        return heading(tx, tx.one(SHIFT, shift=int(key)))
    if kind == "hours":
        before = f"（原来 {hours.words(detail['was'])}）" if "was" in detail else ""
        return f"{hours.words(detail['minutes'])}{before}"
    return "、".join(month_word(month, tx) for month in detail.get("months", ()))


def say_undo(tx: Tx, ask: Ask) -> Reply:
    """撤销: takes back one's own last act within a day, as a new row; only once, and only what was said for oneself."""
    rows = tx.all(LATEST_OF, member_id=ask.who.member, limit=1)
    if not rows or tx.at - rows[0].at > UNDO_HOURS * 3_600_000_000:
        raise Refused(f"{UNDO_HOURS} 小时内没有可以撤销的登记。")
    row, detail = rows[0], json.loads(rows[0].detail)
    if detail.get("undo"):
        raise Refused("最近一次登记刚刚已经撤销了。要改就直接再说一遍，如：参加。")
    subject, _, key = row.subject.partition(":")
    undo = UNDO.get(subject)
    if undo is None or not (detail.get("member") or row.action in CLAIMED):
        raise Refused("最近一次操作不能用“撤销”收回，请用对应的命令更改，或联系书记。")
    if detail.get("member", int(key)) != ask.who.member:
        raise Refused("最近一次是替别人登记的：请本人再回复一次，或请书记更正。")
    return undo(tx, ask, row, detail)


def _undo_answer(tx: Tx, ask: Ask, row: Any, detail: dict[str, Any]) -> Reply:
    activity = numbered(tx, row.branch_id, detail["number"])
    if row.action.startswith("mark_"):
        done = take_back_presence(tx, activity, ask.who.member, ask.who, detail["row"])
        now = "" if done.now == "none" else f"，现在是：{ACTUAL[done.now]}"
        return said(tx, ask, activity, f"已撤销签到{now}")
    done = take_back(tx, activity, ask.who.member, ask.who, detail["row"])
    now = "还没回复" if done.now == "none" else DECLARED[done.now]
    return said(tx, ask, activity, f"已撤销，现在是：{now}")


def _undo_signup(tx: Tx, ask: Ask, row: Any, _detail: dict[str, Any]) -> Reply:
    shift = tx.one(SHIFT, shift=int(row.subject.partition(":")[2]))
    line = shifts.undo(tx, ask, shift, row.action)
    return Reply(f"{line}\n{heading(tx, shift)}\n{shifts.state_line(tx, shift)}")


def _undo_hours(tx: Tx, ask: Ask, row: Any, _detail: dict[str, Any]) -> Reply:
    return Reply(shifts.undo_hours(tx, ask, int(row.subject.partition(":")[2])))


def _undo_claim(tx: Tx, ask: Ask, row: Any, detail: dict[str, Any]) -> Reply:
    dues.take_back(tx, row.branch_id, ask.who.member, detail["months"], ask.who)
    months = "、".join(month_word(month, tx) for month in detail["months"])
    return Reply(f"已撤销：{months}党费的登记" if ask.incoming.private else "已撤销")


CLAIMED = ("dues_claimed", "dues_corrected")
UNDO = {"activity": _undo_answer, "shift": _undo_signup, "hours": _undo_hours, "member": _undo_claim}
