"""Takes a whole member sheet into the register, or nothing of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from bot.commands import Who
from bot.db import Tx
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.people.records import enrol, link_account, rewrite
from handlers.people.who import roles_of
from handlers.rates import RATES, Rule, assess, first_month
from handlers.sheet import SheetError, SheetRow, strangers
from handlers.sheet.columns import DATES, FIELDS
from handlers.sheet.errors import fault
from handlers.tables import accounts, branches, dues_bases, members

BRANCHES = sql(select(branches.c.id, branches.c.name))
OPEN_BRANCH = insert_row(branches, "name", conflict=["name"])
EVERYBODY = sql(select(members).order_by(members.c.id))
EVERY_ACCOUNT = sql(select(accounts.c.platform, accounts.c.account, accounts.c.member_id))
BASES = sql(
    select(dues_bases.c.member_id, dues_bases.c.kind, dues_bases.c.base_fen)
    .where(dues_bases.c.valid_from <= p("month"))
    .where((dues_bases.c.valid_to == "") | (dues_bases.c.valid_to >= p("month")))
    .order_by(dues_bases.c.id)
)
ASSESS = insert_row(
    dues_bases,
    *("member_id", "kind", "base_fen", "month_fen", "valid_from", "valid_to", "decided_by", "decided_at", "reason"),
    *("rate", "rule"),
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in people; `branches_created` are names, `warnings` lines to look at."""

    added: int
    updated: int
    unchanged: int
    branches_created: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Book:
    """The register as it was before the import, in dicts, so that ten thousand rows need no look-ups."""

    branches: dict[str, int]
    members: dict[int, Any]
    accounts: dict[tuple[str, str], int]
    bases: dict[int, tuple[str, int]]
    places: dict[tuple[str, int, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    twins: dict[tuple[str, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    peopled: set[int] = field(default_factory=set)
    linked: set[tuple[str, int]] = field(default_factory=set)


def import_members(
    tx: Tx,
    rows: Sequence[SheetRow],
    by: Who,
    account_platforms: Mapping[str, str],
    progress: Progress | None = None,
    rules: Sequence[Rule] = RATES,
) -> Imported:
    """Takes sound rows into the register: all or none; nobody is removed, an empty cell changes nothing.

    1. Branches that are not there yet.  2. Each row finds its member: by account, else by 姓名 + 支部 + 科室.
    3. New people, changes, transfers, accounts, dues bases.  4. One line in the trail of each branch.
    `account_platforms` says to which platform section an account column belongs; `progress(done, all)` is for a bar;
    `rules` are the rates of dues in force.
    Raises SheetError with a line per row that fits nobody or several.
    """
    book = _read(tx)
    created = _open_branches(tx, book, rows)
    keys = {row.line: _accounts_of(row, account_platforms) for row in rows}
    found = _match(book, rows, keys)
    powerless = "照样记下，不带来权限。带来权限的：书记、副书记、组织委员、党小组长"
    warnings = [*strangers(rows, "党内职务", lambda duty: bool(roles_of(duty)), powerless)]
    warnings += _odd_days(rows, f"{tx.now:%Y-%m-%d}")
    warnings += _missing_platforms(rows, account_platforms) + _missing_dues(book, rows, found)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for done, row in enumerate(rows, 1):
        branch = book.branches[row.cells["支部"]]
        warnings += _look_at(book, row, found[row.line], keys[row.line])
        counts[branch][_write(tx, book, row, found[row.line], keys[row.line], by, rules)] += 1
        if progress:
            progress(done, len(rows))
    for branch, count in counts.items():
        if count["added"] or count["updated"]:
            note(tx, branch, by.label, by.member, "import", "members", added=count["added"], updated=count["updated"])
    total = sum(counts.values(), Counter[str]())
    return Imported(total["added"], total["updated"], total["unchanged"], created, tuple(warnings))


def _read(tx: Tx) -> _Book:
    bases = {row.member_id: (row.kind, row.base_fen) for row in tx.all(BASES, month=f"{tx.now:%Y-%m}")}
    book = _Book(
        branches={row.name: row.id for row in tx.all(BRANCHES)},
        members={row.id: row for row in tx.all(EVERYBODY)},
        accounts={(row.platform, row.account): row.member_id for row in tx.all(EVERY_ACCOUNT)},
        bases=bases,
    )
    book.linked = {(platform, member) for (platform, _), member in book.accounts.items()}
    for row in book.members.values():
        book.peopled.add(row.branch_id)
        if row.left_at == 0:
            book.places[row.name, row.branch_id, row.department].append(row.id)
            book.twins[row.name, row.branch_id].append(row.id)
    return book


def _open_branches(tx: Tx, book: _Book, rows: Iterable[SheetRow]) -> tuple[str, ...]:
    names = dict.fromkeys(row.cells["支部"] for row in rows)
    created = tuple(name for name in names if name not in book.branches and tx.run(OPEN_BRANCH, name=name))
    if len(names.keys() - book.branches.keys()):
        book.branches = {row.name: row.id for row in tx.all(BRANCHES)}
    return created


def _accounts_of(row: SheetRow, platforms: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(platforms[column], row.cells[column].casefold()) for column in platforms if column in row.cells]


def _missing_platforms(rows: Sequence[SheetRow], platforms: Mapping[str, str]) -> list[str]:
    columns = [column for column in ("企业微信账号", "钉钉账号") if column not in platforms]
    return [f"没有配置对应的平台，“{column}”没有导入" for column in columns if any(column in row.cells for row in rows)]


def _odd_days(rows: Sequence[SheetRow], today: str) -> list[str]:
    """Days that lie ahead, and days that stand before the ones they follow."""
    order = ("出生日期", "入党日期", "转正日期")
    told = []
    for row in rows:
        days = [(column, row.cells[column]) for column in DATES if column in row.cells]
        told += [f"第 {row.line} 行“{column}”：{day} 还没到，照样记下，请核对" for column, day in days if day > today]
        known = [(column, day) for column, day in days if column in order]
        for (first, before), (then, after) in pairwise(known):
            if after < before:
                told.append(f"第 {row.line} 行“{then}”：{after} 比“{first}”{before} 还早，照样记下，请核对")
    return told


def _missing_dues(book: _Book, rows: Sequence[SheetRow], found: Mapping[int, int]) -> list[str]:
    """Kinds without a base and bases without a kind: both leave a person 未核定."""
    bare = [row for row in rows if bool(row.kind) != bool(row.base_fen) and found[row.line] not in book.bases]
    if not bare:
        return []
    return [f"第 {bare[0].line} 行等 {len(bare)} 人“党费类别”和“党费基数”只填了一个，党费记为未核定"]


def _place(book: _Book, row: SheetRow) -> tuple[str, int, str]:
    return row.cells["姓名"], book.branches[row.cells["支部"]], row.cells.get("科室", "")


def _match(book: _Book, rows: Sequence[SheetRow], keys: Mapping[int, list[tuple[str, str]]]) -> dict[int, int]:
    """Line -> member (0 = new). Raises SheetError with a line per row that fits several."""
    faults: list[str] = []
    owners = {row.line: {book.accounts[key] for key in keys[row.line] if key in book.accounts} for row in rows}
    taken = {member for found in owners.values() for member in found}
    wanted = Counter(_place(book, row) for row in rows if not owners[row.line])
    found, first = dict[int, int](), dict[int, int]()
    for row in rows:
        place = _place(book, row)
        fits = owners[row.line] or [one for one in book.places.get(place, ()) if one not in taken]
        if len(fits) > 1 or (fits and not owners[row.line] and wanted[place] > 1):
            faults.append(_ambiguous(row, bool(owners[row.line])))
            continue
        member = found[row.line] = next(iter(fits), 0)
        if member and first.setdefault(member, row.line) != row.line:
            faults.append(fault(row.line, "姓名", f"和第 {first[member]} 行在名册里是同一个人，请删去一行"))
    if faults:
        raise SheetError(faults)
    return found


def _ambiguous(row: SheetRow, by_account: bool) -> str:
    if by_account:
        return fault(row.line, "企业微信账号", "和“钉钉账号”在名册里属于两个人，请核对")
    return fault(row.line, "姓名", "同支部同科室有重名，分不清是哪一位，请填名册里的账号")


def _look_at(book: _Book, row: SheetRow, member: int, keys: list[tuple[str, str]]) -> list[str]:
    """What is done, but may not be meant."""
    name, branch, _ = _place(book, row)
    if not member:
        others = [book.members[one].department or "未填科室" for one in book.twins.get((name, branch), ())]
        twins = f"{name} 按新党员加入；支部里已有同名的（{'、'.join(others)}），若是同一人请核对科室"
        return [f"第 {row.line} 行：{twins}"] if others else []
    old, found = book.members[member], []
    if old.name != name:
        found.append(f"第 {row.line} 行：{old.name} 改名为 {name}（账号相同）")
    if old.branch_id != branch and old.duty and "党内职务" not in row.cells:
        found.append(f"第 {row.line} 行：{name} 转到{row.cells['支部']}，原职务（{old.duty}）不再保留")
    if any(key not in book.accounts and (key[0], member) in book.linked for key in keys):
        found.append(f"第 {row.line} 行：{name} 原来已有账号，现在新旧账号都认")
    return found


def _write(
    tx: Tx, book: _Book, row: SheetRow, member: int, keys: list[tuple[str, str]], by: Who, rules: Sequence[Rule]
) -> str:
    """Writes one person: "added", "updated" or "unchanged"."""
    branch = book.branches[row.cells["支部"]]
    texts = {FIELDS[column]: cell for column, cell in row.cells.items() if column in FIELDS}
    outcome = "unchanged"
    if not member:
        member, outcome = enrol(tx, texts, branch, tx.at if branch in book.peopled else 0, by), "added"
    elif _differs(book.members[member], texts, branch):
        rewrite(tx, book.members[member], texts, branch, by)
        outcome = "updated"
    linked = [link_account(tx, *key, member, by) for key in keys if key not in book.accounts]
    assessed = _assess(tx, member, row, book.bases.get(member), by, rules)
    return "updated" if outcome == "unchanged" and (any(linked) or assessed) else outcome


def _differs(old: Any, texts: Mapping[str, str], branch: int) -> bool:
    return old.branch_id != branch or old.left_at or any(getattr(old, name) != text for name, text in texts.items())


def _assess(tx: Tx, member: int, row: SheetRow, known: tuple[str, int] | None, by: Who, rules: Sequence[Rule]) -> bool:
    """A new base from this month on where kind or base differ; older rows stay, the newest valid one counts."""
    kind, base_fen = row.kind or (known[0] if known else ""), row.base_fen or (known[1] if known else 0)
    unread = "党费类别" in row.cells and not row.kind
    if unread or not kind or not base_fen or (kind, base_fen) == known:
        return False
    month = f"{tx.now:%Y-%m}"
    amount = assess(kind, base_fen, month=month, rules=rules)
    since = first_month(row.cells.get("入党日期", ""), row.cells.get("党员类别", ""), month, known is not None)
    decided = {"decided_by": by.label, "decided_at": tx.at, "reason": "导入"}
    valid = {"valid_from": since, "valid_to": "", "rate": amount.rate, "rule": amount.rule}
    tx.run(ASSESS, member_id=member, kind=kind, base_fen=base_fen, month_fen=amount.fen, **valid, **decided)
    return True
