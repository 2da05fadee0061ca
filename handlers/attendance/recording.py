"""/attendance record: fills what the bot knows of a meeting, takes what is typed and asks for the rest, in private."""

from __future__ import annotations

import re
from typing import Any

from bot.commands import Ask, Command, Who
from bot.db import Tx
from bot.message import Refused, Reply
from handlers.activities import entered_by, label, open_now
from handlers.attendance.ballots import MOST_VOTES, Count, ballot_line, record_vote
from handlers.attendance.known import Stand
from handlers.attendance.operations import REASONS
from handlers.attendance.paper import for_the_file
from handlers.attendance.record import FIELDS, Record, incomplete_records, record_now, write
from handlers.attendance.target import target
from handlers.looks import LEAVE, note_looks
from handlers.phrases import names, span
from handlers.register import apart

LOOK_BACK = 60 * 24 * 3_600_000_000  # a record that is older is asked for by its number
EXAMPLE = "/attendance record #12 主持人 周敏 记录人 李红 议题 学习党章"
WORDS = {
    **{name: field for field, name in FIELDS.items()},
    "主持": "host",
    "记录": "recorder",
    "主讲": "lecturer",
    "讲课人": "lecturer",
    "题目": "agenda",
    "内容": "agenda",
}
VOTE = "表决"
MOST_NAMES = 200  # in a message
VOTES = {"赞成": "yes", "同意": "yes", "反对": "no", "弃权": "abstain", "书面": "written"}
VOTED = re.compile(rf"[，,、]?\s*({'|'.join(VOTES)})[\s:：]*(\d+)\s*(?:票|人|份)?")
FIELD = re.compile(rf"(?:^|[\s，,；;])({'|'.join(sorted((*WORDS, VOTE), key=len, reverse=True))})(?=[\s:：]|$)[\s:：]*")


def say_record(tx: Tx, ask: Ask) -> Reply:
    """record [#12] [主持人 … 记录人 … 议题 …]: the record as it stands, and what is still missing."""
    meant = target(tx, ask, "record", waiting(tx, ask.who.branch))
    if isinstance(meant, Reply):
        return meant
    activity, text = meant
    written = _write(tx, ask, activity, text) if text else 0
    record = record_now(tx, activity)
    note_reasons(tx, ask.who, record)
    lines = [f"已记 {written} 项"] if written else []
    return Reply("\n".join([*lines, *shown(tx, record), asked_for(record)]))


def note_reasons(tx: Tx, looker: Who, record: Record) -> None:
    """Who reads a record sees why somebody was not there."""
    note_looks(tx, looker, (one.member for one in record.absent if one.reason), LEAVE)


def waiting(tx: Tx, branch: int) -> list[Any]:
    """The meetings that a record is likely to be for: open ones, and those of late whose record lacks something."""
    rows = {row.id: row for row in open_now(tx, branch)}
    lacking = incomplete_records(tx, branch, tx.at - LOOK_BACK, tx.at)
    return list({**{one.held.id: one.held.row for one in lacking}, **rows}.values())


def _write(tx: Tx, ask: Ask, activity: Any, text: str) -> int:
    """Types the fields and the votes that stand in a line, all of them or none (Refused); how many are new."""
    typed = _typed(text)
    votes = [words for word, words in typed if word == VOTE]
    fields = {WORDS[word]: words for word, words in typed if word != VOTE}
    for words in votes:
        matter, count = _counted(words)
        record_vote(tx, activity, matter, count, ask.who, half=ask.house.config.meetings.half_may_vote)
    return len(votes) + write(tx, activity, fields, ask.who)


def _typed(text: str) -> list[tuple[str, str]]:
    parts = FIELD.split(text)
    typed = [(parts[i], parts[i + 1].strip(" ，,；;")) for i in range(1, len(parts) - 1, 2)]
    if parts[0].strip() or not typed:
        raise Refused(f"请写：{'、'.join(FIELDS.values())}、表决，一次可以写几项。例：{EXAMPLE}")
    empty = next((word for word, words in typed if not words), "")
    if empty:
        raise Refused(f"{empty}后面要写内容，没有就写“无”。")
    return typed


