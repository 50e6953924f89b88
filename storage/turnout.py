"""How many come to an event and who the first of them are, and what a member comes to: what lists and cards show.

Nothing here grows with how many signed up: people are counted, and fetched in part.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select, union_all

from .database import Database
from .events import Event, EventState, events
from .people import members
from .signups import CONCERNED, IN_ORDER, WAITLIST, Choice, Signup, signups

_open_until = case((signups.c.choice == Choice.OFFERED, signups.c.offered_until))
_tallies = (
    select(signups.c.event_id, signups.c.choice, func.count(), func.count(signups.c.checked_in_at))
    .add_columns(func.min(_open_until), func.max(_open_until))
    .where(signups.c.event_id.in_(bindparam("ids", expanding=True)))
    .group_by(signups.c.event_id, signups.c.choice)
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many said what about an event, and how many were there.

    The first of the offers that are open lapses at `first_until`, the last at `last_until`.
    """

    said: Mapping[Choice, int] = field(default_factory=dict)
    came: int = 0
    first_until: datetime | None = None
    last_until: datetime | None = None

    def of(self, *choices: Choice) -> int:
        """Return how many said one of these."""
        return sum(self.said.get(choice, 0) for choice in choices)


class TurnoutStore:
    """Who comes, as far as it is shown."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def first(self, event_id: int, limit: int) -> list[Signup]:
        """Return the first few of those who go, who may come, who have an offer, and who wait: all in their order."""

        def some(choice: Choice) -> Select[Any]:
            order = (signups.c.turn,) if choice in WAITLIST else (signups.c.at, signups.c.member_id)
            theirs = select(signups).where(signups.c.event_id == event_id, signups.c.choice == choice)
            return select(theirs.order_by(*order).limit(limit).subquery())

        found = await self._find(union_all(*map(some, CONCERNED)))
        return sorted(found, key=lambda one: (one.turn * (one.choice in WAITLIST), one.at, one.member_id))

    async def came(self, event_id: int, limit: int) -> list[Signup]:
        """Return the first few of those who were there."""
        theirs = select(signups).where(signups.c.event_id == event_id, signups.c.checked_in_at.is_not(None))
        return await self._find(theirs.order_by(*IN_ORDER).limit(limit))

    async def count_absent(self, event_id: int) -> int:
        """Return how many signed up and are not there yet."""
        async with self._database.read() as connection:
            return await connection.scalar(select(func.count()).select_from(signups).where(*_absent(event_id))) or 0

    async def absent(self, event_id: int, limit: int, skip: int = 0) -> list[int]:
        """Return who signed up and is not there yet, some of them, in the order of their names: ids."""
        query = select(signups.c.member_id).join(members).where(*_absent(event_id))
        by_name = query.order_by(members.c.folded_name, members.c.id).offset(skip).limit(limit)
        async with self._database.read() as connection:
            return [*await connection.scalars(by_name)]

    async def were_there(self, event_id: int, after: int, limit: int) -> list[int]:
        """Return who was there, some of them, in the order of their ids and beyond `after`."""
        here = (signups.c.event_id == event_id, signups.c.checked_in_at.is_not(None), signups.c.member_id > after)
        query = select(signups.c.member_id).where(*here).order_by(signups.c.member_id).limit(limit)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def next_waiting(self, event_id: int, limit: int) -> list[int]:
        """Return whose turn on the waitlist is next: ids."""
        queue = (signups.c.event_id == event_id, signups.c.choice == Choice.WAITING)
        query = select(signups.c.member_id).where(*queue).order_by(signups.c.turn).limit(limit)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def position(self, signup: Signup) -> int:
        """Return how many wait until it is someone's turn, themselves included."""
        before = (signups.c.event_id == signup.event_id, signups.c.choice == Choice.WAITING)
        query = select(func.count()).select_from(signups).where(*before, signups.c.turn <= signup.turn)
        async with self._database.read() as connection:
            return await connection.scalar(query) or 0

    async def tally(self, event_id: int) -> Tally:
        """Return how many said what about an event."""
        return (await self.tallies([event_id])).get(event_id, Tally())

    async def tallies(self, event_ids: Collection[int]) -> dict[int, Tally]:
        """Return how many said what about each of these events, where anybody did."""
        said: dict[int, dict[Choice, int]] = {}
        came: dict[int, int] = {}
        until: dict[int, tuple[datetime | None, datetime | None]] = {}
        async with self._database.read() as connection:
            rows = await connection.execute(_tallies, {"ids": [*event_ids]})
            for event_id, choice, number, here, first, last in rows:
                said.setdefault(event_id, {})[choice] = number
                came[event_id] = came.get(event_id, 0) + here
                if first:
                    until[event_id] = first, last
        return {id_: Tally(said[id_], came[id_], *until.get(id_, (None, None))) for id_ in said}

    async def worths(self, event_id: int) -> dict[int, int]:
        """Return how many said how much it was worth, 1 to 3."""
        rated = (signups.c.event_id == event_id, signups.c.worth.is_not(None))
        query = select(signups.c.worth, func.count().label("number")).where(*rated).group_by(signups.c.worth)
        async with self._database.read() as connection:
            return {row.worth: row.number for row in await connection.execute(query)}

    # Of a member

    async def choices(self, member_id: int, event_ids: Collection[int]) -> dict[int, Choice]:
        """Return what a member said about some events."""
        mine = (signups.c.member_id == member_id, signups.c.event_id.in_(event_ids))
        return {signup.event_id: signup.choice for signup in await self._find(select(signups).where(*mine))}

    async def coming(self, member_id: int, at: datetime, limit: int = 1000) -> list[tuple[Event, Choice]]:
        """Return the events that concern a member and are not over, the next first."""
        ahead = (events.c.state == EventState.PLANNED, events.c.ends_at > at)
        return await self._events(self._mine_of(member_id).where(*ahead).order_by(events.c.starts_at), limit)

    async def latest(self, member_id: int, limit: int) -> list[tuple[Event, Choice]]:
        """Return the latest events that concern a member, what was called off too, the earliest first."""
        latest = await self._events(self._mine_of(member_id).order_by(events.c.starts_at.desc()), limit)
        return latest[::-1]

    async def _find(self, query: Any) -> list[Signup]:
        async with self._database.read() as connection:
            return [Signup(**row._asdict()) for row in await connection.execute(query)]

    def _mine_of(self, member_id: int) -> Select[Any]:
        mine = (signups.c.member_id == member_id, signups.c.choice.in_(CONCERNED))
        return select(events, signups.c.choice.label("mine")).join(signups).where(*mine)

    async def _events(self, query: Select[Any], limit: int) -> list[tuple[Event, Choice]]:
        async with self._database.read() as connection:
            rows = [row._asdict() for row in await connection.execute(query.limit(limit))]
        return [(Event(**{name: value for name, value in row.items() if name != "mine"}), row["mine"]) for row in rows]


def _absent(event_id: int) -> tuple[ColumnElement[bool], ...]:
    return signups.c.event_id == event_id, signups.c.choice.in_(CONCERNED), signups.c.checked_in_at.is_(None)
