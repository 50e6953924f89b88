"""The tables of polls and of what can be chosen in them, and what a poll is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.sql.expression import false

from .columns import UtcDateTime, WrittenText, metadata, names_of

Choices: TypeAlias = tuple[int, ...]
"""The positions of what was chosen, for a ranking the best first; for a rating the marks in the options' order."""

MOST_OPTIONS = 25

REMOVED = "(removed)"
"""The words of whoever was forgotten."""


class Kind(StrEnum):
    """How people choose."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    RANKED = "ranked"
    RATING = "rating"


class State(StrEnum):
    """How far a poll is. A draft is seen by its author alone."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


polls = Table(
    "polls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("number", Integer),
    Column("author_id", ForeignKey("members.id", ondelete="SET NULL"), index=True),
    Column("question", WrittenText, nullable=False),
    Column("kind", names_of(Kind), nullable=False),
    Column("state", names_of(State), nullable=False),
    Column("anonymous", Boolean, nullable=False, server_default=false()),
    Column("hidden", Boolean, nullable=False, server_default=false()),
    Column("adding", Boolean, nullable=False, server_default=false()),
    Column("most", Integer),
    Column("quorum", Integer),
    Column("threshold", Integer),
    Column("repeats", Text, nullable=False, server_default=""),
    Column("remind_minutes", Integer),
    Column("series_id", ForeignKey("polls.id")),
    Column("turn", Integer, nullable=False, server_default="0"),
    Column("channel", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("opened_at", UtcDateTime),
    Column("closes_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("closed_because", WrittenText, nullable=False, server_default=""),
    Column("reopens_until", UtcDateTime),
    Column("reopened", Integer, nullable=False, server_default="0"),
    UniqueConstraint("community_id", "number"),
    UniqueConstraint("series_id", "turn"),
    Index(None, "community_id", "state"),
    sqlite_autoincrement=True,
)

poll_options = Table(
    "poll_options",
    metadata,
    Column("poll_id", ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("label", WrittenText, nullable=False),
    Column("added_by", ForeignKey("members.id", ondelete="SET NULL"), index=True),
)


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll as it stands. `number` is what members call it, `channel` the key of where it was asked.

    `most` is how many options one may choose. With conditions, it passes if `quorum` people vote, and if the option
    that was asked first gets `threshold` percent. `repeats` says in words when it is asked again; `turn` counts the
    polls of a series from 0. A moderator closes what somebody else asked because of `closed_because`. What its author
    closed by hand may be reopened before `reopens_until`; that was done `reopened` times.
    """

    id: int
    community_id: int
    number: int | None
    author_id: int | None
    question: str
    kind: Kind
    state: State
    anonymous: bool
    hidden: bool
    adding: bool
    most: int | None
    quorum: int | None
    threshold: int | None
    repeats: str
    remind_minutes: int | None
    series_id: int | None
    turn: int
    channel: str
    created_at: datetime
    opened_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    closed_because: str
    reopens_until: datetime | None
    reopened: int


@dataclass(frozen=True, slots=True)
class PollOption:
    """Something to choose; `position` counts from 0 and never changes."""

    poll_id: int
    position: int
    label: str
    added_by: int | None
