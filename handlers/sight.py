"""Who may see what: one table, made of the commands themselves and of what little they don't say.

A command says who may use it (`role`) and whether it answers in private (`secret`); SHOWS adds which of them show the
personal rows of others, each look being noted (handlers/looks.py). Whatever isn't named there shows nobody's personal
rows but one's own: tests/matrix/ plants marked rows and reads every answer. `python -m handlers.sight` writes the table
of docs/sight.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.commands import Command, role_words
from handlers.links import PURPOSES
from handlers.looks import DEVELOP, DUES, EXCLUDED, FILE, HOURS, LEAVE, PAST, POINTS, STUDY
from handlers.registers.books import BOOKS

SHOWS = {
    "attendance list": LEAVE,
    "attendance record": LEAVE,
    "attendance exclude": EXCLUDED,
    "dues": DUES,
    "dues confirm": DUES,
    "dues reverse": DUES,
    "dues export": DUES,
    "volunteer hours": HOURS,
    "volunteer export": HOURS,
    "study short": STUDY,
    "develop": DEVELOP,
    "develop list": DEVELOP,
    "develop export": DEVELOP,
    "report why": "一个数的明细",
    "report word": "本支部的文稿",
    "report excel": "本支部的表格",
    "report chart": "本支部的图",
    "points list": POINTS,
    "points export": POINTS,
    "member find": FILE,
    "member history": PAST,
    **{f"{book.name} {sub}": book.chinese for book in BOOKS if book.shown != "all" for sub in ("list", "export")},
}
# Who opens a page, and what stands on it. A link opens once, for one browser, and ends when its owner leaves the branch
# or the office.
PAGES = {
    "me": ("本人", "关于自己的全部记录，谁看过"),
    "roll-call": ("书记或组织委员、管理员", "本支部一次活动的签到：人数，设置允许时有姓名"),
    "print": ("书记或组织委员、管理员", "本支部一次活动的签到表和会议记录（缺席的有请假种类，看了有记录）"),
    "desk": ("书记或组织委员", "本支部等着办的事、没交党费的人、发展党员的日期和台账（看了有记录），金额只给收党费的"),
    "dashboard": (
        "书记或组织委员、支委、管理员、[reports] overseers",
        "规定动作和数字：书记和支委看本支部，其余看全部支部；明细里的姓名只给本支部书记和管理员（看了有记录），谁交了党费只给收缴人",
    ),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """One command as docs/sight.md tells it: who may use it, whether it answers in private, whose rows it shows."""

    path: str
    who: str
    alone: bool
    shows: str


def sights(commands: tuple[Command, ...]) -> Iterator[Sight]:
    """Every command and subcommand that is typed with a slash, in the order of help."""
    for command in commands:
        for path, one in ((command.name, command), *((f"{command.name} {sub.name}", sub) for sub in command.subs)):
            yield Sight(path, role_words(one.role), one.secret, SHOWS.get(path, ""))


def written(commands: tuple[Command, ...]) -> str:
    """The tables of docs/sight.md."""
    lines = ["| 命令 | 谁能用 | 在哪里回答 | 别人的个人记录（看了有记录） |", "|---|---|---|---|"]
    for one in sights(commands):
        lines.append(f"| `/{one.path}` | {one.who} | {'私聊' if one.alone else '群里、私聊'} | {one.shows} |")
    lines += ["", "| 页面 | 谁能打开 | 有什么 |", "|---|---|---|"]
    lines += [f"| `/{name}` | {PAGES[name][0]} | {PAGES[name][1]} |" for name in PURPOSES]
    return "\n".join(lines) + "\n"


def write(document: Path, commands: tuple[Command, ...]) -> None:
    """Puts the tables in the place of those at the end of a document."""
    before, _, _ = document.read_text(encoding="utf-8").partition("| 命令 |")
    document.write_text(before + written(commands), encoding="utf-8")


if __name__ == "__main__":
    from handlers import COMMANDS

    write(Path("docs/sight.md"), COMMANDS)
