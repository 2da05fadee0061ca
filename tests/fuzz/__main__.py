"""`make fuzz`: each door for FUZZ_SECONDS (600). Coverage leads the way where atheris is installed, else hypothesis.

`python -m tests.fuzz [DOOR] [SECONDS]` runs one. What was found is kept in var/fuzz/DOOR as the bytes that did it;
`python -m tests.fuzz DOOR FILE` feeds such a file again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tests.fuzz.door import Door

FOLDER = Path("var/fuzz")
SECONDS = 600


def main(words: list[str]) -> int:
    """0 where every door held."""
    seconds = int(os.environ.get("FUZZ_SECONDS", SECONDS))
    if len(words) == 2 and Path(words[1]).is_file():
        door_named(words[0]).try_bytes(Path(words[1]).read_bytes())
        return 0
    if words:  # the doors are imported below, where atheris can watch it
        return alone(words[0], int(words[1]) if len(words) > 1 else seconds)
    from tests.fuzz.test_doors import DOORS

    call = [sys.executable, "-m", "tests.fuzz"]
    failed = [one.name for one in DOORS if subprocess.run([*call, one.name], check=False).returncode]
    print(f"failed: {', '.join(failed)}" if failed else f"{len(DOORS)} doors held for {seconds} s each")
    return bool(failed)


def door_named(name: str) -> Door:
    """The door of that name."""
    from tests.fuzz.test_doors import DOORS

    return next(one for one in DOORS if one.name == name)


def alone(name: str, seconds: int) -> int:
    """One door in this process; returns only where it held."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import atheris
    except ImportError:
        print(f"{name}: hypothesis for {seconds} s; atheris is not installed (make fuzz installs it)", flush=True)
        return by_hypothesis(name, folder, seconds)
    print(f"{name}: atheris for {seconds} s", flush=True)
    with atheris.instrument_imports(include=["bot", "handlers", "scheduler"]):
        door = door_named(name)
    for number, seed in enumerate(door.seeds):
        (folder / f"seed-{number}").write_bytes(seed)
    limits = [f"-max_total_time={seconds}", "-timeout=10", "-max_len=65536", "-rss_limit_mb=2048", "-verbosity=0"]
    atheris.Setup([sys.argv[0], str(folder), f"-artifact_prefix={folder}/", *limits], door.try_bytes)
    atheris.Fuzz()
    return 0


def by_hypothesis(name: str, folder: Path, seconds: int) -> int:
    """The same without coverage: fresh examples until the time is over."""
    from tests.fuzz.test_doors import inputs

    door, end, last = door_named(name), time.monotonic() + seconds, b""

    @settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(inputs(door))
    def fed(data: bytes) -> None:
        nonlocal last
        last = data
        door.try_bytes(data)

    while time.monotonic() < end:
        try:
            fed()
        except Exception:
            (folder / "crash").write_bytes(last)
            raise
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
