"""One message is one transaction: who said it, what it does, what is answered and the trail, or none of it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import delete, select

from bot import file_links, files, outbox
from bot.commands import Ask, Command, Who, find, may, near, pick, role_words
from bot.config import Config
from bot.db import Tx
from bot.language import Context, normalise, read
from bot.message import Ability, Button, Card, Incoming, Kind, Refused, Reply, pack, unpack
from bot.meter import Meter
from bot.pace import Pace
from bot.rules import Quiet, parse_quiet
from bot.sql import insert_row, p, sql
from bot.tables import questions, seen
from bot.tx import Ahead

QUESTION_MINUTES = 10
CARD_BUTTONS, CARD_CHARACTERS = 6, 112
LONGEST_COMMAND = 2000  # characters; a longer slash command is a paste gone wrong
LONGEST_TEXT = 8000  # characters; a list of 500 names is shorter
NUMBERED = re.compile(r"[#＃]\s*(\d+)")
NO_SUCH_NUMBER = 10**9  # what nothing has: a number that is typed is never passed over
ONLY_MENTIONS = re.compile(r"(?:[@＠]\S+\s*)*")
CHAIN = re.compile(r"\s*#(?:接龙|Group Note)", re.I)
BARE_NUMBER = re.compile(r"#?(\d{1,6})[.。、号]?")

REMEMBER = insert_row(seen, "platform", "message_id", "at", "answer", conflict=["platform", "message_id"])
FIRST_ANSWER = sql(select(seen.c.answer).where(seen.c.platform == p("platform"), seen.c.message_id == p("message_id")))
_asked = (questions.c.platform == p("platform"), questions.c.chat == p("chat"), questions.c.sender == p("sender"))
QUESTION = sql(select(questions.c.until, questions.c.options).where(*_asked))
FORGET = sql(delete(questions).where(*_asked))
ASK = insert_row(questions, "platform", "chat", "sender", "until", "options")


@dataclass(frozen=True, slots=True)
class House:
    """What dispatch is handed by the composition root.

    `at_once` are the kinds of message that a platform answers itself with what `handle` returns, also where it is not
    `inline`. `words` are the members' commands, `commands` the ones with a slash; `ahead` is what a message will ask.
    `private_via` names for each platform the one that can speak to a person alone (absent: none can); `coming` lists
    the reminders of a branch for the next month, `preview` some of them with their words; `card_of` finds the card of
    a number, `quiet_of` the hours in which a branch hears nothing unasked, `meters` are the platforms with a monthly
    quota, `pace` counts each sender's questions. `key` signs links and check-in codes (without one: a new one);
    `config` has what is local practice.
    """

    commands: tuple[Command, ...]
    words: tuple[Command, ...]
    who: Callable[[Tx, Incoming], Who]
    names: Callable[[Tx, Who, str], Collection[str]]
    abilities: Mapping[str, frozenset[Ability]]
    inline: Mapping[str, bool]
    private_via: Mapping[str, str]
    at_once: Mapping[str, frozenset[Kind]]
    coming: Callable[[Tx, int], list[Any]]
    ahead: Callable[[Incoming], Ahead] = lambda _incoming: lambda _tx: iter(())
    preview: Callable[[Tx, int, str, int], list[Any]] = lambda _tx, _branch, _job, _count: []
    card_of: Callable[[Tx, int, int], Card | None] = lambda _tx, _branch, _number: None
    quiet_of: Callable[[Tx, int], Quiet | None] = lambda _tx, _branch: parse_quiet("21:00-08:00")
    meters: tuple[Meter, ...] = ()
    config: Config = field(default_factory=Config.model_construct)
    key: bytes = field(default_factory=partial(secrets.token_bytes, 32))
    pace: Pace = field(default_factory=Pace)


def handle(tx: Tx, incoming: Incoming, house: House) -> Reply | None:
    """Answers one message; None is silence (or: the answer was promised to the outbox).

    1. Group -> branch, account -> member.
    2. The command or the words are understood and done; a refusal leaves nothing behind but itself.
    3. The answer is promised where it can't go back in the HTTP response.
    4. The message is remembered with its answer. One that is remembered already did its work before: all of the
       above is forgotten, and its first answer is given again.
    """
    who = house.who(tx, incoming)
    label = incoming.text.strip()[:20]
    try:
        reply, label = respond(tx, Ask(incoming, who, house, incoming.text.strip()))
    except Refused as refusal:
        tx.restart()
        reply = Reply(refusal.text, _card_tapped(tx, incoming, who, house), private=refusal.private)
    if reply and not tx.wrote:
        reply = house.pace.answer(incoming, reply, house.config.bot.questions_per_minute, tx.at)
    answer = speak(tx, incoming, who, reply, label, house) if reply else None
    seen_as = {"platform": incoming.platform, "message_id": incoming.message_id}
    if not tx.adds(REMEMBER, **seen_as, at=tx.at, answer=pack(answer) if answer else None):
        tx.restart()
        first = tx.value(FIRST_ANSWER, **seen_as)
        return unpack(first) if first else None
    return answer


def _card_tapped(tx: Tx, incoming: Incoming, who: Who, house: House) -> Card | None:
    """The card that a refused tap came from: who tapped can still tap the other buttons."""
    number, _ = numbered(incoming.text) if incoming.kind == "press" else (0, "")
    return house.card_of(tx, who.branch, number) if number and who.branch else None


def respond(tx: Tx, ask: Ask) -> tuple[Reply | None, str]:
    """The reply to a message and the words that ask for it again (for `请私聊我发 …`). Raises Refused."""
    incoming, who = ask.incoming, ask.who
    if incoming.kind == "enter":
        return _word(ask, "help").run(tx, ask), "帮助"
    if incoming.kind == "other":
        raise Refused("我只读文字。可以说：参加、请假、签到、活动、帮助。")
    ask = _chosen(tx, ask)
    nameless = not who.bound and not incoming.private
    if ONLY_MENTIONS.fullmatch(ask.text) and not nameless:
        raise Refused("请写上要说的话，如：参加、请假、签到、活动、帮助。")
    if ask.text[:1] in ("/", "／"):
        return _slash(tx, ask)
    if nameless:
        return _unbound(incoming), ""
    if len(ask.text) > LONGEST_TEXT:
        raise Refused(f"消息太长（{len(ask.text)} 字），没有读。名单请分开发，每条最多 {LONGEST_TEXT} 字。")
    return _plain(tx, ask)


def _unbound(incoming: Incoming) -> Reply:
    return Reply(
        f"这个群还没有对应的党支部。群编号：{incoming.chat}\n"
        f"请管理员在群里发：/branch bind 支部名称\n"
        f"或在服务器上执行：python -m bot bind --platform {incoming.platform} --chat {incoming.chat} --branch 支部名称"
    )


def _word(ask: Ask, name: str) -> Command:
    found = find(ask.house.words, name)
    if found is None:
        raise LookupError(f"no word named {name}")
    return found


def _slash(tx: Tx, ask: Ask) -> tuple[Reply | None, str]:
    if len(ask.text) > LONGEST_COMMAND:
        raise Refused(f"命令太长（{len(ask.text)} 字），最多 {LONGEST_COMMAND} 字。")
    text = normalise(ask.text)[1:]
    command, sub, rest = pick(ask.house.commands, text)
    if command is None:
        raise Refused(_no_such(ask.house.commands, text.split(" ", 1)[0]))
    if not ask.who.bound and not ask.incoming.private and command.name != "branch":
        return _unbound(ask.incoming), ""
    chosen = sub or command
    label = f"/{command.name}" + (f" {sub.name}" if sub else "")
    if not may(ask.who, chosen.role):
        raise Refused(_not_yours(ask.who, chosen, label))
    _refuse_guest(ask, chosen)
    if command.subs and sub is None and rest and not command.takes_text:
        raise Refused(_no_such(command.subs, rest.split(" ", 1)[0], f"/{command.name} "))
    reply = chosen.run(tx, replace(ask, text=rest))
    return (replace(reply, private=True) if chosen.secret else reply), label + (f" {rest}" if rest else "")


def _refuse_guest(ask: Ask, command: Command) -> None:
    """A branch's matters are its own members': who belongs to another one speaks in that one's group, or in private."""
    who = ask.who
    if command.role == "member" and who.member and not ask.incoming.private and who.home != who.branch:
        raise Refused(f"这是{who.branch_name}的群，您不在这个支部的名册里。请在本支部的群里说，或私聊我。")


