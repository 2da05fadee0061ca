"""What secretaries say about shifts: /volunteer open, list, edit, add, remove, close, cancel."""

from __future__ import annotations

from typing import Any

from bot.commands import Ask, may
from bot.db import Tx
from bot.dispatch import ask_back
from bot.language import When
from bot.message import Refused, Reply
from bot.outbox import put_to_branch
from handlers.phrases import LONGEST_WHY, day_and_time, no_longer
from handlers.phrases import names as listed
from handlers.register import branch_of
from handlers.shifts import opening, seats, skills, store
from handlers.shifts.lines import announce, card, details, heading, names_of, state_line, tell_branch
from handlers.shifts.meant import BETWEEN, named, number, shift_of, whose
from handlers.shifts.reading import EDITED, edited, read_event, read_shift, several

MOST_NAMES = 30
WHOLE_EVENT = ("全部", "全部班次", "各班", "整个活动", "all")


def say_state(tx: Tx, ask: Ask) -> Reply:
    """Where it stands: the one shift's line, or a line each."""
    rows = store.coming(tx, branch_of(ask))
    if not rows:
        return Reply("现在没有志愿服务。")
    if len(rows) == 1:
        return Reply(state_line(tx, rows[0]), card=card(tx, rows[0]) if rows[0].state == "open" else None)
    return Reply("\n".join(f"{heading(tx, row)} {state_line(tx, row)}" for row in rows))


def say_list(tx: Tx, ask: Ask) -> Reply:
    """/volunteer list [N]: the shifts, or who is signed up for one; to a secretary in private also who could help."""
    branch, private = branch_of(ask), ask.incoming.private and may(ask.who, "secretary")
    rows = [store.numbered(tx, branch, number(ask.text)[0])] if ask.text else store.coming(tx, branch)
    lines = [line for row in rows for line in names_of(tx, row, private=private)]
    if private and len(rows) == 1 and rows[0].skills:
        _, elsewhere = skills.match(tx, rows[0])
        lines += [f"会{one}、还没报名：{listed(people, 20)}" for one, people in elsewhere.items() if people]
    return Reply("\n".join(lines) or "现在没有志愿服务。")


def say_open(tx: Tx, ask: Ask) -> Reply:
    """/volunteer open NAME WHEN 地点 人数 [options], in nearly any order; several lines are the shifts of an event."""
    if several(ask.text):
        rows = opening.open_event(tx, branch_of(ask), read_event(ask.text, tx.now), ask.who)
    else:
        terms = read_shift(ask.text, tx.now)
        if isinstance(terms, When):
            return _which_time(tx, ask, terms)
        rows = [opening.open_shift(tx, branch_of(ask), terms, ask.who)]
    text = _announcement(tx, rows)
    shown = card(tx, rows[0]) if len(rows) == 1 else None
    here = ("", "") if ask.incoming.private else (ask.incoming.platform, ask.incoming.chat)
    reply, key = Reply(text, shown), f"shift:{rows[0].id}"
    groups = put_to_branch(tx, rows[0].branch_id, lambda _of, _by: reply, key=key, besides=here, purpose="notice")
    heard = f"\n将在 {groups} 个群里通知。" if ask.incoming.private and groups else ""
    return Reply(f"已发布 {text}{heard}", card=shown)


def _announcement(tx: Tx, rows: list[Any]) -> str:
    first = rows[0]
    if len(rows) == 1:
        where = f" {first.place}" if first.place else ""
        lines = [f"{heading(tx, first)}{where}", *details(tx, first), state_line(tx, first)]
        return "\n".join([*lines, f"报名请发：报名 #{first.number}"])
    name = first.name.partition("·")[0]
    lines = [" ".join(filter(None, (name, first.place, f"共 {len(rows)} 班")))]
    for row in rows:
        more = "，".join(details(tx, row))
        lines.append(f"{heading(tx, row)} {row.capacity} 人" + (f"（{more}）" if more else ""))
    return "\n".join([*lines, f"报名请发编号，如：报名 #{first.number}"])


def _which_time(tx: Tx, ask: Ask, when: When) -> Reply:
    before, behind = ask.text[: when.span[0]], ask.text[when.span[1] :]
    length = when.end - when.start if when.end else None
    options = []
    for start in (one for one in when.ambiguous if one > tx.now):
        end = f"-{start + length:%H:%M}" if length else ""
        label = f"{day_and_time(start)}{end}"
        options.append((label, f"/volunteer open {before} {start:%Y-%m-%d %H:%M}{end} {behind}"))
    return ask_back(tx, ask, "是哪个时间？", options)


def say_edit(tx: Tx, ask: Ask) -> Reply:
    """/volunteer edit N 人数|至少|地点|时间|技能|退出截止|候补确认 …: a new time or place is told to who is in."""
    shift, rest = shift_of(tx, ask)
    match = EDITED.fullmatch(rest)
    if match is None or not match[2].strip():
        raise Refused(
            f"可以改：人数、至少、地点、时间、技能、退出截止、候补确认。例：/volunteer edit {shift.number} 人数 12人"
        )
    word, value = match[1], match[2].strip()
    terms = edited(opening.terms_of(tx, shift), word, value, tx.now)
    promoted = opening.change(tx, shift.id, terms, ask.who, ask.house.quiet_of)
    new = store.by_id(tx, shift.id)
    announce(tx, new, *promoted)
    told = ""
    if word in ("时间", "地点"):
        concerned = [one.member_id for one in store.there(tx, shift.id)]
        before = heading(tx, shift) if word == "时间" else f"{heading(tx, shift)} 地点"
        text = f"{before} 改为：{day_and_time(tx.moment(new.starts_at)) if word == '时间' else new.place}"
        groups = tell_branch(tx, new, text, f"shift_edit:{shift.id}:{tx.at}", concerned) if concerned else 0
        told = f"\n已在群里通知报名的 {len(concerned)} 人。" if groups else ""
    return Reply("\n".join([f"已改{word}：{heading(tx, new)}", *details(tx, new), state_line(tx, new)]) + told)


