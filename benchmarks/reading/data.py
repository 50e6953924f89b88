"""Messages with what they are for, by rule or by hand, each in one of two halves.

`LOOKED_AT` is the half that weights are made of, and that one may look into while working on signs and words. The other
half is only counted. Which half a message is in is told by the hash of its conversation (of its own words, for examples
by hand), so that nothing of a conversation is in both.
"""

from __future__ import annotations

import gzip
import html
import json
import re
import tarfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from benchmarks.datasets import rows_of

HERE = Path(__file__).parent
ASKED = ("question", "answer", "asks", "content")
"""What is decided of a message."""
OF_LABEL = {
    "question": {"question": True},
    "other": {"question": False},
    "unclear": {},
    "answer": {"answer": True, "asks": False},
    "asks": {"answer": False, "asks": True},
    "neither": {"answer": False, "asks": False},
    "content": {"content": True},
    "open": {"content": False},
}
"""What each label says of what is decided."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message and what it is for. `origin` tells by whom or what it was labelled, and where it comes from.

    What is `hard` was picked because an earlier model was unsure of it, or written to learn from: weights may be made
    of it; it is not counted.
    """

    text: str
    label: str
    language: str
    origin: str
    half: int
    by_hand: bool = True
    hard: bool = False

    @property
    def looked_at(self) -> bool:
        return self.half == 0


@dataclass(frozen=True, slots=True)
class Raw:
    """A message of the data. `first` says that it opens a conversation, `by_asker` that who opened it wrote it."""

    source: str
    id: str
    conversation: str
    text: str
    first: bool = False
    by_asker: bool = False


def half_of(conversation: str) -> int:
    """Return 0 or 1."""
    return sha256(conversation.encode()).digest()[0] % 2


def examples() -> Iterator[Labelled]:
    """Return the examples that were written by hand: some in halves, and some to learn from alone."""
    for language, label, text in _written("examples.toml"):
        yield Labelled(text, label, language, "example", half_of(text))
    for language, label, text in _written("practice.toml"):
        yield Labelled(text, label, language, "practice", 0, hard=True)


def _written(name: str) -> Iterator[tuple[str, str, str]]:
    for language, by_label in tomllib.loads((HERE / name).read_text(encoding="utf-8")).items():
        for label, texts in by_label.items():
            yield from ((language, label, text) for text in texts)


