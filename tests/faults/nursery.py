"""One process that has everything imported and used once, and of which a bot is forked for each life.

A start then costs a hundredth of a second. On stdin a line of JSON for each life: {"config": path, "fate": path, "now":
unix seconds, "kill": [step, n], "step": [step, n, seconds]}. On stdout `pid N`, what `serve` prints (its address), and
`over STATUS` when it has ended. The first life is lived here and not forked, so that the others find everything warm.
SIGUSR2 gives a living one another fate, from the file `fate`, which it takes away.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import traceback
from functools import cache
from pathlib import Path
from typing import Any, cast

from httpx._transports import default as transport
from redis import asyncio as redis

import bot.coordination_redis
from bot.cli.place import configuration
from bot.cli.serve import serve
from tests.faults.steps import Fate, arm

LOADED = (redis, bot.coordination_redis)  # what the product loads when it first needs it


def live(order: dict[str, Any], fate: Fate) -> int:
    """One life of the bot, from its configuration to its exit code."""
    try:
        fate.begin(order)
        asyncio.run(serve(configuration(Path(order["config"]))))
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def thrifty() -> None:
    """Certificates are read once for all lives, and a module that is not there is looked for once."""
    vars(transport)["create_ssl_context"] = cache(vars(transport)["create_ssl_context"])
    sys.modules["sniffio"] = cast("Any", None)


def main() -> None:
    """Lives the first order, then forks a life for each, one after the other."""
    fate = Fate()
    arm(fate)
    thrifty()
    for number, line in enumerate(sys.stdin):
        order = json.loads(line)
        child = os.fork() if number else -1
        if child == 0:
            os._exit(live(order, fate))
        print(f"pid {child if number else os.getpid()}", flush=True)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if number else live(order, fate)
        print(f"over {status}", flush=True)
        gc.freeze()


if __name__ == "__main__":
    main()
