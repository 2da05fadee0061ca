"""Each door takes whatever bytes come: noise, sound input bent in a few places, JSON whose values have other types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import dingtalk, house, wecom
from tests.fuzz.door import Door

DOORS = (*wecom.DOORS, *dingtalk.DOORS, *house.DOORS)
SIGNS = [
    b"",
    b"\\u0000",
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b'"',
    b"\\",
    b"]]>",
    b"=1+1",
    b"#",
    b"\n",
    b"@",
    b"-1",
    b"null",
]
WORDS = [b"<!DOCTYPE a>", b"&a;", b"[" * 300, b'{"a":' * 300, b"9" * 5000, b"1e999"]
DIGITS = [one.encode() for one in ("９", "²", "٣", "\u202e")]
BITS = st.sampled_from(SIGNS + WORDS + DIGITS)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("9" * 400),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=4), inside, max_size=3),
    max_leaves=6,
)


@st.composite
def bent(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Sound bytes with a few places taken out, put in or said twice."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 12))
        put = draw(BITS | st.binary(max_size=6) | st.just(data[at : at + length] * 2))
        data = data[:at] + put + data[at + length :]
    return data


@st.composite
def retyped(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Sound JSON with one value, however deep, that is something else."""
    value = json.loads(draw(st.sampled_from(seeds)))
    return json.dumps(_replaced(draw, value), ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def _replaced(draw: st.DrawFn, value: Any) -> Any:
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 4)) == 0:
        return draw(ANYTHING)
    key = draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = _replaced(draw, value[key])
    return copy


def inputs(door: Door) -> st.SearchStrategy[bytes]:
    """What a door is fed."""
    spoken = [one for one in door.seeds if one.startswith(b"{")]
    ways = [st.binary(max_size=300), bent(door.seeds)]
    return st.one_of(*ways, retyped(tuple(spoken))) if spoken else st.one_of(*ways)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_a_door_takes_whatever_comes(door: Door) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(inputs(door))
    def fed(data: bytes) -> None:
        door.try_bytes(data)

    fed()


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_a_door_takes_its_own_seeds(door: Door) -> None:
    for seed in door.seeds:
        door.try_bytes(seed)


def test_no_two_doors_have_one_name() -> None:
    assert len({door.name for door in DOORS}) == len(DOORS)
