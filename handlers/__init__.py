"""What is done about a message: one file per book of the branch. This is the table of contents, as help shows it."""

from bot.commands import extended
from handlers import (
    asking,
    desk,
    desk_page,
    develop,
    dues,
    help,
    people,
    personal,
    points,
    registers,
    reminders,
    reports,
    selfcheck,
    shifts,
    wishes,
)
from handlers.attendance import command as attendance
from handlers.attendance import makeup
from handlers.attendance import words as attendance_words
from handlers.personal import page

COMMANDS = (
    *attendance.COMMANDS,
    *shifts.COMMANDS,
    *dues.COMMANDS,
    *wishes.COMMANDS,
    *registers.COMMANDS,
    *develop.COMMANDS,
    *reports.COMMANDS,
    *points.COMMANDS,
    *reminders.COMMANDS,
    *desk.COMMANDS,
    *desk_page.COMMANDS,
    *extended(people.COMMANDS, {"member": (personal.FORGET,), "branch": (selfcheck.SELFCHECK,)}),
    *help.COMMANDS,
)
WORDS = (
    *attendance_words.WORDS,
    *makeup.WORDS,
    *dues.WORDS,
    *wishes.WORDS,
    *people.WORDS,
    *asking.WORDS,
    *page.WORDS,
    *reminders.WORDS,
    *help.WORDS,
)
