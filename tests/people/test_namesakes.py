"""Two members whom nothing tells apart: said, with what to do, where a name is asked for."""

from __future__ import annotations

from bot.cli.demo import FIRST
from handlers import people
from handlers.sheet import check
from tests.cast import Cast
from tests.rooms import INSTALLER


async def test_namesakes_of_one_department_are_not_asked_for_the_department(one_cast: Cast) -> None:
    sheet = check(
        [(1, ["姓名", "支部", "科室", "企业微信账号"])] + [(n, ["高峰", FIRST, "总务科", f"g{n}"]) for n in (2, 3)]
    )
    await one_cast.place.database.write(
        lambda tx: people.import_members(tx, sheet.rows, INSTALLER, {"企业微信账号": "console"})
    )
    for said in ("/member find 高峰", "/talk add 周敏 高峰 11月20日 谈心谈话"):
        heard = await one_cast.says("周敏", said, "")
        assert "再导入一次" in heard, heard
        assert "请写" not in heard, heard
