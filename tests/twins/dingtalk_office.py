"""What the organisation has beside its chats: an address book, uploaded media, cards made of templates."""

from __future__ import annotations

import email
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.twins.dingtalk_rules import Heard, Refusal

ROOT = 1


@dataclass
class Department:
    name: str
    parent: int
    users: list[dict[str, Any]] = field(default_factory=list)
    visible: bool = True


class AddressBook:
    """Departments by number; the root is 1. `refusal` is what every call gets, where set."""

    def __init__(self) -> None:
        self.departments: dict[int, Department] = {ROOT: Department("", 0)}
        self.refusal: dict[str, Any] | None = None

    def add(self, number: int, name: str, parent: int = ROOT, *, visible: bool = True) -> None:
        self.departments[number] = Department(name, parent, visible=visible)

    def join(self, userid: str, name: str, *numbers: int, **more: Any) -> None:
        for number in numbers or (ROOT,):
            row = {"userid": userid, "name": name, "dept_id_list": list(numbers), "active": True, **more}
            self.departments[number].users.append(row)

    def subdepartments(self, asked: dict[str, Any]) -> dict[str, Any]:
        number = self._checked(asked)
        below = [
            {"dept_id": key, "name": one.name, "parent_id": number, "auto_add_user": True}
            for key, one in self.departments.items()
            if one.parent == number
        ]
        return {"errcode": 0, "errmsg": "ok", "result": below, "request_id": "r"}

    def users(self, asked: dict[str, Any]) -> dict[str, Any]:
        number, cursor, size = self._checked(asked), asked["cursor"], asked["size"]
        if not 1 <= size <= 100:
            raise Refusal(400002)
        if not self.departments[number].visible:
            raise Refusal(50004)
        rows = self.departments[number].users
        result: dict[str, Any] = {"has_more": cursor + size < len(rows), "list": rows[cursor : cursor + size]}
        return {"errcode": 0, "errmsg": "ok", "result": result | ({"next_cursor": cursor + size})}

    def _checked(self, asked: dict[str, Any]) -> int:
        if self.refusal:
            raise _Saying(self.refusal)
        if asked.get("dept_id") not in self.departments:
            raise Refusal(60003)
        return int(asked["dept_id"])


class _Saying(Refusal):
    def __init__(self, says: dict[str, Any]) -> None:
        super().__init__(int(says["errcode"]))
        self.says = says


@dataclass(frozen=True)
class Media:
    kind: str
    name: str
    content: bytes
    content_type: str


class MediaStore:
    """What was uploaded, by media id."""

    LIMITS = {
        "image": ("jpg", "jpeg", "gif", "png", "bmp"),
        "file": ("doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar"),
    }

    def __init__(self) -> None:
        self.kept: dict[str, Media] = {}
        self._serial = itertools.count(1)

    def upload(self, request: web.Request, raw: bytes) -> dict[str, Any]:
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        parts: dict[str, Any] = {}
        for part in email.message_from_bytes(head + raw).get_payload():
            parts[str(part.get_param("name", header="content-disposition"))] = part  # type: ignore[union-attr]
        kind, media = parts["type"].get_payload(), parts["media"]
        name, content = media.get_filename(), media.get_payload(decode=True)
        if name.rpartition(".")[2].lower() not in self.LIMITS[kind] or not 0 < len(content) <= 20 * 2**20:
            raise Refusal(40004)
        key = f"@media{next(self._serial)}"
        self.kept[key] = Media(kind, name, content, media.get_content_type())
        return {"errcode": 0, "errmsg": "ok", "media_id": key, "created_at": 1, "type": kind}


@dataclass
class Card:
    """A card as it stands: what all see, and what each person sees beside it."""

    track: str
    chat: str
    private: bool
    callback: str
    values: dict[str, str]
    mine: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def commands(self) -> dict[str, str]:
        return {one["text"]: one["command"] for one in json.loads(self.values["buttons"])}

    def heard(self, body: dict[str, Any]) -> Heard:
        return Heard(self.chat, "card", self.values["title"], self.values["text"], self.commands, (), body)

    def change(self, said: dict[str, Any], private: dict[str, Any]) -> None:
        """`private` is what each person sees, by account."""
        options = said.get("cardUpdateOptions", {})
        new = _values(said.get("cardData", {}))
        self.values = self.values | new if options.get("updateCardDataByKey") or not new else new
        for user, data in private.items():
            old = self.mine.get(user, {}) if options.get("updatePrivateDataByKey") else {}
            self.mine[user] = old | _values(data)

    def press(self, user: str, command: str, shape: str = "content") -> dict[str, Any]:
        """The callback of a tap. Documented minimum; `shape` "value" is how another page of the documents has it."""
        said = {"type": "actionCallback", "outTrackId": self.track, "corpId": "dingcorp", "userId": user}
        params = {"params": {"command": command}}
        if shape == "value":
            return said | {"value": json.dumps({"cardPrivateData": {"actionIds": ["1"]}, **params})}
        content = json.dumps({"cardPrivateData": {"actionIds": ["1"], **params}}, ensure_ascii=False)
        return said | {"userIdType": 1, "extension": "{}", "content": content}


def _values(data: dict[str, Any]) -> dict[str, str]:
    values: dict[str, str] = data.get("cardParamMap", {})
    for key, value in values.items():
        if not isinstance(value, str) or len(value.encode()) > 1024 or len(key.encode()) > 100:
            raise Refusal("param.invalid")
    return values


class CardDesk:
    """Cards by outTrackId. `templates` are those that were built; `gone` are chats where none can be delivered."""

    def __init__(self) -> None:
        self.cards: dict[str, Card] = {}
        self.templates = {"tpl.schema"}
        self.gone: set[str] = set()

    def create(self, said: dict[str, Any]) -> tuple[dict[str, Any], Heard | None]:
        if said["cardTemplateId"] not in self.templates:
            raise Refusal("template.notExist")
        if said["callbackType"] not in ("STREAM", "HTTP") or (
            said["callbackType"] == "HTTP" and not said.get("callbackRouteKey")
        ):
            raise Refusal("param.callbackType")
        space, _, target = said["openSpaceId"].removeprefix("dtv1.card//").partition(".")
        model = {"IM_GROUP": "imGroup", "IM_ROBOT": "imRobot"}[space]
        if f"{model}OpenSpaceModel" not in said or not said[f"{model}OpenDeliverModel"]["robotCode"]:
            raise Refusal("param.model")
        values = _values(said["cardData"])
        failed = target in self.gone
        result = {
            "spaceType": space,
            "spaceId": target,
            "success": not failed,
            "errorMsg": "gone" if failed else "",
        }
        new = said["outTrackId"] not in self.cards and not failed
        if new:
            made = Card(said["outTrackId"], target, space == "IM_ROBOT", said["callbackType"], values)
            self.cards[made.track] = made
        answer = {"success": True, "result": {"outTrackId": said["outTrackId"], "deliverResults": [result]}}
        return answer, self.cards[said["outTrackId"]].heard(said) if new else None

    def update(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["outTrackId"] not in self.cards:
            raise Refusal("param.outTrackId", 404)
        self.cards[said["outTrackId"]].change(said, said.get("privateData", {}))
        return {"success": True, "result": True}
