"""A branch that lives through a year by itself: who does what each day is drawn from a seed, through the chat alone.

`ACTS` is data: a chance per day and what is done. To let the year hold more, add an act; to let it prove more, add a
function to `INVARIANTS`: it gets the year as it stands in the evening and returns a line per fault.
"""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select

from bot import trail
from bot.db import Tx
from bot.platforms.console import Bubble
from bot.sql import p, sql
from bot.tables import outbox
from bot.tables import trail as trail_rows
from handlers import activities, ledger, shifts
from handlers.people import history
from handlers.shifts import hours
from handlers.tables import members, signups
from handlers.tables import shifts as shift_rows
from tests.cast import ACCOUNTS, START, ZONE, Cast

FIRST = datetime(2028, 1, 1, tzinfo=ZONE)  # a leap year
NUMBER = re.compile(r"#(\d+)")
TODO = re.compile(r"^(\d+) ", re.M)
AMOUNT = re.compile(r"\d+\.\d\d")
TOLD = ("病", "家里", "孩子发烧")  # what members said in confidence and no group may hear
CONFIDENCES = ("请假 生病住院", "请假，家里孩子发烧", "请假 值班", "去不了，病了")
HERE = sql(select(members.c.id).where(members.c.branch_id == p("branch"), members.c.left_at == 0))
SHIFTS = sql(select(shift_rows).where(shift_rows.c.state != "cancelled", shift_rows.c.starts_at > p("at")))
SIGNED = sql(
    select(signups.c.member_id, func.count().label("times"))
    .where(signups.c.shift_id == p("shift"), signups.c.left_at == 0)
    .group_by(signups.c.member_id)
)
PROMISES = sql(select(outbox.c.key, outbox.c.state).where(outbox.c.state.in_(("failed", "unknown"))))
LINES = sql(select(func.count()).select_from(trail_rows))


@dataclass
class Year:
    """The cast, the dice, and what the test itself remembers of the year."""

    cast: Cast
    chance: random.Random
    secretary: str = "周敏"
    people: list[str] = field(default_factory=list)
    shifts: dict[int, datetime] = field(default_factory=dict)
    approved: int = 0  # minutes
    past: list[tuple[datetime, dict[int, list[history.Standing]]]] = field(default_factory=list)
    seen: int = 0
    fresh: list[Bubble] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The moved clock."""
        return self.cast.place.clock()

    async def says(self, name: str, text: str, chat: str = "g1") -> str:
        """One message; now and then the platform sends it twice, and nothing may come of that."""
        reply = await self.cast.reply(name, text, chat)
        if self.chance.random() < 0.05:
            assert self.cast.last is not None
            before = await self.cast.place.database.read(lambda tx: tx.value(LINES))
            assert await self.cast.send(self.cast.last) == reply
            assert await self.cast.place.database.read(lambda tx: tx.value(LINES)) == before
        return reply.text if reply else ""

    async def at(self, clock: str) -> None:
        """Goes on to a time of this day; the calendar and the outbox do what is due."""
        hour, minute = clock.split(":")
        moment = datetime.combine(self.now.date(), time(int(hour), int(minute)), ZONE)
        if moment > self.now:
            self.cast.place.clock.ahead += moment - self.now
        await self.cast.settle()
        bubbles = [bubble for bubble in self.cast.place.console.bubbles if bubble.number > self.seen]
        self.seen = max([self.seen, *(bubble.number for bubble in bubbles)])
        self.fresh = [bubble for bubble in bubbles if bubble.pushed]

    def some(self, most: int) -> list[str]:
        """A few of the branch's people."""
        return self.chance.sample(self.people, self.chance.randint(1, min(most, len(self.people))))

    def day(self, ahead: int) -> str:
        """A day some days ahead as people write it."""
        then = self.now + timedelta(days=ahead)
        return f"{then.year}-{then.month:02d}-{then.day:02d}"


async def open_meeting(year: Year) -> None:
    kind = year.chance.choice(("党课", "集中学习", "支委会", "主题党日", "支部党员大会"))
    await year.says(year.secretary, f"/attendance open {kind} {year.day(year.chance.randint(1, 6))} 15:00 三楼会议室")


async def answer(year: Year) -> None:
    for name in year.some(6):
        await year.says(name, year.chance.choice(("参加", "参加", "到时候来", "收到", "取消", *CONFIDENCES)), "g1")


async def hold_meeting(year: Year) -> None:
    await year.says(year.secretary, "/attendance checkin on")
    for name in year.some(6):
        await year.says(name, year.chance.choice(("签到", "到了")))
    await year.says(year.secretary, "/attendance checkin off")


