"""Events as they are planned. `signups` has who comes, `series` how they repeat, `postings` where they stand."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy import insert as plain_insert
from sqlalchemy.sql.expression import false

from .cohosts import CohostStore
from .columns import UtcDateTime, WrittenText, metadata, names_of
from .database import Database
from .numbers import next_number


class EventState(StrEnum):
    """How far an event is. Whether it is over is a matter of its times."""

    DRAFT = "draft"
    PLANNED = "planned"
    CANCELLED = "cancelled"


def facts() -> list[Column[Any]]:
    """Return the columns of what an event and its series have in common."""
    return [
        Column("title", WrittenText, nullable=False),
        Column("description", WrittenText, nullable=False, server_default=""),
        Column("place", WrittenText, nullable=False, server_default=""),
        Column("zone", Text, nullable=False),
        Column("capacity", Integer),
        Column("audience", WrittenText, nullable=False, server_default=""),
        Column("closes_minutes", Integer, nullable=False, server_default="0"),
        Column("rule", Text, nullable=False, server_default=""),
    ]


events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("number", Integer),
    Column("host_id", ForeignKey("members.id"), index=True),
    Column("series_id", ForeignKey("event_series.id")),
    Column("occurrence", Text),
    Column("state", names_of(EventState), nullable=False),
    *facts(),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("space", Text, nullable=False),
    Column("uid", Text, nullable=False, unique=True),
    Column("token", Text, nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("shows_at", UtcDateTime),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("moved_at", UtcDateTime),
    Column("moved_from", UtcDateTime),
    Column("cancelled_at", UtcDateTime),
    Column("cancelled_because", WrittenText, nullable=False, server_default=""),
    Column("settled_at", UtcDateTime),
    Column("stale", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("community_id", "number"),
    UniqueConstraint("series_id", "occurrence"),
    Index(None, "community_id", "state", "ends_at"),
    Index(None, "state", "changed_at"),
    sqlite_autoincrement=True,
)
Index("ix_events_stale", events.c.community_id, sqlite_where=events.c.stale, postgresql_where=events.c.stale)


_prune = delete(events).where(events.c.state == EventState.DRAFT, events.c.changed_at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class Event:
    """One event, or one occurrence of a series, as it stands. `number` is what members call it.

    `audience` names who may come, "" for everyone; sign-up closes `closes_minutes` before the start. `occurrence` is
    when the series' rule has it, on the wall clock of `zone`; it stays when the event is moved. `rule` is the series',
    or what a draft is to repeat by. `uid`, `sequence` and `changed_at` are what calendar programs go by, `token` what
    the address of its calendar file is made with. What is `stale` has cards that name someone who was forgotten.
    """

    id: int
    community_id: int
    number: int | None
    host_id: int | None
    series_id: int | None
    occurrence: str | None
    state: EventState
    title: str
    description: str
    place: str
    zone: str
    capacity: int | None
    audience: str
    closes_minutes: int
    rule: str
    starts_at: datetime
    ends_at: datetime
    space: str
    uid: str
    token: str
    created_at: datetime
    shows_at: datetime | None
    sequence: int
    changed_at: datetime
    moved_at: datetime | None
    moved_from: datetime | None
    cancelled_at: datetime | None
    settled_at: datetime | None
    stale: bool
    cancelled_because: str = ""


FORGOTTEN = {"host_id": None, "title": "(removed)", "description": "", "place": "", "audience": ""}
"""What is left of an event's words when its host was forgotten."""

FACTS = ("title", "description", "place", "zone", "capacity", "audience", "closes_minutes", "rule")
"""What a series hands on to each occurrence as it stands."""


def identity() -> dict[str, str]:
    """Return what a new event is known by outside."""
    return {"uid": secrets.token_hex(16), "token": secrets.token_urlsafe(24)}


_by_id = select(events).where(events.c.id == bindparam("event"))
"""What is asked most often is written once: to write it down takes longer than to ask it."""