@cache
def labels(name: str) -> dict[tuple[str, str], str]:
    """Return what messages of the data are for, as somebody who read them says: by source and id."""
    rows = (line.split() for line in (HERE / name).read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    return {(source, id_): label for source, label, *ids in rows for id_ in ids}


def labelled(data: Path) -> Iterator[Labelled]:
    """Return the messages of the data that were labelled by hand."""
    known, hard = labels("labels.txt"), labels("hard.txt")
    for one in messages(data):
        key, half = (one.source, one.id), half_of(f"{one.source}/{one.conversation}")
        if label := known.get(key) or hard.get(key):
            yield Labelled(one.text, label, "en", one.source, half, hard=key in hard)


def ruled(data: Path) -> Iterator[Labelled]:
    """Return messages whose label follows from where they stand.

    What opens a topic of a help channel, and a question of Stack Exchange, asks. An answer of Stack Exchange answers,
    and does not ask.
    """
    for one in _zulip(data):
        if one.first:
            half = half_of(f"{one.source}/{one.conversation}")
            yield Labelled(one.text, "question", "en", "topics and replies", half, by_hand=False)
        elif not one.by_asker and "?" not in one.text and int(one.id.split(".")[1]) <= 5:
            half = half_of(f"{one.source}/{one.conversation}")
            yield Labelled(one.text, "other", "en", "topics and replies", half, by_hand=False)
    for site in ("beer", "coffee", "matheducators"):
        for post in rows_of(data / "se_answerers" / f"{site}.posts.jsonl.gz"):
            half = half_of(f"{site}/{post['parent'] or post['id']}")
            if post["type"] == "question":
                yield Labelled(f"{post['title']}\n{post['body']}", "question", "en", "SE question", half, by_hand=False)
            else:
                yield Labelled(post["body"], "answer", "en", "SE answer", half, by_hand=False)
                yield Labelled(post["body"], "other", "en", "SE answer", half, by_hand=False)


def titles(data: Path) -> Iterator[tuple[str, str, int]]:
    """Return the titles that people gave to what they asked, what they wrote below, and the half."""
    for site in ("beer", "coffee", "matheducators"):
        for post in rows_of(data / "se_answerers" / f"{site}.posts.jsonl.gz"):
            if post["type"] == "question":
                yield post["title"], post["body"], half_of(f"{site}/{post['id']}")
    for post in rows_of(data / "travel_se_duplicates" / "corpus.jsonl.gz"):
        yield post["title"], post["body"], half_of(f"travel/{post['id']}")


def messages(data: Path) -> Iterator[Raw]:
    """Return every message of the conversations in the data."""
    yield from _zulip(data)
    yield from _racket(data)
    yield from _irc(data)
    yield from _slack(data)
    yield from _discord(data)


def _zulip(data: Path) -> Iterator[Raw]:
    for number, topic in enumerate(rows_of(data / "lean_zulip_routing" / "topics.jsonl.gz")):
        for place, message in enumerate(topic["messages"]):
            asker = message["user"] == topic["messages"][0]["user"]
            yield Raw("zulip", f"{number}.{place}", str(number), message["text"], place == 0, asker)


_MESSAGE = re.compile(
    r'<message conversation_id="(\d+)">\s*<ts>.*?</ts>\s*<user>(.*?)</user>\s*<text>(.*?)</text>', re.DOTALL
)


def _racket(data: Path) -> Iterator[Raw]:
    for year in (2017, 2018):
        with gzip.open(data / "slack_disentangled" / f"racket_{year}_racket-general.xml.gz", "rt") as file:
            found = _MESSAGE.findall(file.read())
        askers: dict[str, str] = {}
        for place, (conversation, user, text) in enumerate(found):
            first = conversation not in askers
            asker = askers.setdefault(conversation, user)
            yield Raw(f"racket{year}", str(place), conversation, html.unescape(text), first, user == asker)


def _irc(data: Path) -> Iterator[Raw]:
    with tarfile.open(data / "irc_disentanglement" / "irc_train_sample_and_dev.tar.gz") as archive:
        for member in sorted(archive.getmembers(), key=lambda one: one.name):
            file = archive.extractfile(member) if member.name.endswith(".ascii.txt") else None
            for place, line in enumerate(file.read().decode("utf-8", "replace").split("\n") if file else ()):
                said = re.match(r"\[\d\d:\d\d\] <\S+?> (.*)", line)
                if said:
                    yield Raw("irc", f"{member.name}#{place}", member.name, said[1])


def _slack(data: Path) -> Iterator[Raw]:
    with tarfile.open(data / "slack_export_houstondatavis" / "export.tar.gz") as archive:
        for member in sorted(archive.getmembers(), key=lambda one: one.name):
            day = member.name.count("/") == 1 and member.name.endswith(".json")
            file = archive.extractfile(member) if day else None
            for place, said in enumerate(json.load(file) if file else ()):
                if said.get("text") and not said.get("subtype"):
                    yield Raw("houston", f"{member.name}#{place}", member.name, html.unescape(said["text"]))


_CONTENT = re.compile(r'class="?chatlog__content chatlog__markdown"?>(.*?)</div>', re.DOTALL)


def _discord(data: Path) -> Iterator[Raw]:
    with tarfile.open(data / "discord_export_html_meshcore" / "html_exports.tar.gz") as archive:
        for member in sorted(archive.getmembers(), key=lambda one: one.name):
            file = archive.extractfile(member) if member.name.endswith(".html") else None
            for part in re.split(r"(?=data-message-id=)", file.read().decode() if file else "")[1:]:
                id_, content = re.match(r'data-message-id="?(\d+)', part), _CONTENT.search(part)
                pictures = re.sub(r'<img[^>]*alt="?([^" >]*)[^>]*>', r"\1", content[1]) if content else ""
                text = html.unescape(re.sub(r"<[^>]+>", "", pictures)).strip()
                if id_ and text:
                    yield Raw("meshcore", id_[1], member.name, text)
