"""What those who keep the book say: 少交, 大额, 冲正, 封账, 上缴, 核对. Sums are answered in private only."""

from __future__ import annotations

import re
from typing import Any

from bot.commands import Ask, Who
from bot.db import Tx
from bot.message import Button, Card, Refused, Reply
from bot.trail import note
from handlers import ledger
from handlers.dues import closing, confirming, remitting
from handlers.dues.base_words import amount_said, practice
from handlers.dues.bases import month_of
from handlers.dues.checking import differences
from handlers.dues.claims import BIG_FEN
from handlers.dues.closing import Asked, Figures, ask_to_close
from handlers.dues.keepers import scope
from handlers.dues.months import leading_months, month_word, one_month, span_said
from handlers.dues.payments import reverse_receipt
from handlers.dues.remitting import Slip
from handlers.dues.rules import share_of
from handlers.dues.telling import NOTHING, Holder, tell
from handlers.dues.waivers import end_waiver, waive
from handlers.looks import DUES, note_looks
from handlers.phrases import no_longer
from handlers.rates import yuan
from handlers.register import branch_of, member_named

RECEIPT = re.compile(r"(?:(20\d\d)-)?#?(\d{1,6})号?", re.ASCII)
SUM = re.compile(r"[¥￥+-]?[\d.]")
WAIVE = "/dues waive 孙桂兰 免交 11月-12月 支部决议2026-11-05"
REVERSE = "/dues reverse 2026-1 记错了人"
CLOSE = "/dues close 11月"
REMIT = "/dues remit 11月"
LONGEST_NOTE, LONGEST_REFERENCE = 200, 100
BANKED = "/dues remit 回单 1 金额 回单号"


def say_waive(tx: Tx, ask: Ask) -> Reply:
    """/dues waive 姓名 免交|少交 金额|结束 [起止月份] 文件"""
    words = ask.text.split()
    at = next((place for place, word in enumerate(words) if place and word in ("免交", "少交", "结束")), 0)
    if not at:
        raise Refused(f"请写：/dues waive 姓名 免交 起止月份 文件，或 少交 金额 起止月份 文件。如：{WAIVE}")
    branch, rest = branch_of(ask), words[at + 1 :]
    member = member_named(tx, branch, " ".join(words[:at]))
    if scope(tx, ask.who):
        raise Refused("少交、免交由组织委员或书记登记。")
    if words[at] == "结束":
        end_waiver(tx, branch, member.id, " ".join(rest), ask.who)
        return Reply(f"已记：{member.name}从本月起恢复按核定数交。")
    fen = 0
    if words[at] == "少交":
        fen, rest = amount_said(rest[0] if rest else ""), rest[1:]
    months, document = leading_months(" ".join(rest), tx.now)
    span = span_said(months, tx.now)
    waive(tx, branch, member.id, fen, span, document, ask.who)
    what = f"每月交 {yuan(fen)} 元" if fen else "免交"
    return Reply(f"已记：{member.name} {_span_word(span)} {what}，依据：{document}")


def _span_word(span: tuple[str, str]) -> str:
    first, last = (f"{month[:4]}年{int(month[5:])}月" for month in span)
    return first if first == last else f"{first}至{last}"


def say_large(tx: Tx, ask: Ask) -> Reply:
    """/dues large 姓名 金额 [说明]: 大额党费, apart from the monthly dues."""
    words = ask.text.split()
    at = next((place for place, word in enumerate(words) if place and SUM.match(word)), 0)
    if not at:
        raise Refused("请写：/dues large 姓名 金额 说明。如：/dues large 张三 5000 自愿交纳")
    branch, fen = branch_of(ask), amount_said(words[at])
    member = member_named(tx, branch, " ".join(words[:at]))
    if fen < BIG_FEN:
        raise Refused("不到 1000 元的不算大额党费：请本人报“党费交 金额，多的算自愿多交”。")
    cause = f"large:{ask.incoming.platform}:{ask.incoming.message_id}"
    told = no_longer(" ".join(words[at + 1 :]), "说明", LONGEST_NOTE)
    ledger.give(tx, branch, member.id, fen, ask.who.label, cause, told)
    note(tx, branch, ask.who.label, ask.who.member, "dues_large", f"member:{member.id}")
    return Reply(f"已登记大额党费：{member.name} {yuan(fen)} 元，单独上缴：/dues remit 大额")


