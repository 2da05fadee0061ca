"""帮助 and /help: written from the tables of commands, so that help never tells of what is not there."""

from __future__ import annotations

from collections.abc import Iterable

from bot.commands import Ask, Command, Who, find, may, near
from bot.db import Tx
from bot.message import Refused, Reply

WORD_LINES = 4
SHORT = 8  # characters; a longer example would break the line on a phone
MOST_LINES = 30


def allowed(who: Who, commands: Iterable[Command]) -> list[Command]:
    """The commands that the sender may use, or of which he may use a part."""
    return [one for one in commands if may(who, one.role) or any(may(who, sub.role) for sub in one.subs)]


def say_words(tx: Tx, ask: Ask) -> Reply:
    """帮助: what a member can say, in six short lines at most."""
    if not ask.who.member and "admin" not in ask.who.roles:
        return Reply("我还不认识您。请先说：我是 姓名\n书记确认后，就可以直接回复参加、请假、签到。")
    examples = [word.example for word in allowed(ask.who, ask.house.words) if 0 < len(word.example) <= SHORT]
    size = max(1, -(-len(examples) // WORD_LINES))
    lines = [" · ".join(examples[start : start + size]) for start in range(0, len(examples), size)]
    parts = [part for one in ask.house.commands for part in (one.subs or (one,))]
    if any(part.role not in ("anyone", "member") and may(ask.who, part.role) for part in parts):
        lines.append("管理用的命令：发 /help")
    return Reply("\n".join(["可以直接说：", *lines]))


def say_commands(tx: Tx, ask: Ask) -> Reply:
    """/help: one line a command; /help NAME [SUB]: how it is typed."""
    if ask.text:
        return Reply(_one(ask, ask.text.lstrip("/／").split()))
    commands = allowed(ask.who, ask.house.commands)
    lines = [f"/{one.name} /{one.chinese} — {one.help}" for one in commands][: MOST_LINES - 1]
    return Reply("\n".join([*lines, "怎么用：/help 命令，如 /help " + commands[0].name]))


def _one(ask: Ask, words: list[str]) -> str:
    commands = (*allowed(ask.who, ask.house.commands), *ask.house.words)
    command = find(commands, words[0]) if words else None
    if command is None:
        guess = near(commands, words[0][:40]) if words else ""
        raise Refused("没有这个命令" + (f"，是不是 {guess}？" if guess else "。") + "发 /help 看全部命令。")
    subs = allowed(ask.who, command.subs)
    sub = find(tuple(subs), words[1]) if len(words) > 1 else None
    if sub is not None:
        return f"/{command.name} {sub.name}（{sub.chinese}）：{sub.help}\n例：{sub.example}"
    slash = "/" if command in ask.house.commands else ""
    called = f"{slash}{command.name} {slash}{command.chinese}" if slash else command.chinese
    lines = [f"{one.help}：{one.example}" for one in subs] or [f"例：{command.example}"]
    return "\n".join([f"{called} — {command.help}", *lines[: MOST_LINES - 1]])


WORDS = (
    Command(
        "help",
        "帮助",
        "可以说什么",
        "帮助",
        say_words,
        role="anyone",
        writes=False,
        intents=("help",),
        aliases=("?",),
    ),
)
COMMANDS = (Command("help", "帮助", "看命令怎么用", "/help todo", say_commands, role="anyone", writes=False),)
