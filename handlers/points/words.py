"""What is said about 积分: to each member his own, to the committee all in the register's order; never in a group."""

from __future__ import annotations

from bot import files
from bot.commands import Ask, Command
from bot.config import Points
from bot.db import Tx
from bot.message import Refused, Reply
from handlers.looks import POINTS, note_branch, note_looks
from handlers.points.reckoning import TENTHS, Entry, Standing, standing, standings
from handlers.register import branch_of
from handlers.registers.dates import period
from handlers.registers.words import short
from handlers.sheet.writing import workbook

MOST_LINES = 30
OFF = "积分制没有开启，没有任何积分。要用时由管理员在配置里写 [points] enabled = true。"
SOURCES = {
    "attend": "参加活动（会议记录完整的）",
    "absent": "没请假也没到",
    "lecture": "学时里登记的讲党课",
    "volunteer": "确认过的志愿时长",
    "wish": "书记确认兑现的微心愿",
    "award": "表彰台账",
}
PER = {"time": "每次", "hour": "每小时"}


def say_points(tx: Tx, ask: Ask) -> Reply:
    """/points, /points mine [年]: one's own points with what each comes from."""
    rules, year = _rules(ask), _year(tx, ask.text)
    if not ask.who.member or ask.who.home != ask.who.branch:
        raise Refused("请本支部党员私聊我发 /points")
    mine = standing(tx, ask.who.branch, ask.who.member, year, rules)
    if mine is None:
        return Reply("离退休和流动党员不计积分。", private=True)
    lines = [entry_line(tx, one) for one in mine.entries[-MOST_LINES:]]
    head = f"{mine.name} {year}年积分 {points(mine.total)}（起点 {points(mine.base)}）"
    return Reply("\n".join([head, *lines, "有不对的请告诉书记：改了原来的记录，积分跟着变。"]), private=True)


def entry_line(tx: Tx, one: Entry) -> str:
    """+1 参加组织生活 11月20日 活动 #12 主题党日"""
    sign = "+" if one.tenths >= 0 else ""
    return f"{sign}{points(one.tenths)} {one.rule} {short(tx, one.day)} {one.source}"


def points(tenths: int) -> str:
    """63.5 from 635."""
    return f"{tenths / TENTHS:g}"


def say_list(tx: Tx, ask: Ask) -> Reply:
    """/points list [年]: all who are scored, in the register's order."""
    rules, year = _rules(ask), _year(tx, ask.text)
    found = standings(tx, branch_of(ask), year, rules)
    lines = [f"{one.name} {points(one.total)}" for one in found]
    note_looks(tx, ask.who, (one.member for one in found), POINTS)
    head = f"{ask.who.branch_name} {year}年积分 {len(found)} 人（按名册顺序，不排名，不公布）"
    return Reply("\n".join([head, *lines]), private=True)


def say_rules(tx: Tx, ask: Ask) -> Reply:
    """/points rules: what gives how many, as configured."""
    rules = _rules(ask)
    lines = [
        f"{rule.name}：{PER[rule.per]} {rule.points:+g} 分，来源：{SOURCES[rule.source]}"
        + (f"（{'、'.join(rule.kinds)}）" if rule.kinds else "")
        + (f"，一年最多 {rule.cap:g} 分" if rule.cap else "")
        for rule in rules.rules
    ]
    head = f"积分规则：每年从 {rules.base:g} 分算起，最低 {rules.floor:g} 分。离退休和流动党员不计。"
    return Reply("\n".join([head, *lines]), private=True)


def say_export(tx: Tx, ask: Ask) -> Reply:
    """/points export [年]: every entry with its row, as a sheet in private."""
    rules, year = _rules(ask), _year(tx, ask.text)
    table = [line for one in standings(tx, branch_of(ask), year, rules) for line in _table(one)]
    note_branch(tx, ask.who, branch_of(ask), POINTS)
    header = ("姓名", "合计", "日期", "规则", "分", "来源")
    attached = files.attach(tx, f"积分_{ask.who.branch_name}_{year}.xlsx", workbook("积分", header, table))
    return Reply(f"{year}年积分，见表格。按名册顺序，请不要公布。", private=True, attachments=(attached,))


def _table(one: Standing) -> list[list[str | float]]:
    total = one.total / TENTHS
    lines: list[list[str | float]] = [[one.name, total, "", "起点", one.base / TENTHS, ""]]
    return lines + [[one.name, "", each.day, each.rule, each.tenths / TENTHS, each.source] for each in one.entries]


def _rules(ask: Ask) -> Points:
    rules: Points = ask.house.config.points
    if not rules.enabled:
        raise Refused(OFF)
    return rules


def _year(tx: Tx, text: str) -> int:
    return period(text, tx.now)[1].year


SUBS = (
    Command("mine", "我的", "自己某一年的", "/points mine 2025", say_points, role="member", writes=False, secret=True),
    Command("rules", "规则", "什么得几分", "/points rules", say_rules, role="member", writes=False, secret=True),
    Command(
        "list",
        "列表",
        "全部（按名册顺序）",
        "/points list 2026",
        say_list,
        role=("secretary", "committee"),
        writes=False,
        secret=True,
    ),
    Command("export", "导出", "每一笔和它的来源，导出表格", "/points export 2026", say_export, secret=True),
)
COMMANDS = (
    Command(
        "points",
        "积分",
        "自己的积分（默认不用；私聊，不排名）",
        "/points",
        say_points,
        role="member",
        writes=False,
        secret=True,
        subs=SUBS,
    ),
)
