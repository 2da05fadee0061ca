"""Which of the open calls a message means: the number, the words or the time decide, else one short question."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands import Ask
from bot.db import Tx
from bot.dispatch import ask_back
from bot.language import Call, Reading, which
from bot.message import Refused, Reply
from handlers.phrases import day_and_time


def title(call: Call) -> str:
    """`#12 主题党日 12月4日(周五)15:00`"""
    when = f" {day_and_time(call.starts_at)}" if call.starts_at else ""
    return f"#{call.number} {call.title}{when}"


def choose(tx: Tx, ask: Ask, calls: Sequence[Call], again: str, nothing: str) -> Call | Reply:
    """The one call that is meant, or the question that asks which.

    `again` is the command that the person would have typed, to which the number is added; `nothing` is said
    (Refused) where no call is open. What is named but not open is refused with what is.
    """
    if not calls:
        raise Refused(nothing)
    if ask.number:
        fits = tuple(call for call in calls if call.number == ask.number)
    else:
        fits = which(Reading(ask.intent, ask.slots), calls, tx.now)
    if not fits:
        raise Refused(f"没有对上正在登记的活动。现在有：{'；'.join(title(call) for call in calls[:5])}")
    if len(fits) == 1:
        return fits[0]
    return ask_back(tx, ask, "是哪一个？", [(title(call), f"{again} #{call.number}") for call in fits[:9]])
