"""How members want to hear of their events: reminders, what hosts write to them, and their own calendars."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Select, Table, Text, delete, insert, select, update

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database
from .signups import signups

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
    Column("at", UtcDateTime),
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


@dataclass(frozen=True, slots=True)
class ReminderChoice:
    """How long before an event a member wants to be reminded, in minutes, and when they said so."""

    minutes: tuple[int, ...]
    at: datetime | None = None


class ReminderStore:
    """How members want to hear of their events."""

    def __init__(self, database: Database) -> None:
        self._database = database

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

    async def choose(self, member_id: int, minutes: Sequence[int] | None, at: datetime) -> None:
        """Note how long before an event a member wants to be reminded; None: as settings say."""
        chosen = {"minutes": ",".join(map(str, minutes or ())), "at": at}
        statement = self._database.insert(reminder_choices).values(member_id=member_id, **chosen)
        async with self._database.write() as connection:
            if minutes is None:
                await connection.execute(delete(reminder_choices).where(reminder_choices.c.member_id == member_id))
            else:
                await connection.execute(
                    statement.on_conflict_do_update(index_elements=[reminder_choices.c.member_id], set_=chosen)
                )

    async def chosen(self, member_id: int) -> ReminderChoice | None:
        """Return how a member wants to be reminded, if they said so."""
        found = await self._choices(select(reminder_choices).where(reminder_choices.c.member_id == member_id))
        return found.get(member_id)

    async def chosen_for(self, event_id: int) -> dict[int, ReminderChoice]:
        """Return how those who signed up for an event want to be reminded, if they said so."""
        theirs = select(reminder_choices).join(signups, signups.c.member_id == reminder_choices.c.member_id)
        return await self._choices(theirs.where(signups.c.event_id == event_id))

    async def _choices(self, query: Select[Any]) -> dict[int, ReminderChoice]:
        async with self._database.read() as connection:
            return {
                row.member_id: ReminderChoice(tuple(int(part) for part in row.minutes.split(",") if part), row.at)
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
        """Remove what a member wrote and chose."""
        async with self._database.write() as connection:
            for table in (reminder_choices, calendar_feeds):
                await connection.execute(delete(table).where(table.c.member_id == member_id))
            theirs = update(event_messages).where(event_messages.c.author_id == member_id)
            await connection.execute(theirs.values(author_id=None, words=""))
