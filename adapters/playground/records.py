"""Who and what there is in the chat, as `world` hands it out."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from adapters.contract.models import Space

SPACE = Space("playground", "demo")
TRELLIS = "trellis"
"""The author of what Trellis posts. No person has this id."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone to act as."""

    id: str
    name: str
    roles: tuple[str, ...]
    timezone: str
    domain: str = ""
    locale: str = ""
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where messages stand: a channel, a direct channel or a thread.

    Only those who have one of `roles` (if there are any) may see it, and `guests`, who were let in; a direct channel
    only its `owner`. A thread is seen by whoever sees its parent.
    """

    id: str
    name: str
    kind: str
    parent: str | None = None
    owner: str | None = None
    roles: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()

    def seen_by(self, person: Person) -> bool:
        """Say whether the person may see what stands here."""
        if self.owner not in {None, person.id}:
            return False
        return not self.roles or person.id in self.guests or not {*self.roles}.isdisjoint(person.roles)


@dataclass(frozen=True, slots=True)
class Entry:
    """One message: words of a person, or a card of Trellis. `private` is its only reader, if it has just one.

    `edited_at` is when its author last changed its words.
    """

    number: int
    place: str
    author: str
    text: str
    card: str | None
    private: str | None
    pings: tuple[str, ...]
    edits: int
    at: datetime
    edited_at: datetime | None
    thread: str | None
    replies: int
    replied: datetime | None
    reactions: dict[str, list[str]]

    @property
    def id(self) -> str:
        """Return the id by which everyone else knows it."""
        return f"m{self.number}"

    def seen_by(self, person: Person) -> bool:
        """Say whether someone who may see the place may see this."""
        return self.private in {None, person.id}


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A dialog that someone was shown and has not sent, or not well enough."""

    id: str
    person: str
    place: str
    call: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """What someone has not seen of a place: how many messages, and how many of them mention them."""

    messages: int
    mentions: int


def person_of(row: sqlite3.Row) -> Person:
    """Read someone's row."""
    roles = tuple(json.loads(row["roles"]))
    return Person(row["id"], row["name"], roles, row["timezone"], row["domain"], row["locale"], bool(row["has_left"]))


def place_of(row: sqlite3.Row) -> Place:
    """Read a place's row."""
    lists = {name: tuple(json.loads(row[name])) for name in ("roles", "guests")}
    return Place(**{**row, **lists})


def entry_of(row: sqlite3.Row) -> Entry:
    """Read a message's row."""
    reactions: dict[str, list[str]] = {}
    for emoji, person in json.loads(row["reactions"]):
        reactions.setdefault(emoji, []).append(person)
    return Entry(
        row["number"],
        row["place"],
        row["author"],
        row["text"],
        row["card"],
        row["private"],
        tuple(json.loads(row["pings"])),
        row["edited"],
        datetime.fromisoformat(row["at"]),
        datetime.fromisoformat(row["edited_at"]) if row["edited_at"] else None,
        row["thread"],
        row["replies"],
        datetime.fromisoformat(row["replied"]) if row["replied"] else None,
        reactions,
    )
