"""The figures once more, in plain Python over the raw rows: shares no query and no rule with what it checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Table, select

from bot.db import Tx
from bot.sql import sql
from handlers.meetings_tables import exclusions, record_lines
from handlers.people_tables import member_facts
from handlers.registers_tables import register_rows, wish_events, wishes
from handlers.shifts_tables import community_reports, service_hours
from handlers.tables import activities, entries, invited, memberships, postings, presences, shifts, signups
from tests.cast import ZONE

TABLES: tuple[Table, ...] = (
    community_reports,
    *(activities, entries, exclusions, invited, member_facts, memberships, postings, presences, record_lines),
    *(register_rows, service_hours, shifts, signups, wish_events, wishes),
)
THERE = {"present", "late", "early", "online"}
KIND_OF = {"党员大会": "支部党员大会", "中心组学习": "理论中心组"}
SESSION_NAMES = (
    *("党员大会", "支委会", "党小组会", "党课", "主题党日", "组织生活会", "民主评议", "集中学习", "专题研讨"),
    *("中心组学习", "集中培训", "警示教育", "红色教育", "道德讲堂", "宣传教育", "宣传活动", "党建工作会议"),
)
DECIDES = {"支部党员大会", "支委会", "党小组会", "组织生活会", "民主评议"}
GIVES_HOURS = {"主题党日", "党课", "集中学习", "专题研讨", "理论中心组", "警示教育", "集中培训"}
Row = Any


def raw(tx: Tx) -> dict[str, list[Row]]:
    """Every row of every table."""
    return {table.name: tx.all(sql(select(table))) for table in TABLES}


@dataclass(frozen=True)
class Asked:
    """The same question as the bot's, in its own words: days and the instant up to which rows were known."""

    branch: int
    first: date
    last: date
    known: int
    young: int = 35


def day_of(moment: int) -> date:
    """The day of an instant here."""
    return datetime.fromtimestamp(moment / 1_000_000, UTC).astimezone(ZONE).date()


