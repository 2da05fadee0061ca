"""/attendance open, edit, move, close, cancel: what makes, changes and ends a meeting; the groups hear it once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal

from bot import outbox
from bot.commands import Ask, Who
from bot.db import Tx
from bot.language import find_when
from bot.message import Refused, Reply
from handlers.activities import (
    THEME_DAY,
    Plan,
    change,
    finish,
    label,
    of_month,
    open_activity,
    roll,
    state_line,
)
from handlers.activities.kinds import COMMITTEE_MEETING, GROUP_MEETING, KINDS, all_kinds, kind_of, kinds_in
from handlers.activities.templates import again, template_named
from handlers.attendance import makeup
from handlers.attendance.record import lines_of, write
from handlers.attendance.target import ENTER_EXAMPLE, NUMBER, OPEN_EXAMPLE, alone, exact, target
from handlers.attendance.vouching import unverified
from handlers.attendance.words import card
from handlers.phrases import LONGEST_WHY, no_longer, span
from handlers.register import COMMITTEE, WHOLE_BRANCH, accounts_of, branch_of, groups_of, invited_by_words

Calling = Literal["", "answered", "waiting"]
MOST_CALLED = 50  # accounts of one @
OPTION = re.compile(r"(?:^|[\s，,；;])(截止|应到|列席)(?=[\s:：]|$)[\s:：]*")


def say_open(tx: Tx, ask: Ask) -> Reply:
    """open KIND WHEN [地点] [截止 …] [应到 …]: the answer is the announcement, with the words to say."""
    return opened(tx, ask, _plan(tx, ask), _options(ask.text)[1].get("列席", ""))


def opened(tx: Tx, ask: Ask, plan: Plan, guests: str = "") -> Reply:
    """Opens a meeting and announces it: in the answer, and once in the branch's other groups."""
    if plan.start <= tx.now:
        held = f"{span(plan.start, plan.end)} 已经过去了，请写以后的时间。"
        raise Refused(f"{held}已经开过、要补录的，例：{ENTER_EXAMPLE}")
    activity, taken_over = open_activity(tx, branch_of(ask), plan, ask.who)
    if guests:
        write(tx, activity, {"guests": guests}, ask.who)
    text = announcement(tx, activity, "已接续" if taken_over else "已开") + _second(tx, activity, plan)
    groups = _announce(tx, ask, activity, f"open:{activity.id}:{tx.at}", announcement(tx, activity, "请回复"))
    if ask.incoming.private:
        text += f"\n将在 {groups} 个群里通知。" if groups else "\n这个支部还没有绑定群，请在群里转告。"
    return Reply(text, card(tx, activity))


def _second(tx: Tx, activity: Any, plan: Plan) -> str:
    """A 主题党日 beside another one of its month is mostly a slip: each would count."""
    if THEME_DAY not in (plan.kind, *plan.also):
        return ""
    rows = of_month(tx, activity.branch_id, THEME_DAY, plan.start)
    others = "、".join(label(tx, row) for row in rows if row.id != activity.id)
    return f"\n这个月还有 {others}，重复的请取消：/attendance cancel #编号 原因" if others else ""


def announcement(tx: Tx, activity: Any, opened: str) -> str:
    """What a group hears of a meeting that was opened, with the words to say."""
    guests = lines_of(tx, activity.id).get("guests", "")
    lines = [f"{opened} {label(tx, activity)}", activity.place, _deadline(tx, activity), _audience(activity)]
    lines += [f"列席 {guests}"] if guests else []
    say = f"回复：参加 / 请假 / 签到（多个活动时加 #{activity.number}）"
    return "\n".join([line for line in lines if line] + [say, state_line(tx, activity)])


def _deadline(tx: Tx, activity: Any) -> str:
    return f"截止 {span(tx.moment(activity.deadline_at), None)}" if activity.deadline_at else ""


def _audience(activity: Any) -> str:
    return f"应到 {activity.audience}" if activity.audience else ""


