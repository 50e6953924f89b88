"""Which support agents are on duty, and whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, Table, delete, select, update

from .columns import UtcDateTime, metadata
from .database import Database

duty = Table(
    "duty",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("since", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime),
    Column("missed", Integer, nullable=False, server_default="0"),
)


@dataclass(frozen=True, slots=True)
class Duty:
    """An agent on duty. `asked_at` is when it was last their turn; `missed` counts turns in a row they let pass."""

    member_id: int
    community_id: int
    since: datetime
    asked_at: datetime | None
    missed: int


class DutyStore:
    """Agents come on duty, take turns, and go."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, community_id: int, member_id: int, at: datetime) -> bool:
        """Put an agent on duty; say whether they were not before."""
        statement = self._database.insert(duty).values(member_id=member_id, community_id=community_id, since=at)
        async with self._database.write() as connection:
            new = await connection.scalar(statement.on_conflict_do_nothing().returning(duty.c.member_id))
            return new is not None

    async def end(self, member_id: int) -> bool:
        """Take an agent off duty; say whether they were on."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(duty).where(duty.c.member_id == member_id))).rowcount > 0

    async def on(self, community_id: int) -> list[Duty]:
        """Return who is on duty, whoever waited longest for their turn first."""
        query = (
            select(duty)
            .where(duty.c.community_id == community_id)
            .order_by(duty.c.asked_at.is_not(None), duty.c.asked_at, duty.c.since, duty.c.member_id)
        )
        async with self._database.read() as connection:
            return [Duty(**row._asdict()) for row in await connection.execute(query)]

    async def ask(self, member_id: int, at: datetime) -> None:
        """It is this agent's turn."""
        await self._change(member_id, asked_at=at)

    async def took(self, member_id: int) -> None:
        """The agent took something on: no turn is missed any more."""
        await self._change(member_id, missed=0)

    async def miss(self, member_id: int) -> int:
        """The agent let a turn pass; return how many in a row that makes."""
        statement = update(duty).where(duty.c.member_id == member_id).values(missed=duty.c.missed + 1)
        async with self._database.write() as connection:
            return await connection.scalar(statement.returning(duty.c.missed)) or 0

    async def _change(self, member_id: int, **values: object) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(duty).where(duty.c.member_id == member_id).values(**values))
