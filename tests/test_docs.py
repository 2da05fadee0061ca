"""The documents tell the truth: commands, examples, links and configurations are held against the code."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import delete, update

from bot.cli.commands import app
from bot.commands import Ask, Command, find, pick
from bot.config import load
from bot.db import Tx
from bot.dispatch import House, handle, respond
from bot.language import find_when, read
from bot.message import BadSignature, Incoming, Knock, NotOurs, Promise, Reply, Undeliverable, Wire
from bot.outbox import put
from bot.platforms import KINDS
from bot.platforms.console import NAME
from bot.sql import p, sql
from bot.tables import outbox
from handlers import COMMANDS, WORDS
from handlers.attendance.screen import ADD as SCREEN
from handlers.registers import BOOKS
from handlers.tables import branches, dues_bases
from scheduler import jobs
from tests.cast import ACCOUNTS, START, Cast, opened_cast

HOME = Path(__file__).parent.parent
README, CHINESE = HOME / "README.md", HOME / "README.zh-CN.md"
READMES = (README, CHINESE)
DOCUMENTS = sorted([*HOME.glob("*.md"), *HOME.glob("docs/**/*.md")])
CALL = "python -m bot"

ROW = re.compile(r"^\|(.+)\|$", re.M)
QUOTED = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)]*))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.M | re.S)

NO_BASES = sql(delete(dues_bases))  # a base that stands is only changed with a reason
SET_NUMBERS = sql(update(branches).values(last_number=p("activity"), last_todo=p("todo")))
WECOM = (
    '[platforms.wecom]\nkind = "wecom"\ntoken = "t"\nencoding_aes_key = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE"\n'
)


def rows(document: Path) -> list[list[str]]:
    """The cells of every table row; a code span is its text."""
    return [
        [cell.strip() for cell in match[1].split("|")] for match in ROW.finditer(document.read_text(encoding="utf-8"))
    ]


def bare(cell: str) -> str:
    return cell.strip("`")


def slash_rows(document: Path) -> dict[str, list[str]]:
    """The rows of the commands, by `/name sub`."""
    return {bare(row[0]): row for row in rows(document) if row[0].startswith("`/") and len(row) == 5}


def word_rows(document: Path) -> dict[str, str]:
    """Member's word -> example."""
    names = {word.chinese for word in WORDS}
    return {bare(row[0]): bare(row[2]) for row in rows(document) if len(row) == 3 and bare(row[0]) in names}


def sentence_rows(document: Path) -> dict[str, str]:
    """A member's sentence -> the intent it is read as."""
    intents = {intent for word in WORDS for intent in word.intents} | {"ack"}
    return {bare(row[0]): bare(row[1]) for row in rows(document) if len(row) == 3 and bare(row[1]) in intents}


def blocks(document: Path, language: str) -> Iterator[str]:
    """The code blocks of a language, without the indent of a list."""
    for indent, found, text in BLOCK.findall(document.read_text(encoding="utf-8")):
        if found == language:
            yield "".join(line.removeprefix(indent) for line in text.splitlines(keepends=True))


def all_commands() -> Iterator[tuple[str, str, Command]]:
    """(English name, Chinese name, command) of every command and subcommand."""
    for command in COMMANDS:
        yield f"/{command.name}", f"/{command.chinese}", command
        for sub in command.subs:
            yield f"/{command.name} {sub.name}", f"/{command.chinese} {sub.chinese}", sub


def calls() -> dict[str, Any]:
    """Every call of the command line, by its name."""
    found: dict[str, Any] = {}

    def walk(command: Any, name: str) -> None:
        if hasattr(command, "commands"):
            for word, sub in command.commands.items():
                walk(sub, f"{name} {word}".strip())
        else:
            found[name] = command

    walk(typer.main.get_command(app), "")
    return found


# What is written is all there is


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_stands_in_the_readme_with_its_example(readme: Path) -> None:
    written = slash_rows(readme)
    assert set(written) == {name for name, _, _ in all_commands()}
    for name, chinese, command in all_commands():
        assert bare(written[name][1]) == chinese
        if not command.subs:
            assert bare(written[name][4]) == command.example


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_word_of_members_stands_in_the_readme_with_its_example(readme: Path) -> None:
    assert word_rows(readme) == {word.chinese: word.example for word in WORDS if word.example}


def test_both_readmes_list_the_same() -> None:
    examples = [{name: (row[1], row[4]) for name, row in slash_rows(readme).items()} for readme in READMES]
    assert examples[0] == examples[1]
    assert word_rows(README) == word_rows(CHINESE)
    assert sentence_rows(README) == sentence_rows(CHINESE) != {}
    for language in ("toml", "sh"):
        assert [_shape(one) for one in blocks(README, language)] == [_shape(one) for one in blocks(CHINESE, language)]


