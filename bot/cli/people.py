"""`import members` and `bind`: the register and the groups from the server's side."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from rich.progress import Progress

from bot.cli.place import Place, opened
from bot.cli.rehearsal import kept_or_tried
from bot.commands import Who
from bot.config import Config
from bot.db import Tx
from bot.message import Refused, Retry, Undeliverable, Unknown
from bot.platforms.wecom_app import WeComApp
from handlers import people
from handlers.dues.rules import rules_of
from handlers.people import Imported, Listed
from handlers.sheet import SheetRow, read_sheet, template

SERVER = Who(account="server", name="命令行")
# column -> kinds of the platform, the first that is configured
ACCOUNT_COLUMNS = {"企业微信账号": ("wecom", "wecom_app"), "钉钉账号": ("dingtalk",)}
BOOKS = {"wecom_app": "企业微信账号", "dingtalk": "钉钉账号"}  # kinds with an address book -> their column
HINTS = {
    "dingtalk": (
        "应用在“版本管理与发布”里发布之前，钉钉发来的消息不带员工账号，机器人认不出是谁；发布后导入的账号就能用",
    )
}
NEW = "new"  # a chat that is to be made


def account_platforms(config: Config) -> dict[str, str]:
    """For each account column the platform section its accounts belong to: the first of its kind."""
    found = {}
    for column, kinds in ACCOUNT_COLUMNS.items():
        named = [name for kind in kinds for name in sections(config, kind)]
        found[column] = named[0] if named else {"wecom": "wecom", "dingtalk": "ding"}[kinds[0]]
    return found


def sections(config: Config, *kinds: str) -> list[str]:
    """The names of the platforms of these kinds."""
    return [name for name, settings in config.platforms.items() if getattr(settings, "kind", "") in kinds]


async def import_sheet(config: Config, path: Path, *, dry_run: bool) -> str:
    """Imports a sheet, all rows or none; what was done. Warnings go to stderr."""
    sheet = read_sheet(path)
    async with opened(config) as place:
        imported = await _imported(place, sheet.rows, account_platforms(config), path.name, dry_run=dry_run)
    _warn(sheet.warnings, imported.warnings)
    return _summary(imported, dry_run)


async def import_book(config: Config, platform: str, *, dry_run: bool) -> str:
    """Imports from a platform's address book: what it changes, a line each, then what was done."""
    if platform not in sections(config, *BOOKS):
        there = "、".join(sections(config, *BOOKS)) or "none"
        raise Refused(
            f"no address book named {platform}: a platform of kind {' or '.join(BOOKS)} has one; here: {there}"
        )
    kind = cast("Any", config.platforms[platform]).kind
    column = BOOKS[kind]
    whose = {column: platform if kind == "dingtalk" else account_platforms(config)[column]}
    async with opened(config) as place:
        try:
            listed = [_listed(one) for one in await cast("Any", place.platforms[platform]).people()]
        except (Retry, Undeliverable, Unknown) as error:
            raise Refused(f"{platform}: the address book can't be read: {error}") from None
        found = await place.database.read(partial(people.compare, listed=listed, platform=whose[column], column=column))
        imported = await _imported(place, found.rows, whose, platform, dry_run=dry_run)
    _warn(found.unclear, imported.warnings, HINTS.get(kind, ()))
    outside = f"；通讯录里另有 {found.outside} 人不在名册里，没有导入" if found.outside else ""
    return "\n".join([*found.changes, _summary(imported, dry_run) + outside])


def _listed(one: Any) -> Listed:
    return Listed(one.userid, one.name.strip(), one.departments)


async def _imported(
    place: Place, rows: tuple[SheetRow, ...], platforms: dict[str, str], what: str, *, dry_run: bool
) -> Imported:
    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=len(rows))

        def work(tx: Tx) -> Imported:
            return _import(tx, rows, platforms, lambda done, _all: bar.update(task, completed=done), place.config)

        return await kept_or_tried(place.database, work, dry_run=dry_run)


