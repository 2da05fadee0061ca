"""What members say to get into a shift and out of it: 报名, 退出."""

from __future__ import annotations

import re
from typing import Any

from bot.commands import Ask
from bot.db import Tx
from bot.language.numerals import number as number_of
from bot.message import Refused, Reply
from handlers.register import branch_of
from handlers.shifts import marks, seats, skills, store
from handlers.shifts.collisions import collisions
from handlers.shifts.lines import announce, card, heading, signup_calls, state_line, withdraw_calls
from handlers.shifts.meant import is_clerk, people, pick, which_shift
from handlers.shifts.store import NoShift

GUESTS = re.compile(r"带\s*(\d{1,4}|[一二两三四五六七八九])\s*(?:个|名|位)?(?:人|家属|朋友|孩子|亲友|同事)")


def say_signup(tx: Tx, ask: Ask) -> Reply:
    """报名 [编号|活动] [带2人], for oneself or for who is named. Raises NoShift where no open shift is meant.

    To who was offered a seat it means yes.
    """
    found = pick(tx, ask, () if ask.number else _calls(tx, ask), "现在没有可报名的志愿服务。")
    if len(found) > 1:
        return which_shift(tx, ask, found, "报名")
    shift = store.numbered(tx, branch_of(ask), found[0])
    lines = [line for member, name in people(tx, ask) for line in _join(tx, ask, shift, member, name)]
    return _answer(tx, ask, shift, lines)


def _calls(tx: Tx, ask: Ask) -> Any:
    """The shifts that can be joined; those that wait for this member's yes come alone."""
    calls = signup_calls(tx, branch_of(ask))
    offered = [
        row.number
        for row in store.joined(tx, branch_of(ask), ask.who.member)
        if store.mine(tx, row.id, ask.who.member).confirm_by
    ]
    waiting = tuple(call for call in withdraw_calls(tx, branch_of(ask), ask.who.member) if call.number in offered)
    return waiting if waiting and not ask.slots.get("persons") else calls


def _join(tx: Tx, ask: Ask, shift: Any, member: int, name: str) -> list[str]:
    """Signs one up, or says yes for him, or notes who comes along: what he hears."""
    who = "" if member == ask.who.member else f"（代{name}报）"
    guests = _guests(ask.text)
    if seats.confirm(tx, shift.id, member, ask.who, rule=ask.rule):
        return [f"已确认：{heading(tx, shift)}{who}"]
    if guests is not None and seats.bring(tx, shift.id, member, guests, ask.who):
        return [f"已记随行 {guests} 人：{heading(tx, shift)}{who}"]
    place = seats.signup(tx, shift.id, member, ask.who, clerk=is_clerk(ask), guests=guests or 0, rule=ask.rule)
    said = f"{'已报名' if place == 0 else f'已满，候补第 {place} 位'}：{heading(tx, shift)}{who}"
    along = [f"随行 {guests} 人另计，不占名额"] if guests else []
    return [said, *along, *_hints(tx, shift, member)]


def _hints(tx: Tx, shift: Any, member: int) -> list[str]:
    """What he should know: what else he has at that time, and a skill that is asked for."""
    lines = [f"提醒：同一时间还有 {one}" for one in collisions(tx, shift, member)]
    wanted = skills.wanted(shift)
    if wanted and not set(wanted) & set(skills.held(tx, member)):
        lines.append(f"这一班需要：{'、'.join(wanted)}。会的请发：/volunteer skill {wanted[0]}")
    return lines


def _guests(text: str) -> int | None:
    found = GUESTS.search(text)
    return None if found is None else int(found[1]) if found[1].isdecimal() else number_of(found[1])


def say_withdraw(tx: Tx, ask: Ask) -> Reply:
    """退出 [编号]. Raises NoShift where the sender is in no coming shift that is meant."""
    if ask.slots.get("object") == "wish":
        raise NoShift("这是微心愿，不是志愿服务。")
    meant = people(tx, ask)
    calls = withdraw_calls(tx, branch_of(ask), meant[0][0])
    found = pick(tx, ask, calls, "没有可退出的志愿服务报名。")
    if len(found) > 1:
        return which_shift(tx, ask, found, "退出")
    shift = store.numbered(tx, branch_of(ask), found[0])
    lines = []
    for member, name in meant:
        promoted = seats.withdraw(tx, shift.id, member, ask.who, ask.house.quiet_of, clerk=is_clerk(ask), rule=ask.rule)
        announce(tx, shift, promoted)
        lines.append(f"已退出：{heading(tx, shift)}" + ("" if member == ask.who.member else f"（代{name}退）"))
    return _answer(tx, ask, shift, lines)


def _answer(tx: Tx, ask: Ask, shift: Any, lines: list[str]) -> Reply:
    pressed = ask.incoming.kind == "press"
    return Reply("\n".join([*lines, state_line(tx, shift)]), card=card(tx, shift) if pressed else None)


def undo(tx: Tx, ask: Ask, shift: Any, action: str) -> str:
    """撤销: a sign-up is left, its seat goes to the first who waits; who left joins again, behind those who wait; a
    签到 or 签退 is taken back. Raises Refused for the rest."""
    if action == "signup":
        announce(tx, shift, seats.withdraw(tx, shift.id, ask.who.member, ask.who, ask.house.quiet_of, undo="yes"))
        return "已撤销报名"
    if action in ("service_in", "service_out"):
        marks.take_back(tx, shift, ask.who.member, action.removeprefix("service_"), ask.who)
        return f"已撤销{'签到' if action == 'service_in' else '签退'}"
    if action != "withdraw":
        raise Refused(f"这一步不能用“撤销”收回。不来了请发：退出 #{shift.number}")
    place = seats.signup(tx, shift.id, ask.who.member, ask.who, undo="yes")
    return "已撤销退出，名额还在" if place == 0 else f"已撤销退出，名额已给别人，候补第 {place} 位"
