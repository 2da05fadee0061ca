"""How far a promise of several messages got: an attempt after a failure goes on with the part that failed."""

from __future__ import annotations

KEPT = 1000  # half-kept promises remembered, as long as this process lives


class Progress:
    """The parts that were said, by the promise's key."""

    def __init__(self) -> None:
        self._said: dict[str, int] = {}

    def __call__(self, key: str) -> int:
        """The number of parts that were said."""
        return self._said.get(key, 0)

    def note(self, key: str, said: int) -> None:
        """So many parts were said by now; the longest ago noted is forgotten first."""
        self._said.pop(key, None)
        self._said[key] = said
        if len(self._said) > KEPT:
            self._said.pop(next(iter(self._said)))

    def forget(self, key: str) -> None:
        """All of it was said."""
        self._said.pop(key, None)
