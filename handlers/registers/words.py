"""What is read and said about the small books: one set of words for all of them."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from typing import Any

from bot.commands import Ask, Command, Role
from bot.config import Registers
from bot.db import Tx
from bot.message import Refused, Reply
from handlers.looks import note_looks
from handlers.register import branch_of, member_named
from handlers.registers import rows
from handlers.registers.books import BOOKS, Book, optional
from handlers.registers.dates import EARLIEST, past_day, period
from handlers.registers.fields import NAMED, Field, Values, take_evidence
from handlers.registers.line import Line, number_first, reason_of, split

MOST_LINES = 20
NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}")


def say_state(book: Book, tx: Tx, ask: Ask) -> Reply:
    """/book alone: how many this year."""
    branch = branch_of(ask)
    called, first, last = of_period(tx, book, "")
    return Reply(counts(tx, branch, book, called, first, last))


def say_add(book: Book, tx: Tx, ask: Ask) -> Reply:
    """/book add …: one entry, or one per member."""
    branch = place(book, ask)
    if not ask.text:
        raise Refused(f"请这样发：{book.example}")
    made = rows.add(tx, branch, book, read(tx, branch, book, ask.text, ask.house.config.registers), ask.who)
    numbers = "、".join(f"#{row.number}" for row in made)
    if book.shown == "counts" and not ask.incoming.private:
        return Reply(f"已登记{book.chinese} {numbers}")
    lines = [entry(tx, book, row) for row in made[:MOST_LINES]]
    return Reply("\n".join([f"已登记{book.chinese} {numbers}", *lines]))


def say_correct(book: Book, tx: Tx, ask: Ask) -> Reply:
    """/book correct N … 原因 …; `correct N 作废 原因 …` takes it back."""
    branch = place(book, ask)
    number, rest = number_first(ask.text, f"如：{book.correction}")
    rest, reason = reason_of(rest)
    if not reason:
        raise Refused(f"更正请写原因，如：{book.correction}")
    if rest == "作废":
        rows.void(tx, branch, book, number, reason, ask.who)
        return Reply(f"已作废{book.chinese} #{number}")
    old = rows.one(tx, branch, book, number)
    values = read(tx, branch, optional(book), rest, ask.house.config.registers)
    if not values:
        raise Refused(f"请写改成什么，如：{book.correction}")
    new = rows.correct(tx, branch, book, number, values, reason, ask.who)
    if book.shown == "counts" and not ask.incoming.private:
        return Reply(f"已更正{book.chinese} #{number}")
    return Reply(f"已更正{book.chinese}\n原：{entry(tx, book, old)}\n现：{entry(tx, book, new)}")


def say_begin(book: Book, tx: Tx, ask: Ask) -> Reply:
    """/book start N: work has begun."""
    branch = place(book, ask)
    number, rest = number_first(ask.text, f"如：/{book.name} start 3")
    if rest:
        raise Refused(f"「{rest[:20]}」没看懂，如：/{book.name} start 3")
    row = rows.begin(tx, branch, book, number, ask.who)
    return Reply(f"已开始 #{number}{_detail(tx, book, row, ask)}")


def say_done(book: Book, tx: Tx, ask: Ask) -> Reply:
    """/book done N [day] [依据 …]; a problem whose measures are still open is settled with a word about them."""
    branch = place(book, ask)
    number, rest = number_first(ask.text, f"如：/{book.name} done 3")
    line = Line(tx, branch, split(rest))
    evidence = take_evidence(line).get("evidence", "")
    rest = line.rest()
    on = past_day(rest, tx.now) if rest else tx.now.date()
    if on is None:
        raise Refused(f"「{rest[:20]}」不是日期，如：/{book.name} done 3 11月20日")
    row = rows.finish(tx, branch, book, number, on, ask.who, evidence)
    return Reply(f"已{book.done_word} #{number}{_detail(tx, book, row, ask)}{open_still(tx, branch, book, number)}")


def open_still(tx: Tx, branch: int, book: Book, number: int) -> str:
    """A line about the measures of a settled problem that are not done; "" for none."""
    left = rows.belonging(tx, branch, book, number)
    numbers = "、".join(f"#{one.number}" for one in left)
    return f"\n请注意：对应的 {len(left)} 条还没有{book.done_word}（{numbers}）" if left else ""


def _detail(tx: Tx, book: Book, row: Any, ask: Ask) -> str:
    return "" if book.shown == "counts" and not ask.incoming.private else f"\n{entry(tx, book, row)}"


def say_list(book: Book, tx: Tx, ask: Ask) -> Reply:
    """/book list [年|月]: the newest state of each entry; without a period also what is still open from before."""
    branch = branch_of(ask)
    called, first, last = of_period(tx, book, ask.text)
    head = counts(tx, branch, book, called, first, last)
    if book.shown == "counts" and not ask.incoming.private:
        return Reply(f"{head}\n明细请私聊我发 /{book.name} list")
    found = rows.listed(tx, branch, book, first, last)
    if book.today and not book.standing and not ask.text:
        found = [*rows.still_open(tx, branch, book, first), *found]
    lines = [entry(tx, book, row) for row in found[-MOST_LINES:]]
    note_entries(tx, ask, book, found[-MOST_LINES:])
    more = len(found) - len(lines)
    return Reply("\n".join([head, *([f"（前面还有 {more} 条，请按月看）"] if more else []), *lines]))


def note_entries(tx: Tx, ask: Ask, book: Book, found: list[Any]) -> None:
    """Who reads entries of a book that a group may not hear has looked at those whom they are about."""
    if book.shown != "all":
        note_looks(tx, ask.who, (one for row in found for one in (row.member_id, row.other_member_id)), book.chinese)


def place(book: Book, ask: Ask) -> int:
    """The branch that is meant. Raises Refused where a private book would be written in a group."""
    if book.shown == "nothing" and not ask.incoming.private:
        raise Refused(f"{book.chinese}只在私聊里登记，没有记录。请私聊我发 /{book.name} add …")
    return branch_of(ask)


def of_period(tx: Tx, book: Book, text: str) -> tuple[str, date, date]:
    """(name, first day, last day) that is asked for: this year, but all of it in a standing list."""
    if book.standing and not text.strip():
        return "现有", EARLIEST, tx.now.date()
    return period(text, tx.now)


def read(tx: Tx, branch: int, book: Book, text: str, rules: Registers) -> Values:
    """The columns that a line fills. Raises Refused for what is missing or too much."""
    line = Line(tx, branch, split(text), rules)
    values: Values = {}
    for field in book.fields:
        found = field.kind.take(line)
        if field.needed and not found:
            _unknown_name(line, field)
            options = f"（{'、'.join(field.kind.options)}）" if field.kind.options else ""
            raise Refused(f"没看到{field.name}{options}。请这样发：{book.example}")
        values |= found or field.default
    if book.today and "on_date" not in values and any(field.needed for field in book.fields):
        values["on_date"] = tx.now.date().isoformat()
    if line.words:
        raise Refused(book.spare or f"「{line.rest()[:30]}」没看懂。请这样发：{book.example}")
    check(book, values)
    return values


def check(book: Book, values: Values) -> None:
    """Raises Refused for values that don't fit each other."""
    if values.get("due_on", "") and values["due_on"] < values.get("on_date", ""):
        raise Refused("期限不能早于登记的日期。")
    if book.check:
        book.check(values)