class Recount:
    """All figures of one question."""

    def __init__(self, rows: dict[str, list[Row]], asked: Asked) -> None:
        self.rows, self.asked = rows, asked
        self.lines = _grouped(rows["record_lines"], lambda row: row.activity_id)
        self.said = _grouped(rows["presences"], lambda row: row.activity_id)
        self.found: dict[str, tuple[Decimal | None, bool]] = {}
        self.held = [one for one in rows["activities"] if self._held(one)]

    def scope(self, branch: int) -> bool:
        return self.asked.branch in (0, branch)

    def within(self, day: date) -> bool:
        return self.asked.first <= day <= self.asked.last

    def known(self, at: int) -> bool:
        return at <= self.asked.known

    def put(self, name: str, number: Any, complete: bool = True) -> None:
        self.found[name] = (None if number is None else Decimal(number), complete)

    def all(self) -> dict[str, tuple[Decimal | None, bool]]:
        """Name -> (number, complete)."""
        self.people()
        self.meetings()
        self.service()
        self.books()
        self.hours()
        self.dues()
        return self.found

    # 会议

    def _held(self, one: Row) -> bool:
        if not (self.scope(one.branch_id) and self.within(day_of(one.starts_at)) and one.starts_at <= self.asked.known):
            return False
        return self.known(one.opened_at) and not (one.state == "cancelled" and self.known(one.ended_at))

    def kinds(self, one: Row) -> set[str]:
        return {one.kind, *one.also.split("、")} - {""}

    def there(self, one: Row) -> set[int]:
        newest: dict[int, str] = {}
        for row in sorted(self.said.get(one.id, ()), key=lambda row: row.id):
            if self.known(row.at):
                newest[row.member_id] = row.state
        return {member for member, state in newest.items() if state in THERE}

    def line(self, one: Row, field: str) -> str:
        typed = [row for row in self.lines.get(one.id, ()) if row.field == field and self.known(row.at)]
        return str(max(typed, key=lambda row: row.id).words) if typed else ""

    def written(self, one: Row) -> bool:
        needed = ["host", "recorder", "agenda"]
        needed += ["lecturer"] if "党课" in self.kinds(one) else []
        needed += ["resolution"] if self.kinds(one) & DECIDES else []
        placed = bool(one.place or self.line(one, "place"))
        closed = one.state == "closed" and self.known(one.ended_at)
        return closed and placed and all(self.line(one, field) for field in needed)

    def due(self, one: Row) -> set[int]:
        people = set()
        for row in self.rows["memberships"]:
            if row.branch_id == one.branch_id and self.belongs(row, one.starts_at):
                people.add(row.member_id)
        if one.audience:
            people &= {row.member_id for row in self.rows["invited"] if row.activity_id == one.id}
        replaced = {row.replaces for row in self.rows["exclusions"] if self.known(row.recorded_at)}
        for row in self.rows["exclusions"]:
            holds = row.from_at <= one.starts_at and (row.to_at == 0 or row.to_at > one.starts_at)
            counts = row.branch_id == one.branch_id and self.known(row.recorded_at) and row.id not in replaced
            if holds and counts:
                people.discard(row.member_id)
        return people

    def meetings(self) -> None:
        sound = {one.id: self.there(one) for one in self.held if self.written(one)}
        sound = {key: people for key, people in sound.items() if people}
        for name in SESSION_NAMES:
            kind = KIND_OF.get(name, name)
            mine = [one for one in self.held if kind in self.kinds(one)]
            self._meetings_named(name, mine, sound)
        both = [one for one in self.held if {"集中学习", "道德讲堂"} & self.kinds(one)]
        self.put("集中学习和道德讲堂", sum(one.id in sound for one in both), all(one.id in sound for one in both))
        complete = all(one.id in sound for one in self.held)
        times = sum(len(people) for people in sound.values())
        self.put("活动", len(sound), complete)
        self.put("参加活动人次", times, complete)
        self.put("参加活动人数", len(set().union(*sound.values())), complete)
        due = sum(len(self.due(one)) for one in self.held if one.id in sound)
        self.put("应到人次", due, complete)
        self.put("出勤率", percent(times, due), complete)

    def _meetings_named(self, name: str, mine: list[Row], sound: dict[int, set[int]]) -> None:
        good = [one for one in mine if one.id in sound]
        complete = len(good) == len(mine)
        self.put(name, len(good), complete)
        self.put(f"{name}人次", sum(len(sound[one.id]) for one in good), complete)
        self.put(f"{name}人数", len(set().union(*(sound[one.id] for one in good))), complete)
        self.put(f"{name}支部", len({one.branch_id for one in good}), complete)

    # 党员

    def belongs(self, row: Row, moment: int) -> bool:
        over = row.to_at and row.to_at <= moment and self.known(row.ended_at)
        return self.known(row.recorded_at) and row.from_at <= moment and not over

    def register(self) -> list[tuple[int, int, dict[str, str]]]:
        """(branch, member, facts) of everybody who counts at the end of the last day."""
        end = min(_end(self.asked.last), self.asked.known)
        replaced = {row.replaces for row in self.rows["member_facts"] if self.known(row.recorded_at)}
        facts: dict[int, dict[str, str]] = {}
        for row in sorted(self.rows["member_facts"], key=lambda row: (row.from_on, row.id)):
            if self.known(row.recorded_at) and row.from_on <= self.asked.last.isoformat() and row.id not in replaced:
                facts.setdefault(row.member_id, {})[row.what] = row.value
        people = [
            (row.branch_id, row.member_id, facts.get(row.member_id, {}))
            for row in self.rows["memberships"]
            if self.scope(row.branch_id) and self.belongs(row, end)
        ]
        counted = ("", "正式党员", "预备党员", "留党察看")
        return [one for one in people if one[2].get("category", "") in counted]

    def people(self) -> None:
        everybody = self.register()
        total = len(everybody)
        self.put("党员", total)
        last = self.asked.last.isoformat()
        rows = [
            row for row in self.rows["community_reports"] if self.known(row.recorded_at) and row.reported_on <= last
        ]
        self.put("双报到党员", len({member for _, member, _ in everybody} & {row.member_id for row in rows}))
        self.put("党支部", len({branch for branch, _, _ in everybody}))
        facts = [one for _, _, one in everybody]
        self._share("青年党员", facts, "born_on", lambda born: self.age(born) < self.asked.young, total)
        higher = {"大专", "大学专科", "本科", "大学本科", "研究生", "硕士", "博士"}
        self._share("大专以上党员", facts, "education", lambda text: text in higher, total)
        self._share("女党员", facts, "gender", lambda text: text == "女", total)
        self._share("少数民族党员", facts, "ethnicity", lambda text: text not in ("汉", "汉族"), total)
        self._count("在职党员", facts, "status", lambda text: text == "在职")
        self._count("退休党员", facts, "status", lambda text: text in ("退休", "离休", "离退休"))
        self._count("预备党员", facts, "category", lambda text: text == "预备党员")
        self._count("流动党员", facts, "status", lambda text: text == "流动")
        new = [one for one in facts if one.get("joined_on") and self.within(date.fromisoformat(one["joined_on"]))]
        self.put("发展党员", len(new))
        self._count("发展少数民族党员", new, "ethnicity", lambda text: text not in ("汉", "汉族"))
        self._count("发展公务员党员", new, "post", lambda text: text == "公务员")
        self._count("发展事业管理技术党员", new, "post", lambda text: text in ("事业管理", "事业专业技术"))
        self._count("发展公有制工人党员", new, "post", lambda text: text in ("公有制工人", "工勤"))
        heads = [one for one in facts if one.get("duty") in ("书记", "党支部书记") and one.get("duty_since")]
        fresh = [one for one in heads if self.within(date.fromisoformat(one["duty_since"]))]
        self._count("新任40岁以下书记", fresh, "born_on", lambda born: self.age(born) < 40)

    def age(self, born: str) -> int:
        was, now = date.fromisoformat(born), self.asked.last
        return now.year - was.year - ((now.month, now.day) < (was.month, was.day))

    def _count(self, name: str, facts: list[dict[str, str]], what: str, test: Callable[[str], bool]) -> None:
        unknown = any(not one.get(what) for one in facts)
        self.put(name, sum(1 for one in facts if one.get(what) and test(one[what])), not unknown)

    def _share(
        self, name: str, facts: list[dict[str, str]], what: str, test: Callable[[str], bool], total: int
    ) -> None:
        self._count(name, facts, what, test)
        number, complete = self.found[name]
        self.put(f"{name}占比", percent(int(number or 0), total), complete)

    # 志愿服务和微心愿

    def service(self) -> None:
        places = {one.id: one for one in self.rows["shifts"] if self._took_place(one)}
        seated = [
            row
            for row in self.rows["signups"]
            if row.shift_id in places and row.seated_at and self.known(row.seated_at)
            if not (row.left_at and self.known(row.left_at))
        ]
        took = {row.shift_id for row in seated}
        self.put(
            "志愿服务", len({(one.branch_id, one.event or one.number) for key, one in places.items() if key in took})
        )
        hours = [row for row in self.rows["service_hours"] if self.known(row.recorded_at) and self.scope(row.branch_id)]
        replaced = {row.replaces for row in hours}
        served = [row for row in hours if row.id not in replaced and row.state == "ok" and self.dated(row)]
        self.put("志愿服务时长", Decimal(sum(row.minutes for row in served)) / 60)
        self.put("志愿服务人次", len(seated))
        self.put("志愿者", len({row.member_id for row in seated}))
        doers = {row.member_id for row in seated}
        doers |= {row.member_id for row in self.claims() if row.member_id}
        doers |= {row.member_id for row in self.entries("project") if self.dated(row) and row.member_id}
        self.put("办实事党员", len(doers))
        self.put("认领微心愿", len({row.wish_id for row in self.claims()}))
        for name, action in (("征集微心愿", "add"), ("兑现微心愿", "done")):
            self.put(name, len({row.wish_id for row in self.events() if row.action == action and self.dated(row)}))

    def _took_place(self, one: Row) -> bool:
        inside = self.within(day_of(one.starts_at)) and one.starts_at <= self.asked.known
        return self.scope(one.branch_id) and inside and self.known(one.opened_at) and one.state != "cancelled"

    def events(self) -> list[Row]:
        mine = {one.id for one in self.rows["wishes"] if self.scope(one.branch_id)}
        return [row for row in self.rows["wish_events"] if row.wish_id in mine and self.known(row.recorded_at)]

    def claims(self) -> list[Row]:
        events = self.events()
        gone = [row for row in events if row.action in ("give_back", "release")]

        def kept(row: Row) -> bool:
            return not any(g.wish_id == row.wish_id and g.member_id == row.member_id and g.id > row.id for g in gone)

        return [row for row in events if row.action in ("claim", "join") and self.dated(row) and kept(row)]

    # 台账

    def dated(self, row: Row) -> bool:
        return self.within(date.fromisoformat(row.on_date))

    def entries(self, register: str) -> list[Row]:
        """The rows of a book that counted as far as was known."""
        mine = [row for row in self.rows["register_rows"] if row.register == register and self.scope(row.branch_id)]
        mine = [row for row in mine if self.known(row.recorded_at)]
        replaced = {row.replaces for row in mine}
        return [row for row in mine if row.id not in replaced and row.action != "void"]

    def books(self) -> None:
        talks = [row for row in self.entries("talk") if self.dated(row)]
        self.put("谈心谈话", len(talks))
        self.put("谈心谈话人次", sum(2 if row.other_member_id else 1 for row in talks))
        self._sum("党内关怀", self.entries("care"))
        for name, kind in (("问题", "问题"), ("意见建议", "建议"), ("整改措施", "措施")):
            self._sum(name, (row for row in self.entries("issue") if row.kind == kind))
        closed = [row for row in self.entries("issue") if row.kind == "问题" and self.ended_within(row)]
        self.put("销号问题", sum(row.quantity for row in closed))
        for name in ("先进单位", "先进个人", "党员名医", "较好党支部", "良好党支部"):
            self._sum(name, (row for row in self.entries("award") if row.kind == name))
        self._sum("示范单位", (row for row in self.entries("award") if row.kind == "示范点"))
        posts = [row for row in self.entries("award") if row.kind == "党员先锋岗" and self.stands(row)]
        self.put("先锋示范岗", sum(row.quantity for row in posts))
        self.put("稿件", sum(1 for row in self.entries("article") if self.dated(row)))
        self.put(
            "采用稿件", sum(1 for row in self.entries("article") if row.state == "adopted" and self.ended_within(row))
        )
        projects = [row for row in self.entries("project") if row.kind == "实事项目"]
        self.put("实事项目", sum(1 for row in projects if self.dated(row)))
        self.put("办结实事项目", sum(1 for row in projects if self.ended_within(row)))
        for name, kind in (("下派医护人员", "基层巡诊"), ("外训宣传骨干", "外出培训"), ("基层调研", "联系点调研")):
            self._sum(name, (row for row in self.entries("record") if row.kind == kind))
        self._plans()
        self._units()

    def _sum(self, name: str, rows: Iterable[Row]) -> None:
        self.put(name, sum(row.quantity for row in rows if self.dated(row)))

    def _plans(self) -> None:
        year = str(self.asked.last.year)
        for name, kind in (
            ("发展计划", "发展计划"),
            ("发展少数民族计划", "发展计划·少数民族"),
            ("发展公务员计划", "发展计划·公务员"),
            ("发展事业管理技术计划", "发展计划·事业管理技术"),
            ("发展公有制工人计划", "发展计划·公有制工人"),
            ("每月专题会议计划", "每月专题会议"),
            ("每季度调研计划", "每季度调研"),
        ):
            mine = [row for row in self.entries("plan") if row.kind == kind and row.due_on[:4] == year]
            self.put(name, sum(row.quantity for row in mine))

    def _units(self) -> None:
        units = self.entries("unit")
        here = [row for row in units if row.kind == "医疗卫生单位" and self.stands(row)]
        self.put("医疗卫生单位", len(here))
        self.put("公立医院", sum(1 for row in here if row.level == "公立医院"))
        self.put("乡镇卫生院", sum(1 for row in here if row.level == "乡镇卫生院"))
        self.put("其他医疗机构", sum(1 for row in here if row.level not in ("公立医院", "乡镇卫生院")))
        self.put("二级党委", sum(1 for row in units if row.kind == "二级党委" and self.stands(row)))
        branches = [row for row in units if row.kind == "党支部"]
        self.put("乡镇卫生院党支部", sum(1 for row in branches if row.level == "乡镇卫生院" and self.stands(row)))
        year = [
            row for row in branches if f"{self.asked.last.year}-01-01" <= row.on_date <= self.asked.last.isoformat()
        ]
        primary = [row for row in year if row.level in ("乡镇卫生院", "社区卫生服务中心") and row.place == "划入"]
        self.put("新纳入基层医疗党支部", len(primary))
        self.put("新成立党支部", sum(1 for row in year if row.place == "新成立"))

    def stands(self, row: Row) -> bool:
        last = self.asked.last.isoformat()
        return bool(row.on_date <= last and (row.done_on == "" or row.done_on > last))

    def ended_within(self, row: Row) -> bool:
        return bool(row.done_on) and self.within(date.fromisoformat(row.done_on))

    # 学时和党费

    def hours(self) -> None:
        minutes, trained = self._minutes()
        everybody = self.register()
        have = {member: minutes.get(member, 0) for _, member, _ in everybody}
        self.put("学时", Decimal(sum(have.values())) / 60)
        enough = sum(1 for number in have.values() if number >= 32 * 60)
        self.put("学时达标党员", enough)
        self.put("学时达标率", percent(enough, len(everybody)))
        leaders = [member for _, member, facts in everybody if facts.get("duty", "") in LEADING]
        self.put("班子成员", len(leaders))
        self.put("班子学时达标", sum(1 for member in leaders if have[member] >= 56 * 60))
        took = sum(1 for _, member, _ in everybody if member in trained)
        self.put("轮训党员", took)
        self.put("轮训率", percent(took, len(everybody)))

    def _minutes(self) -> tuple[dict[int, int], set[int]]:
        minutes: dict[int, int] = {}
        trained, typed = set(), set()
        first = date(self.asked.last.year, 1, 1)
        for row in self.entries("study"):
            if row.member_id and first <= date.fromisoformat(row.on_date) <= self.asked.last:
                minutes[row.member_id] = minutes.get(row.member_id, 0) + row.quantity
                typed.add((row.member_id, row.on_date, row.kind))
                trained |= {row.member_id} if row.kind == "集中培训" else set()
        year = Recount(self.rows, Asked(self.asked.branch, first, self.asked.last, self.asked.known))
        for one in year.held:
            kind = next((kind for kind in (one.kind, *one.also.split("、")) if kind in GIVES_HOURS), "")
            if kind and one.ends_at:
                for member in self.there(one):
                    if (member, day_of(one.starts_at).isoformat(), kind) not in typed:
                        minutes[member] = minutes.get(member, 0) + length(one)
                        trained |= {member} if kind == "集中培训" else set()
        return minutes, trained

    def dues(self) -> None:
        mine = {
            one.id
            for one in self.rows["entries"]
            if self.scope(one.branch_id) and self.known(one.recorded_at)
            if f"{self.asked.first:%Y-%m}" <= one.period <= f"{self.asked.last:%Y-%m}"
        }
        sums: dict[int, int] = {}
        for row in self.rows["postings"]:
            if row.entry_id in mine and row.account in ("dues", "extra"):
                sums[row.member_id] = sums.get(row.member_id, 0) - row.fen
        large = [row.fen for row in self.rows["postings"] if row.entry_id in mine and row.account == "large"]
        self.put("大额党费", Decimal(-sum(large)) / 100)
        self.put("党费", Decimal(sum(sums.values())) / 100)
        self.put("交纳党费人数", sum(1 for fen in sums.values() if fen > 0))


LEADING = {"组织委员", "书记", "副书记", "党支部书记"}


def length(one: Row) -> int:
    """Minutes of study of a meeting: whole half hours, at most eight hours for each day."""
    days = (day_of(one.ends_at) - day_of(one.starts_at)).days + 1
    return int(min((one.ends_at - one.starts_at) // 1_800_000_000 * 30, 480 * days))


def percent(part: int, whole: int) -> Decimal | None:
    """Per cent with one decimal."""
    if not whole:
        return None
    return (Decimal(100) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _end(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 23, 59, 59, 999_999, tzinfo=ZONE).timestamp() * 1_000_000)


def _grouped(rows: Iterable[Row], key: Callable[[Row], int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