def _no_such(commands: Collection[Command], word: str, before: str = "/") -> str:
    guess = near(commands, word[:40])
    hint = f"，是不是 {before}{guess}？" if guess else "。"
    return f"没有 {before}{word[:40]}{hint}发 /help 看全部命令。"


def _not_yours(who: Who, command: Command, label: str) -> str:
    if who.member == 0:
        return "我还不认识您。请先说：我是 姓名"
    return f"{label} 由{role_words(command.role)}使用。您可以说：参加、请假、签到、活动、我的。"


def _plain(tx: Tx, ask: Ask) -> tuple[Reply | None, str]:
    """A member's words: a fixed word first, then what the language reads in the sentence."""
    number, words = numbered(ask.text)
    command, rest = _fixed(ask, words)
    if command is not None:
        intent, slots, rule = command.name, ask.slots, f"口令“{command.chinese}”"
    else:
        reading = read(words, tx.now, Context(names=lambda: ask.house.names(tx, ask.who, normalise(words))))
        command = next((one for one in ask.house.words if reading.intent in one.intents), None)
        rest, intent, slots, rule = words, reading.intent, reading.slots, reading.rule
    ask = Ask(ask.incoming, ask.who, ask.house, rest, number, intent, slots, rule)  # replace() is five times as slow
    if command is None:
        return None, ""
    if command.role == "member" and ask.who.member == 0:
        raise Refused("我还不认识您。请先说：我是 姓名")
    _refuse_guest(ask, command)
    reply = command.run(tx, ask)
    return (replace(reply, private=True) if command.secret else reply), command.chinese


