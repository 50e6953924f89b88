"""The table of questions, what a question is, and what every store of them can do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    select,
    text,
    update,
)
from sqlalchemy.sql.expression import false

from .columns import UtcDateTime, WrittenText, metadata, names_of
from .database import Database
from .imports import imports
from .known_messages import message_keys
from .uploads import uploads


class State(StrEnum):
    """How far a question is.

    `DEFLECTED`: an old answer solved it before it was posted. `FOLLOWING`: somebody else had asked the same just now.
    """

    DRAFT = "draft"
    OPEN = "open"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    SOLVED = "solved"
    CLOSED = "closed"
    DEFLECTED = "deflected"
    DROPPED = "dropped"
    FOLLOWING = "following"


UNSETTLED = (State.OPEN, State.CLAIMED, State.ANSWERED)
"""The states in which somebody still has to do something."""
UNPOSTED = (State.DRAFT, State.DEFLECTED, State.DROPPED, State.FOLLOWING)
"""The states of what never was, or no longer is, a question to everyone."""


class Escalation(StrEnum):
    """Why a question is with support."""

    UNANSWERED = "unanswered"
    UNSOLVED = "unsolved"
    BY_ASKER = "asker"
    BY_MODERATOR = "moderator"
    REOPENED = "reopened"


class Audience(StrEnum):
    """Who is asked: other members, or support agents."""

    PEERS = "peers"
    AGENTS = "agents"


questions = Table(
    "questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("number", Integer),
    Column("asker_id", ForeignKey("members.id"), nullable=False),
    Column("anonymous", Boolean, nullable=False, server_default=false()),
    Column("title", WrittenText, nullable=False),
    Column("details", WrittenText, nullable=False),
    Column("topic", WrittenText, nullable=False),
    Column("state", names_of(State), nullable=False),
    Column("audience", names_of(Audience), nullable=False),
    Column("space", Text, nullable=False),
    Column("origin", Text, info=message_keys()),
    Column("created_at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime),
    Column("edited_at", UtcDateTime),
    Column("active_at", UtcDateTime, nullable=False),
    Column("asker_spoke_last", Boolean, nullable=False, server_default=false()),
    Column("waves", Integer, nullable=False, server_default="0"),
    Column("waves_before", Integer, nullable=False, server_default="0"),
    Column("wave_at", UtcDateTime),
    Column("helper_id", ForeignKey("members.id")),
    Column("claimed_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("escalated_at", UtcDateTime),
    Column("escalation", Text, nullable=False, server_default=""),
    Column("waiting_since", UtcDateTime),
    Column("hand_out_at", UtcDateTime),
    Column("offered_agent_id", ForeignKey("members.id")),
    Column("offered_agent_at", UtcDateTime),
    Column("lead_told_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Column("solved_at", UtcDateTime),
    Column("solver_id", ForeignKey("members.id"), index=True),
    Column("solution", Text, index=True, info=message_keys()),
    Column("solution_text", WrittenText, nullable=False, server_default=""),
    Column("closed_at", UtcDateTime),
    Column("known_id", ForeignKey("questions.id"), index=True),
    Column("rating_asked", Boolean, nullable=False, server_default=false()),
    Column("rating", Integer),
    Column("import_id", ForeignKey(imports.c.id)),
    Column("private", Boolean, nullable=False, server_default=false()),
    Column("screenshot_id", ForeignKey(uploads.c.id, ondelete="SET NULL"), index=True),
    UniqueConstraint("community_id", "number"),
    UniqueConstraint("origin"),
    Index(None, "community_id", "state", "number"),
    Index(None, "community_id", "state", "audience", "waiting_since"),
    Index(None, "community_id", "topic", "number"),
    Index(None, "asker_id", "state", "number"),
    Index(None, "helper_id", "state"),
    Index(None, "offered_agent_id", "state"),
    Index(None, "import_id"),
    Index(
        "ix_questions_imported",
        *("community_id", "topic", "asked_at"),
        sqlite_where=text("import_id IS NOT NULL"),
        postgresql_where=text("import_id IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)


KIND = "question"
"""What questions are called among tracked things, and in the search index."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it stands. `origin` is the key of the post that asked it; `number` is what members call it.

    `waves` counts the waves of peers that were asked, `waves_before` those before it was last reopened. For support,
    `waiting_since` is when it began to wait for an agent, and `hand_out_at` when one is to be found for it; without
    that it waits for someone to come on duty or have room. `offered_agent_at` is when it became the turn of
    `offered_agent_id`, or nobody's. `escalation` is why it went to support: an `Escalation`, or words in rows from
    before there were any.
    `asked_at` is when it was posted, `edited_at` when the post that asked it was last edited; `known_id` the solved
    question that answered it. `rating` is 1 to 3. `import_id` is the import that brought it: it was asked before
    Trellis came, has no number, and stands nowhere but at its `origin`. What is `private` only its asker and support
    see: it never was in a help channel, and never comes there. `screenshot_id` is the upload that
    goes with its details.
    """

    id: int
    community_id: int
    number: int | None
    asker_id: int
    anonymous: bool
    title: str
    details: str
    topic: str
    state: State
    audience: Audience
    space: str
    origin: str | None
    created_at: datetime
    asked_at: datetime | None
    edited_at: datetime | None
    active_at: datetime
    asker_spoke_last: bool
    waves: int
    waves_before: int
    wave_at: datetime | None
    helper_id: int | None
    claimed_at: datetime | None
    answered_at: datetime | None
    escalated_at: datetime | None
    escalation: str
    waiting_since: datetime | None
    hand_out_at: datetime | None
    offered_agent_id: int | None
    offered_agent_at: datetime | None
    lead_told_at: datetime | None
    reminded_at: datetime | None
    solved_at: datetime | None
    solver_id: int | None
    solution: str | None
    solution_text: str
    closed_at: datetime | None
    known_id: int | None
    rating_asked: bool
    rating: int | None
    import_id: int | None = None
    private: bool = False
    screenshot_id: int | None = None


class QuestionRows:
    """What every store of questions can do.

    Every change of a question's state has a condition: made twice, or too late, it changes nothing and says so.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, question_id: int) -> Question | None:
        """Return the question of this id."""
        written: Question | None = self._database.recall((KIND, question_id))
        if written:
            return written
        found = await self._find(questions.c.id == question_id)
        return found[0] if found else None

    async def get_many(self, ids: Collection[int]) -> dict[int, Question]:
        """Return those questions that there are, by their id."""
        return {question.id: question for question in await self._find(questions.c.id.in_(ids))} if ids else {}

    async def titles(self, ids: Collection[int]) -> dict[int, str]:
        """Return what those questions are called that there are, by their id."""
        query = select(questions.c.id, questions.c.title).where(questions.c.id.in_(ids))
        async with self._database.read() as connection:
            return {row.id: row.title for row in await connection.execute(query)} if ids else {}

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Question]:
        query = select(questions).where(*conditions).order_by(questions.c.id)
        async with self._database.read() as connection:
            return [Question(**row._asdict()) for row in await connection.execute(query)]

    async def _change(self, question_id: int, *conditions: ColumnElement[bool], **values: Any) -> Question | None:
        statement = update(questions).where(questions.c.id == question_id, *conditions).values(**values)
        async with self._database.write() as connection:
            row = (await connection.execute(statement.returning(*questions.c))).one_or_none()
            return self._written(row) if row else None

    def _written(self, row: Row[Any]) -> Question:
        """Return what this unit has made of a question: it is not read again in it."""
        question = Question(**row._asdict())
        self._database.remember((KIND, question.id), question)
        return question
