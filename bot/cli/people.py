"""`import members` and `bind`: the register and the groups from the server's side."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.progress import Progress

from bot.cli.place import opened
from bot.commands import Who
from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from handlers import people
from handlers.dues.rules import rules_of
from handlers.people import Imported
from handlers.sheet import SheetRow, read_sheet, template

SERVER = Who(account="server", name="命令行")
ACCOUNT_COLUMNS = {"企业微信账号": "wecom", "钉钉账号": "dingtalk"}  # column -> kind of the platform


class _DryRun(Exception):
    def __init__(self, imported: Imported) -> None:
        self.imported = imported


def account_platforms(config: Config) -> dict[str, str]:
    """For each account column the platform section its accounts belong to: the first of its kind."""
    found = {}
    for column, kind in ACCOUNT_COLUMNS.items():
        named = [name for name, settings in config.platforms.items() if getattr(settings, "kind", "") == kind]
        found[column] = named[0] if named else {"wecom": "wecom", "dingtalk": "ding"}[kind]
    return found


async def import_sheet(config: Config, path: Path, *, dry_run: bool) -> str:
    """Imports a sheet, all rows or none; what was done. Warnings go to stderr."""
    sheet = read_sheet(path)
    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(path.name, total=len(sheet.rows))

        def work(tx: Tx) -> Imported:
            return _import(
                tx, sheet.rows, account_platforms(config), lambda done, _all: bar.update(task, completed=done), config
            )

        def rehearse(tx: Tx) -> Imported:
            raise _DryRun(work(tx))

        async with opened(config) as place:
            try:
                imported = await place.database.write(rehearse if dry_run else work)
            except _DryRun as rehearsed:
                imported = rehearsed.imported
    for warning in (*sheet.warnings, *imported.warnings):
        print(f"提示：{warning}", file=sys.stderr)
    return _summary(imported, dry_run)


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
        bound = await place.database.write(partial(_bind, platform=platform, chat=chat, branch=branch, push=push))
    return str(bound)


def _bind(tx: Tx, *, platform: str, chat: str, branch: str, push: str) -> str:
    people.bind_group(tx, platform, chat, branch, push=push, by=SERVER)
    via = f"，提醒经 {push.partition(':')[0]} 推送" if push else ""
    return f"已绑定：{platform} {chat} → {branch}{via}"
