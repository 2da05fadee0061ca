"""Promising what the jobs have to say: one message per person, and to a group no more than its day allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from bot import outbox
from bot.db import Tx, micros
from bot.message import Reply
from bot.rules import parse_quiet
from bot.sql import insert_row, p, sql
from handlers.clock_tables import reminders
from handlers.merging import together
from scheduler.calendar import next_quiet
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import Branch, Coming, Person, Say
from scheduler.jobs.people import meant, people, ways

Outcomes = dict[tuple[str, str, str], str]
UNLIMITED = 1 << 30
CALL_SECRETARY = "有一条提醒只给本人看，但我不能主动私聊。请书记、组织委员私聊我发：/remind"

TOLD = insert_row(
    reminders,
    *("branch_id", "job", "period", "audience", "member_id", "target", "promise", "said_at", "until_at"),
    *("rule", "dates", "subject", "asked", "text"),
)
SAID_TODAY = sql(
    select(func.count(reminders.c.promise.distinct()).label("said"))
    .where(
        reminders.c.branch_id == p("branch"),
        reminders.c.member_id == 0,
        reminders.c.said_at >= p("since"),
        reminders.c.said_at < p("before"),
    )
    .group_by(reminders.c.target)
)


@dataclass(frozen=True, slots=True)
class Told:
    """A reminder with what there is to say of it; `late` stands before it where it was missed."""

    one: Coming
    say: Say
    late: str


def room(tx: Tx, books: Books, branch: Branch) -> int:
    """How many messages the branch's groups may still hear today unasked; 0 for none, UNLIMITED without a budget."""
    budget = books.rules(branch).group_budget_per_day
    if budget == 0:
        return UNLIMITED
    midnight = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = {"since": micros(midnight), "before": micros(midnight) + 86_400_000_000}
    said = [int(row.said) for row in tx.all(SAID_TODAY, branch=branch.id, **day)]
    return max(0, budget - max(said, default=0))


def speak(tx: Tx, books: Books, branch: Branch, told: Sequence[Told], left: int) -> Outcomes:
    """Promises all of it; what did not simply become "done", by key.

    The last message that a group may hear today carries everything that is left; beyond that the secretaries are told
    in private what the group was spared.
    """
    outcomes: Outcomes = {}
    groups = [one for one in told if one.say.group is not None]
    if left == 0:
        for one in groups:
            outcomes[one.one.key] = "over budget"
        spared = [replace(one, say=Say(person=_spared(books, one))) for one in groups]
    else:
        spared = []
        for single in groups[: left - 1]:
            outcomes |= _to_groups(tx, books, branch, [single])
        if groups[left - 1 :]:
            outcomes |= _to_groups(tx, books, branch, groups[left - 1 :])
    persons = [one for one in told if one.say.person is not None]
    return outcomes | _to_persons(tx, books, branch, persons, spared)


def _spared(books: Books, told: Told) -> Callable[[Person], str]:
    assert told.say.group is not None
    text = told.say.group("", "").text
    return lambda _person: f"群里今天的提醒已满，这条没有发到群里，请您看情况转告：\n{text}"


def _to_groups(tx: Tx, books: Books, branch: Branch, told: Sequence[Told]) -> Outcomes:
    """One message to each group of the branch; "nothing to do" where it has none."""
    first = told[0].one
    key = f"{first.job}:{first.period}" if len(told) == 1 else f"merged:{first.job}:{first.period}"
    expires = _expires(tx, books, branch, told)
    groups = tx.all(outbox.GROUPS, branch_id=branch.id)
    for group in groups:
        speaker, target = group.push_platform or group.platform, group.push_target or group.chat
        replies = [_late(one.late, one.say.group(group.platform, speaker)) for one in told if one.say.group]
        promise = f"{key}:{group.platform}:{group.chat}"
        words = together(_timed(told, replies))
        outbox.put(tx, speaker, target, words, key=promise, purpose="reminder", branch=branch.id, expires=expires)
        for one, reply in zip(told, replies, strict=True):
            _note(tx, branch, one, 0, f"{group.platform}:{group.chat}", promise, reply.text)
    return {} if groups else {one.one.key: "nothing to do" for one in told}


