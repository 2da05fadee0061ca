"""The calls of `export`, with their arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.place import configuration

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="config.toml (default: ./config.toml if there is one)")
]
exports = typer.Typer(help="Give data out.")


@exports.callback()
def _exports() -> None:
    """Give data out."""


@exports.command("person")
def export_person(
    name: Annotated[str, typer.Argument(help="the name; with the department where it is shared")],
    config: ConfigFile = None,
    branch: Annotated[str, typer.Option("--branch")] = "",
    target: Annotated[Path | None, typer.Option("--out", help="default: NAME.json")] = None,
) -> None:
    """Write all that is held on one person into a file."""
    from bot.cli.person import export_person as run

    file = target or Path(f"{(name.split() or ['person'])[0]}.json")
    print(run(configuration(config), name, branch, file))


@exports.command("trail")
def export_trail(
    year: Annotated[int, typer.Argument(min=2000, max=2200)],
    config: ConfigFile = None,
    target: Annotated[Path | None, typer.Option("--out", help="default: trail-YEAR.jsonl")] = None,
) -> None:
    """Write the trail of a year into a file that can be checked without this program."""
    from bot.cli.trail import export_trail as run

    print(run(configuration(config), year, target or Path(f"trail-{year}.jsonl")))