def _warn(*groups: Sequence[str]) -> None:
    for warning in itertools.chain(*groups):
        print(f"提示：{warning}", file=sys.stderr)


def _import(
    tx: Tx, rows: tuple[SheetRow, ...], platforms: dict[str, str], progress: Callable[[int, int], None], config: Config
) -> Imported:
    return people.import_members(tx, rows, SERVER, platforms, progress, rules_of(config.dues))


def _summary(imported: Imported, dry_run: bool) -> str:
    done = f"新增 {imported.added} 人，更新 {imported.updated} 人，没有变化 {imported.unchanged} 人"
    created = f"；新建支部：{'、'.join(imported.branches_created)}" if imported.branches_created else ""
    return ("试运行，没有写入：" if dry_run else "") + done + created


def write_template(path: Path) -> None:
    """An empty sheet with explanations. Refuses to write over a file."""
    if path.exists():
        raise Refused(f"{path} exists already: name another file")
    template(path)
    print(f"已写好空表：{path}")


async def bind(config: Config, platform: str, chat: str, branch: str, push: str) -> str:
    """Ties a group to a branch; `push` is "P2:TARGET", where "-" as the target is read from stdin."""
    known = {*config.platforms, "console"}
    speaker, _, target = push.partition(":")
    for name in filter(None, (platform, speaker)):
        if name not in known:
            raise Refused(f"no platform named {name} is configured; there are: {', '.join(sorted(known))}")
    if target == "-":
        push = f"{speaker}:{sys.stdin.readline().strip()}"
    if not chat.strip():
        raise Refused("--chat is empty: the group says its id when somebody speaks to the bot there")
    async with opened(config) as place:
        made = ""
        _fit(place, platform, speaker)
        if chat == NEW:
            platform, chat, push, made = await _gathered(place, platform, branch)
        bound = await place.database.write(partial(_bind, platform=platform, chat=chat, branch=branch, push=push))
    return f"{made}{bound}"


def _fit(place: Place, platform: str, speaker: str) -> None:
    """Raises Refused where the group could not be heard by its platform, or not be spoken to by the other."""
    able = {name: one.abilities for name, one in place.platforms.items()}
    if not able[platform] & {"answer", "private"}:
        raise Refused(f"{platform} only pushes: bind the group by the robot that hears it, and add --push {platform}:-")
    if speaker and "push" not in able[speaker]:
        can = ", ".join(name for name, abilities in able.items() if "push" in abilities)
        raise Refused(f"{speaker} can't speak first, so reminders would never come: --push takes one of {can}")


async def _gathered(place: Place, platform: str, branch: str) -> tuple[str, str, str, str]:
    """A group chat that WeCom's app makes of a branch's members: (platform of their accounts, chat, push, what was
    done). People's accounts belong to the robot where there is one."""
    app = place.platforms[platform]
    if not isinstance(app, WeComApp):
        raise Refused(f"--chat {NEW} is for a platform of kind wecom_app, {platform} is another kind")
    accounts_of = account_platforms(place.config)["企业微信账号"]
    people_of = partial(people.accounts_in, branch_name=branch, platform=accounts_of)
    owner, accounts = await place.database.read(people_of)
    try:
        known = {one.userid.casefold(): one.userid for one in await app.people()}
        there = [known[account] for account in accounts if account in known]
        chat, added, gone = await app.gather(branch, known.get(owner) or next(iter(there), ""), there)
    except (Retry, Undeliverable, Unknown) as error:
        raise Refused(f"{platform}: the group chat was not made: {error}") from None
    _warn([f"账号 {account} 不在应用的可见范围里，没有进群" for account in accounts if account not in known])
    return accounts_of, chat, f"{platform}:{chat}", f"群聊已就绪：加入 {added} 人，移出 {gone} 人\n"


def _bind(tx: Tx, *, platform: str, chat: str, branch: str, push: str) -> str:
    people.bind_group(tx, platform, chat, branch, push=push, by=SERVER)
    via = f"，提醒经 {push.partition(':')[0]} 推送" if push else ""
    return f"已绑定：{platform} {chat} → {branch}{via}"
