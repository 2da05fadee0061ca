"""The kinds of meeting (三会一课 and what goes with it) and the words that people use for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.message import Refused

THEME_DAY = "主题党日"
ASSEMBLY = "支部党员大会"
COMMITTEE_MEETING = "支委会"
GROUP_MEETING = "党小组会"
LESSON = "党课"
LIFE_MEETING = "组织生活会"
REVIEW = "民主评议"
KINDS: dict[str, tuple[str, ...]] = {
    THEME_DAY: ("党日", "主题党日活动", "党日活动", "支部主题党日"),
    ASSEMBLY: ("党员大会", "支部大会", "大会"),
    COMMITTEE_MEETING: ("支部委员会", "支委会议", "支部委员会会议"),
    GROUP_MEETING: ("小组会",),
    LESSON: ("上党课",),
    LIFE_MEETING: ("专题组织生活会",),
    REVIEW: ("民主评议党员",),
    "集中学习": ("学习", "政治学习"),
    "专题研讨": ("研讨",),
    "理论中心组": ("中心组", "中心组学习", "理论学习中心组"),
    "警示教育": (),
    "集中培训": ("培训",),
    "红色教育": ("革命传统教育",),
    "道德讲堂": (),
    "宣传教育": ("宣传教育活动",),
    "宣传活动": (),
    "党建工作会议": ("党建工作会", "党建专题会议"),
}
# What an absent member makes up for (补学): sessions in which something is taught.
STUDY = (THEME_DAY, LESSON, "集中学习", "专题研讨", "理论中心组", "警示教育", "集中培训")
# Sessions that decide something: their record needs a 决议 (支部工作条例 Art. 11-13, 17, 18), if only 无.
DECIDING = (ASSEMBLY, COMMITTEE_MEETING, GROUP_MEETING, LIFE_MEETING, REVIEW)

NONE_OF_OURS: Mapping[str, Sequence[str]] = MappingProxyType({})
BETWEEN_KINDS = re.compile(r"[+＋、和及与]")


def kind_of(word: str, own: Mapping[str, Sequence[str]] = NONE_OF_OURS) -> str:
    """The name of a kind of meeting, `own` ones by configuration; a word that is none of them stays as it is."""
    for kinds in (KINDS, own):
        for kind, others in kinds.items():
            if word == kind or word in others:
                return kind
    return word


def kinds_in(words: str, own: Mapping[str, Sequence[str]] = NONE_OF_OURS) -> tuple[str, ...]:
    """The kinds that one session is at once (主题党日+党课), in the order they were written, each once.

    Words between which 、 or 和 stands are several kinds only where each of them is one. Raises Refused for what is one
    sign off a kind: a slip would leave the meeting uncounted.
    """
    parts = [part.strip() for part in BETWEEN_KINDS.split(words) if part.strip()]
    known = {name for kinds in (KINDS, own) for kind, others in kinds.items() for name in (kind, *others)}
    several = len(parts) > 1 and (set(parts) <= known or "+" in words or "＋" in words)
    kinds = [kind_of(part, own) for part in (parts if several else [words.strip()])]
    for kind in kinds:
        meant = next((one for one in (*KINDS, *own) if kind not in known and _one_off(kind, one)), "")
        if meant:
            raise Refused(f"“{kind}”是不是“{meant}”？请写准。")
    return tuple(dict.fromkeys(kinds))


def _one_off(word: str, kind: str) -> bool:
    return len(word) == len(kind) > 2 and sum(a != b for a, b in zip(word, kind, strict=True)) == 1


def all_kinds(activity: Any) -> tuple[str, ...]:
    """All kinds of a session (a row of `activities`), its name first."""
    return (activity.kind, *filter(None, activity.also.split("、")))
