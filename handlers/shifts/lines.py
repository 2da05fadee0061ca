"""How a shift is named, shown and announced: shared by everything that is said about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bot.db import Tx
from bot.language import Call
from bot.message import Button, Card, Reply
from bot.outbox import put_to_branch
from handlers.phrases import day_and_time, span
from handlers.register import accounts_of
from handlers.shifts import skills, store
from handlers.shifts.seats import Promoted

HOUR = 3_600_000_000


def state_line(tx: Tx, shift: Any) -> str:
    """名额 10 · 已报 10 · 候补 2."""
    seated, waiting = store.counts(tx, shift.id)
    return f"名额 {shift.capacity} · 已报 {seated} · 候补 {waiting}"


def heading(tx: Tx, shift: Any) -> str:
    """#12 义诊 12月4日(周五)15:00-17:00; with the year where it is another one."""
    at = tx.moment(shift.starts_at)
    year = "" if at.year == tx.now.year else f"{at.year}年"
    end = tx.moment(shift.ends_at) if shift.ends_at else None
    return f"#{shift.number} {shift.name} {year}{span(at, end)}"


def card(tx: Tx, shift: Any) -> Card:
    """The shift with its two buttons; they carry the number, so they work for ever."""
    buttons = (Button("报名", f"报名 #{shift.number}", primary=True), Button("退出", f"退出 #{shift.number}"))
    where = (f"地点：{shift.place}",) if shift.place else ()
    return Card(heading(tx, shift), (*where, state_line(tx, shift)), buttons)


def details(tx: Tx, shift: Any) -> list[str]:
    """What else holds of a shift: the least number, the skills, until when one may leave, guests."""
    seated, _ = store.counts(tx, shift.id)
    lacking = max(0, shift.at_least - seated)
    lines = [f"至少 {shift.at_least} 人" + (f"，还差 {lacking} 人" if lacking else "，够了")] if shift.at_least else []
    lines += [_skills_line(tx, shift)] if shift.skills else []
    lines += [f"退出截止 {day_and_time(tx.moment(shift.leave_by))}"] if shift.leave_by else []
    guests = store.guests(tx, shift.id)
    return lines + ([f"另有随行 {guests} 人"] if guests else [])


def _skills_line(tx: Tx, shift: Any) -> str:
    here, _ = skills.match(tx, shift)
    return "技能：" + "、".join(
        f"{one}（{len(people)} 人会）" if people else f"{one}（还缺）" for one, people in here.items()
    )


def names_of(tx: Tx, shift: Any, *, private: bool = False) -> list[str]:
    """The heading, who has a seat, who waits, and what else holds of the shift; in `private` also who has yet to say
    yes."""
    people = store.there(tx, shift.id)
    lines = [f"{heading(tx, shift)} {state_line(tx, shift)}"]
    seated = [_with_guests(one) for one in people if one.seated_at]
    waiting = [f"{place}.{one.name}" for place, one in enumerate((o for o in people if not o.seated_at), 1)]
    lines += [f"已报：{'、'.join(seated)}"] if seated else []
    lines += [f"候补：{' '.join(waiting)}"] if waiting else []
    asked = [
        f"{one.name}（{day_and_time(tx.moment(one.confirm_by))}前）" for one in people if private and one.confirm_by
    ]
    return [*lines, *([f"待确认：{'、'.join(asked)}"] if asked else []), *details(tx, shift)]


def _with_guests(one: Any) -> str:
    return f"{one.name}+{one.guests}" if one.guests else str(one.name)


def signup_calls(tx: Tx, branch: int) -> tuple[Call, ...]:
    """The shifts that can be joined, as the language picks among them."""
    return _calls(tx, store.joinable(tx, branch))


def withdraw_calls(tx: Tx, branch: int, member: int) -> tuple[Call, ...]:
    """The coming shifts that a member is in, as the language picks among them."""
    return _calls(tx, store.joined(tx, branch, member))


def _calls(tx: Tx, rows: Iterable[Any]) -> tuple[Call, ...]:
    return tuple(Call(row.number, row.name, row.name, tx.moment(row.starts_at), "shift") for row in rows)


def announce(tx: Tx, shift: Any, *promoted: Promoted | None) -> None:
    """Promises to tell the branch's groups who got a seat, and until when he has to say yes: said only once this is
    committed, and by day."""
    for one in promoted:
        if one is not None:
            _announce_one(tx, shift, one)


def _announce_one(tx: Tx, shift: Any, promoted: Promoted) -> None:
    text, shown = f"{promoted.name} 候补转正：#{shift.number} {shift.name}", None
    if promoted.confirm_by:
        until = day_and_time(tx.moment(promoted.confirm_by))
        text += (
            f"\n{until}前请回复“报名 #{shift.number}”确认，来不了请回复“退出 #{shift.number}”；过时名额让给后面的同志。"
        )
        buttons = (Button("确认", f"报名 #{shift.number}", primary=True), Button("退出", f"退出 #{shift.number}"))
        shown = Card(f"{promoted.name} 候补转正", (heading(tx, shift), f"{until}前请确认"), buttons)

    def words(platform: str, speaker: str) -> Reply:
        return Reply(text, shown, mention=accounts_of(tx, platform, [promoted.member]))

    due = max(tx.at, min(promoted.ask_at, shift.starts_at - HOUR))
    put_to_branch(tx, shift.branch_id, words, key=f"promoted:{promoted.signup}", purpose="notice", due=due)


def tell_branch(tx: Tx, shift: Any, text: str, key: str, concerned: Sequence[int] = (), **options: Any) -> int:
    """Promises a line to the branch's groups, calling those it concerns; how many groups."""

    def words(platform: str, speaker: str) -> Reply:
        return Reply(text, mention=accounts_of(tx, platform, concerned))

    return put_to_branch(tx, shift.branch_id, words, key=key, **{"purpose": "notice", **options})
