"""党员和党支部: who is who, who belongs where, and which account speaks for whom."""

from __future__ import annotations

from handlers.people.register import Imported, import_members
from handlers.people.who import names, roles_of, split_aliases, who

__all__ = ["Imported", "import_members", "names", "roles_of", "split_aliases", "who"]