def _announce(
    tx: Tx, ask: Ask, activity: Any, key: str, text: str, *, with_card: bool = True, calling: Calling = ""
) -> int:
    """Promises the text to the branch's groups but the one it was typed in; how many.

    `calling` calls people by @, where the platform can: those who have answered, whom a change concerns, or those who
    have not, whom a new deadline does.
    """
    here = ("", "") if ask.incoming.private else (ask.incoming.platform, ask.incoming.chat)
    shown = card(tx, activity) if with_card else None
    waits = calling == "waiting"
    called = [row.id for row in roll(tx, activity) if (row.declared in (None, "none")) == waits] if calling else []

    def words(platform: str, speaker: str) -> Reply:
        can_call = "mention" in ask.house.abilities.get(speaker, ())
        return Reply(text, shown, mention=accounts_of(tx, platform, called)[:MOST_CALLED] if can_call else ())

    return outbox.put_to_branch(tx, activity.branch_id, words, key=key, besides=here, purpose="notice")


def _plan(tx: Tx, ask: Ask) -> Plan:
    head, options = _options(ask.text)
    when = find_when(head, tx.now)
    if when is None:
        raise Refused(f"没看懂时间。例：{OPEN_EXAMPLE}")
    start, end = exact(when)
    kind, place = head[: when.span[0]].strip(" ，,、"), head[when.span[1] :].strip(" ，,、")
    if not kind:
        kind, _, place = place.partition(" ")
    deadline = find_when(options["截止"], tx.now) if "截止" in options else None
    if "截止" in options and (deadline is None or not deadline.clock):
        raise Refused("没看懂截止时间。例：截止 12月3日17:00")
    until = exact(deadline)[0] if deadline else None
    template = template_named(tx, ask.who.branch, kind.strip())
    if template is not None:
        invited = _invited(tx, ask, all_kinds(template)[0], options) if "应到" in options else {}
        row = template._replace(audience="") if invited else template  # its own may name somebody who has left
        return replace(again(tx, ask.who.branch, row, start, end, place.strip()), deadline=until, **invited)
    kinds = kinds_in(kind, ask.house.config.meetings.kinds)
    invited = _invited(tx, ask, kinds[0], options)
    return Plan(kinds[0], start, end, place.strip(), until, also=kinds[1:], **invited)


def _invited(tx: Tx, ask: Ask, kind: str, options: dict[str, str]) -> dict[str, Any]:
    audience = audience_of(tx, ask, kind, options)
    return {
        "audience": audience,
        "invited": invited_by_words(tx, ask.who.branch, audience) if audience else (),
    }


def audience_of(tx: Tx, ask: Ask, kind: str, options: dict[str, str]) -> str:
    """The audience that was typed, or that follows from the kind; "" for the whole branch. Raises Refused."""
    audience = options.get("应到", "")
    if "应到" in options and not audience:
        raise Refused("请写上应到的范围：支委、党小组名称，或姓名（用顿号分开）。")
    if audience:
        return "" if audience in WHOLE_BRANCH else audience
    if kind == COMMITTEE_MEETING:
        return COMMITTEE[0]
    groups = groups_of(tx, ask.who.branch) if kind == GROUP_MEETING else ()
    if groups:
        raise Refused(f"请写明是哪个党小组：应到 {' 或 应到 '.join(groups[:6])}")
    return ""


def _options(text: str) -> tuple[str, dict[str, str]]:
    """The text before the first option, and the options: `截止 …`, `应到 …`, in any order."""
    parts = OPTION.split(text)
    return parts[0], {parts[i]: parts[i + 1].strip() for i in range(1, len(parts) - 1, 2)}


def say_edit(tx: Tx, ask: Ask) -> Reply:
    """edit [#12] 地点 … | 截止 … | 种类 …"""
    meant = target(tx, ask, "edit")
    if isinstance(meant, Reply):
        return meant
    activity, text = meant
    word, _, value = text.replace("：", " ").partition(" ")
    if word not in ("地点", "截止", "种类") or not value.strip():
        raise Refused("可以改：地点、截止、种类。例：/attendance edit #12 地点 五楼会议室")
    plan = _edited(tx, ask, _as_plan(tx, activity), word, value.strip())
    what = f"{word}改为 {value.strip()}"
    calling: Calling = "waiting" if word == "截止" else "answered"
    return _changed(tx, ask, change(tx, activity, ask.who, plan=plan, action="edit"), what, calling)


