"""The interface of a self-built app: everything is asked with a token, which is renewed once where it is refused.

Sources: WeCom docs 91039 (token), 90236 (message/send), 90207 and 90201 (address book).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.message import TokenKeeper, Undeliverable, Unknown
from bot.platforms.wecom_api import Denied, Line
from bot.platforms.wecom_files import Parcel

WORN = (40001, 40014, 42001)  # a token that was taken back early, or is over
EARLY = 60  # seconds before its end in which a token is not used any more


class Token(BaseModel):
    access_token: str
    expires_in: float = 7200


class Rows(BaseModel):
    """Rows of the address book; what is null or absent is empty."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    department: list[dict[str, Any]] = []
    userlist: list[dict[str, Any]] = []


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the address book; `departments` are names, the main one first."""

    userid: str
    name: str
    departments: tuple[str, ...] = ()


class AppApi:
    """`base` without a slash at its end. Nothing that is raised here holds the secret or a token."""

    def __init__(self, base: str, corp_id: str, secret: str, token: TokenKeeper, line: Line) -> None:
        self._base, self._corp_id, self._secret, self._keeper, self._line = base, corp_id, secret, token, line
        self._key = "wecom:" + hashlib.sha256(f"{corp_id}\n{secret}".encode()).hexdigest()[:16]

    async def post(self, path: str, message: dict[str, Any]) -> dict[str, Any]:
        """What stands in the answer. Raises Retry, Denied and other Undeliverable, Unknown."""
        return cast("dict[str, Any]", await self._ask(path, {}, message))

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """As `post`."""
        return cast("dict[str, Any]", await self._ask(path, query, None))

    async def upload(self, parcel: Parcel, kind: str) -> str:
        """The media_id of an "image" or a "file", valid for three days. Raises as `post`."""
        return cast("str", await self._ask("media/upload", {"type": kind}, parcel))

    async def _ask(self, path: str, query: dict[str, str], what: dict[str, Any] | Parcel | None) -> Any:
        token = await self._keeper(self._key, self._fetch)
        try:
            return await self._once(path, query, what, token)
        except Denied as error:
            if error.errcode not in WORN:
                raise
        return await self._once(path, query, what, await self._keeper(self._key, self._fetch, token))

    async def _once(self, path: str, query: dict[str, str], what: dict[str, Any] | Parcel | None, token: str) -> Any:
        url = f"{self._base}/cgi-bin/{path}?{urlencode({'access_token': token, **query})}"
        if isinstance(what, Parcel):
            return await self._line.upload(url, what.name, what.content_type, what.data)
        return await (self._line.get(url) if what is None else self._line.post(url, what))

    async def _fetch(self) -> tuple[str, float]:
        query = urlencode({"corpid": self._corp_id, "corpsecret": self._secret})
        answer = await self._line.get(f"{self._base}/cgi-bin/gettoken?{query}")
        try:
            token = Token.model_validate(answer)
        except ValidationError:
            raise Unknown("the answer holds no token") from None
        return token.access_token, max(1.0, token.expires_in - EARLY)

    # The address book

    async def people(self) -> list[Person]:
        """Everybody within the app's visible range, each once, by userid. Reading children at once is going out of
        use (unverified), so the departments are walked. Raises as `post`."""
        departments = _rows(await self.get("department/list")).department
        names = {str(one.get("id")): str(one.get("name") or "") for one in departments}
        found: dict[str, Person] = {}
        for number in names:
            for row in _rows(await self.get("user/list", department_id=number)).userlist:
                person = _person(row, names)
                found.setdefault(person.userid.casefold(), person)
        return [found[key] for key in sorted(found) if key]


def _rows(answer: dict[str, Any]) -> Rows:
    try:
        return Rows.model_validate({key: value for key, value in answer.items() if value is not None})
    except ValidationError:
        raise Undeliverable("the address book is of an unknown shape") from None


def _person(row: dict[str, Any], names: dict[str, str]) -> Person:
    main, own = row.get("main_department"), row.get("department")
    numbers = sorted(own if isinstance(own, list) else [], key=lambda number: number != main)
    departments = tuple(name for number in numbers if (name := names.get(str(number), "")))
    userid, name = (str(row.get(key) or "") for key in ("userid", "name"))
    return Person(userid, name, departments)