def say_add(tx: Tx, ask: Ask) -> Reply:
    """/volunteer add N 姓名…: all of them or none; beyond the seats they wait."""
    shift, rest = shift_of(tx, ask)
    lines = []
    for row in named(tx, ask, rest, f"/volunteer add {shift.number} 张三 李四"):
        place = seats.signup(tx, shift.id, row.id, ask.who, clerk=True)
        lines.append(f"{row.name}：{'已报' if place == 0 else f'已满，候补第 {place} 位'}")
    return Reply("\n".join([heading(tx, shift), *lines, state_line(tx, shift)]))


def say_remove(tx: Tx, ask: Ask) -> Reply:
    """/volunteer remove N 姓名…"""
    shift, rest = shift_of(tx, ask)
    people = named(tx, ask, rest, f"/volunteer remove {shift.number} 张三")
    for row in people:
        announce(tx, shift, seats.withdraw(tx, shift.id, row.id, ask.who, ask.house.quiet_of, clerk=True))
    names = "、".join(row.name for row in people)
    return Reply(f"{heading(tx, shift)}\n已移出：{names}\n{state_line(tx, shift)}")


def say_close(tx: Tx, ask: Ask) -> Reply:
    """/volunteer close N."""
    shift, _ = shift_of(tx, ask)
    opening.close(tx, shift.id, ask.who)
    return Reply(f"报名已截止：{heading(tx, shift)}\n{state_line(tx, shift)}")


def say_cancel(tx: Tx, ask: Ask) -> Reply:
    """/volunteer cancel N [全部] [原因]: a shift or all of its event; the groups hear it once, and who was in."""
    shift, rest = shift_of(tx, ask)
    word, _, behind = rest.partition(" ")
    whole = word in WHOLE_EVENT
    why = _why(behind if whole else rest, shift)
    rows, people = (
        opening.cancel_event(tx, shift, ask.who) if whole else ([shift], opening.cancel(tx, shift.id, ask.who))
    )
    told = _tell_cancelled(tx, rows, people, why) if people else []
    left = [row for row in store.of_event(tx, shift) if not seats.is_over(tx, row)]
    if left:
        told.append(f"同一活动还有 {len(left)} 班，一起取消请发：/volunteer cancel {left[0].number} 全部")
    return Reply("\n".join([f"已取消{why}：{_several(rows)}{_headings(tx, rows)}", *told]))


def _why(text: str, shift: Any) -> str:
    """（下雨）, as the groups hear it. Raises Refused for an overlong reason, and for further numbers."""
    if BETWEEN.sub("", text.replace("#", "")).isdecimal():
        raise Refused(f"一次取消一班；同一活动的几班一起取消：/volunteer cancel {shift.number} 全部。没有取消。")
    why = no_longer(text.strip(), "取消的原因", LONGEST_WHY)
    return f"（{why}）" if why else ""


def _several(rows: list[Any]) -> str:
    return f"{rows[0].name.partition('·')[0]} {len(rows)} 班\n" if len(rows) > 1 else ""


def _headings(tx: Tx, rows: list[Any]) -> str:
    return "\n".join(heading(tx, row) for row in rows)


def _tell_cancelled(tx: Tx, rows: list[Any], people: list[Any], why: str) -> list[str]:
    """Tells the groups of what was called off, once for all of it, each person named once; the line that says so."""
    names = listed([one.name for one in people], MOST_NAMES)
    head = f"已取消{why}：{_several(rows)}{_headings(tx, rows)}\n"
    if len(rows) == 1:
        head = f"{heading(tx, rows[0])} 已取消{why}，"
    text = f"{head}请报名的 {len(people)} 人知悉：{names}"
    groups = tell_branch(tx, rows[0], text, f"cancelled:{rows[0].id}", [one.member_id for one in people])
    if groups:
        return [f"已在群里通知报名的 {len(people)} 人。"]
    return [f"还没有绑定的群，请自行通知报名的 {len(people)} 人：{names}"]


def say_skill(tx: Tx, ask: Ask) -> Reply:
    """/volunteer skill [姓名] [不会] 测血压 中医: one's own; a secretary also enters those of others."""
    words = [word for word in BETWEEN.split(ask.text) if word]
    member, name, words = whose(tx, ask, words, "/volunteer skill 张三 测血压")
    can = words[:1] != ["不会"]
    found = skills.read_skills(words if can else words[1:])
    if not found:
        raise Refused("请写会什么，如：/volunteer skill 测血压 中医；去掉写：/volunteer skill 不会 中医")
    skills.say(tx, branch_of(ask), member, found, ask.who, can=can)
    return Reply(f"已记：{name} 会 {'、'.join(found)}。" if can else f"已去掉：{name} {'、'.join(found)}。")
