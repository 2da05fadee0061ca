"""The house of the matrix: rows of every book are marked, so that whoever hears one of them is found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cast import Cast, opened_cast
from tests.matrix.world import plant


@pytest.fixture
async def marked(sqlite: str, tmp_path: Path) -> AsyncIterator[Cast]:
    async with opened_cast(sqlite, tmp_path) as cast:
        await plant(cast)
        await cast.settle()
        yield cast
