"""XML from outside does no harm, and what is written is read back as it was meant."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.message import NotOurs
from bot.platforms.wecom_app_read import AppReader
from bot.platforms.wecom_xml import camel, read_xml, write_xml

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff"))
NAMES = st.sampled_from(
    ["ToUserName", "FromUserName", "MsgType", "Event", "EventKey", "Content", "MsgId", "SelectedItems"]
)
VALUES = st.sampled_from(["ww", "text", "event", "click", "template_card_event", "sys", "1"]) | TEXT


@given(st.binary())
@example(b"<a>&lol;</a>")
@example(b'<?xml version="1.0" encoding="UTF-16"?><a/>')
@example(b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><a/>')
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        assert read_xml(data).name
    except NotOurs:
        return


@given(TEXT)
@example("]]>")
@example("]]]]>>")
@example("<a>&amp;</a>")
def test_words_are_read_as_they_were_written(text: str) -> None:
    document = write_xml("xml", {"Content": text, "CreateTime": 7, "Row": [{"A": text}, {"A": "2"}]}).encode()
    root = read_xml(document)
    assert root.all("Content")[0].text == text
    assert root.get("CreateTime") == "7"
    assert [row.get("A") for row in root.all("Row")] == [text.strip(), "2"]


@given(st.dictionaries(NAMES, VALUES))
def test_any_callback_is_a_message_or_none(parts: dict[str, str]) -> None:
    try:
        found = AppReader("app", "ww", 1).read(write_xml("xml", parts).encode(), "n")
    except NotOurs:
        return
    assert found is None or found.private


def test_names_are_spelled_in_capitals() -> None:
    assert camel({"button_list": [{"sub_title_text": 1}]}) == {"ButtonList": [{"SubTitleText": 1}]}


def test_depth_has_an_end() -> None:
    with pytest.raises(NotOurs, match="deep"):
        read_xml(b"<a>" * 11 + b"</a>" * 11)
