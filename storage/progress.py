"""Onboarding: who arrived when and from where, which steps of which flow they took, and when they first contributed.

Members and settings call a flow a journey, and so do the tables.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database
from .people import accounts, communities

welcomes = Table(
    "welcomes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("space", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "community_id", "space", "at"),
    sqlite_autoincrement=True,
)

journeys = Table(
    "journeys",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("space", Text, nullable=False),
    Column("flow", WrittenText, nullable=False),
    Column("source", WrittenText, nullable=False, server_default=""),
    Column("roles", WrittenText, nullable=False, server_default=""),
    Column("arrived_at", UtcDateTime),
    Column("welcomed_at", UtcDateTime),
    Column("welcome_id", ForeignKey("welcomes.id"), index=True),
    Column("contributed_at", UtcDateTime),
    Column("contribution", Text, nullable=False, server_default=""),
    Column("nudge_at", UtcDateTime),
    Column("left_at", UtcDateTime),
    Index(None, "community_id", "arrived_at"),
    Index(None, "community_id", "nudge_at"),
)

journey_steps = Table(
    "journey_steps",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("done_at", UtcDateTime),
    Column("skipped_at", UtcDateTime),
    Column("nudged_at", UtcDateTime),
)


_under_way = (
    select(accounts.c.key, journeys.c.arrived_at, journeys.c.contributed_at)
    .join(journeys, journeys.c.member_id == accounts.c.member_id)
    .where(journeys.c.arrived_at >= bindparam("since"), journeys.c.left_at.is_(None), accounts.c.left_at.is_(None))
    .where(journeys.c.community_id == bindparam("community"))
    .order_by(journeys.c.arrived_at.desc())
    .limit(bindparam("limit", type_=Integer))
)
_steps_of = select(journey_steps).where(journey_steps.c.member_id.in_(bindparam("ids", expanding=True)))
"""Asked every minute of each community: to write it down takes longer than to ask it."""


class Coming(StrEnum):
    """What it means that someone joined."""

    NEW = "new"
    """They are to be welcomed."""
    BACK = "back"
    """They were away for a short while only."""
    HERE = "here"
    """They were here all the time."""


@dataclass(frozen=True, slots=True)
class OnboardingProgress:
    """One member's way into the community.

    Without `arrived_at` they were here before anyone counted. `roles` are the platform's, as last seen. `welcomed_at`
    is when they are welcomed, perhaps in a few minutes only, and `welcome_id` with whom together.
    """

    member_id: int
    community_id: int
    space: str
    flow: str
    source: str
    roles: frozenset[str]
    arrived_at: datetime | None
    welcomed_at: datetime | None
    welcome_id: int | None
    contributed_at: datetime | None
    contribution: str
    nudge_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Steps:
    """What a member made of the steps of their flow, by the steps' names."""

    done: Mapping[str, datetime]
    skipped: Mapping[str, datetime]
    nudged: Mapping[str, datetime]


NO_STEPS = Steps({}, {}, {})


