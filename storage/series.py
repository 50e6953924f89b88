"""Events that repeat: the rule, and what each new occurrence is made with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, insert, select, update

from .columns import UtcDateTime, metadata
from .database import Database
from .events import FACTS, FORGOTTEN, Event, EventState, events, facts, identity
from .numbers import next_number

event_series = Table(
    "event_series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("host_id", ForeignKey("members.id"), index=True),
    *facts(),
    Column("minutes", Integer, nullable=False),
    Column("first", Text, nullable=False),
    Column("made_until", Text, nullable=False),
    Column("ended_at", UtcDateTime),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Series:
    """An event that repeats, by an RFC 5545 `rule` that is evaluated on the wall clock of `zone`.

    `first` and `made_until` are wall-clock times ("2026-03-05T18:00"): where the rule begins, and the last occurrence
    that has become an event. The rest is what new occurrences are made with.
    """

    id: int
    community_id: int
    host_id: int | None
    title: str
    description: str
    place: str
    zone: str
    capacity: int | None
    audience: str
    closes_minutes: int
    rule: str
    minutes: int
    first: str
    made_until: str
    ended_at: datetime | None


class SeriesStore:
    """A series only ever gets further, and ends once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, event: Event, first: str, minutes: int) -> Series:
        """Make a series out of a draft, which becomes its first occurrence."""
        values = {name: getattr(event, name) for name in FACTS}
        values |= {"community_id": event.community_id, "host_id": event.host_id, "minutes": minutes}
        values |= {"first": first, "made_until": first}
        async with self._database.write() as connection:
            rows = await connection.execute(insert(event_series).values(values).returning(*event_series.c))
            return Series(**rows.one()._asdict())

    async def get(self, series_id: int) -> Series | None:
        """Return the series of this id."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(event_series).where(event_series.c.id == series_id))).one_or_none()
            return Series(**row._asdict()) if row else None

    async def extend(
        self,
        series: Series,
        space: str,
        at: datetime,
        occurrences: Sequence[tuple[str, datetime, datetime, datetime]],
    ) -> list[Event]:
        """Make events of occurrences: when the rule has each, its start, its end, and when its card appears.

        Nothing if somebody has made them in the meantime.
        """
        if not occurrences:
            return []
        mine = (event_series.c.id == series.id, event_series.c.made_until == series.made_until)
        async with self._database.write() as connection:
            extended = update(event_series).where(*mine, event_series.c.ended_at.is_(None))
            if not (await connection.execute(extended.values(made_until=occurrences[-1][0]))).rowcount:
                return []
            made = []
            for occurrence, starts_at, ends_at, shows_at in occurrences:
                values = {name: getattr(series, name) for name in FACTS}
                values |= {
                    "community_id": series.community_id,
                    "host_id": series.host_id,
                    "series_id": series.id,
                    "occurrence": occurrence,
                    "number": await next_number(self._database, connection, series.community_id, "events"),
                    "state": EventState.PLANNED,
                    "starts_at": starts_at,
                    "ends_at": ends_at,
                    "space": space,
                    "created_at": at,
                    "changed_at": at,
                    "shows_at": shows_at,
                    **identity(),
                }
                rows = await connection.execute(insert(events).values(values).returning(*events.c))
                made.append(Event(**rows.one()._asdict()))
            return made

    async def change(self, series_id: int, **facts: Any) -> Series | None:
        """Change what new occurrences are made with. Nothing if the series has ended."""
        mine = (event_series.c.id == series_id, event_series.c.ended_at.is_(None))
        statement = update(event_series).where(*mine).values(**facts).returning(*event_series.c)
        async with self._database.write() as connection:
            row = (await connection.execute(statement)).one_or_none()
            return Series(**row._asdict()) if row else None

    async def take_over(self, series_id: int, host_id: int) -> None:
        """Somebody else hosts what follows."""
        change = update(event_series).where(event_series.c.id == series_id).values(host_id=host_id)
        async with self._database.write() as connection:
            await connection.execute(change)

    async def end(self, series_id: int, at: datetime) -> bool:
        """Make no more occurrences; say whether there were to be any."""
        return await self.change(series_id, ended_at=at) is not None

    async def forget(self, member_id: int) -> None:
        """Take a member's name and words off what they hosted."""
        async with self._database.write() as connection:
            theirs = update(event_series).where(event_series.c.host_id == member_id)
            await connection.execute(theirs.values(FORGOTTEN))
