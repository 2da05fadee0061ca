"""Understands what members write: `read` gives an intent with slots, `find_when` a time, `which` the open call meant.

Deterministic, offline and linear in the length of the text. When it isn't sure it says so (`unclear`, `none`):
a message wrongly taken for an act is the worst that can happen here.
"""

from bot.language.calls import which
from bot.language.dues import channel_of
from bot.language.months import months_of
from bot.language.normalise import normalise
from bot.language.reader import read
from bot.language.reading import Call, Context, Reading
from bot.language.times import When, find_when

__all__ = ["Call", "Context", "Reading", "When", "channel_of", "find_when", "months_of", "normalise", "read", "which"]
