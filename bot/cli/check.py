"""`check` says what keeps the bot from working, `verify` whether its books are whole: one line per problem."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from bot import anchors, sealing, trail
from bot.cli import clocks
from bot.cli.place import Place, opened
from bot.config import Config
from bot.db import DatabaseDown, Tx
from handlers import dues, shifts

CALLED_BACK = ("callback", "http")  # modes of a platform that need a public address
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@runtime_checkable
class Greeter(Protocol):
    """A platform that can ask its server whether it knows us."""

    async def greet(self) -> str:
        """An empty string, or why the server refuses us."""
        ...


async def problems(config: Config, *, online: bool) -> list[str]:
    """What is wrong with database, Redis and platforms; `online` also asks each platform whether it knows us."""
    found = []
    beyond = config.web.console and config.web.host not in LOOPBACK
    if beyond and not config.web.console_token.get_secret_value():
        found.append("web.console_token: needed to open the console beyond loopback; or set web.console = false")
    found += _links(config)
    try:
        async with opened(config) as place:
            found += [f"bot.{reason}" for reason in await place.ready(hearing=False)]
            found += [
                f"platforms.{name}.{fault}"
                for name, one in place.platforms.items()
                for fault in getattr(one, "faults", ())
            ]
            found += await _strangers(place) if online else []
            found += await clocks.faults(place, datetime.now(config.zone), online=online)
    except DatabaseDown as error:
        found.append(f"bot.database: {error}")
    return found


def _links(config: Config) -> list[str]:
    """Platforms that call us find this house from outside; the links it gives out must, too."""
    called = [name for name, one in config.platforms.items() if getattr(one, "mode", "") in CALLED_BACK]
    if not called or urlsplit(str(config.web.public_url)).hostname not in LOOPBACK:
        return []
    return [f"web.public_url: platforms.{called[0]} is called from outside, but links would open on this machine only"]


async def _strangers(place: Place) -> list[str]:
    """The platforms that don't know us, and why."""
    reasons = {name: await one.greet() for name, one in place.platforms.items() if isinstance(one, Greeter)}
    return [f"platforms.{name}: {reason}" for name, reason in reasons.items() if reason]


async def verify(config: Config) -> list[str]:
    """Broken links of the trail, sums of the ledger that are not 0 or not equal, seats that are not rows."""
    async with opened(config) as place:
        return await place.database.read(lambda tx: [*faults(tx), *sealing.check(tx)])


def faults(tx: Tx) -> list[str]:
    """A line for each thing in the books that does not fit the others."""
    return [*trail.verify(tx), *anchors.check(tx), *dues.check(tx), *shifts.check(tx)]


def verify_file(path: Path) -> list[str]:
    """The same of an exported trail; [] where it is whole. Raises ValueError for a file that is none."""
    with path.open(encoding="utf-8") as lines:
        try:
            return anchors.checked(iter(lines))
        except (ValueError, LookupError, TypeError, AttributeError):
            raise ValueError(f"{path} is no trail that `export trail` wrote, or a line of it was changed") from None
