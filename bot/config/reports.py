"""[reports]: how figures are counted where people count in two ways."""

from __future__ import annotations

from typing import Literal

from bot.config.sections import Section


class Reports(Section):
    """[reports]. `young` is how 青年党员 is meant: below 35, as reports say, or up to 35, as official statistics do.

    `overseers` are the 党内职务 of the superior committee: who has one sees every branch on the overview, no names.
    """

    young: Literal["35周岁以下", "35岁及以下"] = "35周岁以下"

    overseers: tuple[str, ...] = ()

    @property
    def young_from(self) -> int:
        """The age from which somebody is not counted as young any more."""
        return 35 if self.young == "35周岁以下" else 36
