"""What a group robot says, as the kind of message that fits: the reply decides, line by line of FORMS.

Source: WeCom doc 91770. Text and markdown call people with a real @, markdown_v2 and cards can't; nothing has
buttons, so the words to type stand in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.message import Reply
from bot.platforms.wecom_text import bare, escape, parts, size, typed

TEXT, MARKDOWN = 2048, 4096  # UTF-8 bytes; servers have been seen to take texts of 5120 (unverified)
TITLE, BELOW = 26, 112  # characters of a card
ARTICLES, HEADLINE = 8, 128  # of news; UTF-8 bytes
_LINK = re.compile(r"https?://[^\s，。；、）)]+")

Messages = list[dict[str, Any]]


def messages(reply: Reply) -> Messages:
    """The messages of a reply without its files, in as few as hold it; [] where it says nothing."""
    return next((made for form in FORMS if (made := form(reply))), []) if typed(reply) else []


def news(reply: Reply) -> Messages:
    """Where every line is some words and a link, and nobody is called: an article each."""
    lines = [(line, _LINK.findall(line)) for line in reply.text.splitlines() if line.strip()]
    if reply.card or reply.mention or len(lines) > ARTICLES or any(len(links) != 1 for _, links in lines):
        return []
    articles = [{"title": _LINK.sub("", line).strip(" ：:，。"), "url": links[0]} for line, links in lines]
    if not all(0 < size(one["title"]) <= HEADLINE for one in articles):
        return []
    return [{"msgtype": "news", "news": {"articles": articles}}]


def notice(reply: Reply) -> Messages:
    """Where a card has no buttons and the text is one line with a link: a card that opens it, as every card must."""
    links = _LINK.findall(reply.text)
    if not reply.card or reply.card.buttons or reply.mention or len(links) != 1 or "\n" in reply.text:
        return []
    below = "\n".join(reply.card.lines)
    if not reply.card.title or len(reply.card.title) > TITLE or len(below) > BELOW:
        return []
    drawn = {"card_type": "text_notice", "main_title": {"title": reply.card.title}}
    action = {"card_action": {"type": 1, "url": links[0]}}
    return [
        {"msgtype": "template_card", "template_card": drawn | ({"sub_title_text": below} if below else {}) | action}
    ]


def one_text(reply: Reply) -> Messages:
    """Most: a text that fits into one message."""
    made = texts(reply)
    return made if len(made) == 1 else []


def markdown(reply: Reply) -> Messages:
    """A longer one that calls people, where nothing in it means anything in markdown (which can't be escaped here)."""
    called = " ".join(f"<@{account}>" for account in reply.mention)
    content = f"{_plain(reply)}\n{called}"
    if not called or not bare(_plain(reply)) or size(content) > MARKDOWN:
        return []
    return [{"msgtype": "markdown", "markdown": {"content": content}}]


def markdown_v2(reply: Reply) -> Messages:
    """A longer one that calls nobody: twice as long as texts."""
    if reply.mention:
        return []
    contents = [escape(part) for part in parts(_plain(reply), MARKDOWN)]
    if max(map(size, contents)) > MARKDOWN:
        return []
    return [{"msgtype": "markdown_v2", "markdown_v2": {"content": content}} for content in contents]


def texts(reply: Reply) -> Messages:
    """Whatever else: numbered texts, of which the first calls."""
    called: dict[str, Any] = {"mentioned_list": list(reply.mention)} if reply.mention else {}
    return [
        {"msgtype": "text", "text": {"content": part, **({} if at else called)}}
        for at, part in enumerate(parts(_plain(reply), TEXT))
    ]


def _plain(reply: Reply) -> str:
    """<@id> in somebody's words would call people."""
    return typed(reply).replace("<@", "＜@")


FORMS: tuple[Callable[[Reply], Messages], ...] = (news, notice, one_text, markdown, markdown_v2, texts)