def _shape(block: str) -> str:
    """Without the comments, which are in the reader's language."""
    return re.sub(r"\s*#.*", "", block)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_call_and_option_of_the_command_line_stands_in_the_readme(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    first_cells = {bare(row[0]) for row in rows(readme)}
    for name, command in calls().items():
        assert name in first_cells
        for parameter in command.params:
            for option in (one for one in parameter.opts if one.startswith("--")):
                assert option in text, f"{name} {option}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_call_that_is_written_is_a_call(document: Path) -> None:
    found = calls()
    lines = [line for block in blocks(document, "sh") for line in block.splitlines()]
    spans = QUOTED.findall(BLOCK.sub("", document.read_text(encoding="utf-8")))
    for line in (one for one in [*lines, *spans] if CALL in one):
        words = shlex.split(line.partition(CALL)[2], comments=True)
        name = " ".join(words[:2]) if " ".join(words[:2]) in found else " ".join(words[:1])
        if not name or "…" in line:
            continue
        arguments = words[len(name.split()) :]
        found[name].make_context(name, [one for one in arguments if one not in ("--help", "--debug")])


# Examples do what they say


@pytest.fixture
async def house(sqlite: str, tmp_path: Path) -> AsyncIterator[Cast]:
    """The demonstration branch with all that the examples speak of: shifts #2 (it runs) and #3, a meeting #12, a claim,
    a link, and #3 in every book."""
    async with opened_cast(sqlite, tmp_path, f"{WECOM}[points]\nenabled = true\n") as cast:
        await _count(cast, 1, 2)
        await cast.says("周敏", "/volunteer open 清雪 11月21日10:10-12:00 社区 10人")
        await cast.says("张三", "报名 #2")
        await cast.says("张三", "签到 #2")
        cast.place.clock.ahead += timedelta(minutes=50)
        await _count(cast, 2, 2)
        await cast.says("admin", "/member add 王五 药剂科")
        await cast.says("admin", "/member add 钱进 药剂科")
        await cast.says("admin", "/member leave 钱进 转出")
        await cast.says("周敏", "/volunteer open 巡诊 12月5日9:00 人民广场 10人")
        await _count(cast, 11, 2)
        await cast.says("周敏", "/attendance open 主题党日 12月4日14:30 三楼会议室")
        await cast.says("周敏", "/attendance checkin on #12")
        await cast.says("刘敏", "已交 18")
        await cast.says("新同志", "我是 刘敏")
        await cast.place.database.write(partial(_fill_books, house=cast.place.house))
        await cast.place.database.write(_wait_for_a_secretary)
        yield cast


def _fill_books(tx: Tx, house: House) -> None:
    """Three entries in each book, so that #3 is there."""
    for book in BOOKS:
        example = book.example if book.name not in ADOPTED else book.example.removesuffix(" 采用")
        for _ in range(3):
            reply = _said(tx, house, "周敏", example, "")
            assert reply is not None


def _wait_for_a_secretary(tx: Tx) -> None:
    tx.run(SCREEN, hash="projector", code="4821", until_at=tx.at + 60_000_000)


async def _count(cast: Cast, activity: int, todo: int) -> None:
    def work(tx: Tx) -> None:
        tx.run(SET_NUMBERS, activity=activity, todo=todo)
        tx.run(NO_BASES)

    await cast.place.database.write(work)


class _GiveBack(Exception):
    def __init__(self, reply: Reply | None) -> None:
        self.reply = reply


def _said(tx: Tx, house: House, name: str, text: str, chat: str = "g1") -> Reply | None:
    account = ACCOUNTS.get(name, name)
    incoming = Incoming(NAME, text, chat or account, account, text, private=not chat)
    return respond(tx, Ask(incoming, house.who(tx, incoming), house, text))[0]


async def tried(
    cast: Cast, name: str, text: str, chat: str = "g1", before: tuple[tuple[str, ...], ...] = ()
) -> Reply | None:
    """What one person hears to `text` after (name, text, chat) of `before`; nothing of it is kept. Raises Refused."""
    house = cast.place.house

    def work(tx: Tx) -> None:
        if before[:1] == WISH:
            tx.run(SET_NUMBERS, activity=2, todo=9)
        if text in RESENT:
            put(tx, NAME, "g1", Reply("提醒"), key="failed", purpose="reminder", branch=1)
            tx.run(FAILED)
        for line in before:
            _said(tx, house, *line)
        raise _GiveBack(_said(tx, house, name, text, chat))

    try:
        await cast.place.database.write(work)
    except _GiveBack as given:
        return given.reply
    raise AssertionError("not reached")


SPEAKERS = {"/branch bind": "admin", "/dues confirm": "李红", "/dues set": "李红", "我是": "某某"}
IN_PRIVATE = {"/dues set"}  # beside the commands that answer in private only
ADOPTED = {"article"}  # its example is done already
WISH = (("周敏", "/wish add 轮椅坡道"),)  # the branch counts meetings, shifts and wishes together: this one is #3 too
CLAIMED = (*WISH, ("张三", "认领 #3"))
ON_THE_WAY = (("周敏", "/develop add 孙悦", ""),)
RESENT = ("/remind resend 12", "/提醒 补发 12")
FAILED = sql(update(outbox).where(outbox.c.key == "failed").values(id=12, state="failed"))
PAID = (("李红", "/dues confirm 3"),)
CLOSED = (*PAID, ("李红", "/dues close 11月"), ("周敏", "/dues close 11月"))
BEFORE: dict[str, tuple[tuple[str, ...], ...]] = {
    "/dues waive": (("李红", "/dues set 孙桂兰 离退休 3456.78", ""),),
    "/dues reverse": PAID,
    "/dues remit": CLOSED,
    "/volunteer remove": (("张三", "报名 #3"),),
    "退出": (("张三", "报名 #3"),),
    "/remind resume": (("周敏", "/remind pause 党费 原因 系统检修"),),
    "撤销": (("张三", "参加 #12"),),
    "/attendance correct": (("周敏", "/attendance mark #12 李四 到"), ("周敏", "/attendance close #12")),
    "补学": (("周敏", "/attendance mark #12 李四 到"), ("周敏", "/attendance close #12")),
    "/wish confirm": CLAIMED,
    "/wish release": CLAIMED,
    "/wish close": WISH,
    "/wish correct": WISH,
    "认领": WISH,
    "兑现": CLAIMED,
    "/develop list": ON_THE_WAY,
    "/develop step": ON_THE_WAY,
    "/develop correct": (*ON_THE_WAY, ("周敏", "/develop step 孙悦 7 2026-11-20", "")),
    "/develop end": ON_THE_WAY,
}


async def test_every_example_of_a_command_is_obeyed(house: Cast) -> None:
    for name, row in slash_rows(README).items():
        for typed in (bare(row[4]), bare(row[4]).replace(name, bare(row[1]), 1)):
            command, sub, _ = pick(COMMANDS, typed[1:])
            assert command is not None
            assert name == f"/{command.name}" + (f" {sub.name}" if sub else "")
            chat = "" if name in IN_PRIVATE or (sub or command).secret else "g1"
            reply = await tried(house, SPEAKERS.get(name, "周敏"), typed, chat, BEFORE.get(name, ()))
            assert reply is not None
            assert reply.text


async def test_every_example_of_a_word_is_obeyed(house: Cast) -> None:
    for word, example in word_rows(README).items():
        reply = await tried(house, SPEAKERS.get(word, "张三"), example, before=BEFORE.get(word, ()))
        assert reply is not None
        assert reply.text


def test_every_sentence_is_read_as_it_is_written() -> None:
    for sentence, intent in sentence_rows(README).items():
        assert read(sentence, START).intent == intent, sentence


@pytest.mark.parametrize(
    "words", ["12月4日15:00", "明天下午3点", "下周五15:00-17:00", "2026-12-04 15:00", "12月3日17:00"]
)
def test_every_time_that_is_shown_is_a_time(words: str) -> None:
    when = find_when(words, START)
    assert when is not None
    assert when.clock
    assert not when.ambiguous
    assert all(words in readme.read_text(encoding="utf-8") for readme in READMES)


@pytest.mark.parametrize("guide", ["secretary.md", "member.md"])
def test_what_the_guides_tell_people_to_say_is_understood(guide: str) -> None:
    """The first cells of their tables; whether it is obeyed is what the examples of the READMEs show."""
    told = [said for row in rows(HOME / "docs" / guide) for said in QUOTED.findall(row[0])]
    assert told
    for said in told:
        if said.startswith("/"):
            command, sub, rest = pick(COMMANDS, said[1:])
            assert command is not None, said
            assert not command.subs or sub or not rest, said
        else:
            assert find(WORDS, said.partition(" ")[0]), said


# Files


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target, heading in LINK.findall(document.read_text(encoding="utf-8")):
        if "://" not in target:
            page = document.parent / target if target else document
            assert page.exists(), target
            assert not heading or heading in anchors(page), heading


def anchors(page: Path) -> list[str]:
    """The headings of a page as links write them."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(text)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_configurations_load(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("BOT__"):
            monkeypatch.delenv(name)
    for block in blocks(document, "toml"):
        path = tmp_path / "config.toml"
        path.write_text(block, encoding="utf-8")
        load(path, KINDS)


def test_the_example_names_every_key_of_the_platforms() -> None:
    example = (HOME / "config.example.toml").read_text(encoding="utf-8")
    for settings in KINDS.values():
        assert [key for key in settings.model_fields if key not in example] == []


def test_the_documents_name_files_that_exist() -> None:
    """What CONTRIBUTING and the architecture call by path is there."""
    for document in (HOME / "CONTRIBUTING.md", HOME / "docs" / "architecture.md"):
        for path in re.findall(
            r"`((?:bot|handlers|scheduler|tests|docs|bench)/[\w./-]*)`", document.read_text("utf-8")
        ):
            assert (HOME / path).exists(), path


def test_every_log_line_that_needs_a_person_stands_in_the_runbook() -> None:
    runbook = (HOME / "docs" / "runbook.md").read_text(encoding="utf-8")
    told = [
        line
        for part in ("bot", "handlers", "scheduler")
        for path in HOME.glob(f"{part}/**/*.py")
        for line in log_lines(path)
    ]
    assert len(told) > 10
    for line in told:
        words = max(line.split("%s"), key=len).strip(" :")
        assert words in runbook, line


def log_lines(path: Path) -> Iterator[str]:
    """The texts of the warnings and errors that a file logs."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            text = node.args[0]
            of_a_log = isinstance(node.func.value, ast.Name) and node.func.value.id.strip("_") == "log"
            if of_a_log and node.func.attr in ("warning", "error", "exception") and isinstance(text, ast.Constant):
                yield str(text.value)


def test_every_make_target_that_is_written_is_one() -> None:
    listed = subprocess.run(["make", "-pRrnq", "-C", str(HOME), ":"], capture_output=True, text=True, check=False)
    targets = set(re.findall(r"^([a-z]+):", listed.stdout, re.M))
    for document in DOCUMENTS:
        written = re.findall(r"`make ([a-z]+)`", document.read_text(encoding="utf-8"))
        assert set(written) <= targets, document


def test_the_pictures_are_small() -> None:
    pictures = list((HOME / "docs").glob("*.png"))
    assert len(pictures) >= 4
    assert all(picture.stat().st_size < 300 * 1024 for picture in pictures)


# The worked examples of CONTRIBUTING


@pytest.fixture
def worked() -> dict[str, Any]:
    """All names that the Python blocks of CONTRIBUTING define."""
    names: dict[str, Any] = {"__name__": "worked"}
    for block in blocks(HOME / "CONTRIBUTING.md", "python"):
        exec(compile(block, "CONTRIBUTING.md", "exec", dont_inherit=True), names)
    return names


async def test_the_worked_command_works(one_cast: Cast, worked: dict[str, Any]) -> None:
    house = replace(one_cast.place.house, commands=(*COMMANDS, *worked["COMMANDS"]))
    incoming = Incoming(NAME, "worked", "g1", ACCOUNTS["周敏"], "/size")
    reply = await one_cast.place.database.write(partial(handle, incoming=incoming, house=house))
    assert reply == Reply("第一党支部 党员 14 人")


async def test_the_worked_reminder_is_said_once(
    one_cast: Cast, worked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "JOBS", (worked["STUDY"],))
    monkeypatch.setattr(jobs, "TABLE", {"study_notice": worked["STUDY"]})
    await one_cast.until("2026-12-10 08:59")
    assert one_cast.pushed() == []
    for _ in range(3):
        await one_cast.pass_time(minutes=30)
    assert [bubble.text for bubble in one_cast.pushed()] == ["本月学习材料请登记。"]


async def test_the_worked_platform_hears_and_answers(worked: dict[str, Any]) -> None:
    def knock(body: str, token: str) -> Knock:
        return Knock("POST", {}, {"x-token": token}, body.encode(), START)

    echo = worked["Echo"]("echo", worked["EchoSettings"](kind="echo", token="t"), None)
    heard = echo.receive(knock('{"id": "1", "group": "g", "sender": "a", "text": "参加"}', "t"))
    assert heard == Incoming("echo", "1", "g", "a", "参加")
    assert echo.answer(heard, Reply("好")) == Wire(body="好".encode(), content_type="text/plain")
    with pytest.raises(BadSignature):
        echo.receive(knock("{}", "other"))
    with pytest.raises(NotOurs):
        echo.receive(knock("{}", "t"))
    with pytest.raises(Undeliverable):
        await echo.send(Promise("k", "g", Reply("好")))


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    asked = set(re.findall(r"zhibu_\w+", (HOME / "docs/grafana.json").read_text(encoding="utf-8")))
    asked |= set(re.findall(r"zhibu_\w+", (HOME / "docs/runbook.md").read_text(encoding="utf-8")))
    made = set(re.findall(r'"(zhibu_\w+)"', (HOME / "bot/metrics.py").read_text(encoding="utf-8")))
    made |= {f"zhibu_quota_{what}" for what in ("used", "planned", "allowed")}
    assert {re.sub(r"_(total|bucket)$", "", name) for name in asked} <= made
    assert made <= {re.sub(r"_(total|bucket)$", "", name) for name in asked}, "each has its place on the dashboard"
