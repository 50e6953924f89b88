"""Who hosts an event together with its host: they may do what the host may, and are told what the host is told."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Column, ForeignKey, Table, delete, insert, select

from .columns import metadata
from .database import Database

cohosts = Table(
    "event_cohosts",
    metadata,
    Column("event_id", ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True, index=True),
)


class CohostStore:
    """The co-hosts of events."""

    _database: Database

    async def cohosts(self, event_id: int) -> list[int]:
        """Return the ids of an event's co-hosts, in the order of their ids."""
        query = select(cohosts.c.member_id).where(cohosts.c.event_id == event_id).order_by(cohosts.c.member_id)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def put_cohosts(self, event_id: int, member_ids: Collection[int]) -> bool:
        """Have these host an event, and nobody else beside its host; say whether that changes anything."""
        if set(await self.cohosts(event_id)) == set(member_ids):
            return False
        async with self._database.write() as connection:
            await connection.execute(delete(cohosts).where(cohosts.c.event_id == event_id))
            if rows := [{"event_id": event_id, "member_id": id_} for id_ in sorted(set(member_ids))]:
                await connection.execute(insert(cohosts), rows)
        return True

    async def cohosted(self, member_id: int) -> list[int]:
        """Return the ids of the events that a member hosts together with somebody."""
        query = select(cohosts.c.event_id).where(cohosts.c.member_id == member_id).order_by(cohosts.c.event_id)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def forget_cohost(self, member_id: int) -> None:
        """Take a member off all that they host together with somebody."""
        async with self._database.write() as connection:
            await connection.execute(delete(cohosts).where(cohosts.c.member_id == member_id))
