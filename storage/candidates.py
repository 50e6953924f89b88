"""Who has helped with what: what tells who may be asked to help with a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select

from .database import Database
from .questions import State, questions
from .replies import replies


@dataclass(frozen=True, slots=True)
class Help:
    """A member wrote in the thread of someone else's question; `accepted` if that is what solved it."""

    question_id: int
    member_id: int
    topic: str
    accepted: bool
    at: datetime


class CandidateStore:
    """Finds those who may be asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
