"""Who comes to an event: sign-ups, one ordered waitlist, and who was there. One seat for a member on all platforms."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from .columns import UtcDateTime, metadata, names_of
from .database import Database
from .events import EventState, events


class Choice(StrEnum):
    """What a member said, and what became of it.

    `OFFERED`: a seat is kept for someone on the waitlist until they answer; `LAPSED`: they did not in time.
    """

    GOING = "going"
    MAYBE = "maybe"
    NO = "no"
    WAITING = "waiting"
    OFFERED = "offered"
    LAPSED = "lapsed"


TAKEN = (Choice.GOING, Choice.OFFERED)
"""Who takes a seat."""
CONCERNED = (Choice.GOING, Choice.MAYBE, Choice.WAITING, Choice.OFFERED)
"""Who wants to know what becomes of the event."""
COMING = (Choice.GOING, Choice.MAYBE)
"""Who is reminded."""
WAITLIST = (Choice.OFFERED, Choice.WAITING)
"""Who waits, or has an offer."""
_IN_LINE: Mapping[str, Any] = {"choice": Choice.WAITING, "offered_at": None, "offered_until": None}
"""What becomes of who is put back in line."""

signups = Table(
    "signups",
    metadata,
    Column("event_id", ForeignKey("events.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True, index=True),
    Column("choice", names_of(Choice), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("turn", Integer, nullable=False, server_default="0"),
    Column("offered_at", UtcDateTime),
    Column("offered_until", UtcDateTime),
    Column("checked_in_at", UtcDateTime),
    Column("worth", Integer),
    Index(None, "event_id", "choice", "at", "member_id"),
    Index(None, "event_id", "choice", "turn"),
)


@dataclass(frozen=True, slots=True)
class Signup:
    """What one member said about one event, and since when. `worth` is 1 to 3.

    `turn` is the order on the waitlist, and stays when they no longer wait: nobody has the same turn twice, so each
    offer of a seat has a name of its own.
    """

    event_id: int
    member_id: int
    choice: Choice
    at: datetime
    turn: int
    offered_at: datetime | None
    offered_until: datetime | None
    checked_in_at: datetime | None
    worth: int | None


LINE = case((signups.c.choice.in_(WAITLIST), signups.c.turn), else_=0)
IN_ORDER = (LINE, signups.c.at, signups.c.member_id)
"""In the order in which they said it; the waitlist in its own."""


_held = (
    select(events.c.id, events.c.capacity)
    .where(events.c.id == bindparam("event"), events.c.state == EventState.PLANNED)
    .with_for_update()
)
_mine = select(signups).where(signups.c.event_id == bindparam("event"), signups.c.member_id == bindparam("member"))
"""What is asked most often is written once: to write it down takes longer than to ask it."""


class SignupStore:
    """Every change holds the event's row first, so that seats are counted exactly, whoever else signs up meanwhile."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, event_id: int) -> list[Signup]:
        """Return what everyone said, in the order in which they did; the waitlist in its own."""
        return await self._find(select(signups).where(signups.c.event_id == event_id).order_by(*IN_ORDER))

    async def get(self, event_id: int, member_id: int) -> Signup | None:
        """Return what a member said about an event."""
        async with self._database.read() as connection:
            return await self._mine(connection, event_id, member_id)

    async def expected(self, event_id: int, member_ids: Collection[int]) -> list[int]:
        """Return those of the members who said anything."""
        theirs = (signups.c.event_id == event_id, signups.c.member_id.in_(member_ids))
        return [signup.member_id for signup in await self._find(select(signups).where(*theirs))]

    async def last_here(self, event_id: int) -> int | None:
        """Return the member who was checked in last."""
        here = (signups.c.event_id == event_id, signups.c.checked_in_at.is_not(None))
        query = select(signups.c.member_id).where(*here)
        async with self._database.read() as connection:
            latest = query.order_by(signups.c.checked_in_at.desc(), signups.c.member_id.desc()).limit(1)
            found: int | None = await connection.scalar(latest)
            return found

    async def of_member(self, member_id: int) -> list[Signup]:
        """Return all that a member said."""
        query = select(signups).where(signups.c.member_id == member_id).order_by(signups.c.event_id)
        return await self._find(query)

    # Changes

    async def sign_up(
        self, event_id: int, member_id: int, wish: Choice, at: datetime, *, last_call: bool = False
    ) -> Signup | None:
        """Say going, maybe or no, and return what that makes: going may mean to wait. None: it is not planned any more.

        On `last_call` a free seat goes to whoever takes it, else to the waitlist first. Saying the same again changes
        nothing, and keeps a member's turn.
        """
        async with self._database.write() as connection:
            event = await self._hold(connection, event_id)
            if event is None:
                return None
            mine = await self._mine(connection, event_id, member_id)
            choice = wish
            if wish is Choice.GOING and not (mine and mine.choice in TAKEN):
                choice = wish if await self._has_room(connection, event, last_call=last_call) else Choice.WAITING
            if mine and mine.choice is choice:
                return mine
            changes: dict[str, Any] = {"choice": choice, "offered_at": None, "offered_until": None}
            if choice is Choice.WAITING:
                changes["turn"] = await self._last_turn(connection, event_id) + 1
            if mine is None or mine.choice not in CONCERNED or (choice in COMING and mine.choice not in COMING):
                changes["at"] = at
            return await self._put(connection, event_id, member_id, at, changes)

    async def offer(self, event_id: int, offers: Sequence[tuple[int, datetime]], at: datetime) -> int:
        """Keep free seats for the next of the waitlist, each until then; return how many got one.

        Nobody gets one who is not next in turn, nor when no seat is left.
        """
        async with self._database.write() as connection:
            event = await self._hold(connection, event_id)
            waiting = await self._waiting(connection, event_id, len(offers))
            if event is None:
                return 0
            free = len(offers) if event.capacity is None else event.capacity - await self._taken(connection, event_id)
            offered: list[dict[str, Any]] = []
            for next_one, (member_id, until) in zip(waiting, offers, strict=False):
                if next_one != member_id or len(offered) >= free:
                    break
                offered.append({"member": member_id, "until": until})
            theirs = (signups.c.event_id == event_id, signups.c.member_id == bindparam("member"))
            kept = {"choice": Choice.OFFERED, "offered_at": at, "offered_until": bindparam("until", type_=UtcDateTime)}
            if offered:
                await connection.execute(update(signups).where(*theirs).values(kept), offered)
            return len(offered)

    async def lapse(self, event_id: int, at: datetime, first: Collection[int] = ()) -> bool:
        """Take back what was offered and not answered in time; say whether there was any.

        Some of the waitlist are the first in line from now on, with turns that nobody had: the last of these first.
        """
        late = (
            signups.c.event_id == event_id,
            signups.c.choice == Choice.OFFERED,
            signups.c.offered_until <= at,
        )
        async with self._database.write() as connection:
            await self._hold(connection, event_id)
            turns = select(func.min(signups.c.turn)).where(signups.c.event_id == event_id)
            least = await connection.scalar(turns) or 0
            for before, member_id in enumerate(first, start=1):
                theirs = (signups.c.event_id == event_id, signups.c.member_id == member_id)
                back = update(signups).where(*theirs, signups.c.choice.in_(WAITLIST))
                await connection.execute(back.values(turn=least - before, **_IN_LINE))
            lapsed = update(signups).where(*late).values(choice=Choice.LAPSED)
            return (await connection.execute(lapsed)).rowcount + len(first) > 0

    async def recall(self, event_id: int, closes_at: datetime) -> bool:
        """Put back in line who was offered a seat for longer than sign-up is open now; say whether there was any."""
        late = (
            signups.c.event_id == event_id,
            signups.c.choice == Choice.OFFERED,
            signups.c.offered_until > closes_at,
        )
        back = update(signups).where(*late).values(_IN_LINE)
        async with self._database.write() as connection:
            await self._hold(connection, event_id)
            return (await connection.execute(back)).rowcount > 0

    async def check_in(self, event_id: int, member_id: int, at: datetime, *, by_host: bool = False) -> Signup | None:
        """Note that a member is there; who had no seat takes one that is free. None: there is none.

        Whoever the host lets in needs no free seat.
        """
        async with self._database.write() as connection:
            event = await self._hold(connection, event_id)
            if event is None:
                return None
            mine = await self._mine(connection, event_id, member_id)
            if mine and mine.checked_in_at:
                return mine
            has_seat = mine is not None and mine.choice in TAKEN
            if not (has_seat or by_host or await self._has_room(connection, event, last_call=True)):
                return None
            changes: dict[str, Any] = {"choice": Choice.GOING, "checked_in_at": at}
            return await self._put(connection, event_id, member_id, at, changes)

    async def check_out(self, event_id: int, member_id: int) -> None:
        """Note that a member is not there after all."""
        async with self._database.write() as connection:
            if await self._hold(connection, event_id):
                mine = (signups.c.event_id == event_id, signups.c.member_id == member_id)
                await connection.execute(update(signups).where(*mine).values(checked_in_at=None))

    async def rate(self, event_id: int, member_id: int, worth: int) -> bool:
        """Note whether it was worth it, for someone who was there; say whether they were."""
        mine = (signups.c.event_id == event_id, signups.c.member_id == member_id, signups.c.checked_in_at.is_not(None))
        async with self._database.write() as connection:
            return (await connection.execute(update(signups).where(*mine).values(worth=worth))).rowcount > 0

    async def forget(self, member_id: int) -> None:
        """Remove all that a member said; their seats are free again."""
        async with self._database.write() as connection:
            theirs = select(signups.c.event_id).where(signups.c.member_id == member_id)
            await connection.execute(update(events).where(events.c.id.in_(theirs)).values(stale=True))
            await connection.execute(delete(signups).where(signups.c.member_id == member_id))

    # Within

    async def _find(self, query: Any) -> list[Signup]:
        async with self._database.read() as connection:
            return [Signup(**row._asdict()) for row in await connection.execute(query)]

    async def _hold(self, connection: AsyncConnection, event_id: int) -> Row[Any, Any] | None:
        """Let nobody else count this event's seats until we are done. None: it is not planned."""
        found: Row[Any, Any] | None = (await connection.execute(_held, {"event": event_id})).one_or_none()
        return found

    async def _mine(self, connection: AsyncConnection, event_id: int, member_id: int) -> Signup | None:
        row = (await connection.execute(_mine, {"event": event_id, "member": member_id})).one_or_none()
        return Signup(**row._asdict()) if row else None

    async def _has_room(self, connection: AsyncConnection, event: Row[Any, Any], *, last_call: bool) -> bool:
        if event.capacity is None:
            return True
        taken = await self._taken(connection, event.id)
        return taken < event.capacity and (last_call or not await self._waiting(connection, event.id, 1))

    async def _taken(self, connection: AsyncConnection, event_id: int) -> int:
        taken = (signups.c.event_id == event_id, signups.c.choice.in_(TAKEN))
        return await connection.scalar(select(func.count()).select_from(signups).where(*taken)) or 0

    async def _waiting(self, connection: AsyncConnection, event_id: int, limit: int) -> Sequence[int]:
        queue = (signups.c.event_id == event_id, signups.c.choice == Choice.WAITING)
        query = select(signups.c.member_id).where(*queue).order_by(signups.c.turn).limit(limit)
        return (await connection.scalars(query)).all()

    async def _last_turn(self, connection: AsyncConnection, event_id: int) -> int:
        last = select(func.max(signups.c.turn)).where(signups.c.event_id == event_id)
        return await connection.scalar(last) or 0

    async def _put(
        self, connection: AsyncConnection, event_id: int, member_id: int, at: datetime, changes: dict[str, Any]
    ) -> Signup:
        new = {"event_id": event_id, "member_id": member_id, "at": at} | changes
        rows = await connection.execute(
            self._database.insert(signups)
            .values(new)
            .on_conflict_do_update(index_elements=[signups.c.event_id, signups.c.member_id], set_=changes)
            .returning(*signups.c)
        )
        return Signup(**rows.one()._asdict())