class ProgressStore:
    """Who is in which flow, and how far."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def arrive(
        self,
        community_id: int,
        member_id: int,
        space: str,
        at: datetime,
        *,
        flow: str,
        source: str = "",
        roles: Collection[str] = (),
        short: timedelta = timedelta(days=30),
    ) -> Coming:
        """Note that someone joined. Who left no longer than `short` ago is back; after that they begin again."""
        fresh = {
            "space": space,
            "flow": flow,
            "source": source,
            "arrived_at": at,
            "welcomed_at": None,
            "welcome_id": None,
            "contributed_at": None,
            "contribution": "",
            "nudge_at": None,
            "left_at": None,
        }
        mine = journeys.c.member_id == member_id
        statement = self._database.insert(journeys).values(
            member_id=member_id, community_id=community_id, roles=_packed(roles), **fresh
        )
        async with self._database.write() as connection:
            new = await connection.scalar(statement.on_conflict_do_nothing().returning(journeys.c.member_id))
            if new is not None:
                return Coming.NEW
            known = (await connection.execute(select(journeys).where(mine).with_for_update())).one()
            if known.left_at is None:
                return Coming.HERE
            if at - known.left_at <= short:
                # Who left before anyone could say hello is as new as ever.
                unseen = known.welcomed_at is None or known.left_at < known.welcomed_at
                again = {"arrived_at": at, "welcomed_at": None, "welcome_id": None} if unseen else {}
                await connection.execute(update(journeys).where(mine).values(left_at=None, **again))
                return Coming.NEW if again else Coming.BACK
            await connection.execute(update(journeys).where(mine).values(roles=_packed(roles), **fresh))
            await connection.execute(delete(journey_steps).where(journey_steps.c.member_id == member_id))
            return Coming.NEW

    async def begin(self, community_id: int, member_id: int, space: str, flow: str, at: datetime) -> None:
        """Let someone begin who was here before; they count as welcomed, and not as a newcomer."""
        statement = self._database.insert(journeys).values(
            member_id=member_id, community_id=community_id, space=space, flow=flow, welcomed_at=at
        )
        async with self._database.write() as connection:
            await connection.execute(statement.on_conflict_do_nothing())

    async def leave(self, community_id: int, member_id: int, space: str, roles: Collection[str], at: datetime) -> None:
        """Note that someone left, with the roles they had, where the platform says."""
        seen = {"roles": _packed(roles)} if roles else {}
        statement = self._database.insert(journeys).values(
            member_id=member_id, community_id=community_id, space=space, flow="", welcomed_at=at, left_at=at, **seen
        )
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[journeys.c.member_id], set_={"left_at": at, "nudge_at": None, **seen}
                )
            )

    async def get(self, member_id: int) -> OnboardingProgress | None:
        """Return how far a member is."""
        return next(iter(await self._find(journeys.c.member_id == member_id)), None)

    async def arrived_since(self, community_id: int, at: datetime) -> list[OnboardingProgress]:
        """Return how far those are who arrived since a moment, the oldest first; also of those who left again."""
        return await self._find(journeys.c.community_id == community_id, journeys.c.arrived_at >= at)

    async def set_flow(self, member_id: int, flow: str) -> None:
        """Put a member into another flow; what they did stays done."""
        async with self._database.write() as connection:
            await connection.execute(update(journeys).where(journeys.c.member_id == member_id).values(flow=flow))

    async def contribute(self, member_id: int, contribution: str, at: datetime) -> bool:
        """Note a first contribution; say whether it is one."""
        first = (journeys.c.member_id == member_id) & journeys.c.contributed_at.is_(None) & journeys.c.left_at.is_(None)
        async with self._database.write() as connection:
            changed = update(journeys).where(first)
            done = changed.values(contributed_at=at, contribution=contribution, nudge_at=None)
            return (await connection.execute(done)).rowcount > 0

    async def lacks(self, member_id: int, steps: Collection[str]) -> bool:
        """Say whether a member who has begun has not contributed yet, or not done all of these steps."""
        there = journey_steps.c.step.in_(steps) & journey_steps.c.done_at.is_not(None)
        done = select(func.count()).where(journey_steps.c.member_id == member_id, there).scalar_subquery()
        lacking = journeys.c.contributed_at.is_(None) | (done < len(steps))
        query = select(journeys.c.member_id).where(journeys.c.member_id == member_id, lacking)
        async with self._database.read() as connection:
            return await connection.scalar(query) is not None

    async def under_way(self, since: datetime, most: int = 10_000) -> dict[str, bool]:
        """Return the accounts of the last who arrived since a moment, and whether they contributed, oldest first."""
        found: list[Any] = []
        async with self._database.read() as connection:
            for community in await connection.scalars(select(communities.c.id)):
                asked = {"community": community, "since": since, "limit": most}
                found += await connection.execute(_under_way, asked)
        found.sort(key=lambda row: row.arrived_at)
        return {row.key: row.contributed_at is not None for row in found[-most:]}

    # Steps

    async def steps(self, member_id: int) -> Steps:
        """Return what a member made of their steps."""
        return (await self.steps_of([member_id])).get(member_id, NO_STEPS)

    async def steps_of(self, member_ids: Collection[int]) -> dict[int, Steps]:
        """Return what each of these members made of their steps; at most 30,000 at once."""
        found: dict[int, list[Any]] = {}
        async with self._database.read() as connection:
            for row in await connection.execute(_steps_of, {"ids": [*member_ids]}):
                found.setdefault(row.member_id, []).append(row)
        return {member: _steps(rows) for member, rows in found.items()}

    async def do(self, community_id: int, member_id: int, step: str, at: datetime) -> bool:
        """Note that a step is done; say whether it was not before."""
        return await self._mark(community_id, member_id, step, "done_at", at)

    async def skip(self, community_id: int, member_id: int, step: str, at: datetime) -> bool:
        """Note that a member leaves a step out; say whether they had not before."""
        return await self._mark(community_id, member_id, step, "skipped_at", at)

    async def nudged(self, community_id: int, member_id: int, step: str, at: datetime) -> bool:
        """Note that a member is reminded of a step; say whether they had not been before."""
        return await self._mark(community_id, member_id, step, "nudged_at", at)

    async def _mark(self, community_id: int, member_id: int, step: str, what: str, at: datetime) -> bool:
        column = journey_steps.c[what]
        statement = self._database.insert(journey_steps).values(
            {"member_id": member_id, "step": step, "community_id": community_id, what: at}
        )
        marked = statement.on_conflict_do_update(
            index_elements=[journey_steps.c.member_id, journey_steps.c.step],
            set_={what: at},
            where=column.is_(None),
        ).returning(journey_steps.c.member_id)
        async with self._database.write() as connection:
            return await connection.scalar(marked) is not None

    # Nudges

    async def plan(self, member_id: int, at: datetime | None) -> None:
        """Say when a member is to be reminded next, if at all."""
        async with self._database.write() as connection:
            await connection.execute(update(journeys).where(journeys.c.member_id == member_id).values(nudge_at=at))

    async def next_nudge(self, community_id: int) -> datetime | None:
        """Return when somebody is to be reminded next."""
        query = select(func.min(journeys.c.nudge_at)).where(journeys.c.community_id == community_id)
        async with self._database.read() as connection:
            at: datetime | None = await connection.scalar(query)
            return at

    async def due(self, community_id: int, at: datetime) -> list[OnboardingProgress]:
        """Return how far those are who are to be reminded by now."""
        return await self._find(journeys.c.community_id == community_id, journeys.c.nudge_at <= at)

    async def forget(self, member_id: int) -> None:
        """Remove what a member did on their way; that somebody came stays true."""
        bare = {"flow": "", "source": "", "roles": "", "contribution": "", "nudge_at": None}
        async with self._database.write() as connection:
            await connection.execute(delete(journey_steps).where(journey_steps.c.member_id == member_id))
            await connection.execute(update(journeys).where(journeys.c.member_id == member_id).values(bare))

    async def _find(self, *conditions: ColumnElement[bool]) -> list[OnboardingProgress]:
        query = select(journeys).where(*conditions).order_by(journeys.c.arrived_at, journeys.c.member_id)
        async with self._database.read() as connection:
            return [
                OnboardingProgress(**{**row._asdict(), "roles": frozenset(filter(None, row.roles.split("\n")))})
                for row in await connection.execute(query)
            ]


def _packed(roles: Collection[str]) -> str:
    return "\n".join(sorted(" ".join(role.split()) for role in roles))


def _steps(rows: Sequence[Any]) -> Steps:
    return Steps(
        {row.step: row.done_at for row in rows if row.done_at},
        {row.step: row.skipped_at for row in rows if row.skipped_at},
        {row.step: row.nudged_at for row in rows if row.nudged_at},
    )