async def pay(year: Year) -> None:
    for name in year.some(3):
        await year.says(name, year.chance.choice(("已交", "党费已交 50", "撤销")), year.chance.choice(("g1", "")))


async def decide(year: Year) -> None:
    """The secretary and the collector go through what waits; hours that are agreed to are remembered."""
    for clerk in (year.secretary, "李红"):
        waiting = await year.says(clerk, "/todo", "")
        for number in TODO.findall(waiting)[:5]:
            yes = year.chance.random() < 0.8
            heard = await year.says(clerk, f"/todo {'ok' if yes else 'no'} {number}", "")
            agreed = re.search(r"已确认：\S+ ([\d.]+) 小时（", heard)
            year.approved += round(float(agreed[1]) * 60) if agreed else 0


async def open_shift(year: Year) -> None:
    ahead = year.chance.randint(1, 5)
    more = year.chance.choice(("", " 候补确认 不用", " 至少 2人", " 技能 测血压", " 候补确认 3小时"))
    text = f"/volunteer open 义诊 {year.day(ahead)} 9:00-11:30 人民广场 {year.chance.randint(1, 4)}人{more}"
    found = NUMBER.search(await year.says(year.secretary, text))
    if found:
        year.shifts[int(found[1])] = year.now + timedelta(days=ahead)


async def join(year: Year) -> None:
    for name in year.some(5):
        for number in year.chance.sample(sorted(year.shifts), min(2, len(year.shifts))):
            word = year.chance.choice(("报名", "报名", "报名", "退出"))
            await year.says(
                name, f"{word} #{number}" + year.chance.choice(("", "", "，带2人" if word == "报名" else ""))
            )


async def run_list(year: Year) -> None:
    """The clerk changes seats, takes somebody out or in, closes or calls off."""
    for number in list(year.shifts)[:2]:
        name = year.chance.choice(year.people)
        act = year.chance.choice(
            (f"edit {number} 人数 {year.chance.randint(1, 5)}", f"add {number} {name}", f"remove {number} {name}")
        )
        await year.says(year.secretary, f"/volunteer {act}")
    if year.shifts and year.chance.random() < 0.1:
        await year.says(year.secretary, f"/volunteer {year.chance.choice(('close', 'cancel'))} {min(year.shifts)}")


async def serve(year: Year) -> None:
    """Who has a seat today comes at nine, or forgets to; at noon most check out."""
    today = [number for number, day in year.shifts.items() if day.date() == year.now.date()]
    for number in today:
        for name in year.people:
            if year.chance.random() < 0.7:
                await year.says(name, f"签到 #{number}")
    await year.at("12:00")
    for number in today:
        for name in year.people:
            if year.chance.random() < 0.6:
                await year.says(name, f"签退 #{number}" + year.chance.choice(("", " 11:30")))
        del year.shifts[number]


async def move_people(year: Year) -> None:
    """Transfers out and back, a leaving, a return, a new duty: the past has to stay."""
    name = year.chance.choice([one for one in year.people if one not in (year.secretary, "李红", "王芳")])
    act = year.chance.random()
    if act < 0.5:
        await year.says(year.secretary, f"/member transfer {name} 第二党支部")
        year.people.remove(name)
    elif act < 0.6:
        await year.says(year.secretary, f"/member leave {name} 转出", "")
        year.people.remove(name)
    else:
        await year.says(
            year.secretary, f"/member category {name} {year.chance.choice(('正式党员', '预备党员'))} {year.day(-3)}"
        )
    gone = [one for one in ACCOUNTS if one not in year.people]
    if len(year.people) < 9:
        back = year.chance.choice(gone)
        if (await year.says("郑晓燕", f"/member transfer {back} 第一党支部", "g2")).startswith("已转到"):
            year.people.append(back)


async def hand_over(year: Year) -> None:
    """Twice a year another one becomes 书记."""
    old, new = ("周敏", "陈建国") if year.secretary == "周敏" else ("陈建国", "周敏")
    if new in year.people:
        await year.says("李红", f"/member role {new} 书记")
        await year.says("李红", f"/member role {old} 无")
        year.secretary = new


@dataclass(frozen=True)
class Act:
    """What may happen on a day: how often, from when on, and what."""

    chance: float
    clock: str
    run: Callable[[Year], Awaitable[None]]


ACTS = (
    Act(1.0, "09:05", serve),
    Act(0.25, "12:10", open_meeting),
    Act(0.5, "12:20", answer),
    Act(0.15, "14:40", hold_meeting),
    Act(0.15, "15:00", pay),
    Act(0.25, "15:10", open_shift),
    Act(0.6, "15:20", join),
    Act(0.2, "15:30", run_list),
    Act(0.03, "15:40", move_people),
    Act(0.006, "15:50", hand_over),
    Act(0.3, "16:00", decide),
)


