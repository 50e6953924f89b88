"""Reads the HTML that DiscordChatExporter writes, as far as it tells what its JSON does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any

from .archive import File, Utf8

_ID_IN_NAME = re.compile(r"\[(\d{15,20})\]")
_ICON = re.compile(r"/icons/(\d{15,20})/")
_REPLY = re.compile(r"scrollToMessage\(event,\s*'(\d+)'\)")
_VOID = {"img", "br", "hr", "meta", "link", "input", "source", "use", "path"}
_TEXT = "chatlog__content"
_LEFT_OUT = {"chatlog__edited-timestamp"}
_FIRST = re.compile(r"data-message-id=\"?(\d{15,20})")
_ENTRY = re.compile(r"<div\s+class=\"?preamble__entry\"?>(.*?)</div>", re.DOTALL)
HEAD = 1 << 20
"""Within so many characters the preamble and the first message stand: styles and scripts come before them."""


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """What the head of a page tells. A post of a forum has the id of its first message, which names it then."""

    guild: str
    guild_name: str
    channel: str
    name: str
    type: str

    @classmethod
    def head(cls, file: File) -> HtmlPage | None:
        """Read the head of a page; None for one that DiscordChatExporter did not write."""
        with file.open() as raw:
            source, text = Utf8(raw), ""
            while len(text) < HEAD and (more := source.text()):
                text += more
                if _FIRST.search(text):
                    break
        first, entries, icon = _FIRST.search(text), _ENTRY.findall(text), _ICON.search(text)
        if not first or len(entries) < 2:
            return None
        guild_name, where = (_plain(entry) for entry in entries[:2])
        path = [part.strip() for part in where.split(" / ")]
        named = _ID_IN_NAME.search(file.path.name)
        # A thread is told by its path: category, channel, thread. A channel has two parts, or one.
        is_thread = len(path) > 2
        channel = named[1] if named else first[1]
        type_ = "GuildPublicThread" if is_thread else "DirectTextChat" if guild_name == "Direct Messages" else ""
        return cls(icon[1] if icon else "", guild_name, channel, path[-1], type_)

    @staticmethod
    def messages(file: File) -> Iterator[Mapping[str, Any]]:
        """Return the messages of a page, as its JSON would have them."""
        parser = _Messages()
        with file.open() as raw:
            source = Utf8(raw)
            while text := source.text():
                parser.feed(text)
                yield from parser.taken()
        parser.close()
        parser.finish()
        yield from parser.taken()


class _Messages(HTMLParser):
    """Collects messages. Who wrote the first of a group wrote them all."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[dict[str, Any]] = []
        self._message: dict[str, Any] | None = None
        self._author: dict[str, Any] = {}
        self._open: list[tuple[str, str]] = []
        """The tags that are open, with what of theirs is collected."""

    def taken(self) -> Iterator[dict[str, Any]]:
        """Return what is complete."""
        while self._done:
            yield self._done.pop(0)

    def finish(self) -> None:
        """End the message that is open."""
        if self._message is not None:
            self._message["content"] = self._message["content"].strip()
            self._done.append(self._message)
            self._message = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        classes = {*facts.get("class", "").split()}
        if "chatlog__message-group" in classes:
            self.finish()
            self._author = {}
        if "data-message-id" in facts:
            self.finish()
            self._message = {"id": facts["data-message-id"], "type": "", "content": "", "reactions": []}
            self._message["author"] = self._author
        if self._message is not None:
            self._note(self._message, facts, classes)
        if tag == "img" and self._collects == "content" and self._message is not None:
            self._message["content"] += facts.get("alt", "")
        if tag == "br":
            self.handle_data("\n")
        if tag not in _VOID:
            self._open.append((tag, self._collected(classes)))

    def _note(self, message: dict[str, Any], facts: Mapping[str, str], classes: set[str]) -> None:
        if "chatlog__author" in classes or "chatlog__system-notification-author" in classes:
            message["author"] = self._author = {"id": facts.get("data-user-id", ""), "nickname": "", "isBot": False}
        if any(name.startswith("chatlog__system-notification") for name in classes):
            message["type"] = "note"
        if "chatlog__author-tag" in classes:
            self._author["isBot"] = True
        if reply := _REPLY.search(facts.get("onclick", "")):
            message["reference"] = {"messageId": reply[1]}
        if "chatlog__reaction" in classes:
            message["reactions"].append({"emoji": {"name": facts.get("title", "")}})
        if "chatlog__markdown-pre--multiline" in classes:
            message["content"] += "```\n"
        elif "chatlog__markdown-pre--inline" in classes:
            message["content"] += "`"

    def _collected(self, classes: set[str]) -> str:
        """Return what the words in a tag are: the content, a name, code in the content, or nothing that is kept."""
        if _TEXT in classes:
            return "content"
        if "chatlog__author" in classes or "chatlog__system-notification-author" in classes:
            return "name"
        if classes & _LEFT_OUT:
            return ""
        if self._collects == "content" and "chatlog__markdown-pre--multiline" in classes:
            return "block"
        if self._collects == "content" and "chatlog__markdown-pre--inline" in classes:
            return "code"
        return self._collects if self._collects in ("content", "block", "code") else ""

    @property
    def _collects(self) -> str:
        return self._open[-1][1] if self._open else ""

    def handle_endtag(self, tag: str) -> None:
        if all(opened != tag for opened, _ in self._open):
            return
        while self._open:
            opened, what = self._open.pop()
            if self._message is not None and what in ("block", "code"):
                self._message["content"] += "\n```" if what == "block" else "`"
            if opened == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._message is None:
            return
        if self._collects == "name":
            self._author["nickname"] += data
        elif self._collects:
            self._message["content"] += data


def _plain(markup: str) -> str:
    """Return the words of a piece of a page that holds no tags."""
    return unescape(markup).strip()
