"""What members were told about events, what hosts wrote to them, how they want to be reminded, and their calendars."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, delete, insert, select, update

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database

event_notices = Table(
    "event_notices",
    metadata,
    Column("event_id", ForeignKey("events.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True, index=True),
    Column("what", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

event_messages = Table(
    "event_messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False, index=True),
    Column("author_id", ForeignKey("members.id"), index=True),
    Column("words", WrittenText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

reminder_choices = Table(
    "reminder_choices",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("minutes", Text, nullable=False),
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("token", Text, nullable=False, unique=True),
)


@dataclass(frozen=True, slots=True)
class HostMessage:
    """What an event's host wrote to those who signed up."""

    id: int
    event_id: int
    author_id: int | None
    words: str
    at: datetime


class ReminderStore:
    """Who was told what, and how members want to hear of their events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def told(self, event_id: int) -> set[tuple[int, str]]:
        """Return who was told what about an event, or needs not be told any more."""
        query = select(event_notices.c.member_id, event_notices.c.what).where(event_notices.c.event_id == event_id)
        async with self._database.read() as connection:
            return {(row.member_id, row.what) for row in await connection.execute(query)}

    async def told_to(self, member_id: int) -> list[tuple[int, str, datetime]]:
        """Return what a member was told: about which event, what, and when."""
        mine = event_notices.c.member_id == member_id
        query = select(event_notices.c.event_id, event_notices.c.what, event_notices.c.at).where(mine)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(event_notices.c.at, event_notices.c.what))
            return [(row.event_id, row.what, row.at) for row in rows]

    async def tell(self, event_id: int, what: str, members: Iterable[int], at: datetime) -> None:
        """Note that members were told something."""
        rows = [{"event_id": event_id, "member_id": member, "what": what, "at": at} for member in members]
        if rows:
            async with self._database.write() as connection:
                await connection.execute(self._database.insert(event_notices).on_conflict_do_nothing(), rows)

    async def write(self, event_id: int, author_id: int, words: str, at: datetime) -> None:
        """Keep what a host writes to those who signed up."""
        values = {"event_id": event_id, "author_id": author_id, "words": words, "at": at}
        async with self._database.write() as connection:
            await connection.execute(insert(event_messages).values(values))

    async def written(self, event_id: int) -> list[HostMessage]:
        """Return what was written to those who signed up, the oldest first."""
        query = select(event_messages).where(event_messages.c.event_id == event_id).order_by(event_messages.c.id)
        async with self._database.read() as connection:
            return [HostMessage(**row._asdict()) for row in await connection.execute(query)]

    async def written_by(self, member_id: int) -> list[HostMessage]:
        """Return what a member wrote as a host, the oldest first."""
        query = select(event_messages).where(event_messages.c.author_id == member_id).order_by(event_messages.c.id)
        async with self._database.read() as connection:
            return [HostMessage(**row._asdict()) for row in await connection.execute(query)]

    async def choose(self, member_id: int, minutes: Sequence[int] | None) -> None:
        """Note how long before an event a member wants to be reminded; None: as settings say."""
        packed = ",".join(map(str, minutes or ()))
        statement = self._database.insert(reminder_choices).values(member_id=member_id, minutes=packed)
        async with self._database.write() as connection:
            if minutes is None:
                await connection.execute(delete(reminder_choices).where(reminder_choices.c.member_id == member_id))
            else:
                changed = {"minutes": packed}
                await connection.execute(
                    statement.on_conflict_do_update(index_elements=[reminder_choices.c.member_id], set_=changed)
                )

    async def chosen(self, members: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """Return how those of the members want to be reminded who said so."""
        query = select(reminder_choices).where(reminder_choices.c.member_id.in_(list(members)))
        async with self._database.read() as connection:
            return {
                row.member_id: tuple(int(part) for part in row.minutes.split(",") if part)
                for row in await connection.execute(query)
            }

    async def feed(self, member_id: int, *, renew: bool = False) -> str:
        """Return the token of a member's calendar, made when there is none; `renew` makes a new one in any case."""
        token = secrets.token_urlsafe(32)
        made = self._database.insert(calendar_feeds).values(member_id=member_id, token=token)
        async with self._database.write() as connection:
            if renew:
                changed = {"token": token}
                made = made.on_conflict_do_update(index_elements=[calendar_feeds.c.member_id], set_=changed)
            else:
                made = made.on_conflict_do_nothing()
            await connection.execute(made)
            mine = select(calendar_feeds.c.token).where(calendar_feeds.c.member_id == member_id)
            return str((await connection.execute(mine)).scalar_one())

    async def has_feed(self, member_id: int) -> bool:
        """Say whether a member's calendar has an address."""
        mine = select(calendar_feeds.c.member_id).where(calendar_feeds.c.member_id == member_id)
        async with self._database.read() as connection:
            return await connection.scalar(mine) is not None

    async def owner(self, token: str) -> int | None:
        """Return the member whose calendar has this token."""
        async with self._database.read() as connection:
            return await connection.scalar(select(calendar_feeds.c.member_id).where(calendar_feeds.c.token == token))

    async def forget(self, member_id: int) -> None:
        """Remove what a member was told, wrote and chose."""
        async with self._database.write() as connection:
            for table in (event_notices, reminder_choices, calendar_feeds):
                await connection.execute(delete(table).where(table.c.member_id == member_id))
            theirs = update(event_messages).where(event_messages.c.author_id == member_id)
            await connection.execute(theirs.values(author_id=None, words=""))
