"""One message that speaks for several people: 接龙 and lists, in the shapes that groups use.

A list is a header (#接龙, #Group Note, <title>), numbered lines, numbers in one line, or headed sentences
(参加：张三、李四 / 刘敏、陈建国参加，赵丽华请假 / 护理部请假2人：…). Read line by line, so long lists are cheap.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from bot.language.entries import (
    Entry,
    activity_of,
    default_of,
    entry,
    is_name,
    names_no_activity,
    of_goods,
    of_other_things,
    state_of,
    with_digits,
)
from bot.language.names import SURNAMES, people
from bot.language.reading import Reading
from bot.language.reasons import known_kind
from bot.language.told_lists import reading, sentence

MAX_LINES = 10_000
_HEADER = re.compile(r"^\s*(?:<title>)?\s*(?:#\s?(?:接龙|接力|group ?note)|\[接龙\]|【接龙】|接龙\s?:)\s*", re.I)
_TAGS = re.compile(r"</?[a-zA-Z][^<>\n]{0,80}>")
_NUMBERED = re.compile(r"^\s*\(?(\d{1,5})\s*(?:[.、,:)]|(?<=\d)\s)\s*(?!\d)(.*)$")
_INLINE = re.compile(r"(?:^|(?<=\s)|(?<=[\u4e00-\u9fff)、,;]))\(?\d{1,3}\s?[.、)]\s?(?=[\u4e00-\u9fff])")
_EXAMPLE = re.compile(r"^\s*(?:例|例如|示例|格式|eg|e\.g)[\s.::]", re.I)


def read_roster(text: str, names: Collection[str] = ()) -> Reading | None:
    """The reading of a list, or None where the text is none. At most MAX_LINES lines are looked at."""
    if "<" in text and "接龙" in text:
        text = _TAGS.sub("\n", text.replace("<title>", "\n")).strip()
    lines = with_digits(text).split("\n")[:MAX_LINES]
    head = _HEADER.match(lines[0])
    if head:
        return _native([lines[0][head.end() :], *lines[1:]], names)
    for shape in (_paid_lines, _by_line, _headed, _numbered, _inline, _marked, sentence):
        found = shape(lines, names)
        if found:
            return found
    return None


def _native(lines: list[str], names: Collection[str]) -> Reading | None:
    """#接龙, title lines, perhaps an example line, then numbered lines."""
    title: list[str] = []
    rows: list[str] = []
    for line in lines:
        found = _NUMBERED.match(line)
        if found and not _EXAMPLE.match(line):
            rows += [row for row in _INLINE.split(found[2]) if row.strip()] or [found[2]]
        elif line.strip() and not rows and not _EXAMPLE.match(line):
            title.append(line.strip())
    if not rows and len(title) == 1:
        parts = [part for part in _INLINE.split(title[0]) if part.strip()]
        title, rows = parts[:1], parts[1:]
    if not rows:
        return None
    heading = title[0] if title else ""
    if of_other_things(heading):
        return Reading("none", {}, "是别的事情的名单", heading)
    default = default_of(heading)
    entries = [made for made in (entry(row, default, names, True) for row in rows if row.strip()) if made]
    if _paid_elsewhere(entries, heading):
        return Reading("none", {}, "是别的事情的名单", heading)
    slots: dict[str, Any] = {"activity": activity_of(heading)} if heading else {"context": "open_call"}
    return reading(entries, "接龙：每一行一个人", heading, **slots) if entries else None


def _paid_elsewhere(entries: list[Entry], title: str) -> bool:
    """心得体会 and below it 张三 已交: what was handed in is no dues."""
    return bool(title) and default_of(title) != "dues_paid" and any(one["intent"] == "dues_paid" for one in entries)


_PAID_LINE = re.compile(r"([\u4e00-\u9fff·]{2,12}?)\s?:?\s?((?:党费)?(?:已[交缴]|[交缴][了清齐]).*)")


def _paid_lines(lines: list[str], names: Collection[str]) -> Reading | None:
    """11月党费： and below it 张三 已交 / 李四 已交: a name in every line that has paid."""
    full = [line.strip() for line in lines if line.strip()]
    titled = bool(full) and default_of(full[0]) == "dues_paid" and _PAID_LINE.fullmatch(full[0]) is None
    rows = full[1:] if titled else full
    found = [_PAID_LINE.fullmatch(row) for row in rows]
    if len(rows) < 2 or not all(one and is_name(one[1], names) for one in found):
        return None
    made = [entry(f"{one[1]} {one[2]}", "dues_paid", {*names, one[1]}, True) for one in found if one]
    entries = [one for one in made if one]
    slots = {"activity": activity_of(full[0])} if titled else {"context": "open_dues"}
    return reading(entries, "名单：每行一个姓名和已交", full[0], **slots)


