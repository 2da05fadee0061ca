"""/dues set: what is said about bases, in private; and how an amount is read."""

from __future__ import annotations

from bot.commands import Ask
from bot.config import Dues
from bot.db import Tx
from bot.message import Refused, Reply
from handlers.dues.amounts import AMOUNTS
from handlers.dues.bases import month_of
from handlers.dues.deciding import renew, set_base
from handlers.dues.keepers import scope
from handlers.dues.months import month_word
from handlers.dues.rules import rules_of
from handlers.rates import KINDS, fen, rule_of, yuan
from handlers.register import branch_of, member_named

WHOLE_BRANCH, UNCHANGED = ("全体", "全部"), ("不变", "照旧", "同上年")
NO_AMOUNT = "金额没看懂：0.01 到 99999999.99 元，最多两位小数。"
SHEET_WORDS = {kind: word for word, kind in KINDS.items()}  # the Chinese word stands last for each kind


def say_set(tx: Tx, ask: Ask) -> Reply:
    """/dues set 姓名 类别 基数 [原因]; in a group the answer names no figure. 全体 不变: by the bases they have."""
    words = ask.text.split()
    if len(words) == 2 and words[0] in WHOLE_BRANCH and words[1] in UNCHANGED:
        return _say_renewed(tx, ask)
    at = next((place for place, word in enumerate(words) if place and word.lower() in KINDS), 0)
    if not at or len(words) < at + 2:
        raise Refused("请私聊发：/dues set 姓名 类别 基数 [原因]。类别：在职、离退休、农民、学生、个体、固定。")
    member = member_named(tx, branch_of(ask), " ".join(words[:at]))
    group = scope(tx, ask.who)
    if group and member.party_group != group:
        raise Refused("这位同志不在您的党小组，请组织委员或书记核定。")
    kind, reason = KINDS[words[at].lower()], " ".join(words[at + 2 :])
    base = amount_said(words[at + 1])
    rules = rules_of(practice(ask))
    try:
        month_fen = set_base(tx, branch_of(ask), member.id, kind, base, reason, ask.who, rules)
    except ValueError:
        low, high = rule_of(month_of(tx.now), rules).farmer
        raise Refused(f"农民党员每月 {yuan(low)} 到 {yuan(high)} 元，由支部定：基数就写这个数。") from None
    if not ask.incoming.private:
        return Reply(f"已核定：{member.name}。基数请不要发在群里，下次私聊我。")
    since = month_word(_since(tx, member.id), tx)
    return Reply(
        f"已核定 {member.name}（{SHEET_WORDS[kind]}）：基数 {yuan(base)} 元，{since}起每月 {yuan(month_fen)} 元。"
    )


def _since(tx: Tx, member: int) -> str:
    """The month from which the newest determination of a member counts."""
    return str(tx.all(AMOUNTS, member=member)[0].valid_from)


def _say_renewed(tx: Tx, ask: Ask) -> Reply:
    if scope(tx, ask.who):
        raise Refused("全体核定由组织委员或书记办。")
    count = renew(tx, branch_of(ask), ask.who, rules_of(practice(ask)))
    if not count:
        raise Refused("今年都已核定过，没有要办的。")
    return Reply(f"已按原基数核定 {count} 人，从{tx.now.month}月起。变了的请一位一位核定。")


def practice(ask: Ask) -> Dues:
    """[dues] of config.toml: what is local practice."""
    found: Dues = ask.house.config.dues
    return found


def amount_said(text: str) -> int:
    """Fen of an amount as typed. Raises Refused."""
    try:
        return fen(text)
    except ValueError:
        raise Refused(NO_AMOUNT) from None
