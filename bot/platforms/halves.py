"""Half characters: a client that cuts a text in the middle of an emoji sends an escape that is no character.

No database takes it; the rest of what was said is heard all the same.
"""

from __future__ import annotations

import re

# An escaped backslash is passed over, and so is a whole pair; what is left stands alone.
_LONE = re.compile(r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})")


def mended(raw: str | bytes) -> str | bytes:
    """JSON text in which every half character is the sign for a lost one (U+FFFD); what isn't UTF-8 stays as it is."""
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
    except UnicodeDecodeError:
        return raw
    if "\\ud" not in text and "\\uD" not in text:
        return raw
    return _LONE.sub(lambda found: "\\ufffd" if found[1] else found[0], text)
