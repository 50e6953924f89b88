"""Standing in a community: counted from the ledger of recognition, never stored.

What is stored here is what people reached, because nobody loses that again, and who is not to stand on any board.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, bindparam, delete, func, or_, select

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database
from .kudos import Kind, kudos, standing
from .people import members

milestones = Table(
    "milestones",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("name", WrittenText, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "community_id", "at"),
)

off_boards = Table(
    "off_boards",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What someone was recognised for: points in hundredths, different people helped, and how often for what.

    `thanked` is how many different people they thanked themselves; `values` how often each value was named.
    """

    points: int = 0
    people: int = 0
    kinds: Mapping[Kind, int] = field(default_factory=dict)
    values: Mapping[str, int] = field(default_factory=dict)
    thanked: int = 0


@dataclass(frozen=True, slots=True)
class Rank:
    """A place on a board; who has the same number of points, in hundredths, shares it."""

    place: int
    member_id: int
    points: int


@dataclass(frozen=True, slots=True)
class LeaderboardQuery:
    """Which rows a board counts: since when, of which value and topic, and without which channels and people."""

    community_id: int
    since: datetime | None = None
    value: str = ""
    topic: str = ""
    but_channels: Collection[str] = ()
    but_members: Collection[int] = ()


_mine = (kudos.c.receiver_id == bindparam("member"), *standing())
_sums = select(func.coalesce(func.sum(kudos.c.weight), 0), func.count(kudos.c.giver_id.distinct())).where(*_mine)
_kinds = select(kudos.c.kind, func.count()).where(*_mine).group_by(kudos.c.kind)
_values = select(kudos.c.value, func.count()).where(*_mine, kudos.c.value != "").group_by(kudos.c.value)
_thanked = select(func.count(kudos.c.receiver_id.distinct())).where(
    kudos.c.giver_id == bindparam("member"), kudos.c.kind.in_((Kind.THANKS, Kind.REACTION)), *standing()
)
"""What a tally counts. It is written once: to write it down takes longer than to ask it."""


class StandingStore:
    """Counts the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tally(self, member_id: int) -> Tally:
        """Count all that stands of what a member was given."""
        who = {"member": member_id}
        async with self._database.read() as connection:
            points, people = (await connection.execute(_sums, who)).one()
            return Tally(
                points,
                people,
                dict(tuple(row) for row in await connection.execute(_kinds, who)),
                dict(tuple(row) for row in await connection.execute(_values, who)),
                await connection.scalar(_thanked, who) or 0,
            )

    async def people(self, member_id: int) -> int:
        """Return how many different people a member has helped."""
        mine = select(func.count(kudos.c.giver_id.distinct())).where(kudos.c.receiver_id == member_id, *standing())
        async with self._database.read() as connection:
            return await connection.scalar(mine) or 0

    async def leaderboard(self, query: LeaderboardQuery, places: int, also: int | None = None) -> list[Rank]:
        """Return the first places of a board, best first, and that of one more person if they have one.

        Who left, or wants to be on no board, has no place.
        """
        conditions = [
            kudos.c.community_id == query.community_id,
            members.c.left_at.is_(None),
            members.c.paused_at.is_(None),
            kudos.c.receiver_id.not_in(select(off_boards.c.member_id)),
            *standing(),
        ]
        if query.since:
            conditions.append(kudos.c.at >= query.since)
        if query.value:
            conditions.append(kudos.c.value == query.value)
        if query.topic:
            conditions.append(kudos.c.topic == query.topic)
        if query.but_channels:
            conditions.append(or_(kudos.c.channel.is_(None), kudos.c.channel.not_in(query.but_channels)))
        if query.but_members:
            conditions.append(kudos.c.receiver_id.not_in(query.but_members))
        points = func.sum(kudos.c.weight)
        ranked = (
            select(
                func.rank().over(order_by=points.desc()).label("place"),
                kudos.c.receiver_id.label("member_id"),
                points.label("points"),
            )
            .join(members, members.c.id == kudos.c.receiver_id)
            .where(*conditions)
            .group_by(kudos.c.receiver_id)
            .having(points > 0)
            .subquery()
        )
        order = (ranked.c.place, ranked.c.member_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(select(ranked).order_by(*order).limit(places))).all()
            if also and also not in {row.member_id for row in rows}:
                own = await connection.execute(select(ranked).where(ranked.c.member_id == also))
                rows = [*rows, *own]
            return [Rank(**row._asdict()) for row in rows]

    async def reach(self, community_id: int, member_id: int, name: str, at: datetime) -> bool:
        """Note that a member reached something; say whether it is new."""
        statement = self._database.insert(milestones).values(
            community_id=community_id, member_id=member_id, name=name, at=at
        )
        async with self._database.write() as connection:
            new = await connection.scalar(statement.on_conflict_do_nothing().returning(milestones.c.name))
            return new is not None

    async def reached(self, member_id: int) -> dict[str, datetime]:
        """Return what a member ever reached, and when."""
        mine = select(milestones.c.name, milestones.c.at).where(milestones.c.member_id == member_id)
        async with self._database.read() as connection:
            return {row.name: row.at for row in await connection.execute(mine)}

    async def reached_between(self, community_id: int, since: datetime, until: datetime) -> list[tuple[int, str]]:
        """Return who reached what from `since` on and before `until`, the first first."""
        query = (
            select(milestones.c.member_id, milestones.c.name)
            .where(milestones.c.community_id == community_id, milestones.c.at >= since, milestones.c.at < until)
            .order_by(milestones.c.at, milestones.c.member_id, milestones.c.name)
        )
        async with self._database.read() as connection:
            return [(row.member_id, row.name) for row in await connection.execute(query)]

    async def show(self, member_id: int, shown: bool, at: datetime) -> None:
        """Let a member stand on boards and in digests, or not."""
        async with self._database.write() as connection:
            await connection.execute(delete(off_boards).where(off_boards.c.member_id == member_id))
            if not shown:
                await connection.execute(self._database.insert(off_boards).values(member_id=member_id, at=at))

    async def is_shown(self, member_id: int) -> bool:
        """Say whether a member may stand on boards."""
        async with self._database.read() as connection:
            hidden = select(off_boards.c.at).where(off_boards.c.member_id == member_id)
            return await connection.scalar(hidden) is None

    async def hidden(self, community_id: int) -> frozenset[int]:
        """Return the members of a community who want to be on no board."""
        query = select(off_boards.c.member_id).join(members).where(members.c.community_id == community_id)
        async with self._database.read() as connection:
            return frozenset(await connection.scalars(query))

    async def forget_milestones(self, member_id: int) -> None:
        """Remove what a member reached."""
        async with self._database.write() as connection:
            await connection.execute(delete(milestones).where(milestones.c.member_id == member_id))

    async def forget_choice(self, member_id: int) -> None:
        """Remove whether a member wants to stand on boards."""
        async with self._database.write() as connection:
            await connection.execute(delete(off_boards).where(off_boards.c.member_id == member_id))
