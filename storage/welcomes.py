"""Welcomes: who arrived in a space within some minutes is greeted together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, or_, select, update

from .database import Database
from .progress import journeys, welcomes


@dataclass(frozen=True, slots=True)
class Welcome:
    """Who arrived in a space within some minutes is welcomed together, at this moment."""

    id: int
    community_id: int
    space: str
    at: datetime


class WelcomeStore:
    """Who is welcomed together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def gather(
        self, community_id: int, member_id: int, space: str, at: datetime, within: timedelta
    ) -> tuple[int, bool]:
        """Put someone who arrived among those who are welcomed together, `within` that time after the first of them.

        Return the id of that welcome, and whether they are the first. Whoever calls holds the space's lock.
        """
        ahead = (welcomes.c.community_id == community_id) & (welcomes.c.space == space) & (welcomes.c.at > at)
        async with self._database.write() as connection:
            query = select(welcomes).where(ahead).order_by(welcomes.c.at).limit(1)
            gathering = (await connection.execute(query)).one_or_none()
            if gathering is None:
                values = {"community_id": community_id, "space": space, "at": at + within}
                new = insert(welcomes).values(values).returning(*welcomes.c)
                welcome = (await connection.execute(new)).one()
            else:
                welcome = gathering
            theirs = update(journeys).where(journeys.c.member_id == member_id)
            await connection.execute(theirs.values(welcome_id=welcome.id, welcomed_at=welcome.at))
        return welcome.id, gathering is None

    async def get(self, welcome_id: int) -> Welcome | None:
        """Return when and where some are welcomed together."""
        query = select(welcomes).where(welcomes.c.id == welcome_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
            return Welcome(**row._asdict()) if row else None

    async def people(self, welcome: Welcome) -> list[int]:
        """Return who is welcomed together, without those who were gone again by then."""
        here = or_(journeys.c.left_at.is_(None), journeys.c.left_at > welcome.at)
        order = (journeys.c.arrived_at, journeys.c.member_id)
        query = select(journeys.c.member_id).where(journeys.c.welcome_id == welcome.id, here).order_by(*order)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]