def say_reverse(tx: Tx, ask: Ask) -> Reply:
    """/dues reverse 收据号 原因 | 回单 N 原因 | 缴款单 N 原因"""
    first, _, rest = ask.text.partition(" ")
    branch = branch_of(ask)
    if first in ("回单", "缴款单"):
        number, _, reason = rest.partition(" ")
        if not number.isdecimal() or len(number) > 6:
            raise Refused(f"请写编号和原因，如：/dues reverse {first} 1 金额登记错了")
        undo = remitting.reverse_receipt if first == "回单" else remitting.reverse_slip
        undo(tx, branch, int(number), reason, ask.who)
        return Reply(f"已冲正：{number} 号缴款单{'的回单' if first == '回单' else ''}。")
    match = RECEIPT.fullmatch(first)
    if match is None:
        raise Refused(f"请写收据号和原因，如：{REVERSE}")
    year = match[1] or f"{tx.now:%Y}"
    undone = reverse_receipt(tx, branch, year, int(match[2]), rest, ask.who)
    if not ask.incoming.private:
        return Reply(f"已冲正 {year}-{match[2]} 号收据，原来的和冲正的都留在账上。")
    note_looks(tx, ask.who, (one.member for one in undone), DUES)
    lines = [
        f"{one.name} {month_word(one.month, tx) if one.month else '大额党费'} {yuan(one.fen)} 元" for one in undone
    ]
    return Reply("\n".join([f"已冲正 {year}-{match[2]} 号收据：", *lines, "交了的请重新报、重新确认。"]))


def say_close(tx: Tx, ask: Ask) -> Reply:
    """/dues close 月份: asks, or says yes to what another has asked."""
    branch, month = branch_of(ask), one_month(ask.text, tx.now, CLOSE)
    if not month:
        raise Refused(f"请写要封账的月份，如：{CLOSE}")
    if scope(tx, ask.who):
        raise Refused("封账由组织委员或书记办。")
    asked, done = ask_to_close(tx, branch, month, ask.who)
    if done:
        return Reply(_closed_line(tx, ask.who, asked, ask.incoming.private))
    _tell_others(tx, ask, asked)
    line = f"{month_word(month, tx)}封账已申请（待办 {asked.number}），请书记或另一位委员确认。"
    waiting = len(confirming.waiting(tx, branch, ask.who))
    lines = [line, _figures_line(asked.figures, ask.incoming.private)]
    lines += [f"注意：还有 {waiting} 笔待确认，封账后只能记入下个月。"] if waiting else []
    return Reply("\n".join(lines))


def _tell_others(tx: Tx, ask: Ask, asked: Asked) -> None:
    """The secretaries hear of it alone, so that one of them can say yes with a tap."""
    title, figures = f"{asked.by}申请党费封账：{asked.figures.month}", _figures_line(asked.figures, True)
    yes, no = f"/todo ok {asked.number}", f"/todo no {asked.number}"
    card = Card(title, tuple(figures.split("\n")), (Button("同意封账", yes, primary=True), Button("不同意", no)))
    shown = Reply(f"{title}\n{figures}\n同意请回复 {yes}", card)
    key = f"dues_close:{ask.incoming.platform}:{ask.incoming.message_id}"

    def words(holder: Holder) -> Reply:
        return NOTHING if holder.member == asked.by_member else shown

    tell(tx, branch_of(ask), ("secretary",), words, ask.house.private_via, key=key)


def _figures_line(figures: Figures, private: bool) -> str:
    """Counts; in private also the sums."""
    line = f"应交 {figures.owed} 人 · 已交 {figures.settled} 人 · 未交 {figures.owed - figures.settled} 人"
    return f"{line}\n应交 {yuan(figures.due)} 元 · 本月台账实收 {yuan(figures.received)} 元" if private else line


def _closed_line(tx: Tx, by: Who, asked: Asked, private: bool) -> str:
    month, now = asked.figures.month, month_of(tx.now)
    who = f"（{asked.by}、{by.label}）" if private else "（两人确认）"
    lines = [f"{month_word(month, tx)}台账已封账{who}。", _figures_line(asked.figures, private)]
    lines += ["本月再收的，下个月1日起确认，记入下个月。"] if month == now else []
    return "\n".join([*lines, f"下一步上缴：/dues remit {int(month[5:])}月"])


def decide_close(tx: Tx, row: Any, ok: bool, by: Who, _why: str) -> str:
    """What the desk says about a settled request to close: a line that a group may read. Raises Refused."""
    if not ok:
        return "没有封账。"
    return _closed_line(tx, by, closing.close(tx, row, by), False)


