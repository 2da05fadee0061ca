"""Why somebody can't come: the kind of a reason, by the words in it. Only the kind is kept (the story stays with the person)."""

from __future__ import annotations

import re

from bot.language.words import REASONS

_KINDS = tuple((kind, re.compile(pattern)) for kind, pattern in REASONS)


def known_kind(reason: str) -> str | None:
    """duty, official, training, sick, family or leave; None where no word tells."""
    low = reason.lower()
    return next((kind for kind, pattern in _KINDS if pattern.search(low)), None)


def kind_of(reason: str) -> str:
    """As `known_kind`, with "other" for all else."""
    return known_kind(reason) or "other"
