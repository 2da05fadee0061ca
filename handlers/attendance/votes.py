"""May a meeting vote, and has it passed: the rules of each kind of vote, as arithmetic.

Both denominators are 应到会有表决权, not 实到: a smaller meeting must not pass more easily. 支部工作条例 Art. 11 for
the 大会 and Art. 12 for the 支委会; 发展党员工作细则 for 接收, 转正, 延长, 取消; 基层组织选举工作条例 for the 选举.
半数以上 is read as more than half, the safe reading; `half` reads it literally where the regulation says so.
"""

from __future__ import annotations

from dataclasses import dataclass

ORDINARY, COMMITTEE, ELECTION = "ordinary", "committee", "election"
# One person at a time; opinions that the absent handed in in writing before count as votes.
ADMISSIONS = {"接收": "admission", "转正": "full", "延长": "extension", "取消": "cancellation"}
NAMES = {
    ORDINARY: "表决",
    COMMITTEE: "支委会表决",
    ELECTION: "选举",
    **{kind: f"{word}预备党员" if word != "转正" else "转正" for word, kind in ADMISSIONS.items()},
}


@dataclass(frozen=True, slots=True)
class Quorum:
    """应到会有表决权 and who of them is there; `lacking` people must still come before the vote may be held."""

    due: int
    present: int
    lacking: int

    @property
    def reached(self) -> bool:
        """Whether the vote may be held."""
        return self.lacking == 0


def least_present(kind: str, due: int, *, half: bool = False) -> int:
    """How many with the right to vote must be there."""
    if kind == ELECTION:
        return -(-due * 4 // 5)
    if half and kind in (ORDINARY, COMMITTEE):
        return -(-due // 2)
    return due // 2 + 1


def quorum(kind: str, due: int, present: int, *, half: bool = False) -> Quorum:
    """Whether a vote of that kind may be held; among nobody it never may."""
    return Quorum(due, present, max(0, max(1, least_present(kind, due, half=half)) - present))


def needed(kind: str, due: int, present: int) -> int:
    """The yes-votes that pass: more than half of 应到, in an election more than half of those present."""
    return (present if kind == ELECTION else due) // 2 + 1


def kind_of_vote(matter: str, *, committee: bool = False) -> str:
    """What is voted on, by how the matter begins: 接收…, 转正…, 选举…; else an ordinary vote of that meeting."""
    if matter.startswith("选举"):
        return ELECTION
    found = next((kind for word, kind in ADMISSIONS.items() if matter.startswith(word)), "")
    return found or (COMMITTEE if committee else ORDINARY)