_NAMED_LINE = re.compile(r"(?P<name>[\u4e00-\u9fff·]{2,12})\s?:\s?(?P<rest>\S.*)")


def _by_line(lines: list[str], names: Collection[str]) -> Reading | None:
    """张三：参加 / 李四：请假，出差: a name, a colon and a state in every line."""
    full = [line.strip() for line in lines if line.strip()]
    found = [_NAMED_LINE.fullmatch(line) for line in full]
    if len(full) < 2:
        return None
    entries: list[Entry] = []
    for one in found:
        if one is None or not is_name(one["name"], names) or state_of(one["rest"]) is None:
            return None
        made = entry(f"{one['name']} {one['rest']}", "attend", names, True)
        entries += [made] if made else []
    return reading(entries, "名单：每行一个姓名和状态", full[0], context="open_call") if entries else None


def _numbered(lines: list[str], names: Collection[str]) -> Reading | None:
    """Lines that begin with numbers and hold names, perhaps under a title."""
    full = [line for line in lines if line.strip()]
    found = [_NUMBERED.match(line) for line in full]
    rows = [one[2] for one in found if one]
    if not rows or len(full) - len(rows) > 2 or (found[0] is None and found[-1] is None):
        return None
    if len(rows) == 1 and _INLINE.search(rows[0]):
        return None
    title = full[0].strip() if found[0] is None else ""
    return _listed(rows, title, names)


def _listed(rows: list[str], title: str, names: Collection[str]) -> Reading | None:
    if of_other_things(title) or of_goods(rows):
        return Reading("none", {}, "是别的事情的名单", title)
    rows = [row for row in rows if row.strip()]
    made = [entry(row, default_of(title), names, False) for row in rows]
    if 2 * sum(one is None for one in made) <= len(made):
        made = [one or _alike(row, default_of(title), names) for one, row in zip(made, rows, strict=True)]
    entries = [one for one in made if one]
    if not entries or any(one is None for one in made):
        return None
    if _paid_elsewhere(entries, title):
        return Reading("none", {}, "是别的事情的名单", title)
    slots: dict[str, Any] = (
        {"activity": activity_of(title)} if not names_no_activity(title) else {"context": "open_call"}
    )
    return reading(entries, "名单：每个编号一个人", title or rows[0], **slots)


_UNSURE = re.compile(r"[\u4e00-\u9fff]{2,4}(?=$|[\s,:(+×√✓✔✅])")


def _alike(row: str, default: str, names: Collection[str]) -> Entry | None:
    """高峰 among names is a name: a row of the same form as its sure neighbours."""
    found = _UNSURE.match(row.strip())
    unlike = found is None or found.group()[0] not in SURNAMES or known_kind(found.group()) is not None
    if found is None or unlike or state_of(found.group()) is not None:
        return None
    return entry(row, default, {*names, found.group()}, False)


_LONGEST = 600  # characters of a list in one line
_MARKED = re.compile(r"([\u4e00-\u9fff·]{2,8})\s?([√×✓✗✔✘✅❌+]|\d{1,4}(?:\.\d{1,2})?(?:元|块)?)[\s,、;]*")

_DUES_AROUND = re.compile(
    r"^(?:[\d一二三四五六七八九十]{1,3}月份?的?)?党费\s?[:,]\s*|[,。;\s]+党费$|[,。;\s]*(?:以上)?(?:都|均|全部?|全)?已?(?:交|缴|交齐|收齐|交清)了?[。!]*$"
)

_EACH_DUES = re.compile(r"(?<=[\u4e00-\u9fff])\s?的?党费\s?(?=\d)")


def _marked(lines: list[str], names: Collection[str]) -> Reading | None:
    """李红√ 张三×, or a name and a sum in every line: each name with its own sign."""
    text = "\n".join(line.strip() for line in lines if line.strip())
    if len(text) > _LONGEST:
        return None
    text = _EACH_DUES.sub(" ", _DUES_AROUND.sub("", text))
    rows = _MARKED.findall(text)
    if len(rows) < 2 or _MARKED.sub("", text).strip() or not all(is_name(name, names) for name, _ in rows):
        return None
    sums = all(sign[0].isdigit() for _, sign in rows)
    if not sums and any(sign[0].isdigit() for _, sign in rows):
        return None
    made = [entry(f"{name} {sign}", "dues_paid" if sums else "attend", {*names, name}, True) for name, sign in rows]
    entries = [one for one in made if one]
    return reading(entries, "名单：每个姓名一个记号", text, context="open_dues" if sums else "open_call")


