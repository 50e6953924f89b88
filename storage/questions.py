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
    Enum,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.sql.expression import false

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database
from .known_messages import message_keys
from .numbers import next_number


class State(StrEnum):
    """How far a question is. `DEFLECTED`: an old answer solved it before it was posted."""

    DRAFT = "draft"
    OPEN = "open"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    SOLVED = "solved"
    CLOSED = "closed"
    DEFLECTED = "deflected"
    DROPPED = "dropped"


UNSETTLED = (State.OPEN, State.CLAIMED, State.ANSWERED)
"""The states in which somebody still has to do something."""
UNPOSTED = (State.DRAFT, State.DEFLECTED, State.DROPPED)
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


def names_of(kind: type[StrEnum]) -> Enum:
    """Return the column type that keeps a choice by its name, readable in any tool."""
    return Enum(kind, native_enum=False, length=20, values_callable=lambda names: [name.value for name in names])


questions = Table(
    "questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("number", Integer),
    Column("asker_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("anonymous", Boolean, nullable=False, server_default=false()),
    Column("title", WrittenText, nullable=False),
    Column("details", WrittenText, nullable=False),
    Column("topic", WrittenText, nullable=False),
    Column("state", names_of(State), nullable=False),
    Column("audience", names_of(Audience), nullable=False),
    Column("space", Text, nullable=False),
    Column("origin", Text, info=message_keys()),
    Column("card", Text),
    Column("thread", Text, index=True),
    Column("agents_card", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime),
    Column("active_at", UtcDateTime, nullable=False),
    Column("asker_spoke_last", Boolean, nullable=False, server_default=false()),
    Column("waves", Integer, nullable=False, server_default="0"),
    Column("waves_before", Integer, nullable=False, server_default="0"),
    Column("wave_at", UtcDateTime),
    Column("helper_id", ForeignKey("members.id"), index=True),
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
    Column("known_id", ForeignKey("questions.id")),
    Column("rating_asked", Boolean, nullable=False, server_default=false()),
    Column("rating", Integer),
    UniqueConstraint("community_id", "number"),
    UniqueConstraint("origin"),
    Index(None, "community_id", "state"),
    sqlite_autoincrement=True,
)

mirrors = Table(
    "mirrors",
    metadata,
    Column("question_id", ForeignKey("questions.id"), primary_key=True),
    Column("space", Text, primary_key=True),
    Column("card", Text, nullable=False),
    Column("thread", Text, nullable=False, index=True),
)

replies = Table(
    "replies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message", Text, nullable=False, unique=True, info=message_keys()),
    Column("question_id", ForeignKey("questions.id"), nullable=False, index=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("text", WrittenText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it stands. Places are keys of messages and channels; `number` is what members call it.

    `waves` counts the waves of peers that were asked, `waves_before` those before it was last reopened. For support,
    `waiting_since` is when it began to wait for an agent, and `hand_out_at` when one is to be found for it; without
    that it waits for someone to come on duty or have room. `escalation` is why it went to support: an `Escalation`,
    or words in rows from before there were any.
    `asked_at` is when it was posted; `known_id` the solved question that answered it. `rating` is 1 to 3.
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
    card: str | None
    thread: str | None
    agents_card: str | None
    created_at: datetime
    asked_at: datetime | None
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


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where a question stands in another space of its community: the keys of its card and its thread there."""

    question_id: int
    space: str
    card: str
    thread: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What someone wrote in a question's thread. `message` is the key of the message."""

    id: int
    message: str
    question_id: int
    member_id: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Help:
    """A member wrote in the thread of someone else's question; `accepted` if that is what solved it."""

    question_id: int
    member_id: int
    topic: str
    accepted: bool
    at: datetime


class QuestionStore:
    """Every change of a question's state has a condition: made twice, or too late, it changes nothing and says so."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
            rows = await connection.execute(statement.on_conflict_do_nothing().returning(*questions.c))
            row = rows.one_or_none()
            return Question(**row._asdict()) if row else None

    async def get(self, question_id: int) -> Question | None:
        """Return the question of this id."""
        found = await self._find(questions.c.id == question_id)
        return found[0] if found else None

    async def get_many(self, ids: Collection[int]) -> dict[int, Question]:
        """Return those questions that there are, by their id."""
        return {question.id: question for question in await self._find(questions.c.id.in_(ids))}

    async def by_thread(self, thread: str) -> Question | None:
        """Return the question whose thread this is, in its own space or another."""
        mirrored = select(mirrors.c.question_id).where(mirrors.c.thread == thread)
        found = await self._find((questions.c.thread == thread) | questions.c.id.in_(mirrored))
        return found[-1] if found else None

    async def by_origin(self, message: str) -> Question | None:
        """Return the question that was asked by posting this message."""
        found = await self._find(questions.c.origin == message)
        return found[0] if found else None

    async def by_message(self, message: str) -> Question | None:
        """Return the question that this message shows, or from which it was asked."""
        at = (questions.c.card == message) | (questions.c.origin == message) | (questions.c.agents_card == message)
        mirrored = select(mirrors.c.question_id).where(mirrors.c.card == message)
        found = await self._find(at | questions.c.id.in_(mirrored))
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
        newest_first: bool = True,
    ) -> list[Question]:
        """Return a community's questions in these states."""
        conditions = [questions.c.community_id == community_id, questions.c.state.in_(states)]
        if asker_id is not None:
            conditions.append(questions.c.asker_id == asker_id)
        if audience is not None:
            conditions.append(questions.c.audience == audience)
        if unanswered:
            conditions.append(questions.c.answered_at.is_(None))
        order = func.coalesce(questions.c.waiting_since, questions.c.asked_at, questions.c.created_at)
        query = select(questions).where(*conditions).order_by(order.desc() if newest_first else order).limit(limit)
        async with self._database.read() as connection:
            return [Question(**row._asdict()) for row in await connection.execute(query)]

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

    async def drop(self, question_id: int, at: datetime) -> Question | None:
        """It was no question, or its author took it back. Nothing if it is settled already."""
        unsettled = questions.c.state.in_((State.DRAFT, *UNSETTLED))
        return await self._change(question_id, unsettled, state=State.DROPPED, closed_at=at)

    async def placed(
        self, question_id: int, *, card: str | None = None, thread: str | None = None, agents_card: str | None = None
    ) -> Question | None:
        """Note where the question stands."""
        places = {"card": card, "thread": thread, "agents_card": agents_card}
        return await self._change(question_id, **{name: key for name, key in places.items() if key})

    async def mirror(self, question_id: int, space: str, card: str, thread: str) -> None:
        """Note where the question stands in another space."""
        statement = self._database.insert(mirrors).values(
            question_id=question_id, space=space, card=card, thread=thread
        )
        async with self._database.write() as connection:
            await connection.execute(statement.on_conflict_do_nothing())

    async def mirrors(self, question_id: int) -> list[Mirror]:
        """Return where else the question stands."""
        query = select(mirrors).where(mirrors.c.question_id == question_id).order_by(mirrors.c.space)
        async with self._database.read() as connection:
            return [Mirror(**row._asdict()) for row in await connection.execute(query)]

    async def begin_wave(self, question_id: int, wave: int, at: datetime) -> Question | None:
        """Note that a wave of peers is asked. Nothing if that wave has been, or nobody needs to be asked any more."""
        return await self._change(
            question_id, questions.c.state == State.OPEN, questions.c.waves == wave - 1, waves=wave, wave_at=at
        )

    async def help(self, question_id: int, helper_id: int, at: datetime) -> Question | None:
        """A peer takes it on. Nothing if someone has already, or it is settled."""
        return await self._change(
            question_id,
            questions.c.state == State.OPEN,
            questions.c.audience == Audience.PEERS,
            state=State.CLAIMED,
            helper_id=helper_id,
            claimed_at=at,
        )

    async def escalate(self, question_id: int, reason: Escalation, at: datetime) -> Question | None:
        """It goes up to support. Nothing if it is there already, or settled."""
        return await self._change(
            question_id,
            questions.c.state.in_(UNSETTLED),
            questions.c.audience == Audience.PEERS,
            audience=Audience.AGENTS,
            state=State.OPEN,
            escalated_at=at,
            escalation=reason,
            waiting_since=at,
            hand_out_at=at,
            lead_told_at=None,
            helper_id=None,
            claimed_at=None,
            reminded_at=None,
        )

    async def offer_agent(
        self, question_id: int, agent_id: int | None, at: datetime, until: datetime | None
    ) -> Question | None:
        """It is this agent's turn until `until`, or nobody's. Nothing if someone took it."""
        return await self._change(
            question_id,
            questions.c.state == State.OPEN,
            questions.c.audience == Audience.AGENTS,
            offered_agent_id=agent_id,
            offered_agent_at=at if agent_id else None,
            hand_out_at=until,
        )

    async def claim(self, question_id: int, agent_id: int, at: datetime) -> Question | None:
        """An agent takes it on. Nothing if someone has already, or it is settled."""
        return await self._change(
            question_id,
            questions.c.state == State.OPEN,
            questions.c.audience == Audience.AGENTS,
            state=State.CLAIMED,
            helper_id=agent_id,
            claimed_at=at,
            active_at=at,
            offered_agent_id=None,
            offered_agent_at=None,
            hand_out_at=None,
        )

    async def release(self, question_id: int, helper_id: int, at: datetime) -> Question | None:
        """Whoever took it on gives it back, to be asked around again. Nothing if it is not theirs any more."""
        return await self._change(
            question_id,
            questions.c.state.in_((State.CLAIMED, State.ANSWERED)),
            questions.c.helper_id == helper_id,
            state=State.OPEN,
            helper_id=None,
            claimed_at=None,
            active_at=at,
            waiting_since=at,
            hand_out_at=at,
            lead_told_at=None,
            reminded_at=None,
        )

    async def hand_out_waiting(self, community_id: int, at: datetime) -> list[Question]:
        """Have an agent looked for again, for whatever waits for one; return those questions, longest waiting first."""
        waiting = (
            update(questions)
            .where(
                questions.c.community_id == community_id,
                questions.c.state == State.OPEN,
                questions.c.audience == Audience.AGENTS,
                questions.c.hand_out_at.is_(None),
            )
            .values(hand_out_at=at)
            .returning(*questions.c)
        )
        async with self._database.write() as connection:
            found = [Question(**row._asdict()) for row in await connection.execute(waiting)]
            return sorted(found, key=lambda question: (question.waiting_since or at, question.id))

    async def tell_lead(self, question_id: int, at: datetime) -> Question | None:
        """The lead is told that nobody took it. Nothing if they know."""
        return await self._change(
            question_id,
            questions.c.state == State.OPEN,
            questions.c.lead_told_at.is_(None),
            lead_told_at=at,
        )

    async def reply(
        self,
        question: Question,
        message: str,
        member_id: int,
        text: str,
        at: datetime,
        *,
        answers: bool = True,
        asks: bool = False,
    ) -> Question | None:
        """Note what someone wrote in the thread; nothing if it is noted already.

        Someone else's words that are meant to help (`answers`) make it an answered question. `asks` says of the asker's
        words that they call for more help.
        """
        async with self._database.write() as connection:
            new = await connection.scalar(
                self._database.insert(replies)
                .values(message=message, question_id=question.id, member_id=member_id, text=text, at=at)
                .on_conflict_do_nothing()
                .returning(replies.c.message)
            )
            if new is None:
                return None
            by_asker = member_id == question.asker_id
            helps = not by_asker and answers
            facts: dict[str, Any] = {"active_at": at}
            if by_asker:
                facts["asker_spoke_last"] = asks
            if helps:
                facts |= {"asker_spoke_last": False, "answered_at": func.coalesce(questions.c.answered_at, at)}
            changed = await self._change(question.id, questions.c.state.in_(UNSETTLED), **facts)
            if changed and helps and changed.state is not State.ANSWERED:
                facts = {"state": State.ANSWERED, "helper_id": func.coalesce(questions.c.helper_id, member_id)}
                changed = await self._change(question.id, **facts)
            return changed or await self.get(question.id)

    async def reply_of(self, message: str) -> Reply | None:
        """Return what was noted of a message in a question's thread."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(replies).where(replies.c.message == message))).one_or_none()
            return Reply(**row._asdict()) if row else None

    async def unsay(self, message: str) -> Question | None:
        """Forget the words of a message that was deleted; return the question in whose thread it stood."""
        async with self._database.write() as connection:
            reply = await self.reply_of(message)
            if reply is None:
                return None
            await connection.execute(update(replies).where(replies.c.message == message).values(text=""))
            await self._change(reply.question_id, questions.c.solution == message, solution_text="")
            return await self.get(reply.question_id)

    async def replies(self, question_id: int, limit: int = 100) -> list[Reply]:
        """Return the latest of what was written in the thread, oldest first."""
        query = select(replies).where(replies.c.question_id == question_id)
        query = query.order_by(replies.c.at.desc(), replies.c.id.desc()).limit(limit)
        async with self._database.read() as connection:
            return [Reply(**row._asdict()) for row in await connection.execute(query)][::-1]

    async def solve(
        self, question_id: int, at: datetime, *, solver_id: int | None, solution: str | None, text: str
    ) -> Question | None:
        """Someone's message solved it; without a solver the asker found it alone. Nothing if it is solved already."""
        return await self._change(
            question_id,
            questions.c.state.in_((*UNSETTLED, State.CLOSED)),
            state=State.SOLVED,
            solved_at=at,
            solver_id=solver_id,
            solution=solution,
            solution_text=text,
            answered_at=func.coalesce(questions.c.answered_at, at),
            active_at=at,
        )

    async def remind(self, question_id: int, at: datetime) -> Question | None:
        """The asker is asked whether it is solved. Nothing unless it has an answer and waits for them."""
        return await self._change(question_id, questions.c.state == State.ANSWERED, reminded_at=at)

    async def close(self, question_id: int, at: datetime) -> Question | None:
        """Nothing came any more. Nothing unless it has an answer and the asker was reminded."""
        return await self._change(
            question_id,
            questions.c.state == State.ANSWERED,
            questions.c.reminded_at >= questions.c.active_at,
            state=State.CLOSED,
            closed_at=at,
        )

    async def reopen(self, question_id: int, at: datetime) -> Question | None:
        """It is not settled after all; it is asked around once more. Nothing if it is not settled."""
        return await self._change(
            question_id,
            questions.c.state.in_((State.SOLVED, State.CLOSED)),
            state=State.OPEN,
            waves_before=questions.c.waves,
            wave_at=None,
            solved_at=None,
            solver_id=None,
            solution=None,
            solution_text="",
            closed_at=None,
            reminded_at=None,
            helper_id=None,
            claimed_at=None,
            escalation=Escalation.REOPENED,
            waiting_since=at,
            hand_out_at=at,
            lead_told_at=None,
            offered_agent_id=None,
            offered_agent_at=None,
            active_at=at,
            asker_spoke_last=True,
        )

    async def keep_going(self, question_id: int, at: datetime) -> Question | None:
        """The asker says that it is not solved yet."""
        return await self._change(
            question_id, questions.c.state == State.ANSWERED, active_at=at, reminded_at=None, asker_spoke_last=True
        )

    async def ask_rating(self, question_id: int) -> bool:
        """Say whether the asker is to be asked for a rating now: once for each question."""
        return await self._change(question_id, questions.c.rating_asked.is_(False), rating_asked=True) is not None

    async def hasten(self, question_id: int, wave: int, wave_at: datetime) -> Question | None:
        """Count a wave as sent at an earlier moment: everyone in it has said no."""
        return await self._change(
            question_id, questions.c.state == State.OPEN, questions.c.waves == wave, wave_at=wave_at
        )

    async def rate(self, question_id: int, rating: int) -> Question | None:
        """Note how the help was, 1 to 3. Nothing if it was rated before."""
        return await self._change(question_id, questions.c.rating.is_(None), rating=rating)

    async def help_given(self, community_id: int, since: datetime) -> list[Help]:
        """Return who helped on whose questions, one row for a member and question, by when they last wrote.

        An answer that spared someone else their question counts as accepted once more.
        """
        query = (
            select(
                replies.c.question_id,
                replies.c.member_id,
                questions.c.topic,
                (func.coalesce(questions.c.solver_id, 0) == replies.c.member_id).label("accepted"),
                func.max(replies.c.at).label("at"),
            )
            .join(questions, questions.c.id == replies.c.question_id)
            .where(
                questions.c.community_id == community_id,
                questions.c.asker_id != replies.c.member_id,
                replies.c.at >= since,
            )
            .group_by(replies.c.question_id, replies.c.member_id, questions.c.topic, questions.c.solver_id)
        )
        known = questions.alias("known")
        again = (
            select(
                known.c.id.label("question_id"),
                known.c.solver_id.label("member_id"),
                known.c.topic,
                literal(True).label("accepted"),
                questions.c.solved_at.label("at"),
            )
            .join(known, known.c.id == questions.c.known_id)
            .where(
                questions.c.community_id == community_id,
                questions.c.state == State.DEFLECTED,
                questions.c.solved_at >= since,
                known.c.solver_id.is_not(None),
                known.c.solver_id != questions.c.asker_id,
            )
        )
        async with self._database.read() as connection:
            rows = [*(await connection.execute(query)), *(await connection.execute(again))]
            return [Help(row.question_id, row.member_id, row.topic, bool(row.accepted), row.at) for row in rows]

    async def load(self, community_id: int) -> dict[int, int]:
        """Return how many unsettled questions each agent has in hand, or is being asked to take."""
        agent = case((questions.c.state == State.OPEN, questions.c.offered_agent_id), else_=questions.c.helper_id)
        query = (
            select(agent, func.count())
            .where(
                questions.c.community_id == community_id,
                questions.c.audience == Audience.AGENTS,
                questions.c.state.in_(UNSETTLED),
                agent.is_not(None),
            )
            .group_by(agent)
        )
        async with self._database.read() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def in_hand(self, member_id: int) -> list[Question]:
        """Return the questions that a member took on and has not answered yet."""
        return await self._find(questions.c.helper_id == member_id, questions.c.state == State.CLAIMED)

    async def told_by(self, member_id: int) -> tuple[list[Question], list[Reply]]:
        """Return all that a member asked, and all that they wrote in threads."""
        async with self._database.read() as connection:
            written = await connection.execute(select(replies).where(replies.c.member_id == member_id))
            return await self._find(questions.c.asker_id == member_id), [Reply(**row._asdict()) for row in written]

    async def forget(self, member_id: int) -> None:
        """Remove a member's words.

        That somebody asked, and that somebody helped, stays true: without their words, and without saying who.
        """
        async with self._database.write() as connection:
            mine, solved = questions.c.asker_id == member_id, questions.c.solver_id == member_id
            await connection.execute(
                update(questions).where(mine).values(title="(removed)", details="", anonymous=True, origin=None)
            )
            await connection.execute(update(questions).where(solved).values(solution_text=""))
            await connection.execute(delete(replies).where(replies.c.member_id == member_id))

    async def about(self, member_id: int) -> list[Question]:
        """Return the questions whose cards name a member."""
        named = (questions.c.asker_id, questions.c.helper_id, questions.c.solver_id)
        return await self._find(or_(*(column == member_id for column in named)))

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Question]:
        query = select(questions).where(*conditions).order_by(questions.c.id)
        async with self._database.read() as connection:
            return [Question(**row._asdict()) for row in await connection.execute(query)]

    async def _change(self, question_id: int, *conditions: ColumnElement[bool], **values: Any) -> Question | None:
        statement = update(questions).where(questions.c.id == question_id, *conditions).values(**values)
        async with self._database.write() as connection:
            row = (await connection.execute(statement.returning(*questions.c))).one_or_none()
            return Question(**row._asdict()) if row else None
