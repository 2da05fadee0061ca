"""What volunteers can (测血压, 中医 …): asked for by a shift, said by members, matched for the secretary. Nobody is
turned away for want of one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import exists, select

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.shifts_tables import member_skills
from handlers.tables import members, signups

LONGEST_SKILL, MOST_SKILLS = 12, 10
SKILL = re.compile(rf"[\w·-]{{1,{LONGEST_SKILL}}}")

SAY = insert_row(member_skills, "member_id", "skill", "held", "recorded_at", "recorded_by", "by_member")
_newer = member_skills.alias("newer")
_newest = ~exists(
    select(_newer.c.id).where(
        _newer.c.member_id == member_skills.c.member_id,
        _newer.c.skill == member_skills.c.skill,
        _newer.c.id > member_skills.c.id,
    )
)
HELD = sql(
    select(member_skills.c.skill)
    .where(member_skills.c.member_id == p("member"), member_skills.c.held == 1, _newest)
    .order_by(member_skills.c.id)
)
OF_BRANCH = sql(
    select(members.c.id, members.c.name, member_skills.c.skill)
    .join_from(members, member_skills, member_skills.c.member_id == members.c.id)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0, member_skills.c.held == 1, _newest)
    .order_by(members.c.id, member_skills.c.id)
)
SEATED = sql(
    select(signups.c.member_id).where(signups.c.shift_id == p("shift"), signups.c.left_at == 0, signups.c.seated_at > 0)
)


def read_skills(words: Iterable[str]) -> list[str]:
    """The single skills in what was typed. Raises Refused for one that is too long or no word."""
    found = list(dict.fromkeys(word for word in words if word))
    if any(not SKILL.fullmatch(word) or word.isdecimal() for word in found):
        raise Refused(f"技能写成短词，每个最多 {LONGEST_SKILL} 字，如：测血压、中医")
    if len(found) > MOST_SKILLS:
        raise Refused(f"技能最多写 {MOST_SKILLS} 个。")
    return found


def held(tx: Tx, member: int) -> list[str]:
    """The skills of a member, in the order in which he said them."""
    return [row.skill for row in tx.all(HELD, member=member)]


def say(tx: Tx, branch: int, member: int, skills: Iterable[str], by: Who, *, can: bool = True) -> list[str]:
    """Notes what a member can, or no longer can; the skills that are new by that. Raises Refused beyond ten."""
    known = held(tx, member)
    new = [one for one in skills if (one in known) != can]
    if can and len(known) + len(new) > MOST_SKILLS:
        raise Refused(f"每人最多记 {MOST_SKILLS} 个技能，先去掉不用的：/volunteer skill 不会 {known[0]}")
    for one in new:
        who = {"recorded_at": tx.at, "recorded_by": by.label, "by_member": by.member}
        tx.run(SAY, member_id=member, skill=one, held=int(can), **who)
    if new:
        note(tx, branch, by.label, by.member, "skills", f"member:{member}", skills=new, can=can)
    return new


def wanted(shift: Any) -> list[str]:
    """The skills that a shift asks for."""
    return [one for one in shift.skills.split("、") if one]


def match(tx: Tx, shift: Any) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """For each skill that a shift asks for: the names of who is seated and has it, and of who has it and isn't."""
    seated = {row.member_id for row in tx.all(SEATED, shift=shift.id)}
    here: dict[str, list[str]] = {one: [] for one in wanted(shift)}
    elsewhere: dict[str, list[str]] = {one: [] for one in here}
    for row in tx.all(OF_BRANCH, branch=shift.branch_id):
        if row.skill in here:
            (here if row.id in seated else elsewhere)[row.skill].append(row.name)
    return here, elsewhere
