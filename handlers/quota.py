"""The monthly quota of a platform's organisation: what was used, what the calendar will use, who is told in time.

DingTalk's standard edition allows 5,000 API calls and 3,000 webhook and stream messages a month to a whole
organisation; beyond it nothing is heard or said any more. Source: open.dingtalk.com, quotas, 2025-11-19.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from bot.db import Tx, micros
from bot.meter import Meter
from bot.sql import Statement, p, sql
from bot.tables import groups
from bot.tables import outbox as promises
from handlers.admins import tell_admins
from handlers.quota_tables import platform_usage

WARN_AT = 0.8
ADVICE = "额度用完后收不到也发不出：请在开放平台“资源用量”购买，或减少提醒。"
KINDS = {"api": "接口调用", "message": "Webhook 与 Stream 消息"}

_more = insert(platform_usage)
_sum = {"used": platform_usage.c.used + _more.excluded.used}
ADD = Statement(
    _more.on_conflict_do_update(index_elements=["platform", "day", "kind"], set_=_sum),
    [column.name for column in platform_usage.columns],
)
USED = sql(
    select(platform_usage.c.platform, platform_usage.c.kind, func.sum(platform_usage.c.used).label("used"))
    .where(platform_usage.c.day >= p("first"), platform_usage.c.day < p("after"))
    .group_by(platform_usage.c.platform, platform_usage.c.kind)
)
SPEAKERS = sql(
    select(groups.c.branch_id, groups.c.platform, groups.c.push_platform).order_by(groups.c.branch_id, groups.c.chat)
)
WAITING = sql(
    select(promises.c.platform, func.count().label("count"))
    .where(promises.c.state.in_(("planned", "claimed")), promises.c.due_at < p("until"))
    .group_by(promises.c.platform)
)

Calendar = Callable[[Tx, int], Sequence[Any]]
Gauge = tuple[str, str, Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Outlook:
    """One kind of use in this month: used, still planned by the calendar, allowed (0: no limit)."""

    meter: str
    kind: str
    used: int
    planned: int
    allowed: int

    @property
    def near(self) -> bool:
        """Whether four fifths will be used."""
        return bool(self.allowed) and self.used + self.planned >= self.allowed * WARN_AT

    @property
    def short(self) -> bool:
        """Whether the month won't hold what is planned."""
        return bool(self.allowed) and self.used + self.planned > self.allowed

    @property
    def line(self) -> str:
        """For people; only where there is a limit."""
        kind = KINDS.get(self.kind, self.kind)
        return f"{self.meter}本月{kind}：已用 {self.used}，计划中的提醒还要 {self.planned}，每月额度 {self.allowed}"


def add(tx: Tx, platform: str, taken: Mapping[tuple[str, str], int]) -> None:
    """Adds what a process has counted ({(YYYY-MM-DD, kind): how many}) to the rows of all."""
    for (day, kind), used in taken.items():
        tx.run(ADD, platform=platform, day=day, kind=kind, used=used)


def outlook(tx: Tx, meters: Sequence[Meter], coming: Calendar) -> list[Outlook]:
    """This month of every meter, kind by kind; `coming` lists the reminders of a branch for a month at least."""
    if not meters:
        return []
    used = _used(tx)
    planned = _planned(tx, {platform for meter in meters for platform in meter.pushes}, coming)
    return [
        Outlook(
            meter.name,
            kind,
            sum(used[platform, kind] for platform in meter.pushes),
            sum(planned[platform] for platform, spent in meter.pushes.items() if spent == kind),
            allowed,
        )
        for meter in meters
        for kind, allowed in meter.allowed.items()
    ]


def _used(tx: Tx) -> Counter[tuple[str, str]]:
    first, after = f"{tx.now:%Y-%m}-01", _month_end(tx).date().isoformat()
    return Counter({(row.platform, row.kind): int(row.used) for row in tx.all(USED, first=first, after=after)})


def _planned(tx: Tx, platforms: Collection[str], coming: Calendar) -> Counter[str]:
    """How many pushes each platform still has before it in this month: promised ones, and those of the calendar."""
    until = _month_end(tx)
    found = Counter({row.platform: int(row.count) for row in tx.all(WAITING, until=micros(until))})
    by_branch = Counter((row.branch_id, row.push_platform or row.platform) for row in tx.all(SPEAKERS))
    ahead: dict[int, int] = {}
    for (branch, speaker), count in by_branch.items():
        if speaker in platforms:
            if branch not in ahead:
                ahead[branch] = sum(one.at < until and one.audience == "branch" for one in coming(tx, branch))
            found[speaker] += ahead[branch] * count
    return found


def _month_end(tx: Tx) -> Any:
    first = tx.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def speakers(tx: Tx, branch: int) -> set[str]:
    """The platforms that push to the groups of a branch."""
    return {row.push_platform or row.platform for row in tx.all(SPEAKERS) if row.branch_id == branch}


def short_of(outlooks: Sequence[Outlook], meters: Sequence[Meter]) -> frozenset[str]:
    """The platforms whose pushes won't all be said in this month: what can be said together must be."""
    short = {(one.meter, one.kind) for one in outlooks if one.short}
    return frozenset(
        platform for meter in meters for platform, kind in meter.pushes.items() if (meter.name, kind) in short
    )


def warn(tx: Tx, outlooks: Sequence[Outlook], admins: Sequence[tuple[str, str]]) -> int:
    """Tells the admins (platform that reaches them, account) at four fifths, once a month and kind; how many kinds."""
    return sum(
        tell_admins(tx, admins, f"quota:{one.meter}:{tx.now:%Y-%m}:{one.kind}", f"{one.line}。{ADVICE}")
        for one in outlooks
        if one.near
    )


def lines(tx: Tx, branch: int, meters: Sequence[Meter], coming: Calendar) -> list[str]:
    """What `/remind` says of the month: only where a group of the branch is pushed to by such a platform."""
    if not meters:
        return []
    heard_by = speakers(tx, branch)
    mine = [meter for meter in meters if heard_by & set(meter.pushes)]
    found = outlook(tx, mine, coming)
    more = ["额度不够，同一天的提醒会合成一条发。"] if heard_by & short_of(found, mine) else []
    return [f"{one.line}。" for one in found if one.allowed] + more


def gauges(tx: Tx, meters: Sequence[Meter], coming: Calendar) -> list[Gauge]:
    """The same for `/metrics`: (name, help, labels, value)."""
    return [
        (f"zhibu_quota_{name}", help_text, {"meter": one.meter, "kind": one.kind}, value)
        for one in outlook(tx, meters, coming)
        for name, help_text, value in (
            ("used", "Used of a platform's month, by all processes", one.used),
            ("planned", "What the calendar will use of it until the month ends", one.planned),
            ("allowed", "What the month allows, 0 for no limit", one.allowed),
        )
    ]
