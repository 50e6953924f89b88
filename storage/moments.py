"""What happened to a question and its present state does not tell any more: who handed it back, reopened it ..."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, delete, insert, select

from .columns import UtcDateTime, metadata, names_of
from .database import Database


class MomentKind(StrEnum):
    """What happened. `LET_LIE`: who had taken it on did not get to it. `MISSED`: an agent let too many turns pass.

    `ANSWER_DELETED`: what solved it was deleted by who had written it, or by a moderator.
    `HELPER_LEFT` and `ASKER_LEFT`: they are not in the community any more. `ASKER_BACK`: they are again.
    `MARKED`: somebody else than the asker said that it is solved.
    """

    ANSWER_DELETED = "answer deleted"
    ASKER_BACK = "asker back"
    ASKER_LEFT = "asker left"
    HANDED_BACK = "handed back"
    HELPER_LEFT = "helper left"
    LET_LIE = "let lie"
    MARKED = "marked"
    MISSED = "missed"
    PROPOSED = "proposed"
    REOPENED = "reopened"


moments = Table(
    "question_moments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question_id", ForeignKey("questions.id"), nullable=False),
    Column("what", names_of(MomentKind), nullable=False),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "question_id", "at"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """It happened through this member."""

    id: int
    question_id: int
    what: MomentKind
    member_id: int
    at: datetime


class MomentStore:
    """What happened to questions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, question_id: int, what: MomentKind, member_id: int, at: datetime) -> None:
        """Note that something happened."""
        values = {"question_id": question_id, "what": what, "member_id": member_id, "at": at}
        async with self._database.write() as connection:
            await connection.execute(insert(moments).values(values))

    async def of(self, question_id: int, since: datetime) -> list[Moment]:
        """Return what happened to a question since then, in its order."""
        query = select(moments).where(moments.c.question_id == question_id, moments.c.at >= since)
        async with self._database.read() as connection:
            return [Moment(**row._asdict()) for row in await connection.execute(query.order_by(moments.c.id))]

    async def of_member(self, member_id: int) -> list[Moment]:
        """Return what happened through a member."""
        query = select(moments).where(moments.c.member_id == member_id).order_by(moments.c.id)
        async with self._database.read() as connection:
            return [Moment(**row._asdict()) for row in await connection.execute(query)]

    async def forget(self, member_id: int) -> None:
        """Forget what happened through a member."""
        async with self._database.write() as connection:
            await connection.execute(delete(moments).where(moments.c.member_id == member_id))
