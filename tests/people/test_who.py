from __future__ import annotations

import pytest

from bot.commands import Who
from bot.message import Incoming
from handlers.people import names, roles_of, who

from .conftest import House

NOBODY: frozenset[str] = frozenset()


async def ask(house: House, sender: str, chat: str = "g1", admins: frozenset[str] = NOBODY, **options: object) -> Who:
    incoming = Incoming("wecom", "m1", chat, sender, "", **options)  # type: ignore[arg-type]
    return await house.write(lambda tx: who(tx, incoming, admins))


@pytest.mark.parametrize(
    ("duty", "roles"),
    [
        ("书记", {"secretary"}),
        ("党支部副书记", {"secretary"}),
        ("组织委员", {"secretary", "collector"}),
        ("支部书记兼组织委员", {"secretary", "collector"}),
        ("宣传委员、党小组长", {"committee", "collector"}),
        ("第一党小组组长", {"collector"}),
        ("纪检委员", {"committee"}),
        ("支委", {"committee"}),
        ("党委书记", set()),
        ("党委委员", set()),
        ("团支部组织委员", set()),
        ("原书记", set()),
        ("副党小组长", set()),
        ("", set()),
    ],
)
def test_duty_gives_roles(duty: str, roles: set[str]) -> None:
    assert roles_of(duty) == roles


@pytest.mark.parametrize(
    ("sender", "roles"),
    [
        ("zhao", {"secretary"}),
        ("QIAN", {"secretary", "collector"}),
        ("sun", {"committee"}),
        ("li", {"collector"}),
    ],
)
async def test_roles_in_the_own_group(cast: House, sender: str, roles: set[str]) -> None:
    found = await ask(cast, sender)
    assert found.roles == {"anyone", "member", *roles}
    assert (found.branch, found.branch_name, found.home, found.bound) == (1, "第一党支部", 1, True)


async def test_a_secretary_collects_where_nobody_else_does(cast: House) -> None:
    incoming = Incoming("ding", "m1", "zhou", "zhou", "", private=True)
    found = await cast.write(lambda tx: who(tx, incoming, NOBODY))
    assert found.roles == {"anyone", "member", "secretary", "collector"}
    assert (found.branch, found.branch_name, found.bound) == (2, "第二党支部", False)


async def test_duties_end_at_the_branch(cast: House) -> None:
    incoming = Incoming("ding", "m1", "g1", "zhou", "")
    await cast.bind("g1", 1, "ding")
    found = await cast.write(lambda tx: who(tx, incoming, NOBODY))
    assert (found.branch, found.home) == (1, 2)
    assert found.roles == {"anyone", "member"}


async def test_strangers_and_admins(cast: House) -> None:
    stranger = await ask(cast, "Nobody")
    assert (stranger.account, stranger.member, stranger.branch) == ("nobody", 0, 1)
    assert stranger.roles == {"anyone"}
    admin = await ask(cast, "boss", chat="boss", admins=frozenset({"WeCom:Boss"}), private=True)
    assert (admin.branch, admin.bound) == (0, False)
    assert admin.roles == {"anyone", "admin"}
    unbound = await ask(cast, "zhao", chat="elsewhere")
    assert (unbound.name, unbound.branch, unbound.bound) == ("赵书记", 0, False)
    assert unbound.roles == {"anyone", "member"}


async def test_names_are_those_of_the_branch(cast: House) -> None:
    found = await ask(cast, "zhao")
    assert await cast.write(lambda tx: names(tx, found, "赵书记、钱组织、孙宣传、李组长、张三和王芳")) == {
        *("赵书记", "老赵", "钱组织", "孙宣传", "李组长", "张三", "小张", "三哥"),
        *("王芳", "王芳(检验科)", "王芳(护理部)"),
    }
