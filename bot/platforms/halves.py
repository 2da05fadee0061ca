"""Half characters: a client that cuts a text in the middle of an emoji sends an escape that is no character.

No database takes it; the rest of what was said is heard all the same.
"""

from __future__ import annotations

import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError

ShapeT = TypeVar("ShapeT", bound=BaseModel)

# An escaped backslash is passed over, and so is a whole pair; what is left stands alone.
_LONE = re.compile(r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})")


def mended(raw: str | bytes) -> str:
    """JSON text in which every half character is the sign for a lost one (U+FFFD). Raises ValueError: not UTF-8."""
    text = raw.decode() if isinstance(raw, bytes) else raw
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _LONE.sub(lambda found: "\\ufffd" if found[1] else found[0], text)


def validated(shape: type[ShapeT], raw: bytes) -> ShapeT:
    """The JSON object in a body, with half characters mended where it can't be read else. Raises ValueError."""
    try:
        return shape.model_validate_json(raw)
    except ValidationError:
        return shape.model_validate_json(mended(raw))
