"""What askers were shown before their question was posted, and what they made of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Table, func, select, update

from .columns import UtcDateTime, metadata
from .database import Database
from .questions import State, questions

offered_answers = Table(
    "offered_answers",
    metadata,
    Column("question_id", ForeignKey("questions.id"), primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("known_id", ForeignKey("questions.id"), nullable=False, index=True),
    Column("chance", Float, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("was_right", Boolean),
    Index(None, "community_id", "at"),
)


@dataclass(frozen=True, slots=True)
class Offered:
    """A known answer that an asker was shown: how likely it was to help, and whether it did. None: they did not say."""

    chance: float
    was_right: bool | None


class OfferedStore:
    """Which known answers were shown, and which of them helped."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, community_id: int, question_id: int, known_id: int, chance: float, at: datetime) -> None:
        """Note what an asker was shown first; what they were shown before counts no more."""
        shown = {"known_id": known_id, "chance": chance, "at": at, "was_right": None}
        statement = self._database.insert(offered_answers).values(
            question_id=question_id, community_id=community_id, **shown
        )
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=[offered_answers.c.question_id], set_=shown)
            )

    async def settle(self, question_id: int, was_right: bool) -> None:
        """Note what the asker made of it, if they were shown anything: the first word counts."""
        theirs = (offered_answers.c.question_id == question_id) & offered_answers.c.was_right.is_(None)
        async with self._database.write() as connection:
            await connection.execute(update(offered_answers).where(theirs).values(was_right=was_right))

    async def since(self, community_id: int, since: datetime, limit: int = 500) -> list[Offered]:
        """Return what was shown in a community since a moment, the latest first."""
        here = (offered_answers.c.community_id == community_id) & (offered_answers.c.at >= since)
        query = select(offered_answers.c.chance, offered_answers.c.was_right).where(here)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(offered_answers.c.at.desc()).limit(limit))
            return [Offered(**row._asdict()) for row in rows]

    async def helped(self, question_ids: Collection[int]) -> dict[int, int]:
        """Return how many other askers each of these solved questions has helped."""
        spared = questions.c.known_id.in_(question_ids) & (questions.c.state == State.DEFLECTED)
        query = select(questions.c.known_id, func.count().label("number")).where(spared).group_by(questions.c.known_id)
        async with self._database.read() as connection:
            return {row.known_id: row.number for row in await connection.execute(query)} if question_ids else {}