def say_remit(tx: Tx, ask: Ask) -> Reply:
    """/dues remit: where it stands | 月份: a slip of what is closed | 大额 | 回单 N 金额 [回单号]"""
    branch, words = branch_of(ask), ask.text.split()
    if scope(tx, ask.who):
        raise Refused("上缴由组织委员或书记办。")
    if not words:
        return Reply(_remit_state(tx, branch))
    if words[0] == "回单":
        return _say_receipt(tx, ask, words[1:])
    if words[0] == "大额":
        return Reply(_slip_lines(remitting.hand_up_large(tx, branch, ask.who)))
    month = one_month(ask.text, tx.now, REMIT)
    return Reply(_slip_lines(remitting.hand_up(tx, branch, month, share_of(practice(ask)), ask.who)))


def _say_receipt(tx: Tx, ask: Ask, words: list[str]) -> Reply:
    number = words[0].removesuffix("号") if words else ""
    if len(words) < 2 or not number.isdecimal() or len(number) > 6:
        raise Refused(f"请写缴款单号、金额和回单号：{BANKED}")
    reference = no_longer(" ".join(words[2:]), "回单号", LONGEST_REFERENCE)
    slip = remitting.receive_receipt(tx, branch_of(ask), int(number), amount_said(words[1]), reference, ask.who)
    if slip.difference:
        gap = yuan(abs(slip.difference))
        return Reply(
            f"已登记回单，但不相等：单上 {yuan(slip.fen)} 元，回单 {yuan(slip.banked)} 元，相差 {gap} 元。请核对。"
        )
    return Reply(f"已登记 {slip.number} 号缴款单的回单：{yuan(slip.banked)} 元，账款相符。")


def _slip_lines(slip: Slip) -> str:
    months = "、".join(slip.months) or "大额党费"
    share = "" if slip.share == remitting.WHOLE else f"，按 {yuan(slip.share).rstrip('0').rstrip('.')}% 上缴"
    lines = [f"{slip.number} 号缴款单：{months}，合计 {yuan(slip.total)} 元{share}，应缴 {yuan(slip.fen)} 元。"]
    return "\n".join(
        [*lines, f"打印：/dues export 缴款单 {slip.number}", f"汇出后登记：/dues remit 回单 {slip.number} 金额 回单号"]
    )


def _remit_state(tx: Tx, branch: int) -> str:
    lines = [_slip_state(slip) for slip in remitting.slips(tx, branch)[-12:]]
    waiting = remitting.due_up(tx, branch, "9999-12")
    if waiting:
        total = yuan(sum(row.received_fen for row in waiting))
        lines.append(f"已封账、还没上缴：{'、'.join(row.month for row in waiting)}，合计 {total} 元")
    large = ledger.balance(tx, branch, "large_cash")
    lines += [f"大额党费还没上缴：{yuan(large)} 元"] if large else []
    lines.append(f"手上党费：{yuan(ledger.balance(tx, branch, 'cash'))} 元")
    return "\n".join(lines)


def _slip_state(slip: Slip) -> str:
    months = "、".join(slip.months) or "大额党费"
    if slip.void:
        state = "已冲正"
    elif not slip.receipts:
        state = "等回单"
    else:
        state = "账款相符" if not slip.difference else f"回单 {yuan(slip.banked)} 元，不相等"
    return f"{slip.number} 号缴款单 {months} {yuan(slip.fen)} 元 · {state}"


def say_check(tx: Tx, ask: Ask) -> Reply:
    """/dues check: the three equalities, to the fen."""
    branch = branch_of(ask)
    found = differences(tx, branch)
    if found:
        return Reply("\n".join(["有不相等的地方：", *(one.line for one in found[:20])]))
    months = closing.received(tx, branch)
    lines = ["账账相符、账款相符：没有差额。"]
    lines += [
        f"{month}：各人合计 = 收款合计 {yuan(fen)} 元{_if_closed(tx, branch, month)}" for month, fen in months.items()
    ]
    lines += [_slip_state(slip) for slip in remitting.slips(tx, branch) if not slip.void]
    return Reply("\n".join(lines[-24:] if len(lines) > 25 else lines))


def _if_closed(tx: Tx, branch: int, month: str) -> str:
    return " = 封账合计" if closing.closed(tx, branch, month) else "（未封账）"
