"""The ledger of recognition: who was thanked by whom, for what, and what was taken back.

A row is added or reversed, never edited, and a reversal is a row of its own. Nobody's standing is stored: `standing`
counts it from here. The one exception is forgetting a person, which blanks what they wrote and leaves the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import false

from .columns import UtcDateTime, WrittenText, metadata, names_of
from .database import Database
from .imports import imports
from .known_messages import message_keys
from .people import members

DAY = timedelta(days=1)
"""How far back the limits look, from any moment on: they roll."""
PAIR = timedelta(days=30)
"""How long thanks between the same two people are remembered when the next one is weighed."""
MUTUAL = timedelta(days=7)
"""Within how long thanks in both directions count as an exchange."""


class Kind(StrEnum):
    """What a row is for. The first two are given by hand, and have limits."""

    THANKS = "thanks"
    REACTION = "reaction"
    ANSWER = "answer"
    REUSE = "reuse"
    IDEA = "idea"
    HOST = "host"
    ATTEND = "attend"
    WELCOME = "welcome"


BY_HAND = (Kind.THANKS, Kind.REACTION)

kudos = Table(
    "kudos",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("giver_id", ForeignKey("members.id")),
    Column("receiver_id", ForeignKey("members.id"), nullable=False),
    Column("kind", names_of(Kind), nullable=False),
    Column("weight", Integer, nullable=False),
    Column("value", WrittenText, nullable=False),
    Column("topic", WrittenText, nullable=False),
    Column("reason", WrittenText, nullable=False),
    Column("anonymous", Boolean, nullable=False, server_default=false()),
    Column("source", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("message", Text, index=True, info=message_keys()),
    Column("channel", Text),
    Column("at", UtcDateTime, nullable=False),
    Column("import_id", ForeignKey(imports.c.id), index=True),
    UniqueConstraint("source", "round"),
    Index(None, "community_id", "at"),
    Index(None, "giver_id", "at"),
    Index(None, "receiver_id", "at"),
    sqlite_autoincrement=True,
)

reversals = Table(
    "kudos_reversals",
    metadata,
    Column("kudos_id", ForeignKey("kudos.id"), primary_key=True),
    Column("because", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What is to be added to the ledger.

    `giver_id` is whoever is thankful: who said thanks, whose question was answered, who was welcomed; nobody for what
    was done for all. An `anonymous` giver counts and is never named. `source` is what it is for: each counts once.
    """

    kind: Kind
    receiver_id: int
    source: str
    giver_id: int | None = None
    value: str = ""
    topic: str = ""
    reason: str = ""
    anonymous: bool = False
    message: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Kudos:
    """A row of the ledger; `weight` is in hundredths of a point. `import_id` is the import that brought it."""

    id: int
    community_id: int
    giver_id: int | None
    receiver_id: int
    kind: Kind
    weight: int
    value: str
    topic: str
    reason: str
    anonymous: bool
    source: str
    round: int
    message: str | None
    channel: str | None
    at: datetime
    import_id: int | None = None
    reversed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many thanks by hand one person may give, and be given, within a day."""

    given: int
    received: int


@dataclass(frozen=True, slots=True)
class Full:
    """A limit is reached, the giver's or else the receiver's, until that moment."""

    giver: bool
    until: datetime


Weigh: TypeAlias = Callable[[int, bool], int]
"""Return the weight of thanks, given how many there were lately from this giver to this receiver, and whether any came
back just now."""


class KudosStore:
    """Adds to the ledger, and reverses what is in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, community_id: int, entry: LedgerEntry, weigh: Weigh, at: datetime, limits: Limits | None = None
    ) -> Kudos | Full | None:
        """Add a row and return it, or which limit is reached; nothing if its source stands already.

        What was reversed may be added again. Rows that were reversed count towards the limits, so that giving and
        taking back gains nothing. `ValueError` when giver and receiver are one.
        """
        if entry.giver_id == entry.receiver_id:
            raise ValueError(f"Member {entry.giver_id} cannot thank themselves")
        async with self._database.write() as connection:
            # One at a time for each of the two, so that what is counted below still holds when the row is added.
            both = select(members.c.id).where(members.c.id.in_((entry.giver_id or 0, entry.receiver_id)))
            await connection.execute(both.order_by(members.c.id).with_for_update(key_share=True))
            earlier = await _latest_round(connection, entry.source)
            if earlier and earlier.reversed_at is None:
                return None
            if limits and (full := await _full(connection, entry, limits, at)):
                return full
            weight = weigh(*await _between(connection, entry, at)) if entry.giver_id else weigh(0, False)
            round_ = earlier.round + 1 if earlier else 0
            facts = {**asdict(entry), "community_id": community_id, "weight": weight, "round": round_, "at": at}
            added = await connection.execute(insert(kudos).values(facts).returning(*kudos.c))
            return Kudos(**added.one()._asdict())

    async def get(self, kudos_id: int) -> Kudos | None:
        """Return a row."""
        found = await self._find(kudos.c.id == kudos_id)
        return found[0] if found else None

    async def given_lately(self, member_id: int, at: datetime) -> int:
        """Return how many thanks a member has given by hand within the last day."""
        async with self._database.read() as connection:
            given = select(func.count()).where(*_by_hand(kudos.c.giver_id == member_id, at))
            return await connection.scalar(given) or 0

    async def take_back(self, kudos_id: int, giver_id: int, at: datetime) -> Kudos | None:
        """Reverse what a member gave; nothing if it is not theirs or reversed already."""
        reversed_ = await self._reverse(at, "taken back", kudos.c.id == kudos_id, kudos.c.giver_id == giver_id)
        return reversed_[0] if reversed_ else None

    async def reverse(self, source: str, at: datetime, because: str) -> Kudos | None:
        """Reverse what stands of this source."""
        reversed_ = await self._reverse(at, because, kudos.c.source == source)
        return reversed_[0] if reversed_ else None

    async def reverse_reaction(self, message: str, giver_id: int, at: datetime) -> None:
        """Reverse what a member gave for a message by reacting to it: the last reaction is gone."""
        theirs = kudos.c.message == message, kudos.c.giver_id == giver_id, kudos.c.kind == Kind.REACTION
        await self._reverse(at, "reaction removed", *theirs)

    async def reacted_to(self, community_id: int, since: datetime, limit: int) -> list[str]:
        """Return the messages that were thanked for by reactions since then, the latest first, by their keys."""
        facts = kudos.c.community_id == community_id, kudos.c.at >= since, kudos.c.kind == Kind.REACTION
        query = select(kudos.c.message).where(*facts).order_by(kudos.c.at.desc()).limit(limit)
        async with self._database.read() as connection:
            return [*dict.fromkeys(await connection.scalars(query))]

    async def standing_for(self, source: str) -> Kudos | None:
        """Return what stands of this source."""
        found = [one for one in await self._find(kudos.c.source == source) if one.reversed_at is None]
        return found[0] if found else None

    async def reverse_message(self, message: str, at: datetime) -> list[Kudos]:
        """Reverse all that was given for a message, because it was deleted."""
        return await self._reverse(at, "deleted", kudos.c.message == message)

    async def reverse_one(self, kudos_id: int, at: datetime, because: str) -> None:
        """Reverse a row, if that was not done before."""
        await self._reverse(at, because, kudos.c.id == kudos_id)

    async def _reverse(self, at: datetime, because: str, *conditions: ColumnElement[bool]) -> list[Kudos]:
        async with self._database.write() as connection:
            standing = [one for one in await self._find(*conditions) if one.reversed_at is None]
            done = set()
            for one in standing:
                statement = self._database.insert(reversals).values(kudos_id=one.id, because=because, at=at)
                row = await connection.scalar(statement.on_conflict_do_nothing().returning(reversals.c.kudos_id))
                done.add(row)
            return [one for one in standing if one.id in done]

    async def of(self, member_id: int) -> list[Kudos]:
        """Return everything that a member gave or was given, the oldest first."""
        return await self._find(or_(kudos.c.giver_id == member_id, kudos.c.receiver_id == member_id))

    async def thanks_of(self, member_id: int, after: int, limit: int) -> list[int]:
        """Return the ids of thanks by word that a member gave or was given, by id: those behind `after`."""
        named = or_(kudos.c.giver_id == member_id, kudos.c.receiver_id == member_id)
        query = select(kudos.c.id).where(named, kudos.c.kind == Kind.THANKS, kudos.c.id > after)
        async with self._database.read() as connection:
            return [*await connection.scalars(query.order_by(kudos.c.id).limit(limit))]

    async def between(self, community_id: int, since: datetime, until: datetime) -> list[Kudos]:
        """Return what stands of a community's rows from `since` on and before `until`, the oldest first."""
        return await self._find(
            kudos.c.community_id == community_id, kudos.c.at >= since, kudos.c.at < until, *standing()
        )

    async def latest(self, member_id: int, kind: Kind, limit: int) -> list[Kudos]:
        """Return what stands of what a member was given, the newest first."""
        query = (
            _with_reversals.where(kudos.c.receiver_id == member_id, kudos.c.kind == kind, *standing())
            .order_by(kudos.c.at.desc(), kudos.c.id.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [Kudos(**row._asdict()) for row in await connection.execute(query)]

    async def forget(self, member_id: int) -> None:
        """Blank what a member wrote. Others keep what they were given, from as many different people."""
        own = kudos.c.giver_id == member_id
        own |= (kudos.c.receiver_id == member_id) & kudos.c.giver_id.is_(None)
        async with self._database.write() as connection:
            await connection.execute(update(kudos).where(own).values(reason=""))

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Kudos]:
        query = _with_reversals.where(*conditions).order_by(kudos.c.at, kudos.c.id)
        async with self._database.read() as connection:
            return [Kudos(**row._asdict()) for row in await connection.execute(query)]


_with_reversals = select(kudos, reversals.c.at.label("reversed_at")).outerjoin(
    reversals, reversals.c.kudos_id == kudos.c.id
)


@cache
def standing() -> tuple[ColumnElement[bool], ...]:
    """Say which rows count: those that are not reversed, and lead from one person to another.

    Two members who turn out to be one person have thanked themselves, and that stops counting by itself.
    """
    taken = reversals.alias("taken")
    reversed_ = select(taken.c.kudos_id).where(taken.c.kudos_id == kudos.c.id).exists()
    return ~reversed_, or_(kudos.c.giver_id.is_(None), kudos.c.giver_id != kudos.c.receiver_id)


def _by_hand(who: ColumnElement[bool], at: datetime) -> tuple[ColumnElement[bool], ...]:
    return who, kudos.c.kind.in_(BY_HAND), kudos.c.at > at - DAY


async def _latest_round(connection: AsyncConnection, source: str) -> Row[Any] | None:
    query = _with_reversals.where(kudos.c.source == source).order_by(kudos.c.round.desc()).limit(1)
    return (await connection.execute(query)).one_or_none()


async def _full(connection: AsyncConnection, entry: LedgerEntry, limits: Limits, at: datetime) -> Full | None:
    """Return the limit that is reached, and when the oldest of the rows that fill it is a day old."""
    for column, person, limit in (
        (kudos.c.giver_id, entry.giver_id, limits.given),
        (kudos.c.receiver_id, entry.receiver_id, limits.received),
    ):
        given = select(kudos.c.at).where(*_by_hand(column == person, at)).order_by(kudos.c.at.desc())
        oldest = await connection.scalar(given.offset(limit - 1).limit(1))
        if oldest:
            return Full(column is kudos.c.giver_id, oldest + DAY)
    return None


async def _between(connection: AsyncConnection, entry: LedgerEntry, at: datetime) -> tuple[int, bool]:
    """Return how many rows lead from giver to receiver lately, and whether any led back just now."""
    forth = kudos.c.giver_id == entry.giver_id, kudos.c.receiver_id == entry.receiver_id, kudos.c.at > at - PAIR
    back = kudos.c.giver_id == entry.receiver_id, kudos.c.receiver_id == entry.giver_id, kudos.c.at > at - MUTUAL
    earlier = await connection.scalar(select(func.count()).select_from(kudos).where(*forth, *standing()))
    returned = await connection.scalar(select(func.count()).select_from(kudos).where(*back, *standing()))
    return earlier or 0, bool(returned)