def _edited(tx: Tx, ask: Ask, plan: Plan, word: str, value: str) -> Plan:
    if word == "种类":
        kinds = kinds_in(value, ask.house.config.meetings.kinds)
        return replace(plan, kind=kinds[0], also=kinds[1:])
    if word == "地点":
        return replace(plan, place=value)
    when = find_when(value, tx.now)
    if when is None:
        raise Refused("没看懂截止时间。例：截止 12月3日17:00")
    return replace(plan, deadline=exact(when)[0])


def say_move(tx: Tx, ask: Ask) -> Reply:
    """move [#12] WHEN: the answers stay, those concerned hear it once. A deadline that no longer fits is dropped."""
    meant = target(tx, ask, "move")
    if isinstance(meant, Reply):
        return meant
    activity, text = meant
    when = find_when(text, tx.now)
    if when is None:
        raise Refused(f"没看懂时间。例：/attendance move #{activity.number} 12月5日15:00")
    start, end = exact(when)
    before_plan = _as_plan(tx, activity)
    if (start, end) == (before_plan.start, before_plan.end):
        raise Refused(f"{label(tx, activity)} 本来就是这个时间，没有改动。")
    plan = replace(before_plan, start=start, end=end)
    if plan.deadline and not tx.now < plan.deadline <= start:
        plan = replace(plan, deadline=None)
    before = span(tx.moment(activity.starts_at), None)
    return _changed(tx, ask, change(tx, activity, ask.who, plan=plan, action="move"), f"原定 {before} 改期")


def _as_plan(tx: Tx, activity: Any) -> Plan:
    return Plan(
        activity.kind,
        tx.moment(activity.starts_at),
        tx.moment(activity.ends_at) if activity.ends_at else None,
        activity.place,
        tx.moment(activity.deadline_at) if activity.deadline_at else None,
        activity.audience,
        also=all_kinds(activity)[1:],
    )


def _changed(tx: Tx, ask: Ask, activity: Any, what: str, calling: Calling = "answered") -> Reply:
    """The change, said once; the place and the deadline stand beside it where it is not about them."""
    place = "" if what.startswith("地点") else activity.place
    deadline = "" if what.startswith("截止") else _deadline(tx, activity)
    text = "\n".join(filter(None, (f"{what}：{label(tx, activity)}", place, deadline, state_line(tx, activity))))
    _announce(tx, ask, activity, f"change:{activity.id}:{tx.at}", text, calling=calling)
    return Reply(text, card(tx, activity))


def say_close(tx: Tx, ask: Ask) -> Reply:
    """close [#12]: no more answers; the record stands."""
    activity = alone(tx, ask, "close")
    if isinstance(activity, Reply):
        return activity
    owed = close(tx, activity, ask.who, ask.house.config.meetings.makeup_days)
    lines = [f"已结束 {label(tx, activity)}", state_line(tx, activity)]
    lines += [f"{owed} 人待补学，{ask.house.config.meetings.makeup_days} 天内"] if owed else []
    lines += [unverified(tx, activity)]
    return Reply("\n".join(filter(None, lines)))


def close(tx: Tx, activity: Any, by: Who, makeup_days: int) -> int:
    """Ends a meeting; how many owe a 补学 now. Raises Refused where it had ended."""
    finish(tx, activity, by, "closed")
    return makeup.begin(tx, activity, by, makeup_days)


def say_cancel(tx: Tx, ask: Ask) -> Reply:
    """cancel [#12] [原因]: nothing is deleted; those concerned hear it once."""
    meant = target(tx, ask, "cancel")
    if isinstance(meant, Reply):
        return meant
    activity, why = meant
    own = ask.house.config.meetings.kinds
    kind = kind_of(why, own)
    if not NUMBER.match(ask.text) and kind in (*KINDS, *own) and kind not in all_kinds(activity):
        raise Refused(f"{label(tx, activity)} 不是{kind}，没有取消。就是这一场请写编号：#{activity.number}")
    no_longer(why, "取消的原因", LONGEST_WHY)
    finish(tx, activity, ask.who, "cancelled")
    text = f"已取消 {label(tx, activity)}" + (f"：{why}" if why else "")
    _announce(tx, ask, activity, f"cancel:{activity.id}", text, with_card=False, calling="answered")
    return Reply(text)
