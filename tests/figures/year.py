"""A year of a county health system as rows: 20 branches with meetings, shifts, wishes, books and dues, as people leave
them: corrected, taken back, called off, moved to another branch, half filled in. The same for ever (seeded)."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Table

from bot.db import Tx, micros
from bot.sql import Statement, insert_row
from handlers.meetings_tables import exclusions, record_lines
from handlers.people.facts import FACTS, KNOWN_FACTS
from handlers.people_tables import member_facts
from handlers.registers_tables import register_rows, wish_events, wishes
from handlers.shifts_tables import community_reports, service_hours
from handlers.tables import (
    activities,
    branches,
    entries,
    invited,
    members,
    memberships,
    postings,
    presences,
    shifts,
    signups,
)
from tests.cast import ZONE

YEAR = 2026
BRANCHES = 20
KINDS = (
    *("支部党员大会", "支委会", "党小组会", "党课", "主题党日", "组织生活会", "民主评议", "集中学习", "专题研讨"),
    *("理论中心组", "集中培训", "警示教育", "红色教育", "道德讲堂", "宣传教育", "宣传活动", "党建工作会议", "迎检准备"),
)
ALSO = ("党课", "集中学习", "主题党日", "道德讲堂")
STATES = ("present", "present", "present", "late", "early", "online", "absent", "none")
BOOKS: dict[str, tuple[str, ...]] = {
    "talk": ("谈心谈话", "支委之间"),
    "care": ("走访慰问", "其他关怀"),
    "issue": ("问题", "建议", "措施"),
    "award": (
        *("先进单位", "先进个人", "示范点", "党员名医", "较好党支部", "良好党支部", "党员先锋岗", "优秀共产党员"),
    ),
    "article": ("",),
    "project": ("实事项目", "重点项目"),
    "record": ("基层巡诊", "外出培训", "联系点调研", "第一议题"),
    "plan": (
        *("发展计划", "发展计划·少数民族", "发展计划·公务员", "发展计划·事业管理技术", "发展计划·公有制工人"),
        *("每月专题会议", "每季度调研", "重点任务"),
    ),
    "unit": ("医疗卫生单位", "二级党委", "党总支", "党支部"),
    "study": ("集中学习", "集中培训", "讲党课", "补学", "党课"),
}
TYPES = ("公立医院", "乡镇卫生院", "社区卫生服务中心", "公共卫生机构", "其他机构")
WRONG = {
    "gender": "男",
    "ethnicity": "汉",
    "education": "小学",
    "category": "预备党员",
    "status": "在职",
    "post": "学生",
}
WRONG |= {"duty": "书记", "party_group": "一组"}
FINISHED = {"article": "adopted", "unit": "ended", "award": "ended"}


def at(day: date, hour: int = 9) -> int:
    """UTC microseconds of an hour of a day here."""
    return micros(datetime(day.year, day.month, day.day, hour, tzinfo=ZONE))


def day_of(moment: int) -> date:
    """The day of an instant here."""
    return datetime.fromtimestamp(moment / 1_000_000, ZONE).date()


class Year:
    """Fills an empty database."""

    def __init__(self, tx: Tx, branches_count: int = BRANCHES, year: int = YEAR, seed: int = 7) -> None:
        self.tx, self.year, self.count = tx, year, branches_count
        self.dice = random.Random(seed)
        self.statements: dict[tuple[str, tuple[str, ...]], Statement] = {}
        self.numbers: dict[tuple[int, str], int] = {}
        self.people: dict[int, list[int]] = {}

    def add(self, table: Table, **values: Any) -> int:
        """One row; its id."""
        key = table.name, tuple(values)
        if key not in self.statements:
            returning = table.c.id if "id" in table.c else None
            self.statements[key] = insert_row(table, *values, returning=returning)
        if "id" in table.c:
            return int(self.tx.value(self.statements[key], **values))
        return self.tx.run(self.statements[key], **values)

    def number(self, branch: int, what: str) -> int:
        """The next number of a branch's book."""
        self.numbers[branch, what] = self.numbers.get((branch, what), 0) + 1
        return self.numbers[branch, what]

    def day(self, first: int = 1, last: int = 365) -> date:
        """A day of the year."""
        return date(self.year, 1, 1) + timedelta(days=self.dice.randint(first, last) - 1)

    def some(self, chance: float) -> bool:
        """Perhaps."""
        return self.dice.random() < chance

    def fill(self) -> None:
        """All of it."""
        for place in range(self.count):
            founded = at(date(self.year, 7 if place == 3 else 1, 1), 8)
            branch = self.add(branches, name=f"第{place + 1}党支部", bound_at=founded)
            self.people[branch] = [self.member(branch, place) for _ in range(self.dice.randint(8, 16))]
        for branch in self.people:
            self.moves(branch)
        for branch in self.people:
            self.meetings(branch)
            self.service(branch)
            self.books(branch)
            self.dues(branch)

    # 党员

    def member(self, branch: int, place: int) -> int:
        """Somebody, with what the register says of him, some of it late or not at all."""
        founded = at(date(self.year, 7, 1)) if place == 3 else 0
        texts = self.texts()
        one = self.add(members, name=f"党员{self.number(0, 'member')}", branch_id=branch, **texts)
        self.add(
            memberships, member_id=one, branch_id=branch, from_at=founded, to_at=0, recorded_at=founded, ended_at=0
        )
        for what in (*FACTS, *KNOWN_FACTS):
            if texts.get(what):
                self.fact(one, what, texts[what])
        return one

    def texts(self) -> dict[str, str]:
        """The columns of a member."""
        dice = self.dice
        joined = self.day() if self.some(0.15) else date(dice.randint(1985, self.year - 1), 7, 1)
        duty = dice.choice(("", "", "", "", "", "组织委员", "书记", "副书记", "党支部书记", "党委书记"))
        return {
            "gender": dice.choice(("男", "女", "女", "女", "")) if self.some(0.2) else dice.choice(("男", "女")),
            "ethnicity": dice.choice(("汉族", "汉", "回族", "满族")) if self.some(0.97) else "",
            "born_on": f"{dice.randint(1950, 2003)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
            "education": dice.choice(("初中", "中专", "大专", "本科", "硕士", "博士", "大学专科")),
            "category": dice.choice(("正式党员", "正式党员", "正式党员", "预备党员", "留党察看", "停止党籍", "")),
            "status": dice.choice(("在职", "在职", "在职", "退休", "离休", "流动", "")),
            "post": dice.choice(("公务员", "事业管理", "事业专业技术", "公有制工人", "工勤", "其他")),
            "joined_on": joined.isoformat(),
            "duty": duty,
            "duty_since": self.day().isoformat() if self.some(0.5) else "2020-01-01" if duty else "",
        }

    def fact(self, member: int, what: str, value: str) -> None:
        """What is known, sometimes only since the middle of the year, sometimes corrected."""
        late = at(self.day()) if self.some(0.1) else 0
        if self.some(0.05):
            wrong = self.add(
                member_facts,
                member_id=member,
                what=what,
                value=WRONG.get(what, "2000-02-29"),
                from_on="",
                recorded_at=0,
            )
            self.add(
                member_facts, member_id=member, what=what, value=value, from_on="", replaces=wrong, recorded_at=late
            )
            return
        from_on = self.day().isoformat() if what == "status" and self.some(0.1) else ""
        self.add(member_facts, member_id=member, what=what, value=value, from_on=from_on, recorded_at=late)

    def moves(self, branch: int) -> None:
        """Somebody goes to another branch, somebody leaves; recorded days after it was so."""
        if self.some(0.4):
            one, day = self.people[branch].pop(), self.day(40, 330)
            other = self.dice.choice([key for key in self.people if key != branch])
            said = at(day + timedelta(days=self.dice.randint(0, 20)))
            self.tx.run(LEAVE, member=one, new_to=at(day), new_ended=said)
            if self.some(0.7):
                fresh = {"from_at": at(day), "to_at": 0, "recorded_at": said, "ended_at": 0}
                self.add(memberships, member_id=one, branch_id=other, **fresh)
                self.people[other].append(one)

    # 会议

    def meetings(self, branch: int) -> None:
        """What a branch held, or didn't."""
        for _ in range(45):
            self.meeting(branch)
        for member in self.dice.sample(self.people[branch], 2):
            self.add(
                exclusions,
                branch_id=branch,
                member_id=member,
                kind="abroad",
                from_at=at(self.day(1, 180)),
                to_at=at(self.day(181, 365)) if self.some(0.5) else 0,
                recorded_at=at(self.day(1, 200)),
            )

    def meeting(self, branch: int) -> None:
        """One meeting with its people."""
        day, kind = self.day(), self.dice.choice(KINDS)
        start = at(day, self.dice.randint(8, 19))
        state = self.dice.choice(("closed",) * 8 + ("open", "cancelled"))
        listed = self.some(0.2)
        one = self.add(
            activities,
            branch_id=branch,
            number=self.number(branch, "number"),
            kind=kind,
            also="、".join(other for other in ALSO if other != kind and self.some(0.08)),
            starts_at=start,
            ends_at=start + self.dice.choice((0, 45, 90, 120, 600, 1500)) * 60_000_000,
            place="" if self.some(0.05) else f"{self.dice.randint(1, 5)}楼会议室",
            audience="支委" if listed else "",
            state=state,
            opened_at=start - 86_400_000_000,
            ended_at=0 if state == "open" else start + self.dice.choice((2, 30, 900)) * 3600_000_000,
        )
        self.record(one, start)
        people = self.dice.sample(self.people[branch], 4) if listed else self.people[branch]
        for member in people:
            if listed:
                self.add(invited, activity_id=one, member_id=member)
            if self.some(0.85) and one % 29:
                self.presence(one, member, start)

    def record(self, activity: int, start: int) -> None:
        """What the record says, where somebody has filled it in."""
        for field in ("host", "recorder", "agenda", "lecturer", "resolution"):
            if self.some(0.97):
                late = start + self.dice.choice((2, 2, 2, 900)) * 3600_000_000
                self.add(record_lines, activity_id=activity, field=field, words="某某", at=late)
                if self.some(0.03):
                    self.add(record_lines, activity_id=activity, field=field, words="", at=late + 3600_000_000)
        if self.some(0.03):
            self.add(record_lines, activity_id=activity, field="place", words="分会场", at=start)

    def presence(self, activity: int, member: int, start: int) -> None:
        """Who was there, and what was corrected later."""
        self.add(presences, activity_id=activity, member_id=member, state=self.dice.choice(STATES), at=start)
        for _ in range(2):
            if self.some(0.06):
                later = start + self.dice.randint(1, 120 * 24) * 3600_000_000
                self.add(presences, activity_id=activity, member_id=member, state=self.dice.choice(STATES), at=later)

    # 志愿服务和微心愿

    def service(self, branch: int) -> None:
        """Shifts with seats and waiting lists, wishes that were taken, given back and fulfilled."""
        for _ in range(8):
            start = at(self.day(), 14)
            shift = self.add(
                shifts,
                branch_id=branch,
                number=self.number(branch, "number"),
                name="义诊",
                event=self.numbers[branch, "number"] if self.some(0.3) else 0,
                starts_at=start,
                state=self.dice.choice(("open", "open", "closed", "cancelled")),
                opened_at=start - 5 * 86_400_000_000,
            )
            for member in self.people[branch]:
                if self.some(0.3):
                    said = start - self.dice.randint(1, 90) * 3600_000_000
                    left = said + 3600_000_000 if self.some(0.15) else 0
                    seated = said if self.some(0.85) else 0
                    self.add(signups, shift_id=shift, member_id=member, at=said, seated_at=seated, left_at=left)
        for _ in range(6):
            self.wish(branch)
        self.served(branch)
        for member in self.dice.sample(self.people[branch], 4):
            day = self.day(1, 320)
            row = {"member_id": member, "community": "阳光社区", "reported_on": day.isoformat()}
            self.add(community_reports, **row, recorded_at=at(day + timedelta(days=self.dice.randint(0, 30))))

    def served(self, branch: int) -> None:
        """Hours that were asked for, said yes or no to, and corrected."""
        for member in self.people[branch]:
            day, old, said = self.day(1, 320), 0, 0
            for state in self.dice.choice((("asked",), ("asked", "ok"), ("asked", "no"), ("asked", "ok", "ok"))):
                said = at(day + timedelta(days=self.dice.randint(0, 20)), 20) if not said else said + 5 * 86_400_000_000
                old = self.add(
                    service_hours,
                    branch_id=branch,
                    member_id=member,
                    on_date=day.isoformat(),
                    what="义诊",
                    minutes=self.dice.randint(1, 8) * 30,
                    state=state,
                    replaces=old,
                    recorded_at=said,
                )

    def wish(self, branch: int) -> None:
        """One wish and what became of it."""
        day = self.day(1, 300)
        wish = self.add(
            wishes,
            branch_id=branch,
            number=self.number(branch, "number"),
            title="老花镜",
            kind="物品",
            recorded_at=at(day),
        )
        steps: list[tuple[str, int]] = [("add", 0), ("verify", 0)]
        for member in self.dice.sample(self.people[branch], self.dice.randint(0, 2)):
            steps.append(("join" if len(steps) > 2 else "claim", member))
            if self.some(0.3):
                steps.append((self.dice.choice(("give_back", "release")), member))
            elif self.some(0.6):
                steps.append(("done", member))
        for action, member in steps:
            day += timedelta(days=self.dice.randint(0, 12))
            said = at(day + timedelta(days=self.dice.randint(0, 5)))
            self.add(
                wish_events, wish_id=wish, action=action, member_id=member, on_date=day.isoformat(), recorded_at=said
            )

    # 台账

    def books(self, branch: int) -> None:
        """Entries, corrected, ended and taken back."""
        for register, kinds in BOOKS.items():
            for _ in range(self.dice.randint(6, 12)):
                self.entry(branch, register, self.dice.choice(kinds))

    def entry(self, branch: int, register: str, kind: str) -> None:
        """One entry and its later rows."""
        day = self.day(1, 350)
        values: dict[str, Any] = {
            "on_date": day.isoformat(),
            "kind": kind,
            "title": "" if register in ("talk", "care", "study") else "某事",
            "member_id": self.dice.choice((0, *self.people[branch])),
            "other_member_id": self.dice.choice(self.people[branch]) if register == "talk" else 0,
            "quantity": self.dice.randint(1, 30) * 30 if register == "study" else self.dice.randint(1, 5),
            "place": self.dice.choice(("", "新成立", "划入")) if register == "unit" else "",
            "level": self.dice.choice(TYPES) if register == "unit" else "",
            "due_on": self.day().isoformat() if register == "plan" else "",
        }
        number, said, old = self.number(branch, register), at(day, 18), 0
        steps = ["add"]
        steps += ["correct"] if self.some(0.15) else []
        steps += ["done"] if self.some(0.3) and register in ("article", "issue", "project", "award", "unit") else []
        steps += ["void"] if self.some(0.05) else []
        for action in steps:
            if action == "correct":
                values |= {"quantity": values["quantity"] + 30, "on_date": (day - timedelta(days=9)).isoformat()}
            if action == "done":
                ended = (day + timedelta(days=self.dice.randint(0, 60))).isoformat()
                values |= {"state": FINISHED.get(register, "done"), "done_on": ended}
            row = {"branch_id": branch, "register": register, "number": number, "action": action, "replaces": old}
            old = self.add(register_rows, **row, **values, recorded_at=said)
            said += self.dice.randint(1, 90) * 86_400_000_000

    # 党费

    def dues(self, branch: int) -> None:
        """Payments, some of them reversed."""
        for member in self.people[branch]:
            for month in range(1, 13):
                if self.some(0.6):
                    paid = at(self.day(), 10)
                    cause = f"claim:{branch}:{member}:{month}"
                    fen = self.dice.randint(20, 30_000)
                    self.pay(branch, member, f"{self.year}-{month:02}", fen, cause, "pay", paid)
                    if self.some(0.04):
                        later = paid + self.dice.randint(1, 60) * 86_400_000_000
                        self.pay(branch, member, f"{self.year}-{month:02}", -fen, f"reverse:{cause}", "reverse", later)

    def pay(self, branch: int, member: int, month: str, fen: int, cause: str, kind: str, happened: int) -> None:
        """An entry whose postings sum to 0, recorded a while after."""
        recorded = happened + self.dice.randint(0, 20) * 86_400_000_000
        booked = {"recorded_at": recorded, "period": f"{day_of(recorded):%Y-%m}"}
        entry = self.add(entries, branch_id=branch, cause=cause, kind=kind, happened_at=happened, **booked)
        self.add(postings, entry_id=entry, account="cash", member_id=0, month="", fen=fen)
        account = "large" if cause.endswith(":7") else "extra" if cause.endswith(":8") else "dues"
        self.add(postings, entry_id=entry, account=account, member_id=member, month=month, fen=-fen)


def _leave() -> Statement:
    from sqlalchemy import update

    from bot.sql import p, sql

    return sql(
        update(memberships)
        .where(memberships.c.member_id == p("member"), memberships.c.to_at == 0)
        .values(to_at=p("new_to"), ended_at=p("new_ended"))
    )


LEAVE = _leave()


def fill(tx: Tx) -> None:
    """Fills an empty database with the year."""
    Year(tx).fill()
