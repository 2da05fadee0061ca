"""What a platform with a connection of its own is handed: the door of the hooks, a lease, a way to tell gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.cli.place import Place
from bot.message import Incoming, Reply
from bot.web import record
from handlers.people import tell_gap


@dataclass(frozen=True, slots=True)
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
            await self.place.database.write(partial(tell_gap, platform=self.platform, via=via, window=window))

    async def hold(self, key: str, seconds: float) -> bool:
        """The lease among replicas."""
        return await self.place.coordination.lease(key, seconds)