def _timed(told: Sequence[Told], replies: Sequence[Reply]) -> list[tuple[str, Reply]]:
    return [(f"{one.one.at:%H:%M}", reply) for one, reply in zip(told, replies, strict=True)]


def _late(late: str, reply: Reply) -> Reply:
    return replace(reply, text=f"{late}{reply.text}")


def _expires(tx: Tx, books: Books, branch: Branch, told: Sequence[Told]) -> int:
    """Until when it may be said: the end of its purpose, but never in the night; `carry` goes on in the morning."""
    until = max(one.one.until for one in told)
    night = next_quiet(tx.now, parse_quiet(books.rules(branch).quiet_hours))
    return micros(min(until, night) if night else until)


def _note(tx: Tx, branch: Branch, told: Told, member: int, target: str, promise: str, text: str) -> None:
    one = told.one
    tx.run(
        TOLD,
        branch_id=branch.id,
        job=one.job,
        period=one.period,
        audience=one.audience,
        member_id=member,
        target=target,
        promise=promise,
        said_at=tx.at,
        until_at=micros(one.until),
        rule=one.rule,
        dates=one.dates,
        subject=told.say.subject or one.subject,
        asked=",".join(str(person) for person in told.say.asked),
        text=text,
    )


def _to_persons(tx: Tx, books: Books, branch: Branch, told: Sequence[Told], spared: Sequence[Told]) -> Outcomes:
    """One private message to each person, with all that is for him; outcomes of what reached nobody."""
    if not told and not spared:
        return {}
    everybody = people(tx, branch.id)
    ways_to = ways(tx, branch.id, books.setting.private_via)
    heard: dict[tuple[str, str, str], bool] = {}
    for person in everybody:
        mine = [(one, text) for one in (*told, *spared) if (text := _for(one, person, everybody))]
        if not mine:
            continue
        reached = _tell(tx, books, branch, person, mine, ways_to.get(person.id))
        for one, _ in mine:
            heard[one.one.key] = heard.get(one.one.key, False) or reached
    outcomes = {one.one.key: "nothing to do" for one in told if one.one.key not in heard and not one.say.group}
    unheard = [one for one in told if heard.get(one.one.key) is False]
    if any(one.one.audience != "members" for one in unheard):
        _call(tx, branch)
    return outcomes | {one.one.key: "unreachable" for one in unheard}


def _for(told: Told, person: Person, everybody: list[Person]) -> str:
    audience = "secretary" if told.one.audience == "branch" else told.one.audience
    assert told.say.person is not None
    if person not in meant(everybody, audience):
        return ""
    text = told.say.person(person)
    return f"{told.late}{text}" if text else ""


def _tell(
    tx: Tx,
    books: Books,
    branch: Branch,
    person: Person,
    mine: Sequence[tuple[Told, str]],
    way: tuple[str, str] | None,
) -> bool:
    """Whether the person can be spoken to; what was for him is noted either way, so that he can ask for it."""
    first = mine[0][0].one
    promise = f"{first.job}:{first.period}:{first.audience}:member:{person.id}" if way else ""
    for told, text in mine:
        _note(tx, branch, told, person.id, "", promise, text)
    if way is None:
        return False
    outbox.put(
        tx,
        *way,
        replace(together([(f"{told.one.at:%H:%M}", Reply(text)) for told, text in mine]), private=True),
        key=promise,
        purpose="reminder",
        branch=branch.id,
        private=True,
        expires=_expires(tx, books, branch, [told for told, _ in mine]),
    )
    return True


def _call(tx: Tx, branch: Branch) -> None:
    """Where nobody can be spoken to alone, the group hears once a day that something waits; never what."""
    reply = Reply(CALL_SECRETARY)
    key = f"call:{branch.id}:{tx.now:%Y-%m-%d}"
    outbox.put_to_branch(tx, branch.id, lambda _of, _by: reply, key=key, purpose="reminder")
