"""The table of /dues, and the words of members about dues."""

from __future__ import annotations

from bot.commands import Ask, Command, Role
from bot.db import Tx
from bot.message import Reply
from handlers.dues import book_words as book
from handlers.dues.base_words import say_set
from handlers.dues.lists import say_claim
from handlers.dues.own import ledger_lines
from handlers.dues.paper_words import EXPORT, say_export
from handlers.dues.words import say_confirm, say_state
from handlers.register import branch_of

KEEPERS: tuple[Role, ...] = ("collector", "secretary")


def say_own(tx: Tx, ask: Ask) -> Reply:
    """我的党费: the sender's own ledger of this year, for his eyes only."""
    lines = ledger_lines(tx, ask.who.home or branch_of(ask), ask.who.member)
    return Reply("\n".join(lines) or "还没有您的党费记录：基数还没核定，请问收党费的同志。", private=True)


SUBS = (
    Command("set", "核定", "核定一人的基数（私聊发）", "/dues set 张三 在职 4237.56", say_set, role=KEEPERS),
    Command("confirm", "确认", "确认收到党费", "/dues confirm 3", say_confirm, role="collector"),
    Command("waive", "减免", "记批准的少交、免交", book.WAIVE, book.say_waive, role=KEEPERS, secret=True),
    Command(
        "large", "大额", "登记大额党费", "/dues large 张三 5000 自愿交纳", book.say_large, role=KEEPERS, secret=True
    ),
    Command("reverse", "冲正", "冲正一张收据、回单或缴款单", book.REVERSE, book.say_reverse, role=KEEPERS),
    Command("close", "封账", "封一个月的台账，要两个人", book.CLOSE, book.say_close, role=KEEPERS),
    Command("remit", "上缴", "开缴款单，登记银行回单", book.REMIT, book.say_remit, role=KEEPERS, secret=True),
    Command(
        "check", "核对", "账账相符、账款相符", "/dues check", book.say_check, role=KEEPERS, writes=False, secret=True
    ),
    Command("export", "导出", "台账、收据、公示、缴款单", EXPORT, say_export, role=KEEPERS, secret=True),
)
COMMANDS = (
    Command("dues", "党费", "党费：本月交到哪一步", "/dues", say_state, role="member", writes=False, subs=SUBS),
)
WORDS = (
    Command("paid", "已交", "报党费已交", "已交 50 11月", say_claim, role="member", intents=("dues_paid",)),
    Command("own_dues", "我的党费", "我今年的党费账", "我的党费", say_own, role="member", writes=False, secret=True),
)
