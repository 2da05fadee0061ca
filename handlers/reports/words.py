"""/report (/报表): the figures of the branch, the rows behind each, and papers and pictures made of them."""

from __future__ import annotations

from typing import Any

from bot.commands import Ask, Command, may
from bot.db import Tx
from bot.message import Refused, Reply
from handlers import figures
from handlers.burden import BURDEN
from handlers.figures.explain import behind
from handlers.looks import note_branch, note_looks
from handlers.overview import DASHBOARD
from handlers.reports.exports import KINDS, order

MOST_LINES = 30
WHOLE = ("全系统", "系统", "全局")


def scope_of(ask: Ask, words: list[str]) -> tuple[int, str]:
    """(branch, its name) that a message asks about: one's own; 全系统 (0) for who may do everything. Raises Refused."""
    if words and words[0] in WHOLE:
        words.pop(0)
        if "admin" not in ask.who.roles:
            raise Refused("全系统的数只有管理员能看。")
        return 0, str(ask.house.config.bot.organisation)
    if not ask.who.branch:
        raise Refused("请在支部的群里发，或先请书记把您加进名册。")
    return ask.who.branch, ask.who.branch_name


def asked(tx: Tx, ask: Ask, text: str) -> tuple[figures.Question, str]:
    """What a message asks: [全系统] [时间]. Raises Refused."""
    words = text.split()
    branch, scope = scope_of(ask, words)
    span = figures.said("".join(words), tx.now)
    return figures.question(tx, span, branch, ask.house.config), scope


def say_report(tx: Tx, ask: Ask) -> Reply:
    """/report [时间]: the figures people ask for most, a line each."""
    question, scope = asked(tx, ask, ask.text)
    found = figures.reckon(tx, question, scope, [figures.CATALOGUE[name] for name in figures.HEADLINES])
    head = f"{scope} {question.span.name} 截至{question.cutoff.month}月{question.cutoff.day}日"
    lines = [f"{one.figure.name} {one.written}" for one in found.values]
    waiting = (
        ["（待核）的有记录不全的活动或名册缺项，没有计入。"] if any(not one.complete for one in found.values) else []
    )
    return Reply("\n".join([head, *lines, *waiting, "看某个数的明细：/report why 主题党日（私聊）"]))


def say_why(tx: Tx, ask: Ask) -> Reply:
    """/report why 党员大会 [时间]: the rows behind a figure; private."""
    words = ask.text.split()
    if not words:
        raise Refused("请写上要看哪个数，如：/report why 党员大会")
    branch, scope = scope_of(ask, words)
    figure = figures.named(words.pop(0) if words else "")
    span = figures.said("".join(words), tx.now)
    question = figures.question(tx, span, branch, ask.house.config)
    found = figures.reckon(tx, question, scope, [figure]).values[0]
    head = f"{figure.name} {found.written}（{scope} {span.name}）\n{figures.defined(found, question)}"
    if figure.measure == "fen" and not may(ask.who, ("collector", "admin")):
        return Reply(f"{head}\n共 {found.rows} 笔。每人的金额只有收缴人能看。")
    return Reply("\n".join([head, *_lines(tx, ask, question, figure)]))


def _lines(tx: Tx, ask: Ask, question: figures.Question, figure: figures.Figure) -> list[str]:
    rows, count = behind(figures.Reading(tx, question), figure, MOST_LINES)
    if not rows:
        return ["没有记录。"]
    note_looks(tx, ask.who, (one.member for one in rows), f"{figure.name}的明细")
    shown = [f"{one.branch} {one.written}" if not question.branch else one.written for one in rows]
    more = [f"…… 共 {count} 条，只列前 {MOST_LINES} 条；全部请发 /report excel"] if count > MOST_LINES else []
    return [*shown, *more]


def _say_order(kind: str) -> Any:
    def say(tx: Tx, ask: Ask) -> Reply:
        question, scope, template = _ordered(tx, ask)
        said = order(tx, ask, kind, question, scope, template)
        note_branch(tx, ask.who, question.branch, f"{scope}的{KINDS[kind]}")
        return Reply(said)

    say.__doc__ = f"/report {kind} [模板] [时间]: {KINDS[kind]}, made beside the answering and sent in private."
    return say


def _ordered(tx: Tx, ask: Ask) -> tuple[figures.Question, str, str]:
    """(question, scope, template) of `[全系统] [模板] [时间]`: what is no time is the template's name."""
    words = ask.text.split()
    branch, scope = scope_of(ask, words)
    template, span = "", None
    for word in words:
        try:
            span = figures.said(word, tx.now)
        except Refused:
            if template:
                raise
            template = word
    question = figures.question(tx, span or figures.said("", tx.now), branch, ask.house.config)
    figures.check_first_record(tx, question)
    return question, scope, template


SUBS = (
    Command(
        "why", "明细", "一个数是由哪些记录算出来的（私聊）", "/report why 党员大会", say_why, writes=False, secret=True
    ),
    Command("word", "文稿", "生成工作报告，做好后私发", "/report word 年报", _say_order("word")),
    Command("excel", "表格", "生成台账，做好后私发", "/report excel", _say_order("excel")),
    Command("chart", "图", "出勤和完成情况的图，做好后私发", "/report chart", _say_order("chart")),
    BURDEN,
    DASHBOARD,
)
COMMANDS = (
    Command(
        "report",
        "报表",
        "本支部的各项数字",
        "/report 2026",
        say_report,
        writes=False,
        subs=SUBS,
        takes_text=True,
    ),
)
