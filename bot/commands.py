"""A command is data: from one table come dispatch, help, did-you-mean, the documents and the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from rapidfuzz import fuzz, process

from bot.db import Tx
from bot.message import Incoming, Reply

Role = Literal["anyone", "member", "collector", "committee", "secretary", "admin"]
ROLE_WORDS: dict[Role, str] = {
    "anyone": "任何人",
    "member": "党员",
    "collector": "党费收缴人",
    "committee": "支委",
    "secretary": "书记或组织委员",
    "admin": "管理员",
}


@dataclass(frozen=True, slots=True)
class Who:
    """The sender as the register knows him, seen from the branch that the message is about.

    `branch` is the group's branch, in private the member's own (0 = none); `roles` are held in that branch.
    """

    account: str
    member: int = 0
    name: str = ""
    branch: int = 0
    branch_name: str = ""
    home: int = 0
    bound: bool = False
    roles: frozenset[Role] = frozenset({"anyone"})

    @property
    def label(self) -> str:
        """How the trail names the sender."""
        return self.name or self.account


@dataclass(frozen=True, slots=True)
class Ask:
    """What a command's words get: the message, the sender, what stands behind the command, and how it was read.

    `number` is the `#N` that stood in the message, 0 where there was none.
    """

    incoming: Incoming
    who: Who
    house: Any
    text: str = ""
    number: int = 0
    intent: str = ""
    slots: dict[str, Any] = field(default_factory=dict)
    rule: str = ""


Run = Callable[[Tx, Ask], Reply]


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """One command: `/name` and `/chinese` mean the same; a member's word has no slash and an `intent`.

    `role` is the least that may use it. `secret` answers are never given in a group. `takes_text`: what stands behind
    the command need not be one of its subcommands.
    """

    name: str
    chinese: str
    help: str
    example: str
    run: Run
    role: Role | tuple[Role, ...] = "secretary"
    writes: bool = True
    intents: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    secret: bool = False
    subs: tuple[Command, ...] = ()
    takes_text: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """What names this command, in lower case."""
        return (self.name, self.chinese, *self.aliases)


def find(commands: tuple[Command, ...], word: str) -> Command | None:
    """The command that `word` names, or None."""
    return _by_word(commands).get(word.lower())


@lru_cache(maxsize=128)
def _by_word(commands: tuple[Command, ...]) -> dict[str, Command]:
    """Made once for each table: every message asks it."""
    return {word: command for command in reversed(commands) for word in command.words}


def extended(commands: Iterable[Command], more: Mapping[str, tuple[Command, ...]]) -> tuple[Command, ...]:
    """The same commands with further subcommands, by the command's name."""
    return tuple(replace(one, subs=(*one.subs, *more[one.name])) if one.name in more else one for one in commands)


def near(commands: Iterable[Command], word: str) -> str:
    """The name nearest to a mistyped `word`, or an empty string where none is near."""
    names = [name for command in commands for name in (command.name, command.chinese)]
    best = process.extractOne(word.lower(), names, scorer=fuzz.ratio, score_cutoff=50)
    return best[0] if best else ""


def may(who: Who, role: Role | tuple[Role, ...]) -> bool:
    """Whether the sender holds a role, or one of several; an admin may do everything."""
    wanted = (role,) if isinstance(role, str) else role
    return "admin" in who.roles or any(one in who.roles for one in wanted)


def role_words(role: Role | tuple[Role, ...]) -> str:
    """Who may use a command, as people call them."""
    return "、".join(ROLE_WORDS[one] for one in ((role,) if isinstance(role, str) else role))


def pick(commands: tuple[Command, ...], text: str) -> tuple[Command | None, Command | None, str]:
    """(command, its subcommand, what stands behind) for the text after the slash."""
    word, rest = _first_word(text)
    command = find(commands, word)
    if command is None or not command.subs:
        return command, None, rest
    first, behind = _first_word(rest)
    sub = find(command.subs, first)
    return command, sub, behind if sub else rest


def _first_word(text: str) -> tuple[str, str]:
    """The word a text begins with and what stands behind it, on the same line or on the next."""
    parts = text.split(maxsplit=1)
    return parts[0] if parts else "", parts[1].strip() if len(parts) > 1 else ""
