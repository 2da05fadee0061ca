"""Which function turns the deciding act of a text into a reading with its slots: one for each act of `acts.py`."""

from __future__ import annotations

from collections.abc import Callable

from bot.language.acts import Found
from bot.language.attending import attend, late, stay
from bot.language.joining import signup, withdraw
from bot.language.leaves import backdated, leave
from bot.language.presence import checkin, makeup, resign
from bot.language.reading import Reading
from bot.language.said import Said
from bot.language.service import checkout
from bot.language.taken_back import cancel, unattend, unleave

BUILDERS: dict[str, Callable[[Said, Found], Reading | None]] = {
    "attend": attend,
    "stay": stay,
    "late": late,
    "leave": leave,
    "backdated": backdated,
    "unleave": unleave,
    "unattend": unattend,
    "cancel": cancel,
    "signup": signup,
    "withdraw": withdraw,
    "checkin": checkin,
    "resign": resign,
    "checkout": checkout,
    "makeup": makeup,
}