class EventStore(CohostStore):
    """Every change of an event has a condition: made twice, or too late, it changes nothing and says so."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def draft(self, community_id: int, host_id: int, space: str, at: datetime, **facts: Any) -> Event:
        """Keep what someone wants to plan; nobody else sees it yet."""
        values = {
            "community_id": community_id,
            "host_id": host_id,
            "space": space,
            "state": EventState.DRAFT,
            "created_at": at,
            "changed_at": at,
            **identity(),
            **facts,
        }
        async with self._database.write() as connection:
            rows = await connection.execute(plain_insert(events).values(values).returning(*events.c))
            return Event(**rows.one()._asdict())

    async def redraft(self, event_id: int, at: datetime, **facts: Any) -> Event | None:
        """Change a draft. Nothing if it has been posted."""
        return await self._change(event_id, events.c.state == EventState.DRAFT, changed_at=at, **facts)

    async def post(
        self, event_id: int, at: datetime, series_id: int | None = None, occurrence: str | None = None
    ) -> Event | None:
        """Give a draft its number and plan it, as the first of a series where it is one. Nothing if it is no draft."""
        async with self._database.write() as connection:
            event = await self._change(
                event_id,
                events.c.state == EventState.DRAFT,
                state=EventState.PLANNED,
                series_id=series_id,
                occurrence=occurrence,
                shows_at=at,
                changed_at=at,
            )
            if event is None:
                return None
            number = await next_number(self._database, connection, event.community_id, "events")
            return await self._change(event_id, number=number)

    async def get(self, event_id: int) -> Event | None:
        """Return the event of this id."""
        async with self._database.read() as connection:
            row = (await connection.execute(_by_id, {"event": event_id})).one_or_none()
            return Event(**row._asdict()) if row else None

    async def by_number(self, community_id: int, number: int) -> Event | None:
        """Return the event that a community calls by this number."""
        return await self._one(events.c.community_id == community_id, events.c.number == number)

    async def by_token(self, token: str) -> Event | None:
        """Return the event whose calendar file has this token."""
        return await self._one(events.c.token == token, events.c.state != EventState.DRAFT)

    async def upcoming(self, community_id: int, at: datetime, limit: int = 1000) -> list[Event]:
        """Return what is planned and not over yet, the next first."""
        mine = (events.c.community_id == community_id, events.c.state == EventState.PLANNED, events.c.ends_at > at)
        return await self._find(*mine, limit=limit)

    async def posted_since(self, member_id: int, since: datetime) -> list[datetime]:
        """Return when a member made events since then, but for drafts; of a series the first one counts."""
        thing = func.coalesce(-events.c.series_id, events.c.id)
        mine = (events.c.host_id == member_id) & (events.c.state != EventState.DRAFT)
        first = select(func.min(events.c.created_at).label("at")).where(mine).group_by(thing).subquery()
        async with self._database.read() as connection:
            return [*await connection.scalars(select(first.c.at).where(first.c.at >= since))]

    async def take_stale(self, community_id: int) -> list[Event]:
        """Return the events whose cards name someone who was forgotten, each once."""
        stale = (events.c.community_id == community_id, events.c.stale)
        async with self._database.write() as connection:
            found = await self._find(*stale)
            await connection.execute(update(events).where(*stale).values(stale=False))
            return found

    async def get_many(self, ids: Collection[int]) -> list[Event]:
        """Return those events that there are, the earliest first."""
        return await self._find(events.c.id.in_(ids))

    async def hosted(self, member_id: int) -> list[Event]:
        """Return what a member hosts or wants to, the earliest first."""
        return await self._find(events.c.host_id == member_id)

    async def of_series(self, series_id: int, since: str) -> list[Event]:
        """Return the occurrences from that wall-clock time on that have become events, the earliest first."""
        return await self._find(events.c.series_id == series_id, events.c.occurrence >= since)

    async def edit(self, event_id: int, at: datetime, **facts: Any) -> Event | None:
        """Change what is said of an event. Nothing if it is cancelled or settled."""
        open_ = (events.c.state == EventState.PLANNED, events.c.settled_at.is_(None))
        return await self._change(event_id, *open_, changed_at=at, sequence=events.c.sequence + 1, **facts)

    async def move(
        self, event: Event, starts_at: datetime, ends_at: datetime, at: datetime, shows_at: datetime | None = None
    ) -> Event | None:
        """Give an event another time, and perhaps have its card appear at another.

        Nothing if somebody moved or cancelled it since it was read.
        """
        return await self._change(
            event.id,
            events.c.state == EventState.PLANNED,
            events.c.settled_at.is_(None),
            events.c.starts_at == event.starts_at,
            starts_at=starts_at,
            ends_at=ends_at,
            shows_at=shows_at or event.shows_at,
            moved_at=at,
            moved_from=event.starts_at,
            changed_at=at,
            sequence=events.c.sequence + 1,
        )

    async def cancel(self, event_id: int, at: datetime, because: str = "") -> Event | None:
        """Call an event off, `because` of what a moderator says. Nothing if it is already, or over."""
        return await self._change(
            event_id,
            events.c.state == EventState.PLANNED,
            events.c.ends_at > at,
            state=EventState.CANCELLED,
            cancelled_at=at,
            cancelled_because=because,
            changed_at=at,
            sequence=events.c.sequence + 1,
        )

    async def take_over(self, event_id: int, before_id: int, host_id: int, at: datetime) -> Event | None:
        """Somebody hosts an event in place of who did before. Nothing if somebody else does already, or it is off."""
        return await self._change(
            event_id,
            events.c.state == EventState.PLANNED,
            events.c.host_id == before_id,
            events.c.ends_at > at,
            host_id=host_id,
            changed_at=at,
            sequence=events.c.sequence + 1,
        )

    async def settle(self, event_id: int, at: datetime) -> Event | None:
        """Note that everything about an event is counted. Nothing if it has been."""
        open_ = (events.c.state == EventState.PLANNED, events.c.settled_at.is_(None))
        return await self._change(event_id, *open_, settled_at=at)

    async def drop(self, event_id: int) -> None:
        """Forget a draft."""
        mine = (events.c.id == event_id) & (events.c.state == EventState.DRAFT)
        async with self._database.write() as connection:
            await connection.execute(delete(events).where(mine))

    async def prune(self, before: datetime) -> None:
        """Forget drafts that nobody posted."""
        async with self._database.write() as connection:
            await connection.execute(_prune, {"before": before})

    async def forget(self, member_id: int) -> None:
        """Take a member's name and words off what they hosted; what was never posted is gone."""
        shared = await self.cohosted(member_id)
        await self.forget_cohost(member_id)
        async with self._database.write() as connection:
            await connection.execute(update(events).where(events.c.id.in_(shared)).values(stale=True))
            mine = events.c.host_id == member_id
            await connection.execute(delete(events).where(mine, events.c.state == EventState.DRAFT))
            await connection.execute(update(events).where(mine).values(FORGOTTEN | {"stale": True}))

    async def _one(self, *conditions: ColumnElement[bool]) -> Event | None:
        found = await self._find(*conditions, limit=1)
        return found[0] if found else None

    async def _find(self, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Event]:
        query = select(events).where(*conditions).order_by(events.c.starts_at, events.c.id).limit(limit)
        async with self._database.read() as connection:
            return [Event(**row._asdict()) for row in await connection.execute(query)]

    async def _change(self, event_id: int, *conditions: ColumnElement[bool], **values: Any) -> Event | None:
        statement = update(events).where(events.c.id == event_id, *conditions).values(**values)
        async with self._database.write() as connection:
            row = (await connection.execute(statement.returning(*events.c))).one_or_none()
            return Event(**row._asdict()) if row else None