def _counted(words: str) -> tuple[str, Count]:
    """The matter of a vote and its numbers: `年度计划 赞成8 反对0 弃权1`."""
    numbers = {VOTES[word]: min(int(digits[:6]), MOST_VOTES) for word, digits in VOTED.findall(words)}
    if "yes" not in numbers:
        raise Refused("表决要写票数。例：表决 年度计划 赞成8 反对0 弃权1")
    matter = VOTED.sub(" ", words).strip(" ，,；;")
    return matter, Count(numbers["yes"], numbers.get("no", 0), numbers.get("abstain", 0), numbers.get("written", 0))


def shown(tx: Tx, record: Record) -> list[str]:
    """The record line by line, with the kind of each absence: for the secretary's eyes."""
    lines = [f"{key}：{words}" for key, words in _facts(tx, record, MOST_NAMES)]
    return [f"会议记录 {label(tx, record.held.row)}", *lines, *(f"{VOTE} {words}" for words in _votes(record))]


def print_facts(tx: Tx, record: Record) -> list[tuple[str, str]]:
    """The whole record as it is printed: (name, words), everybody named, with the branch and the year."""
    above = for_the_file(tx, record.held.row)
    facts = {**above, **dict(_facts(tx, record, len(record.people))), **above}
    return [*facts.items(), *((VOTE, words) for words in _votes(record))]


def _votes(record: Record) -> list[str]:
    return [ballot_line(row) for row in record.ballots]


def _facts(tx: Tx, record: Record, most: int) -> list[tuple[str, str]]:
    one = record.held
    end = tx.moment(one.ends_at) if one.ends_at else None
    facts = {
        "时间": span(tx.moment(one.starts_at), end),
        **{name: record.lines.get(field, "") for field, name in FIELDS.items()},
        "应到": f"{len(record.people)} 人",
        "实到": _present(record, most),
        "缺席": names((_absence(record, stand) for stand in record.absent), most),
    }
    facts["地点"] = facts["地点"] or one.place
    facts["补录"] = entered_by(tx, one.row)
    order = ("时间", "地点", "主持人", "记录人", "主讲人", "应到", "实到", "缺席", "列席", "议题", "决议", "补录")
    return [(key, facts[key]) for key in order if facts[key]]


def _present(record: Record, most: int) -> str:
    if not record.present:
        return ""
    others = {"late": "（迟到）", "early": "（早退）", "online": "（线上）"}
    there = [_called(record, one) + others.get(one.actual, "") for one in record.present]
    return f"{len(there)} 人：{names(there, most)}"


def _absence(record: Record, stand: Stand) -> str:
    name = _called(record, stand)
    if stand.declared != "leave":
        return f"{name}（{'请假未批' if stand.declared == 'refused' else '未请假'}）"
    return f"{name}（{REASONS.get(stand.reason, '请假')}{'' if stand.approved else '，待批'}）"


def _called(record: Record, stand: Stand) -> str:
    """The name; with the 科室 where another who was due has the same one."""
    namesakes = sum(one.name == stand.name for one in record.people) > 1
    return apart(stand.name, stand.department) if namesakes and stand.department else stand.name


def asked_for(record: Record) -> str:
    """What a record still lacks and how it is typed; that it lacks nothing."""
    if not record.missing:
        return "记录齐全。"
    how = {"实到": "/attendance mark #N 张三 李四 到", "结束登记": "/attendance close #N"}
    typed = [name for name in record.missing if name not in how]
    number = str(record.held.number)
    lines = [f"还缺：{'、'.join(record.missing)}"]
    lines += [f"请发：/attendance record #{number} {' '.join(f'{name} …' for name in typed)}"] if typed else []
    lines += [f"{name}：{how[name].replace('N', number)}" for name in record.missing if name in how]
    return "\n".join(lines)


COMMAND = Command("record", "记录", "会议记录：写了什么，还缺什么（私聊）", EXAMPLE, say_record, secret=True)
