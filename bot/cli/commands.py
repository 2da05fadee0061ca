"""Every call of the command line, with its arguments; the work is in the modules beside this one."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.exports import ConfigFile, exports
from bot.cli.place import configuration
from bot.message import Refused
from handlers.sheets import SHEETS

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="党支部群助手 — a branch assistant.",
)


@app.command()
def serve(config: ConfigFile = None, demo: Annotated[bool, typer.Option("--demo")] = False) -> None:
    """Run the bot."""
    from bot.cli.serve import serve as run

    asyncio.run(run(configuration(config), demo=demo))


@app.command()
def check(config: ConfigFile = None, online: Annotated[bool, typer.Option("--online")] = False) -> None:
    """Say what is wrong with the configuration, the database, Redis and the platforms."""
    from bot.cli.check import problems

    found = asyncio.run(problems(configuration(config), online=online))
    print("\n".join(found) or "ok", file=sys.stderr if found else sys.stdout)
    raise SystemExit(1 if found else 0)


@app.command()
def console(config: ConfigFile = None, name: Annotated[str, typer.Option("--as")] = "") -> None:
    """Chat in the terminal."""
    from bot.cli.terminal import chat

    asyncio.run(chat(configuration(config), name))


members = typer.Typer(help="Bring data in.")
app.add_typer(members, name="import")


@members.command("members")
def import_members(
    file: Annotated[Path | None, typer.Argument(help="a .csv or .xlsx sheet")] = None,
    config: ConfigFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    template: Annotated[Path | None, typer.Option("--template", help="write an empty sheet")] = None,
    source: Annotated[str, typer.Option("--from", help="a platform: its address book instead of a sheet")] = "",
) -> None:
    """Read the member sheet or an address book: all rows or none."""
    from bot.cli import people

    if template is not None:
        people.write_template(template)
    elif source and file is None:
        print(asyncio.run(people.import_book(configuration(config), source, dry_run=dry_run)))
    elif source or file is None:
        raise typer.BadParameter("name a sheet or --from PLATFORM, or --template FILE.xlsx for an empty sheet")
    else:
        print(asyncio.run(people.import_sheet(configuration(config), file, dry_run=dry_run)))


@members.command("roster")
def import_roster(
    file: Annotated[Path, typer.Argument(help="a .xlsx or .csv duty roster")],
    config: ConfigFile = None,
    branch: Annotated[str, typer.Option("--branch", help="only the members of this branch")] = "",
    month: Annotated[str, typer.Option("--month", help="YYYY-MM, where the sheet names days alone")] = "",
) -> None:
    """Read a duty roster: who is on night or 24-hour duty is not called in these hours."""
    from bot.cli import rosters

    print(asyncio.run(rosters.import_roster(configuration(config), file, branch, month)))


@members.command("holidays")
def import_holidays(
    file: Annotated[Path, typer.Argument(help="the notice as text, or JSON of holiday-cn's form")],
    config: ConfigFile = None,
) -> None:
    """Read the State Council's notice of a year's holidays; theme days follow at once."""
    from bot.cli import rosters

    print(asyncio.run(rosters.import_holidays(configuration(config), file)))


def _import_book(name: str, chinese: str) -> None:
    @members.command(name, help=f"Read the sheet of {chinese}: all rows or none.")
    def import_book(
        file: Annotated[Path | None, typer.Argument(help="a .csv or .xlsx sheet")] = None,
        config: ConfigFile = None,
        dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
        template: Annotated[Path | None, typer.Option("--template", help="write an empty sheet")] = None,
    ) -> None:
        from bot.cli import books

        if template is not None:
            books.write_template(name, template)
        elif file is None:
            raise typer.BadParameter("name the sheet, or --template FILE.xlsx for an empty one")
        else:
            print(asyncio.run(books.import_sheet(configuration(config), name, file, dry_run=dry_run)))


for _name, _book in SHEETS.items():
    _import_book(_name, _book.chinese)


app.add_typer(exports, name="export")


@app.command()
def bind(
    platform: Annotated[str, typer.Option("--platform")],
    chat: Annotated[str, typer.Option("--chat")],
    branch: Annotated[str, typer.Option("--branch")],
    push: Annotated[str, typer.Option("--push", help="P2:TARGET; P2:- reads the target from stdin")] = "",
    config: ConfigFile = None,
) -> None:
    """Tie a group to a branch."""
    from bot.cli import people

    print(asyncio.run(people.bind(configuration(config), platform, chat, branch, push)))


@app.command()
def understand(
    text: Annotated[str | None, typer.Argument()] = None,
    config: ConfigFile = None,
    jsonl: Annotated[bool, typer.Option("--jsonl")] = False,
) -> None:
    """Print how a text is read."""
    from bot.language import read

    def line(words: str) -> str:
        reading = read(words, datetime.now(zone))
        return json.dumps({"intent": reading.intent, "slots": reading.slots}, ensure_ascii=False)

    zone = configuration(config).zone
    if jsonl:
        sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        for row in filter(str.strip, sys.stdin):
            print(line(_text_of(row)))
    elif text is not None:
        print(line(text))
    else:
        raise typer.BadParameter("give a TEXT, or --jsonl and lines on stdin")


def _text_of(row: str) -> str:
    try:
        found: Any = json.loads(row)["text"]
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if not isinstance(found, str):
        raise Refused(f'not a line of the form {{"text": "…"}}: {row.strip()[:80]}')
    return found


@app.command()
def calendar(
    config: ConfigFile = None,
    branch: Annotated[str, typer.Option("--branch")] = "",
    start: Annotated[str, typer.Option("--from", help="YYYY-MM")] = "",
    months: Annotated[int, typer.Option("--months", min=1, max=120)] = 12,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    ics: Annotated[bool, typer.Option("--ics")] = False,
) -> None:
    """Print every reminder that will be pushed."""
    from bot.cli import calendar as pages

    if as_json and ics:
        raise typer.BadParameter("--json or --ics, not both")

    rows = asyncio.run(pages.rows(configuration(config), branch, start, months))
    if ics:
        print(pages.as_ics(rows), end="")
    else:
        print(pages.as_json(rows) if as_json else pages.as_text(rows))


@app.command()
def figures(
    period: Annotated[str, typer.Option("--period", help="2026, 2026Q3, 2026H1 or 2026-11")],
    branch: Annotated[str, typer.Option("--branch")] = "",
    as_known: Annotated[
        str, typer.Option("--as-known", help="YYYY-MM-DD: as it was known at the end of that day")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
    why: Annotated[str, typer.Option("--why", help="a figure's name: print the rows behind it")] = "",
    config: ConfigFile = None,
) -> None:
    """Print every figure of the catalogue for a period, or the rows behind one."""
    from bot.cli import figures as pages

    if why:
        print(asyncio.run(pages.explained(configuration(config), period, branch, as_known, why)))
        return
    found = asyncio.run(pages.report(configuration(config), period, branch, as_known))
    print(pages.as_json(found) if as_json else pages.as_text(found))


@app.command()
def report(
    out: Annotated[Path, typer.Option("--out", help="FILE.docx, FILE.xlsx or FILE.png")],
    template: Annotated[
        str, typer.Option("--template", help="of ours or of the folder templates; 年报, for .xlsx 台账, for .png 图")
    ] = "",
    period: Annotated[str, typer.Option("--period", help="2026, 2026Q3, 2026H1 or 2026-11")] = "",
    branch: Annotated[str, typer.Option("--branch")] = "",
    as_known: Annotated[str, typer.Option("--as-known", help="YYYY-MM-DD")] = "",
    blank: Annotated[bool, typer.Option("--blank", help="write the template itself, to be changed")] = False,
    config: ConfigFile = None,
) -> None:
    """Write a work report with its figures filled, a workbook or a picture."""
    from bot.cli import report as papers

    template = template or {".xlsx": "台账", ".png": "图"}.get(out.suffix, "年报")
    if blank:
        print(papers.blank(configuration(config), template, out))
    elif not period:
        raise typer.BadParameter("--period is needed: 2026, 2026Q3, 2026H1 or 2026-11")
    else:
        print(asyncio.run(papers.write(configuration(config), period, branch, template, out, as_known)))


@app.command(context_settings={"ignore_unknown_options": True})  # a base of -5 is a wrong amount, no option
def dues(kind: str, base: str, config: ConfigFile = None) -> None:
    """The monthly dues for one base: `dues salaried 3000.01` prints 30.00."""
    from handlers.dues.rules import rules_of
    from handlers.rates import KINDS, fen, monthly_fen, yuan

    rules = rules_of(configuration(config).dues)
    if kind not in KINDS and kind not in KINDS.values():
        raise Refused(f"unknown kind {kind!r}: one of {', '.join(sorted(set(KINDS.values())))}")
    print(yuan(monthly_fen(KINDS.get(kind, kind), fen(base), rules=rules)))


@app.command()
def verify(
    config: ConfigFile = None,
    trail: Annotated[Path | None, typer.Option("--trail", help="a file of `export trail` instead")] = None,
) -> None:
    """Check the trail's hash chains, the ledger's sums and the seats."""
    from bot.cli import check

    found = check.verify_file(trail) if trail else asyncio.run(check.verify(configuration(config)))
    print("\n".join(found) or "ok", file=sys.stderr if found else sys.stdout)
    raise SystemExit(1 if found else 0)


@app.command("rotate-key")
def rotate_key(config: ConfigFile = None) -> None:
    """Seal the encrypted fields with a new key while the bot runs."""
    from bot.cli.rotate import rotate

    print(asyncio.run(rotate(configuration(config))))


@app.command()
def backup(target: Annotated[Path, typer.Argument(metavar="DEST")], config: ConfigFile = None) -> None:
    """Copy the database into a new file while the bot runs, and check the copy."""
    from bot.cli.backup import backup as run

    print(run(configuration(config), target))


@app.command()
def restore(source: Annotated[Path, typer.Argument(metavar="SRC")], config: ConfigFile = None) -> None:
    """Put a backup where there is no database yet, SQLite or PostgreSQL."""
    from bot.cli.backup import restore as run

    print(run(configuration(config), source))


@app.command()
def move(target: Annotated[str, typer.Option("--to", metavar="URL")], config: ConfigFile = None) -> None:
    """Copy everything to another, empty database, and check it; "-" reads the address from stdin."""
    from bot.cli.move import move as run

    print(run(configuration(config), sys.stdin.readline().strip() if target == "-" else target))