def _unknown_name(line: Line, field: Field) -> None:
    """Where a member is wanted, a word that looks like a name is named in the refusal."""
    word = next((word for word in line.words if NAME.fullmatch(word)), "")
    if word and field.kind in NAMED:
        member_named(line.tx, line.branch, word)


def counts(tx: Tx, branch: int, book: Book, called: str, first: date, last: date) -> str:
    """`学时 2026年：12 条 · 36 学时`; with how many are done where a book has states."""
    found = rows.totals(tx, branch, book.name, first, last)
    parts = [f"{sum(row.rows for row in found)} 条"]
    if book.unit:
        parts.append(f"{quantity(book, sum(int(row.quantity) for row in found))}")
    if book.states:
        parts += [f"{word} {sum(row.rows for row in found if row.state == state)}" for state, word in book.states]
    return f"{book.chinese} {called}：{' · '.join(parts)}"


def quantity(book: Book, number: int) -> str:
    """4.5 学时 (from minutes), 3 人次."""
    value = f"{number / 60:g}" if book.unit == "学时" else str(number)
    return f"{value} {book.unit}"


def entry(tx: Tx, book: Book, row: Any) -> str:
    """One entry in a line; for those who may see the book."""
    names = f"{row.name}和{row.other_name}" if row.other_name else row.name or ""
    amount = quantity(book, row.quantity) if book.unit and (row.quantity != 1 or book.unit == "人次") else ""
    due = f"期限 {short(tx, row.due_on)}" if row.due_on else ""
    state = dict(book.states).get(row.state, "")
    done = f"{state}{f'（{short(tx, row.done_on)}）' if row.done_on else ''}"
    late = "已逾期" if row.state != book.done_state and "" < row.due_on < tx.now.date().isoformat() else ""
    owner = f"对应 #{row.of_number}" if row.of_number else ""
    proof = f"依据 {row.evidence}" if row.evidence else ""
    parts = (
        *(short(tx, row.on_date), names, row.kind, row.level, row.title, row.place, amount, owner, due, done, late),
        proof,
    )
    return f"#{row.number} " + " ".join(part for part in parts if part)


def short(tx: Tx, iso: str) -> str:
    """11月20日 of this year, 2025年11月20日 of another."""
    day = date.fromisoformat(iso)
    return f"{'' if day.year == tx.now.year else f'{day.year}年'}{day.month}月{day.day}日"


def _command(book: Book) -> Command:
    """The command of one book; a book that a group must not hear of answers in private."""

    def sub(name: str, chinese: str, help: str, example: str, run: Any, writes: bool = True) -> Command:
        role: tuple[Role, ...] = ("secretary",) if writes else book.readers
        return Command(name, chinese, help, example, partial(run, book), role=role, writes=writes, secret=secret)

    secret = book.shown == "nothing"

    proof = " 依据 #12 会议记录" if book.proved else ""
    done = (sub("done", book.done_word, f"{book.done_word}一条", f"/{book.name} done 3{proof}", say_done),)
    begin = (sub("start", "开始", "标为进行中", f"/{book.name} start 3", say_begin),)
    return Command(
        book.name,
        book.chinese,
        book.help,
        f"/{book.name}",
        partial(say_state, book),
        role=book.readers,
        writes=False,
        secret=secret,
        subs=(
            sub("add", "登记", "登记一条", book.example, say_add),
            sub("list", "列表", "按年或月看", f"/{book.name} list 11月", say_list, writes=False),
            sub("correct", "更正", "更正一条（原来的保留）", book.correction, say_correct),
            *(begin if len(book.states) > 2 else ()),
            *(done if book.states else ()),
        ),
    )


COMMANDS = tuple(_command(book) for book in BOOKS)
