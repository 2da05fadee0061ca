"""On the desk: what should be done by the end of the month, whatever book it stands in, and what is late."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.commands import Ask
from bot.db import Tx
from bot.message import Incoming, Refused
from handlers import develop, wishes
from handlers.attendance import makeup
from handlers.attendance.changing import say_open
from handlers.desk_parts import Act, Bench, Do, Entry, Field, Given, Look, Section
from handlers.develop.words import step_said
from handlers.looks import DEVELOP
from handlers.overdue import Overdue, entries
from handlers.registers.books import BY_NAME
from handlers.registers.dates import checked_past
from handlers.registers.rows import finish
from handlers.registers.words import open_still, short

LONGEST_PLACE = 60
LONGEST_EVIDENCE = 100


def due(tx: Tx, bench: Bench, look: Look) -> list[Section]:
    """Meetings that the month lacks, entries and wishes with a day, steps of 发展党员, 补学: the earliest first."""
    lacking = [_meeting(line) for line in bench.lacking(tx, bench.who.branch)]
    dated = sorted(_dated(tx, bench.who.branch), key=lambda one: one.on)
    found = look.of([*lacking, *dated])
    shown = [one for one in found if isinstance(one, Dated)]
    bench.shows(DEVELOP, names=(one.name for one in shown if one.name))
    entries = tuple(one.entry if isinstance(one, Dated) else one for one in found)
    return [Section("due", "本月要办", len(lacking) + len(dated), entries, "本月没有要到期的事。")]


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry with its day; `name` is whose way into the Party it tells of, "" for none."""

    on: date
    entry: Entry
    name: str = ""


def _meeting(line: str) -> Entry:
    kind, _, rest = line.partition("（")
    asks = (
        Field("when", "时间", "datetime-local", needed=True),
        Field("place", "地点（党小组会再写：应到 第一党小组）", longest=LONGEST_PLACE),
    )
    return Entry(f"{kind}还没有安排", (f"（{rest}",), (Act("open", "开活动并通知", {"kind": kind}, asks),))


def _dated(tx: Tx, branch: int) -> list[Dated]:
    today = tx.now.date()
    rest = monthrange(today.year, today.month)[1] - today.day
    found = [Dated(one.due, _of_book(one, today)) for one in entries(tx, branch, rest)]
    found += [Dated(one.on, _step(tx, one, today), one.name) for one in develop.dates_due(tx, branch, today)]
    return found + [Dated(date.fromisoformat(row.due_on), _makeup(tx, row)) for row in makeup.open_makeups(tx, branch)]


def _of_book(one: Overdue, today: date) -> Entry:
    of = {"number": str(one.number)}
    if one.book == "wish":
        return Entry(one.text, acts=(Act("fulfilled", "已兑现", of), Act("release", "收回认领", of, primary=False)))
    book = BY_NAME[one.book]
    asks: tuple[Field, ...] = (Field("on", f"{book.done_word}日期", "date", needed=True, value=today.isoformat()),)
    if book.proved:
        asks += (Field("evidence", "依据（会议、文件的编号或名称）", needed=True, longest=LONGEST_EVIDENCE),)
    return Entry(one.text, acts=(Act("done", book.done_word, {**of, "book": one.book}, asks),))


def _step(tx: Tx, one: develop.Due, today: date) -> Entry:
    of = {"name": one.name, "step": str(one.step)}
    asks = (Field("on", "办理日期", "date", needed=True, value=today.isoformat()),)
    note = f"期限 {short(tx, one.on.isoformat())}" if one.what == "latest" else ""
    notes = (note,) if note else ()
    return Entry(f"发展党员 {develop.reminder(one)}", notes, (Act("step", "登记这一步", of, asks),))


def _makeup(tx: Tx, row: Any) -> Entry:
    of = {"activity": str(row.activity_id), "member": str(row.member_id)}
    return Entry(
        f"补学 {row.name}：#{row.number} {row.kind}", (f"期限 {short(tx, row.due_on)}",), (Act("makeup", "补完了", of),)
    )


def _open(tx: Tx, bench: Bench, given: Given) -> str:
    """Opens a meeting as `/attendance open` does; its groups hear of it."""
    when = given.moment("when", tx.now)
    words = f"{given.text('kind')} {when:%Y-%m-%d %H:%M} {given.text('place', LONGEST_PLACE)}"
    here = Incoming("", "", "", bench.who.account, words, private=True)
    return say_open(tx, Ask(here, bench.who, bench.house, words.strip())).text


def _done(tx: Tx, bench: Bench, given: Given) -> str:
    book, number = BY_NAME.get(given.text("book")), given.number("number")
    if book is None or not book.states:
        raise Refused("这一项不在了，请刷新页面。")
    on = checked_past(given.day("on"), tx.now)
    finish(tx, bench.who.branch, book, number, on, bench.who, given.text("evidence", LONGEST_EVIDENCE))
    return f"已{book.done_word} {book.chinese} #{number}{open_still(tx, bench.who.branch, book, number)}"


def _fulfilled(tx: Tx, bench: Bench, given: Given) -> str:
    row = wishes.numbered(tx, bench.who.branch, given.number("number"))
    return f"已确认兑现：微心愿 #{wishes.confirm(tx, row, bench.who).number}"


def _release(tx: Tx, bench: Bench, given: Given) -> str:
    row = wishes.numbered(tx, bench.who.branch, given.number("number"))
    return f"已收回：微心愿 #{wishes.release(tx, row, bench.who).number}，别人可以认领了"


def _take_step(tx: Tx, bench: Bench, given: Given) -> str:
    branch, number, day = bench.who.branch, given.number("step"), checked_past(given.day("on"), tx.now)
    if number not in develop.STEPS:
        raise Refused("这一项不在了，请刷新页面。")
    way = develop.step(tx, branch, develop.found(tx, branch, given.text("name")), number, day, bench.who)
    return step_said(way, number, day).text


def _made_up(tx: Tx, bench: Bench, given: Given) -> str:
    activity, member = given.number("activity"), given.number("member")
    rows = makeup.open_makeups(tx, bench.who.branch)
    row = next((one for one in rows if (one.activity_id, one.member_id) == (activity, member)), None)
    if row is None:
        raise Refused("这一项补学之前已经销了。")
    makeup.end(tx, row, bench.who)
    return f"已销补学：{row.name} #{row.number}"


ACTS: Mapping[str, Do] = {
    "open": _open,
    "done": _done,
    "fulfilled": _fulfilled,
    "release": _release,
    "step": _take_step,
    "makeup": _made_up,
}