_GLUED = re.compile(r"(?<![\d.])\d{1,2}(?=[\u4e00-\u9fff])")
_COUNT = re.compile(r"^(?:一?共|合计|计|总计)?\d+[人名]$|^等$")


def _inline(lines: list[str], names: Collection[str]) -> Reading | None:
    """1. 张三 1. 李四 2. 王五 in one line, also ①张三②李四."""
    text = " ".join(line.strip() for line in lines if line.strip())
    if len(text) > 4000:
        return None
    cut = _INLINE if len(_INLINE.findall(text)) > 1 else _GLUED if text.startswith("1") else None
    if cut is None or len(cut.findall(text)) < 2:
        return None
    parts = cut.split(text)
    return _listed(parts[1:], parts[0].strip(" :,。"), names)


_GROUPED = re.compile(
    r"""^(?P<head>[^::\n]{0,20}?
    (?P<state>参加|请假|未回复?|待定|签到|报名|出席|缺席|到会|已到|未报|未到|实到|参会|到齐|已交|未交|补学|候补|到场|不参加)
    (?:人员|名单|的|党费|(?<=报名)(?:参加)?[\u4e00-\u9fff]{2,5})?(?:\(?\d*[人名]?\)?)?)\s*(?::|(?<=\d[人名]),)\s*(?P<people>\S.*)$""",
    re.X,
)
_PIECE = re.compile(r"[^、,;\s(]+(?:\([^()]*\))?|\([^()]*\)")


def _pieces(words: str, default: str, names: Collection[str]) -> list[Entry] | None:
    entries: list[Entry] = []
    for piece in _PIECE.findall(words.strip().strip("。.")):
        if _COUNT.match(piece):
            continue
        group = people(re.sub(r"\(.*", "", piece))
        if len(group) > 1:
            entries += [{"name": one, "intent": default} for one in group]
            continue
        made = entry(piece, default, names, False) or (_alike(piece, default, names) if entries else None)
        if made is None:
            return None
        if made:
            entries.append(made)
    return entries


_HEAD_STATES = {"未": "", "待": "", "候": "signup"}
_DEPARTMENT = re.compile(r"科|部|组|室|院|支部")


def _headed(lines: list[str], names: Collection[str]) -> Reading | None:
    """参加：张三、李四 in lines, or 护理部请假2人：刘敏(夜班), or 检验科3人到齐：刘敏 陈建国."""
    full = [line.strip() for line in lines if line.strip()]
    if len(full) == 1 and full[0].count(":") > 1:
        full = [part.strip() for part in re.split(r"[;。]\s*", full[0]) if part.strip()]
    found = [_GROUPED.match(line) for line in full]
    title = full[0].rstrip(":") if len(full) > 1 and found[0] is None and len(full[0]) <= 30 else ""
    if title:
        full, found = full[1:], found[1:]
    entries: list[Entry] = []
    states: set[str] = set()
    for one in found:
        if one is None:
            return None
        state = state_of(one["state"]) if one["state"][0] not in "未待候" else _HEAD_STATES[one["state"][0]]
        state = "dues_paid" if one["state"] == "已交" else state
        pieces = _pieces(one["people"], state or "attend", names)
        if pieces is None:
            return None
        states.add(state or "")
        entries += pieces if state else []
    return _grouped_reading(entries, found, title, states) if entries else None


def _grouped_reading(
    entries: list[Entry], found: list[re.Match[str] | None], title: str, states: set[str]
) -> Reading | None:
    first = found[0]
    assert first is not None
    head = first["head"]
    slots: dict[str, Any] = {}
    if len(entries) == 1 and len(found) == 1 and not re.search(r"\d人", head) and not _DEPARTMENT.search(head):
        return None
    activity = title or re.sub(rf"{first['state']}.*$", "", head)
    activity = re.sub(r"\d+[人名]$", "", activity)
    activity = re.sub(r"应到\d*人?[,\s]*", "", activity)
    if activity and not _DEPARTMENT.search(activity) and activity not in ("实际", "本次", "今天", "现场"):
        slots["activity"] = activity_of(activity)
    elif not activity:
        slots["context"] = "open_call"
    if "checkin" in states:
        count = re.search(r"(\d+)[人名][^\d]*$", head) or re.search(r"共计?(\d+)[人名]", first["people"])
        if count:
            return (
                reading(entries, "按状态列出的名单", head, **slots)
                if slots.get("context")
                else Reading("roster", {**slots, "entries": entries, "count": int(count[1])}, "按状态列出的名单", head)
            )
    return reading(entries, "按状态列出的名单", head, **slots)
