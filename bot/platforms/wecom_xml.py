"""The XML of WeCom's apps, read without the parts of XML that are dangerous, and written without its traps.

A document type or an entity is refused before it is read: nothing expands and nothing is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from bot.message import NotOurs

DEPTH = 10
_UNSEEN = bytes(set(range(32)) - {9, 10, 13})
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(slots=True)
class Node:
    """An element: its words, or the elements in it."""

    name: str
    text: str = ""
    inside: list[Node] = field(default_factory=list)

    def get(self, name: str) -> str:
        """The words of the first element of this name, "" where there is none."""
        return next((one.text.strip() for one in self.inside if one.name == name), "")

    def all(self, *path: str) -> list[Node]:
        """Every element at the end of this path of names."""
        found = [self]
        for name in path:
            found = [one for node in found for one in node.inside if one.name == name]
        return found


def read_xml(data: bytes) -> Node:
    """The root of a document in UTF-8. Raises NotOurs: not XML, too deep, or with a document type."""
    builder = _Builder()
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.words
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(data.translate(None, _UNSEEN), True)
    except (expat.ExpatError, ValueError):
        raise NotOurs("not XML") from None
    return builder.root.inside[0]


def _refuse(*_: object) -> int:
    raise NotOurs("a document type or an entity")


class _Builder:
    def __init__(self) -> None:
        self.root = Node("")
        self._open = [self.root]

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._open) > DEPTH:
            raise NotOurs("too deep")
        node = Node(name)
        self._open[-1].inside.append(node)
        self._open.append(node)

    def end(self, _name: str) -> None:
        self._open.pop()

    def words(self, data: str) -> None:
        self._open[-1].text += data


def write_xml(name: str, value: Any) -> str:
    """A value as an element: a dict holds elements, a list repeats its own, a number is bare, words are CDATA."""
    if isinstance(value, list):
        return "".join(write_xml(name, one) for one in value)
    if isinstance(value, dict):
        inside = "".join(write_xml(key, one) for key, one in value.items())
    else:
        inside = str(value) if isinstance(value, int) else _cdata(str(value))
    return f"<{name}>{inside}</{name}>"


def _cdata(text: str) -> str:
    safe = _FORBIDDEN.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{safe}]]>"


def camel(value: Any) -> Any:
    """The names of WeCom's JSON as its XML spells them: button_list -> ButtonList."""
    if isinstance(value, list):
        return [camel(one) for one in value]
    if isinstance(value, dict):
        return {"".join(word.capitalize() for word in key.split("_")): camel(one) for key, one in value.items()}
    return value
