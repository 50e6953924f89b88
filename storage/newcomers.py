"""What newcomers say of themselves and who meets them: agreements, interests, introductions, hellos and buddies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
    update,
)

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database
from .people import members

agreements = Table(
    "agreements",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("version", WrittenText, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
)

interests = Table(
    "interests",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("name", WrittenText, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
)

introductions = Table(
    "introductions",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("about", WrittenText, nullable=False),
    Column("hopes", WrittenText, nullable=False),
    Column("ask_me", WrittenText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

hellos = Table(
    "hellos",
    metadata,
    Column("newcomer_id", ForeignKey("members.id"), primary_key=True),
    Column("by_id", ForeignKey("members.id"), primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),
)

buddies = Table(
    "buddies",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("since", UtcDateTime, nullable=False),
)

pairings = Table(
    "pairings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("newcomer_id", ForeignKey("members.id"), nullable=False),
    Column("buddy_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("passed_at", UtcDateTime),
    UniqueConstraint("newcomer_id", "buddy_id"),
    Index(None, "community_id", "at"),
    sqlite_autoincrement=True,
)


_agreed_before = (
    select(func.count())
    .select_from(agreements.join(members, members.c.id == agreements.c.member_id))
    .where(agreements.c.community_id == bindparam("community"), members.c.left_at.is_(None))
    .where(
        agreements.c.member_id.not_in(select(agreements.c.member_id).where(agreements.c.version == bindparam("now")))
    )
)


@dataclass(frozen=True, slots=True)
class Introduction:
    """What someone wrote about themselves, and when they first did."""

    member_id: int
    community_id: int
    about: str
    hopes: str
    ask_me: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hello:
    """Someone said hello to a newcomer. `told_at` is when the newcomer heard of it."""

    newcomer_id: int
    by_id: int
    community_id: int
    at: datetime
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pairing:
    """A buddy for a newcomer, who may have passed since."""

    id: int
    newcomer_id: int
    buddy_id: int
    community_id: int
    at: datetime
    passed_at: datetime | None


class NewcomerStore:
    """What newcomers say, and who meets them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # The guidelines

    async def agree(self, community_id: int, member_id: int, version: str, at: datetime) -> bool:
        """Note that a member agreed to a version of the guidelines; say whether they had not before."""
        row = {"community_id": community_id, "member_id": member_id, "version": version, "at": at}
        statement = self._database.insert(agreements).values(row).on_conflict_do_nothing()
        async with self._database.write() as connection:
            return await connection.scalar(statement.returning(agreements.c.member_id)) is not None

    async def agreed(self, member_id: int) -> dict[str, datetime]:
        """Return the versions of the guidelines that a member agreed to, and when."""
        query = select(agreements).where(agreements.c.member_id == member_id)
        async with self._database.read() as connection:
            return {row.version: row.at for row in await connection.execute(query)}

    async def agreed_before(self, community_id: int, version: str) -> bool:
        """Say whether someone who is here agreed to another version of the guidelines, and not to this one."""
        async with self._database.read() as connection:
            return bool(await connection.scalar(_agreed_before, {"community": community_id, "now": version}))

    # Interests

    async def choose(self, community_id: int, member_id: int, names: Collection[str], at: datetime) -> None:
        """Make these a member's interests."""
        rows = [{"community_id": community_id, "member_id": member_id, "name": name, "at": at} for name in names]
        async with self._database.write() as connection:
            await connection.execute(delete(interests).where(interests.c.member_id == member_id))
            if rows:
                await connection.execute(self._database.insert(interests).on_conflict_do_nothing(), rows)

    async def interests(self, community_id: int) -> dict[int, frozenset[str]]:
        """Return the interests of each member of a community who has any."""
        chosen: dict[int, set[str]] = {}
        query = select(interests).where(interests.c.community_id == community_id)
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                chosen.setdefault(row.member_id, set()).add(row.name)
        return {member: frozenset(names) for member, names in chosen.items()}

    async def interests_of(self, member_id: int) -> list[str]:
        """Return a member's interests, by name."""
        query = select(interests.c.name).where(interests.c.member_id == member_id).order_by(interests.c.name)
        async with self._database.read() as connection:
            return list((await connection.scalars(query)).all())

    # Introductions

    async def introduce(
        self, community_id: int, member_id: int, about: str, hopes: str, ask_me: str, at: datetime
    ) -> bool:
        """Keep what a member says of themselves; say whether it is the first time."""
        words = {"about": about, "hopes": hopes, "ask_me": ask_me}
        mine = {"community_id": community_id, "member_id": member_id, "at": at}
        statement = self._database.insert(introductions).values(**mine, **words).on_conflict_do_nothing()
        async with self._database.write() as connection:
            if await connection.scalar(statement.returning(introductions.c.member_id)) is not None:
                return True
            mine_now = introductions.c.member_id == member_id
            await connection.execute(update(introductions).where(mine_now).values(words))
            return False

    async def introduction(self, member_id: int) -> Introduction | None:
        """Return what a member said of themselves."""
        query = select(introductions).where(introductions.c.member_id == member_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
            return Introduction(**row._asdict()) if row else None

    async def introduced(self, member_ids: Collection[int]) -> set[int]:
        """Return which of these members introduced themselves."""
        query = select(introductions.c.member_id).where(introductions.c.member_id.in_(member_ids))
        async with self._database.read() as connection:
            return set((await connection.scalars(query)).all())

    async def greet(self, community_id: int, newcomer_id: int, by_id: int, at: datetime) -> bool:
        """Note that someone said hello; say whether they had not before."""
        row = {"community_id": community_id, "newcomer_id": newcomer_id, "by_id": by_id, "at": at}
        statement = self._database.insert(hellos).values(row).on_conflict_do_nothing()
        async with self._database.write() as connection:
            return await connection.scalar(statement.returning(hellos.c.by_id)) is not None

    async def hellos(self, newcomer_id: int) -> list[Hello]:
        """Return who said hello to a newcomer, the first first."""
        query = (
            select(hellos)
            .where(hellos.c.newcomer_id == newcomer_id, hellos.c.by_id != newcomer_id)
            .order_by(hellos.c.at, hellos.c.by_id)
        )
        async with self._database.read() as connection:
            return [Hello(**row._asdict()) for row in await connection.execute(query)]

    async def greeted_by(self, member_id: int) -> list[int]:
        """Return to whom someone said hello."""
        query = select(hellos.c.newcomer_id).where(hellos.c.by_id == member_id)
        async with self._database.read() as connection:
            return list((await connection.scalars(query)).all())

    async def greeted(self, member_ids: Collection[int]) -> set[int]:
        """Return to which of these members someone said hello."""
        query = select(hellos.c.newcomer_id).where(
            hellos.c.newcomer_id.in_(member_ids), hellos.c.by_id != hellos.c.newcomer_id
        )
        async with self._database.read() as connection:
            return set((await connection.scalars(query)).all())

    async def told(self, newcomer_id: int, at: datetime) -> None:
        """Note that a newcomer hears now of all who said hello until now."""
        theirs = (hellos.c.newcomer_id == newcomer_id) & hellos.c.told_at.is_(None)
        async with self._database.write() as connection:
            await connection.execute(update(hellos).where(theirs).values(told_at=at))

    # Buddies

    async def volunteer(self, community_id: int, member_id: int, at: datetime) -> None:
        """Note that a member is willing to be a buddy."""
        row = {"community_id": community_id, "member_id": member_id, "since": at}
        async with self._database.write() as connection:
            await connection.execute(self._database.insert(buddies).values(row).on_conflict_do_nothing())

    async def withdraw(self, member_id: int) -> None:
        """Note that a member is no buddy any more."""
        async with self._database.write() as connection:
            await connection.execute(delete(buddies).where(buddies.c.member_id == member_id))

    async def willing(self, community_id: int) -> list[int]:
        """Return who is here and willing to be a buddy, the first who offered it first."""
        query = (
            select(buddies.c.member_id)
            .join(members, members.c.id == buddies.c.member_id)
            .where(buddies.c.community_id == community_id, members.c.left_at.is_(None))
            .order_by(buddies.c.since, buddies.c.member_id)
        )
        async with self._database.read() as connection:
            return list((await connection.scalars(query)).all())

    async def pair(
        self, community_id: int, newcomer_id: int, buddy_id: int, at: datetime, *, since: datetime, most: int
    ) -> bool:
        """Give a newcomer a buddy, unless they have one, or that buddy `most` newcomers `since`; say whether."""
        current = select(pairings.c.buddy_id).where(
            pairings.c.newcomer_id == newcomer_id, pairings.c.passed_at.is_(None)
        )
        row = {"community_id": community_id, "newcomer_id": newcomer_id, "buddy_id": buddy_id, "at": at}
        async with self._database.write() as connection:
            # One at a time for each of the two, so that two clicks bring one buddy, and a burst fills nobody's hands.
            both = select(members.c.id).where(members.c.id.in_((newcomer_id, buddy_id))).order_by(members.c.id)
            await connection.execute(both.with_for_update(key_share=True))
            if await connection.scalar(current) is not None:
                return False
            if (await self.load(community_id, since)).get(buddy_id, 0) >= most:
                return False
            statement = self._database.insert(pairings).values(row).on_conflict_do_nothing()
            return await connection.scalar(statement.returning(pairings.c.buddy_id)) is not None

    async def passes(self, newcomer_id: int, buddy_id: int, at: datetime) -> bool:
        """Note that a buddy has no time for a newcomer after all; say whether they were their buddy."""
        theirs = (pairings.c.newcomer_id == newcomer_id) & (pairings.c.buddy_id == buddy_id)
        async with self._database.write() as connection:
            changed = update(pairings).where(theirs, pairings.c.passed_at.is_(None)).values(passed_at=at)
            return (await connection.execute(changed)).rowcount > 0

    async def pairings(self, newcomer_id: int) -> list[Pairing]:
        """Return the buddies that a newcomer had, the first first."""
        query = select(pairings).where(pairings.c.newcomer_id == newcomer_id).order_by(pairings.c.id)
        async with self._database.read() as connection:
            return [Pairing(**row._asdict()) for row in await connection.execute(query)]

    async def pairings_with(self, member_id: int) -> list[Pairing]:
        """Return the pairings of a member, on either side."""
        query = select(pairings).where((pairings.c.newcomer_id == member_id) | (pairings.c.buddy_id == member_id))
        async with self._database.read() as connection:
            return [Pairing(**row._asdict()) for row in await connection.execute(query)]

    async def load(self, community_id: int, since: datetime) -> dict[int, int]:
        """Return how many newcomers each buddy was given since a moment."""
        query = (
            select(pairings.c.buddy_id, func.count().label("newcomers"))
            .where(pairings.c.community_id == community_id, pairings.c.at >= since, pairings.c.passed_at.is_(None))
            .group_by(pairings.c.buddy_id)
        )
        async with self._database.read() as connection:
            return {row.buddy_id: row.newcomers for row in await connection.execute(query)}

    async def forget(self, member_id: int) -> None:
        """Remove all that a member said. That somebody said hello to others, or was their buddy, stays true."""
        async with self._database.write() as connection:
            for table in (agreements, interests, introductions, buddies):
                await connection.execute(delete(table).where(table.c.member_id == member_id))
            await connection.execute(delete(hellos).where(hellos.c.newcomer_id == member_id))
