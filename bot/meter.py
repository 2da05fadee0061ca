"""What an organisation may use of a platform in a month, and what it has used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class Counter(Protocol):
    """What a platform has used of its organisation's month and nobody has written down yet."""

    def take(self) -> dict[tuple[str, str], int]:
        """{(YYYY-MM-DD, kind): how many since the last take}."""
        ...

    def give_back(self, taken: Mapping[tuple[str, str], int]) -> None:
        """What was taken and could not be written is counted again."""
        ...


@dataclass(frozen=True, slots=True)
class Meter:
    """What an organisation may use of a platform in a month, by all processes together.

    `allowed` is how much of each kind (0: no limit). `pushes` says which kind a push of each platform section uses up,
    `counters` what each of them has counted in this process.
    """

    name: str
    allowed: Mapping[str, int]
    pushes: Mapping[str, str]
    counters: Mapping[str, Counter]