def _fixed(ask: Ask, words: str) -> tuple[Command | None, str]:
    """A message that is just a command's word needs no reading; `我是 姓名` is one from those we don't know yet."""
    word, _, rest = normalise(words).partition(" ")
    if ask.who.member == 0 and word.startswith("我是"):
        return _word(ask, "我是"), f"{word[2:]} {rest}".strip()
    return find(ask.house.words, word) if not rest or word == "我是" else None, rest.strip()


def numbered(text: str) -> tuple[int, str]:
    """The `#N` in a text (0 where there is none) and the text without it; in a 接龙 it stands in the first line."""
    chain = CHAIN.match(text)
    end = len(text.partition("\n")[0]) if chain else len(text)
    match = NUMBERED.search(text, chain.end() if chain else 0, end)
    if match is None:
        return 0, text
    number = int(match[1]) if len(match[1]) <= 6 else 0
    return number or NO_SUCH_NUMBER, (text[: match.start()] + text[match.end() :]).strip()


def ask_back(tx: Tx, ask: Ask, text: str, options: list[tuple[str, str]]) -> Reply:
    """Asks one short question with numbered answers, to type or to tap, remembered for ten minutes.

    `options` are (label, command that the answer stands for). The buttons are left out where a card would cut the
    labels (WeCom doc 101032: 112 characters, six buttons).
    """
    incoming = ask.incoming
    where = {"platform": incoming.platform, "chat": incoming.chat, "sender": incoming.sender}
    tx.run(FORGET, **where)
    commands = [command for _, command in options]
    until = tx.at + QUESTION_MINUTES * 60 * outbox.SECOND
    tx.run(ASK, **where, until=until, options=json.dumps(commands, ensure_ascii=False))
    lines = [f"{number}. {label}" for number, (label, _) in enumerate(options, 1)]
    # A tap says the number only: the command may hold what a group must not read.
    buttons = tuple(Button(str(number), str(number)) for number in range(1, len(options) + 1))
    fits = len(options) <= CARD_BUTTONS and sum(len(line) + 1 for line in lines) <= CARD_CHARACTERS
    return Reply("\n".join([f"{text}（回复数字）", *lines]), Card(text, tuple(lines), buttons) if fits else None)


def _chosen(tx: Tx, ask: Ask) -> Ask:
    """A bare number answers the question that was asked back, if one still waits."""
    match = BARE_NUMBER.fullmatch(ask.text.strip())
    if match is None:
        return ask
    where = {"platform": ask.incoming.platform, "chat": ask.incoming.chat, "sender": ask.incoming.sender}
    row = tx.one(QUESTION, **where)
    if row is None or row.until < tx.at:
        return ask
    options, number = json.loads(row.options), int(match[1])
    if not 1 <= number <= len(options):
        raise Refused(f"请回复 1 到 {len(options)} 之间的数字。")
    tx.run(FORGET, **where)
    return replace(ask, text=options[number - 1])


def speak(tx: Tx, incoming: Incoming, who: Who, reply: Reply, label: str, house: House) -> Reply | None:
    """Lets the reply go its way: private eyes only where they are, in the response or through the outbox."""
    if not incoming.private and (reply.private or (reply.attachments and files.hidden(reply))):
        reply = _aside(tx, incoming, who, reply, label, house)
    at_once = house.inline.get(incoming.platform, False) or incoming.kind in house.at_once.get(incoming.platform, ())
    via = house.private_via.get(incoming.platform)
    if reply.attachments and (at_once or not incoming.private or via != incoming.platform):
        link = partial(file_links.offer, key=house.key, config=house.config)
        reply = files.hand_over(tx, incoming, reply, via=via, branch=who.branch, link=link)
    if at_once:
        return reply
    outbox.put(
        tx,
        incoming.platform,
        incoming.chat,
        reply,
        key=f"answer:{incoming.platform}:{incoming.message_id}",
        purpose="answer",
        branch=who.branch,
        private=incoming.private,
        due=tx.at - 1,  # an answer is heard before the announcements it caused
        reply_url=incoming.reply_url,
        reply_until=incoming.reply_until,
    )
    return None


def _aside(tx: Tx, incoming: Incoming, who: Who, reply: Reply, label: str, house: House) -> Reply:
    via = house.private_via.get(incoming.platform)
    if via is None:
        return Reply(f"请私聊我发 {label}")
    outbox.put(
        tx,
        via,
        incoming.sender,
        reply,
        key=f"aside:{incoming.platform}:{incoming.message_id}",
        purpose="answer",
        branch=who.branch,
        private=True,
    )
    return Reply("已私发给您。")
