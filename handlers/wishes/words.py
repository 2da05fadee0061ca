"""What is read and said about 微心愿. A group hears the wish and its state, never who it is for or who has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.commands import Ask, Command, Who, may
from bot.db import Tx
from bot.dispatch import ask_back
from bot.message import Button, Card, Refused, Reply
from handlers.register import branch_of, member_named
from handlers.registers.dates import past_day
from handlers.registers.line import number_first, plain, reason_of
from handlers.wishes import operations, store
from handlers.wishes.lines import card, details, heading, line, publish, state_line

USAGE = "请这样发：/wish add 一副老花镜（300度） 居民代码A07"
LONGEST, MOST_LINES, MOST_ASKED = 60, 15, 9
RESIDENT = re.compile(r"(?:居民)?代码[:：]?\s*([A-Za-z0-9-]{1,12})(?![A-Za-z0-9-])")
SERVICE = re.compile(r"服务|陪|打扫|清扫|维修|修理|修一?修|理发|上门|测量|检查|辅导|代办|代购|帮忙")
THING = re.compile(r"物品|[一两二三1-9][副台辆双件套床箱袋]")


def say_state(tx: Tx, ask: Ask) -> Reply:
    """/wish alone: how many stand where, and what can be claimed, with a button each."""
    rows = store.alive(tx, branch_of(ask))
    free = [row for row in rows if row.state == "open"]
    lines = [heading(row) for row in free[:MOST_LINES]]
    buttons = tuple(Button(f"认领 #{row.number}", f"认领 #{row.number}") for row in free[:3])
    shown = Card(state_line(rows), tuple(lines), buttons) if buttons else None
    return Reply("\n".join([state_line(rows), *lines]), shown)


def say_list(tx: Tx, ask: Ask) -> Reply:
    """/wish list: what is not fulfilled; in private the secretary also sees who has it, for whom, and what is late."""
    rows = store.alive(tx, branch_of(ask))
    inside = ask.incoming.private and may(ask.who, "secretary")
    lines = [line(tx, row) + (details(tx, row) if inside else "") for row in rows[:MOST_LINES]]
    more = [f"…… 还有 {len(rows) - MOST_LINES} 个"] if len(rows) > MOST_LINES else []
    return Reply("\n".join([state_line(rows), *lines, *more]))


def say_add(tx: Tx, ask: Ask) -> Reply:
    """/wish add TEXT [居民代码X]: the secretary's is published at once, a member's waits to be verified."""
    branch = branch_of(ask)
    title, resident = read_wish(ask.text)
    if resident and not ask.incoming.private:
        raise Refused("居民代码请私聊我发，群里只写心愿。没有登记。")
    verified = may(ask.who, "secretary")
    row = operations.add(tx, branch, title, kind_of(title), resident, ask.who, verified=verified)
    if not verified:
        return Reply(f"已收到微心愿 {heading(row)}，等书记核实。")
    heard = publish(tx, row, ask)
    return Reply(f"已登记微心愿 {heading(row)}\n认领请发：认领 #{row.number}{heard}", card(row))


def read_wish(text: str) -> tuple[str, str]:
    """(the wish, the resident's code or ""). Raises Refused for none, one too long, and a phone or ID number."""
    code = RESIDENT.search(text)
    title = plain(RESIDENT.sub(" ", text), LONGEST, "心愿")
    if not title:
        raise Refused(USAGE)
    return title, plain(code[1], 12, "居民代码") if code else ""


def kind_of(title: str) -> str:
    """物品 or 服务 where a word says so, else ""; never guessed further."""
    if SERVICE.search(title):
        return "服务"
    return "物品" if THING.search(title) else ""


def say_claim(tx: Tx, ask: Ask) -> Reply:
    """认领 N, for oneself; with a name beside one's own the other joins. The second is offered to join (合领)."""
    found = pick(tx, ask, store.open_wishes(tx, branch_of(ask)), "认领", "现在没有待认领的微心愿。")
    if isinstance(found, Reply):
        return found
    people = _people(tx, ask)
    joint = "合领" in ask.text or "合领" in ask.incoming.text
    try:
        rows = [_take(tx, row, people, ask, joint) for row in found]
    except operations.Taken as taken:
        return _offer(tx, ask, taken) if len(found) == 1 else _refuse(taken)
    return Reply("\n".join(f"已认领：{line(tx, row)}\n办好后请发：兑现 #{row.number}" for row in rows))


def say_join(tx: Tx, ask: Ask) -> Reply:
    """合领 #N: to do together what somebody has claimed."""
    return say_claim(tx, ask)


def _take(tx: Tx, wish: Any, people: Sequence[int], ask: Ask, joint: bool) -> Any:
    first, *others = people
    take = operations.join if joint else operations.claim
    row = take(tx, wish, first, ask.who, ask.house.config.registers.wish_days)
    for other in others:
        operations.join(tx, row, other, ask.who)
    return row


def _offer(tx: Tx, ask: Ask, taken: operations.Taken) -> Reply:
    row = store.numbered(tx, branch_of(ask), taken.number)
    names = "、".join(one.name for one in store.holders(tx, row.id))
    text = taken.text.replace("已有人认领", f"已由{names}认领") if ask.incoming.private else taken.text
    return Reply(text, Card(heading(row), ("已有人认领",), (Button("合领", f"合领 #{row.number}"),)))


def _refuse(taken: operations.Taken) -> Reply:
    raise Refused(f"{taken.text}\n其余的也还没有认领，请一个一个来。") from taken


def say_done(tx: Tx, ask: Ask) -> Reply:
    """兑现 N: a claim of fulfilment; the clerk confirms it."""
    mine = [row for row in store.held_by(tx, branch_of(ask), ask.who.member) if row.state == "claimed"]
    found = pick(tx, ask, mine, "兑现", "您名下没有正在办的微心愿。")
    if isinstance(found, Reply):
        return found
    rows = [operations.say_done(tx, row, _people(tx, ask)[0], ask.who) for row in found]
    return Reply("\n".join(f"已报兑现，等书记核对：{heading(row)}" for row in rows))


def say_withdraw_wish(tx: Tx, ask: Ask) -> Reply:
    """退出 N, 不认领了: gives a wish back; others may then claim it."""
    mine = [row for row in store.held_by(tx, branch_of(ask), ask.who.member) if row.state == "claimed"]
    found = pick(tx, ask, mine, "退出", "您名下没有可退出的微心愿。")
    if isinstance(found, Reply):
        return found
    rows = [operations.give_back(tx, row, _people(tx, ask)[0], ask.who) for row in found]
    return Reply("\n".join(f"已退出：{line(tx, row)}" for row in rows))


def is_meant(tx: Tx, ask: Ask) -> bool:
    """Whether 退出 is about a wish: the words say so, or the number that stands there is a wish's."""
    if ask.slots.get("object") == "wish":
        return True
    numbers = _numbers(ask)
    return len(numbers) == 1 and tx.one(store.ONE, branch=ask.who.branch, number=numbers[0]) is not None


def pick(tx: Tx, ask: Ask, mine: Sequence[Any], word: str, nothing: str) -> list[Any] | Reply:
    """The wishes that are meant: by number or by words, else the only one, else a question. Raises Refused."""
    if ask.who.home != branch_of(ask):
        raise Refused(f"这里是{ask.who.branch_name}的微心愿，由本支部党员认领。")
    numbers = _numbers(ask)
    if numbers:
        return [store.numbered(tx, branch_of(ask), number) for number in numbers]
    thing = str(ask.slots.get("item", ""))
    rows = [row for row in mine if thing in row.title]
    if not rows:
        raise Refused(f"没有对上「{thing[:20]}」。发 /wish 看现在有哪些。" if thing and mine else nothing)
    if len(rows) == 1 and (thing or word != "认领"):
        return rows
    return ask_back(tx, ask, f"{word}哪一个？", [(heading(row), f"{word} #{row.number}") for row in rows[:MOST_ASKED]])


def _numbers(ask: Ask) -> list[int]:
    if ask.number:
        return [ask.number]
    words = re.split(r"[、,，\s]+", str(ask.slots.get("item", "")))
    return list(dict.fromkeys(int(word) for word in words if re.fullmatch(r"[0-9]{1,6}", word)))


def _people(tx: Tx, ask: Ask) -> list[int]:
    """Who is meant: the sender, with those he names beside himself; only the secretary speaks for others alone."""
    rows = [member_named(tx, branch_of(ask), name) for name in ask.slots.get("persons", ()) if name != ask.who.name]
    others = list(dict.fromkeys(row.id for row in rows))
    if not others or ask.slots.get("include_self"):
        return [ask.who.member, *others]
    if not may(ask.who, "secretary"):
        raise Refused("微心愿要本人来认领和兑现，或请书记登记。")
    return others


def say_confirm(tx: Tx, ask: Ask) -> Reply:
    """/wish confirm N [日期]: verifies a collected wish, or confirms that a claimed one is fulfilled."""
    row, rest = _named(tx, ask, "confirm")
    on = past_day(rest, tx.now) if rest else None
    if rest and on is None:
        raise Refused(f"「{rest[:20]}」不是日期，如：/wish confirm {row.number} 11月20日")
    now = operations.confirm(tx, row, ask.who, on)
    if now.state == "open":
        return Reply(f"已核实：{line(tx, now)}{publish(tx, now, ask)}", card(now))
    return Reply(f"已确认：{line(tx, now)}")


def say_correct(tx: Tx, ask: Ask) -> Reply:
    """/wish correct N 心愿 [居民代码X] 原因 …: while nobody has it."""
    row, rest = _named(tx, ask, "correct")
    text, reason = reason_of(rest)
    if not reason:
        raise Refused("更正请写原因，如：/wish correct 3 两副老花镜 原因 数量写错")
    title, resident = read_wish(text)
    if resident and not ask.incoming.private:
        raise Refused("居民代码请私聊我发，群里只写心愿。没有改动。")
    now = operations.correct(tx, row, title, kind_of(title), resident, ask.who, reason)
    return Reply(f"已更正：{line(tx, now)}")


def say_release(tx: Tx, ask: Ask) -> Reply:
    """/wish release N [原因]: takes a claim back, for others to claim."""
    row, rest = _named(tx, ask, "release")
    now = operations.release(tx, row, ask.who, plain(rest, 60, "原因"))
    return Reply(f"已收回：{line(tx, now)}", card(now))


def say_close(tx: Tx, ask: Ask) -> Reply:
    """/wish close N 原因: ends a wish that can't be met."""
    row, rest = _named(tx, ask, "close")
    why = plain(rest, 60, "原因")
    if not why:
        raise Refused("请写原因，如：/wish close 3 居民已自行解决")
    return Reply(f"已关闭：{line(tx, operations.close(tx, row, ask.who, why))}")


def _named(tx: Tx, ask: Ask, word: str) -> tuple[Any, str]:
    number, rest = number_first(ask.text, f"如：/wish {word} 3")
    return store.numbered(tx, branch_of(ask), number), rest


def decide_wish(tx: Tx, row: Any, ok: bool, by: Who, why: str) -> str:
    """What the desk says about a settled todo of kind "wish": a line that a group may read. Raises Refused."""
    what, _, key = row.subject.partition(":")
    wish = tx.one(store.BY_ID, wish=int(key))
    if what == "verify":
        now = operations.verify(tx, wish, ok, by, why)
        if ok:
            publish(tx, now)
        return f"{'已核实' if ok else '没有通过'}：{line(tx, now)}"
    now = operations.settle_done(tx, wish, ok, by, why)
    return f"{'已确认' if ok else '还没办好'}：{line(tx, now)}"


def mine(tx: Tx, branch: int, member: int) -> list[str]:
    """A member's own wishes, for `我的`."""
    return [f"微心愿 {line(tx, row)}" for row in store.held_by(tx, branch, member)]


def _sub(name: str, chinese: str, help: str, example: str, run: Any, **more: Any) -> Command:
    return Command(name, chinese, help, f"/wish {example}", run, **more)


COMMANDS = (
    Command(
        "wish",
        "微心愿",
        "微心愿：征集、认领、兑现",
        "/wish",
        say_state,
        role="member",
        writes=False,
        subs=(
            _sub("add", "登记", "登记一个微心愿（不写姓名电话）", "add 一副老花镜（300度）", say_add, role="member"),
            _sub("list", "列表", "看还没兑现的", "list", say_list, role="member", writes=False),
            _sub("correct", "更正", "改一个没人认领的，要写原因", "correct 3 两副老花镜 原因 数量写错", say_correct),
            _sub("confirm", "确认", "核实，或确认已兑现", "confirm 3", say_confirm),
            _sub("release", "收回", "收回认领，让别人认领", "release 3", say_release),
            _sub("close", "关闭", "关闭办不了的", "close 3 居民已自行解决", say_close),
        ),
    ),
)
WORDS = (
    Command("wish_claim", "认领", "认领微心愿", "认领 #3", say_claim, role="member", intents=("wish_claim",)),
    Command("wish_join", "合领", "和认领人一起办", "", say_join, role="member"),
    Command("wish_done", "兑现", "报微心愿已办好", "兑现 #3", say_done, role="member", intents=("wish_done",)),
)
