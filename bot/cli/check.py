"""`check` says what keeps the bot from working, `verify` whether its books are whole: one line per problem."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from bot import trail
from bot.cli.place import opened
from bot.config import Config
from bot.db import Tx
from bot.sql import sql
from handlers import ledger
from handlers.tables import shifts, signups

SEATS = sql(
    select(shifts.c.branch_id, shifts.c.number, shifts.c.taken, func.count(signups.c.id).label("seated"))
    .select_from(
        shifts.outerjoin(
            signups, and_(signups.c.shift_id == shifts.c.id, signups.c.seated_at > 0, signups.c.left_at == 0)
        )
    )
    .group_by(shifts.c.id, shifts.c.branch_id, shifts.c.number, shifts.c.taken)
)


async def problems(config: Config, *, online: bool) -> list[str]:
    """What is wrong with database, Redis and platforms; `online` also asks each platform whether it knows us."""
    async with opened(config) as place:
        found = await place.ready()
        beyond = config.web.console and config.web.host not in ("127.0.0.1", "::1", "localhost")
        if beyond and not config.web.console_token.get_secret_value():
            found.append("web.console_token: needed to open the console beyond loopback; or set web.console = false")
        if online:
            for name, platform in place.platforms.items():
                greet = getattr(platform, "greet", None)
                reason = await greet() if greet else ""
                found += [f"platforms.{name}: {reason}"] if reason else []
        return found


async def verify(config: Config) -> list[str]:
    """Broken links of the trail, sums of the ledger that are not 0, seats that are not rows."""
    async with opened(config) as place:
        return await place.database.read(lambda tx: [*trail.verify(tx), *ledger.check(tx), *_seats(tx)])


def _seats(tx: Tx) -> list[str]:
    return [
        f"shift #{row.number} of branch {row.branch_id}: {row.taken} seats taken but {row.seated} people seated"
        for row in tx.all(SEATS)
        if row.taken != row.seated
    ]
