"""The 25 steps of 发展党员 as data, and the dates that the rules allow, by calendar arithmetic.

Source: 中国共产党发展党员工作细则 (2014) and the flow chart of 中组部组织一局; 党章 Art. 7 for the probation. What
differs from place to place is marked `local` and only hinted at.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

STAGES = ("申请入党", "入党积极分子", "发展对象", "接收预备党员", "预备党员的教育和转正")


@dataclass(frozen=True, slots=True)
class Rule:
    """A distance in calendar months from an earlier step.

    `hard` marks an earliest day before which the step can't have been; else it is a hint. `local`: not everywhere.
    """

    base: int
    months: int
    hard: bool = False
    local: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its number, stage (index into STAGES), who does it, the steps it comes after, and its dates.

    `repeats` is the number of months after which it is due again (0 = it is done once).
    """

    number: int
    name: str
    stage: int
    who: str
    after: tuple[int, ...] = ()
    earliest: Rule | None = None
    latest: Rule | None = None
    repeats: int = 0


YEAR = 12
STEPS: Mapping[int, Step] = {
    step.number: step
    for step in (
        Step(1, "递交入党申请书", 0, "申请人"),
        Step(2, "党组织派人谈话", 0, "党支部", (1,), latest=Rule(1, 1)),
        Step(3, "推荐和确定入党积极分子", 1, "支委会", (2,), earliest=Rule(1, 3, local=True)),
        Step(4, "上级党委备案（积极分子）", 1, "上级党委", (3,)),
        Step(5, "指定培养联系人", 1, "党支部", (3,)),
        Step(6, "培养教育考察", 1, "培养联系人", (3,), repeats=6),
        Step(7, "确定发展对象", 2, "支委会", (4, 5, 6), earliest=Rule(3, YEAR, hard=True)),
        Step(8, "报上级党委备案（发展对象）", 2, "上级党委", (7,)),
        Step(9, "确定入党介绍人", 2, "党支部", (7,)),
        Step(10, "进行政治审查", 2, "党支部", (7,)),
        Step(11, "开展集中培训", 2, "上级党委", (7,)),
        Step(12, "支委会审查", 3, "支委会", (8, 9, 10, 11)),
        Step(13, "上级党委预审", 3, "上级党委", (12,), latest=Rule(12, 1, local=True)),
        Step(14, "填写入党志愿书", 3, "申请人", (13,)),
        Step(15, "支部大会讨论接收", 3, "党员大会", (14,), latest=Rule(13, 1, local=True)),
        Step(16, "上级党委派人谈话", 3, "上级党委", (15,)),
        Step(17, "上级党委审批", 3, "上级党委", (16,), latest=Rule(15, 3)),
        Step(18, "再上一级组织部门备案", 3, "组织部门", (17,)),
        Step(19, "编入党支部和党小组", 4, "党支部", (17,)),
        Step(20, "入党宣誓", 4, "党支部", (17,)),
        Step(21, "继续教育考察", 4, "党支部", (15,), repeats=6),
        Step(22, "提出转正申请", 4, "预备党员", (15,), latest=Rule(15, YEAR)),
        Step(23, "支部大会讨论转正", 4, "党员大会", (17, 22), earliest=Rule(15, YEAR, hard=True)),
        Step(24, "上级党委审批转正", 4, "上级党委", (23,), latest=Rule(23, 3)),
        Step(25, "材料归档", 4, "党支部", (24,)),
    )
}
LAST = 25
NOTES: Mapping[int, str] = {
    5: "培养联系人 1 至 2 名正式党员",
    9: "入党介绍人 2 名正式党员",
    11: "不少于 3 天或 24 学时",
    15: "预备期从这一天算起",
    21: "预备期内定期考察",
}
Dates = Mapping[int, date]


def months_after(day: date, months: int) -> date:
    """The same day some calendar months later; the last day of a shorter month (29 February + 1 year = 28 February)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@cache
def before(step: int) -> frozenset[int]:
    """Every step that must have been before this one."""
    direct = STEPS[step].after
    return frozenset(direct).union(*(before(one) for one in direct))


@cache
def behind(step: int) -> frozenset[int]:
    """Every step that can only be after this one."""
    return frozenset(one for one in STEPS if step in before(one))


def window(step: int, dates: Dates) -> tuple[date | None, date | None]:
    """(earliest, latest) day for a step, from the days of the steps before it; None where nothing limits it."""
    rule, limit = STEPS[step].earliest, STEPS[step].latest
    floors = [dates[one] for one in before(step) if one in dates]
    if rule and rule.base in dates:
        floors.append(months_after(dates[rule.base], rule.months))
    latest = months_after(dates[limit.base], limit.months) if limit and limit.base in dates else None
    return (max(floors) if floors else None), latest


def impossible(step: int, day: date, dates: Dates) -> str:
    """Why a step can't have been on a day (Chinese), or ""."""
    for one in sorted(before(step), reverse=True):
        if one in dates and day < dates[one]:
            return f"第{step}步不能早于第{one}步「{STEPS[one].name}」（{dates[one]}）"
    for one in sorted(behind(step)):
        if one in dates and day > dates[one]:
            return f"第{step}步不能晚于第{one}步「{STEPS[one].name}」（{dates[one]}）"
    for one in (step, *sorted(behind(step))):
        told = {**dates, step: day}
        why = _too_soon(one, told) if one in told else ""
        if why:
            return why
    return ""


def _too_soon(step: int, dates: Dates) -> str:
    rule = STEPS[step].earliest
    if rule is None or not rule.hard or rule.base not in dates:
        return ""
    first = months_after(dates[rule.base], rule.months)
    if dates[step] >= first:
        return ""
    return f"第{step}步「{STEPS[step].name}」要在第{rule.base}步满 {rule.months} 个月以后，最早 {first}"


def warnings(step: int, day: date, dates: Dates) -> list[str]:
    """What the clerk should look at again; it blocks nothing."""
    found = []
    missing = sorted(one for one in before(step) if one not in dates)
    if missing:
        found.append(f"还没有日期的前面步骤：{'、'.join(map(str, missing))}")
    sooner = [one for one, on in dates.items() if one < step and one not in before(step) and day < on]
    if sooner:
        found.append(f"早于第{'、'.join(map(str, sooner))}步")
    rule, limit = STEPS[step].earliest, STEPS[step].latest
    if rule and not rule.hard and rule.base in dates and day < months_after(dates[rule.base], rule.months):
        found.append(f"离第{rule.base}步不满 {rule.months} 个月{_places(rule)}")
    if limit and limit.base in dates and day > months_after(dates[limit.base], limit.months):
        found.append(f"离第{limit.base}步超过 {limit.months} 个月{_places(limit)}")
    return found


def _places(rule: Rule) -> str:
    return "（各地规定不同，请核对）" if rule.local else "，请核对"
