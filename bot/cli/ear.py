"""What a platform with a connection of its own is handed: the door of the hooks, a lease, a way to tell gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.cli.place import Place
from bot.db import Tx, micros
from bot.message import Incoming, Reply
from bot.web import record
from handlers import people


@dataclass
class HouseEar:
    """The ear of one platform (bot.message.Ear)."""

    place: Place
    platform: str

    async def hear(self, incoming: Incoming) -> Reply | None:
        """Records a message; returns after the commit. Raises as `record` does where it can't be kept."""
        return await record(self.place.database, incoming, self.place.house)

    async def missed(self, since: datetime, until: datetime) -> None:
        """Promises one private line to the secretaries who have an account there."""
        via = self.place.house.private_via.get(self.platform)
        zone = self.place.config.zone
        window = since.astimezone(zone), until.astimezone(zone)
        if via is not None:
            await self.place.database.write(partial(people.tell_gap, platform=self.platform, via=via, window=window))

    async def on_line(self, at: datetime, *, anew: bool = False) -> None:
        """The row outlives the process, so a gap is known after any kind of end."""
        zone, via = self.place.config.zone, self.place.house.private_via.get(self.platform)

        def keep(tx: Tx) -> None:
            since = people.heard_until(tx, self.platform, micros(at))
            if anew and since and since < micros(at) and via is not None:
                window = tx.moment(since).astimezone(zone), at.astimezone(zone)
                people.tell_gap(tx, platform=self.platform, via=via, window=window)

        await self.place.database.write(keep)

    async def hold(self, key: str, seconds: float) -> bool:
        """The lease among replicas."""
        return await self.place.coordination.lease(key, seconds)
