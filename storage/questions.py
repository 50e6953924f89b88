"""Questions from the first word to the accepted answer: what was asked, who was asked to help, and what came of it."""

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
    Select,
    Table,
    Text,
    UniqueConstraint,
    select,
    text,
    union,
    union_all,
    update,
)
from sqlalchemy.sql.expression import false

from .columns import UtcDateTime, WrittenText, metadata, names_of
from .database import Database
from .imports import imports
from .known_messages import message_keys
from .numbers import next_number
from .postings import postings


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
    Column("solution", Text),
    Column("solution_text", WrittenText, nullable=False, server_default=""),
    Column("closed_at", UtcDateTime),
    Column("known_id", ForeignKey("questions.id"), index=True),
    Column("rating_asked", Boolean, nullable=False, server_default=false()),
    Column("rating", Integer),
    Column("import_id", ForeignKey(imports.c.id)),
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
    Trellis came, has no number, and stands nowhere but at its `origin`.
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


class QuestionRows:
    """What every store of questions can do.

    Every change of a question's state has a condition: made twice, or too late, it changes nothing and says so.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, question_id: int) -> Question | None:
        """Return the question of this id."""
        found = await self._find(questions.c.id == question_id)
        return found[0] if found else None

    async def get_many(self, ids: Collection[int]) -> dict[int, Question]:
        """Return those questions that there are, by their id."""
        return {question.id: question for question in await self._find(questions.c.id.in_(ids))} if ids else {}

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Question]:
        query = select(questions).where(*conditions).order_by(questions.c.id)
        async with self._database.read() as connection:
            return [Question(**row._asdict()) for row in await connection.execute(query)]

    async def _change(self, question_id: int, *conditions: ColumnElement[bool], **values: Any) -> Question | None:
        statement = update(questions).where(questions.c.id == question_id, *conditions).values(**values)
        async with self._database.write() as connection:
            row = (await connection.execute(statement.returning(*questions.c))).one_or_none()
            return Question(**row._asdict()) if row else None


class QuestionStore(QuestionRows):
    """Questions as they are asked, found and forgotten."""

    async def draft(
        self,
        community_id: int,
        asker_id: int,
        space: str,
        title: str,
        at: datetime,
        *,
        details: str = "",
        topic: str = "",
        anonymous: bool = False,
        audience: Audience = Audience.PEERS,
        origin: str | None = None,
    ) -> Question | None:
        """Keep what someone wants to ask. Nothing if the message of `origin` has become a question before."""
        values = {
            "community_id": community_id,
            "asker_id": asker_id,
            "space": space,
            "title": title,
            "details": details,
            "topic": topic,
            "anonymous": anonymous,
            "audience": audience,
            "origin": origin,
            "state": State.DRAFT,
            "created_at": at,
            "active_at": at,
        }
        statement = self._database.insert(questions).values(values)
        async with self._database.write() as connection:
            row = (await connection.execute(statement.on_conflict_do_nothing().returning(*questions.c))).one_or_none()
            return Question(**row._asdict()) if row else None

    async def grow(self, question_id: int, title: str, details: str) -> Question | None:
        """Have a question say more. Nothing if somebody has answered it, or it is settled."""
        return await self._change(
            question_id,
            questions.c.state.in_((State.DRAFT, State.OPEN)),
            questions.c.answered_at.is_(None),
            title=title,
            details=details,
        )

    async def by_thread(self, thread: str) -> Question | None:
        """Return the question whose thread this is, in its own space or another."""
        found = await self._find(questions.c.id.in_(_posted(postings.c.thread == thread)))
        return found[-1] if found else None

    async def by_origin(self, message: str) -> Question | None:
        """Return the question that was asked by posting this message."""
        found = await self._find(questions.c.origin == message)
        return found[0] if found else None

    async def undecided(self, member_id: int, since: datetime) -> bool:
        """Say whether a member wrote something since then of which they have not said whether it is a question."""
        drafts = (questions.c.asker_id == member_id) & (questions.c.state == State.DRAFT)
        return bool(await self._find(drafts, questions.c.origin.is_not(None), questions.c.created_at > since))

    async def by_message(self, message: str) -> Question | None:
        """Return the question that this message is about, or from which it was asked."""
        at = select(questions.c.id).where(questions.c.origin == message)
        found = await self._find(questions.c.id.in_(union(at, _posted(postings.c.message == message))))
        return found[-1] if found else None

    async def listed(
        self,
        community_id: int,
        states: Collection[State],
        limit: int,
        *,
        asker_id: int | None = None,
        audience: Audience | None = None,
        unanswered: bool = False,
    ) -> list[Question]:
        """Return a community's latest questions in these states, of those that have a number."""
        conditions = [questions.c.community_id == community_id, questions.c.number.is_not(None)]
        if asker_id is not None:
            conditions.append(questions.c.asker_id == asker_id)
        if audience is not None:
            conditions.append(questions.c.audience == audience)
        if unanswered:
            conditions.append(questions.c.answered_at.is_(None))
        latest = select(questions).where(*conditions).order_by(questions.c.number.desc()).limit(limit)
        # One page of each state, each read off an index: together they would have to be sorted.
        pages = [select(latest.where(questions.c.state == state).subquery()) for state in states]
        together = union_all(*pages).subquery()
        async with self._database.read() as connection:
            rows = await connection.execute(select(together).order_by(together.c.number.desc()).limit(limit))
            return [Question(**row._asdict()) for row in rows]

    async def post(self, question_id: int, at: datetime) -> Question | None:
        """Give a draft its number and open it. Nothing if it is no draft any more."""
        async with self._database.write() as connection:
            question = await self.get(question_id)
            if question is None or question.state is not State.DRAFT:
                return None
            number = await next_number(self._database, connection, question.community_id, "questions")
            waits = at if question.audience is Audience.AGENTS else None
            return await self._change(
                question_id,
                questions.c.state == State.DRAFT,
                number=number,
                state=State.OPEN,
                asked_at=at,
                active_at=at,
                waiting_since=waits,
                hand_out_at=waits,
            )

    async def deflect(self, question_id: int, known_id: int, at: datetime) -> Question | None:
        """An old answer was enough. Nothing if somebody has taken the question on, or it is settled."""
        waiting = questions.c.state.in_((State.DRAFT, State.OPEN))
        return await self._change(question_id, waiting, state=State.DEFLECTED, known_id=known_id, solved_at=at)

    async def follow(self, question_id: int, other_id: int) -> Question | None:
        """Somebody else has asked the same: its answer is theirs. Nothing if it is no draft any more."""
        return await self._change(
            question_id, questions.c.state == State.DRAFT, state=State.FOLLOWING, known_id=other_id
        )

    async def followers(self, question_id: int) -> list[int]:
        """Return who follows a question because they would have asked the same."""
        mine = (questions.c.known_id == question_id) & (questions.c.state == State.FOLLOWING)
        async with self._database.read() as connection:
            return [*await connection.scalars(select(questions.c.asker_id).where(mine).order_by(questions.c.id))]

    async def drop(self, question_id: int, at: datetime) -> Question | None:
        """It was no question, or its author took it back. Nothing if it is settled already.

        Of what was imported nothing else is there than what its author wrote, so it is never too late.
        """
        open_ = questions.c.state.in_((State.DRAFT, *UNSETTLED))
        imported = questions.c.import_id.is_not(None) & (questions.c.state != State.DROPPED)
        return await self._change(question_id, open_ | imported, state=State.DROPPED, closed_at=at)

    async def asked_by(self, member_id: int) -> list[Question]:
        """Return all that a member asked."""
        return await self._find(questions.c.asker_id == member_id)

    async def asked_since(self, member_id: int, since: datetime) -> list[datetime]:
        """Return when a member asked since then, also what was taken back."""
        query = select(questions.c.asked_at).where(questions.c.asker_id == member_id, questions.c.asked_at >= since)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def unsettled_of(self, member_id: int) -> list[Question]:
        """Return what a member asked, or began to ask, that is not settled."""
        return await self._find(questions.c.asker_id == member_id, questions.c.state.in_((State.DRAFT, *UNSETTLED)))

    async def solved_by(self, member_id: int) -> list[Question]:
        """Return all that a member solved."""
        return await self._find(questions.c.solver_id == member_id)

    async def forget(self, member_id: int) -> None:
        """Remove the words that a member asked with, and the name from those that solved something for others.

        That somebody asked, and that somebody helped, stays true without saying who. What solved a question helps on.
        """
        async with self._database.write() as connection:
            mine = questions.c.asker_id == member_id
            removed = {"title": "(removed)", "details": "", "anonymous": True, "origin": None}
            await connection.execute(update(questions).where(mine).values(removed))

    async def about(self, member_id: int, after: int, limit: int) -> list[Question]:
        """Return the first questions behind the id `after` whose cards name a member, by their ids."""
        named = (questions.c.asker_id, questions.c.helper_id, questions.c.solver_id)
        ids = union(*(select(questions.c.id).where(column == member_id, questions.c.id > after) for column in named))
        query = select(questions).where(questions.c.id.in_(select(ids.subquery())))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(questions.c.id).limit(limit))
            return [Question(**row._asdict()) for row in rows]


def _posted(condition: ColumnElement[bool]) -> Select[tuple[int]]:
    """Return the ids of questions of which such a message stands, or did."""
    return select(postings.c.subject_id).where(postings.c.kind == KIND, condition)
