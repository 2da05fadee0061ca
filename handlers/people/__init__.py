"""党员和党支部: who is who, who belongs where, and which account speaks for whom."""

from __future__ import annotations

from handlers.people import branches, linking, members
from handlers.people.addressbook import Listed, Proposal, compare
from handlers.people.alarms import heard_until, tell_gap, tell_lost
from handlers.people.branches import Bound, accounts_in, bind_group, branch_named
from handlers.people.find import find_people, the_one, titled
from handlers.people.linking import decide_link
from handlers.people.register import Imported, import_members
from handlers.people.who import names, roles_of, split_aliases, who

__all__ = [
    "COMMANDS",
    "WORDS",
    "Bound",
    "Imported",
    "Listed",
    "Proposal",
    "accounts_in",
    "bind_group",
    "branch_named",
    "compare",
    "decide_link",
    "find_people",
    "heard_until",
    "import_members",
    "names",
    "roles_of",
    "split_aliases",
    "tell_gap",
    "tell_lost",
    "the_one",
    "titled",
    "who",
]

COMMANDS = (*members.COMMANDS, *branches.COMMANDS)
WORDS = linking.WORDS
