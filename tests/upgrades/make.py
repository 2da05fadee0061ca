"""Makes the databases of earlier programs anew: `.venv/bin/python -m tests.upgrades.make [REVISION …]`.

Where a commit had a revision as its newest, its own program lives through `play.py` in a checkout of that commit. A
revision that never was a program's newest is made from the one before it by its migration. Run it at a release, with a
line for the revision and the commit that is released; a file that is there already is left as it is.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from bot.migrations import chain, migrate

HERE = Path(__file__).parent
HOME = HERE.parents[1]
# The last commit whose program had this revision as its newest, with all migration files as they are for ever.
COMMITS = {
    "0001": "e325714",
    "0002": "035aab4",
    "0003": "8171fee",
    "0007": "aaae998",
    "0009": "e8ac636",
    "0010": "3dabe4a",
    "0011": "b121499",
}
KEPT = chain()[: 1 + max(map(chain().index, COMMITS))]


def lived(commit: str, database: Path, folder: Path) -> None:
    """Lets the program of a commit make a database."""
    checkout = folder / "checkout"
    subprocess.run(["git", "worktree", "add", "--detach", "--quiet", str(checkout), commit], cwd=HOME, check=True)
    try:
        play = folder / "play.py"
        shutil.copy(HERE / "play.py", play)
        environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
        call = [sys.executable, str(play), f"sqlite:///{database}", str(folder)]
        subprocess.run(call, cwd=checkout, env=environment, check=True)
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(checkout)], cwd=HOME, check=True)


def dumped(database: Path) -> bytes:
    """A database as SQL, packed; the same rows are always the same bytes."""
    with closing(sqlite3.connect(database)) as connection:
        text = "\n".join(connection.iterdump()) + "\n"
    return gzip.compress(text.encode(), 9, mtime=0)


def opened(revision: str, database: Path) -> None:
    """Puts a kept database into a new file."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(gzip.decompress((HERE / f"{revision}.sql.gz").read_bytes()).decode())


def made(revision: str, before: str) -> None:
    """Writes the file of a revision."""
    with tempfile.TemporaryDirectory(prefix="zhibu-upgrade-") as name:
        folder = Path(name)
        database = folder / "bot.db"
        if revision in COMMITS:
            lived(COMMITS[revision], database, folder)
        else:
            opened(before, database)
            migrate(f"sqlite:///{database}", revision)
        (HERE / f"{revision}.sql.gz").write_bytes(dumped(database))


def main(wanted: list[str]) -> None:
    """Makes what is missing, or what is asked for."""
    for before, revision in zip(("", *KEPT), KEPT, strict=False):
        path = HERE / f"{revision}.sql.gz"
        if revision in wanted or not (wanted or path.exists()):
            made(revision, before)
            print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