async def live_a_day(year: Year) -> None:
    """One day from breakfast to evening, with the calendar's own times in between."""
    todays = [act for act in ACTS if year.chance.random() < act.chance]
    for act in todays:
        await year.at(act.clock)
        _listen(year)
        await act.run(year)
    await year.at("20:30")
    _listen(year)
    faults = await year.cast.place.database.read(partial(faults_of, year=year))
    assert not faults, f"{year.now:%Y-%m-%d}: {faults}"
    year.cast.place.clock.ahead = datetime.combine(year.now.date() + timedelta(days=1), time(7, 45), ZONE) - START


def faults_of(tx: Tx, year: Year) -> list[str]:
    """What is wrong this evening, a line each."""
    return [line for check in INVARIANTS for line in check(tx, year)]


def _listen(year: Year) -> None:
    """What the groups were told unasked: never a confidence, never an amount, never at night."""
    for bubble in year.fresh:
        if bubble.chat in ("g1", "g2"):
            assert not any(word in bubble.text for word in TOLD), bubble.text
            assert not AMOUNT.search(bubble.text), bubble.text
    assert time(7, 30) <= year.now.time() < time(21) or not year.fresh


def seats_are_right(tx: Tx, _year: Year) -> list[str]:
    """No seat twice, none empty while somebody waits, nobody in a list twice."""
    faults = shifts.check(tx)
    for row in tx.all(SHIFTS, at=tx.at):
        seated, waiting = shifts.counts(tx, row.id)
        if seated > row.capacity or (waiting and seated < row.capacity):
            faults.append(f"shift #{row.number}: {seated} of {row.capacity} seated while {waiting} wait")
        faults += [
            f"shift #{row.number}: {one.member_id} twice" for one in tx.all(SIGNED, shift=row.id) if one.times > 1
        ]
    return faults


def books_are_whole(tx: Tx, year: Year) -> list[str]:
    """The ledger's sums every day, the chains of the trail every week."""
    return [*ledger.check(tx), *(trail.verify(tx) if year.now.weekday() == 0 else [])]


def sums_are_right(tx: Tx, _year: Year) -> list[str]:
    """应到 = 参加 + 请假 + 未回 (待定 counts as 未回) of everything that is open."""
    lines = [activities.state_line(tx, row) for branch in (1, 2) for row in activities.open_now(tx, branch)]
    found = [[int(number) for number in re.findall(r"(?:应到|参加|请假|未回) (\d+)", line)] for line in lines]
    return [line for line, (due, *parts) in zip(lines, found, strict=True) if due != sum(parts)]


def hours_are_what_was_agreed(tx: Tx, year: Year) -> list[str]:
    found = sum(one.minutes for one in hours.served(tx, 1, FIRST.date(), tx.now.date()))
    return [] if found == year.approved else [f"{found} minutes of service count, {year.approved} were agreed to"]


def register_keeps_its_past(tx: Tx, year: Year) -> list[str]:
    """Who belongs now is who stands in the register; each earlier day is what it was, as known then."""
    now = {branch: history.members_of(tx, branch, tx.now) for branch in (1, 2)}
    faults = [
        f"branch {branch}: history and register differ"
        for branch, found in now.items()
        if [one.member for one in found] != sorted(row.id for row in tx.all(HERE, branch=branch))
    ]
    if year.past:
        when, then = year.chance.choice(year.past)
        for branch, found in then.items():
            if history.members_of(tx, branch, when, known=when) != found:
                faults.append(f"branch {branch}: {when:%Y-%m-%d} is no longer what it was")
    year.past.append((tx.now, now))
    return faults


def promises_are_kept(tx: Tx, _year: Year) -> list[str]:
    return [f"promise {row.key} {row.state}" for row in tx.all(PROMISES)]


Invariant = Callable[[Tx, Year], list[str]]
INVARIANTS: tuple[Invariant, ...] = (
    seats_are_right,
    books_are_whole,
    sums_are_right,
    hours_are_what_was_agreed,
    register_keeps_its_past,
    promises_are_kept,
)


async def begin(cast: Cast, seed: int) -> Year:
    """The first branch on the first day of a leap year."""
    cast.place.clock.ahead = FIRST.replace(hour=7, minute=45) - START
    names = [name for name in ACCOUNTS if name not in ("admin", "王芳(护理部)", "郑晓燕", "冯磊", "蒋玉梅", "沈国强")]
    return Year(cast, random.Random(seed), people=names)


def head(tx: Tx) -> Any:
    """The last link of the first branch's chain: it stands for all that was done."""
    return tx.one(trail.LAST, branch_id=1)
