"""The lock opens what WeCom's own libraries sealed, byte for byte, and nothing else."""

from __future__ import annotations

import base64
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.message import BadSignature, Knock, NotOurs
from bot.message import Wire as Answer
from bot.platforms.wecom import WeCom
from bot.platforms.wecom_crypto import Lock, key_of, signature
from tests.wecom.conftest import KEY, NOW, TOKEN, robot
from tests.wecom.wire import Wire

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))


def named(section: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", VECTORS[section], ids=lambda vector: vector["name"])


def lock_of(vector: dict[str, Any]) -> Lock:
    return Lock(vector["token"], vector["encoding_aes_key"], vector["receiveid"])


def knocked(vector: dict[str, Any], method: str) -> Knock:
    signed = {"msg_signature": vector["signature"], "timestamp": vector["timestamp"], "nonce": vector["nonce"]}
    if method == "GET":
        return Knock("GET", {**signed, "echostr": vector["encrypt"]}, {}, b"", NOW)
    return Knock("POST", signed, {}, json.dumps({"encrypt": vector["encrypt"]}).encode(), NOW)


def robot_of(vector: dict[str, Any]) -> WeCom:
    aes_key, receive_id = vector["encoding_aes_key"], vector["receiveid"]
    return robot(token=vector["token"], encoding_aes_key=aes_key, receive_id=receive_id)


@named("valid")
def test_what_others_sealed_is_opened(vector: dict[str, Any]) -> None:
    lock = lock_of(vector)
    lock.check(vector["signature"], vector["timestamp"], vector["nonce"], vector["encrypt"])
    assert lock.decrypt(vector["encrypt"]) == vector["msg"].encode()


@named("valid")
def test_with_the_same_random_the_same_is_sealed(vector: dict[str, Any]) -> None:
    random = bytes.fromhex(vector["random_hex"])
    sealed = json.loads(lock_of(vector).seal(vector["msg"].encode(), int(vector["timestamp"]), vector["nonce"], random))
    assert sealed == {
        "encrypt": vector["encrypt"],
        "msgsignature": vector["signature"],
        "timestamp": int(vector["timestamp"]),
        "nonce": vector["nonce"],
    }


@named("valid")
def test_the_echo_is_the_message_and_nothing_around_it(vector: dict[str, Any]) -> None:
    wire = robot_of(vector).receive(knocked(vector, "GET"))
    assert wire == Answer(200, vector["msg"].encode(), "text/plain")


@named("reject")
def test_what_is_not_right_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(NotOurs) as caught:
        robot_of(vector).receive(knocked(vector, "POST"))
    assert caught.value.status == (403 if vector["stage"] == "signature" else 400)


def test_a_plus_that_became_a_space_is_repaired_in_the_echo() -> None:
    (vector,) = [one for one in VECTORS["reject"] if one["name"] == "plus_became_space"]
    wire = robot_of(vector).receive(knocked(vector, "GET"))
    (right,) = [one for one in VECTORS["valid"] if one["name"] == vector["derived_from"]]
    assert wire == Answer(200, right["msg"].encode(), "text/plain")


BODIES = [*(one.get("body", "[" * 100_000) for one in VECTORS["bodies_reject"]), "null", '{"encrypt":', "\ufeff{}", "1"]


@pytest.mark.parametrize("body", [*(text.encode() for text in BODIES), b"\xff\xfe", b'{"encrypt":"\xff"}'])
def test_a_body_that_is_none_is_refused(body: bytes) -> None:
    query = {"msg_signature": "0" * 40, "timestamp": "1", "nonce": "1"}
    with pytest.raises(NotOurs) as caught:
        robot().receive(Knock("POST", query, {}, body, NOW))
    assert caught.value.status == 400


@pytest.mark.parametrize("message", [b"[]", b"[" * 30_000, b"\xff", b"", b"1", b'{"msgtype":', b'{"from":[]}'])
def test_a_message_that_is_none_is_refused(message: bytes) -> None:
    wire = Wire(TOKEN, KEY)
    encrypt = wire.lock(message)
    query = {"msg_signature": wire.sign("1", "2", encrypt), "timestamp": "1", "nonce": "2"}
    with pytest.raises(NotOurs) as caught:
        robot().receive(Knock("POST", query, {}, json.dumps({"encrypt": encrypt}).encode(), NOW))
    assert caught.value.status == 400


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce", "echostr"])
def test_a_missing_parameter_is_refused(missing: str) -> None:
    knock = knocked(VECTORS["valid"][8], "GET")
    query = {name: value for name, value in knock.query.items() if name != missing}
    with pytest.raises(NotOurs, match=missing) as caught:
        robot_of(VECTORS["valid"][8]).receive(Knock("GET", query, {}, b"", NOW))
    assert caught.value.status == 400


@pytest.mark.parametrize("method", ["PUT", "HEAD", "DELETE"])
def test_other_methods_are_not_known(method: str) -> None:
    with pytest.raises(NotOurs) as caught:
        robot().receive(Knock(method, {}, {}, b"", NOW))
    assert caught.value.status == 405


@named("keys_reject")
def test_a_key_that_is_none_is_named_and_not_shown(vector: dict[str, Any]) -> None:
    key = vector["encoding_aes_key"]
    with pytest.raises(ValueError, match="letters and digits"):
        key_of(key)
    with pytest.raises(ValueError, match="encoding_aes_key") as caught:
        robot(encoding_aes_key=key)
    assert not key or key not in str(caught.value)


WIRE, LOCK = Wire(TOKEN, KEY), Lock(TOKEN, KEY)


@given(st.binary(max_size=400))
def test_any_message_goes_round_through_the_other_implementation(message: bytes) -> None:
    assert WIRE.unlock(LOCK.encrypt(message)) == message
    assert LOCK.decrypt(WIRE.lock(message)) == message


@given(st.binary(max_size=200) | st.binary(max_size=10).map(lambda some: some * 16))
def test_any_bytes_are_refused_or_opened(data: bytes) -> None:
    for encrypt in (base64.b64encode(data).decode(), data.decode("latin-1")):
        with suppress(NotOurs):
            assert isinstance(LOCK.decrypt(encrypt), bytes)


@given(st.text(), st.text(), st.text(), st.binary())
def test_any_request_is_refused(claimed: str, timestamp: str, nonce: str, body: bytes) -> None:
    query = {"msg_signature": claimed, "timestamp": timestamp, "nonce": nonce, "echostr": claimed}
    for method in ("GET", "POST"):
        with pytest.raises(NotOurs):
            robot().receive(Knock(method, query, {}, body, NOW))


@given(st.integers(0, 39), st.sampled_from("0123456789abcdef"))
def test_a_signature_with_one_other_digit_is_refused(at: int, digit: str) -> None:
    right = signature(TOKEN, "1", "2", "x")
    claimed = right[:at] + digit + right[at + 1 :]
    if claimed != right:
        with pytest.raises(BadSignature):
            LOCK.check(claimed, "1", "2", "x")
    assert re.fullmatch("[0-9a-f]{40}", right)
