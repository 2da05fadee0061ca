"""`MODULE.NAME=SECONDS … serve …`: the bot with limits made shorter, so that a test need not wait for them.

`house.clock=UNIX_SECONDS` is what its clock says at the start.
"""

from __future__ import annotations

import sys
from importlib import import_module

from bot.__main__ import main
from tests.faults.steps import Fate, keep_time


def hurry(words: list[str]) -> list[str]:
    """Sets what is named, in its module; the words that are left."""
    for index, word in enumerate(words):
        name, is_limit, value = word.partition("=")
        if not is_limit:
            return words[index:]
        if name == "house.clock":
            keep_time(Fate(float(value)))
            continue
        module, _, limit = name.rpartition(".")
        found = vars(import_module(module))
        found[limit] = type(found[limit])(float(value))
    return []


if __name__ == "__main__":
    sys.argv[1:] = hurry(sys.argv[1:])
    main()
