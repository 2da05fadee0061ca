"""Forward only, on both engines: `migrate` brings a database to the newest shape before anything else is done."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import psycopg

from bot.engines import ERRORS, WRITE_SECONDS, DatabaseDown, connect, down, engine_of

FOLDER = Path(__file__).parent
STEP = re.compile(r'^revision = "(\w+)"\ndown_revision = (?:"(\w+)"|None)$', re.MULTILINE)


@cache
def chain() -> tuple[str, ...]:
    """The revisions in their order, the newest last: each migration file names the one before it."""
    texts = [path.read_text(encoding="utf-8") for path in (FOLDER / "versions").glob("[0-9]*.py")]
    after = {before or "": revision for text in texts for revision, before in STEP.findall(text)}
    found = [""]
    while found[-1] in after:
        found.append(after[found[-1]])
    return tuple(found[1:])


def newest() -> str:
    """The revision of the newest migration file."""
    return chain()[-1]


def current(url: str) -> str:
    """The revision a database stands at; an empty string for a new one. Raises DatabaseDown."""
    connection = connect(url, seconds=WRITE_SECONDS)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""
    except psycopg.errors.UndefinedTable:
        return ""
    except ERRORS as error:
        if "no such table" in str(error):
            return ""
        raise down(error, "cannot read the database") from error
    finally:
        connection.close()


def migrate(url: str, to: str = "") -> bool:
    """Runs the migrations that are missing, up to revision `to` (else the newest); False where there were none.

    Two processes may start at once.

    Raises DatabaseDown where the database can't be opened or is newer than this program.
    """
    if engine_of(url) == "sqlite":
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    at = current(url)
    if at == (to or newest()):
        return False
    if at and at not in chain():
        raise DatabaseDown(f"the database is at {at}, newer than this program ({newest()}): install the newer program")
    from alembic import command  # imported only here: it costs a fifth of a second, and most starts need none of it
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.attributes["url"] = url
    command.upgrade(settings, to or "head")
    return True
