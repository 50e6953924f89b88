"""Events that arrived, by the id that their platform gave them, so that each of them is handled once.

An event is marked as done by the unit that handles it. One that cannot be asked for again, and whose unit takes long,
is kept here before it is acknowledged: whatever happens to this process, another one handles it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Table, Text, delete, func, or_, select, update

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database
from .processes import is_free

inbox = Table(
    "inbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("platform", Text),
    Column("body", WrittenText),
    Column("owner", Text),
    Index(None, "at"),
)
_waiting = inbox.c.body.is_not(None)
Index("ix_inbox_waiting", inbox.c.at, sqlite_where=_waiting, postgresql_where=_waiting)

heard = Table(
    "heard",
    metadata,
    Column("space_key", Text, primary_key=True),
    Column("until", UtcDateTime, nullable=False),
)


class Handled(Exception):
    """The event was handled before, here or in another process."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a platform told and nobody has handled: the event's key, and the platform's own words."""

    key: str
    platform: str
    body: Mapping[str, Any]


class InboxStore:
    """Which events are handled, and which are still to be; and until when each space was listened to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, key: str, at: datetime) -> None:
        """Mark an event as done, in the unit that handles it, and forget what was kept of it. Raises `Handled`."""
        statement = self._database.insert(inbox).values(key=key, at=at, done_at=at)
        async with self._database.write() as connection:
            taken = await connection.scalar(
                statement.on_conflict_do_update(
                    index_elements=[inbox.c.key],
                    set_={"done_at": at, "body": None, "owner": None},
                    where=inbox.c.done_at.is_(None),
                ).returning(inbox.c.key)
            )
        if taken is None:
            raise Handled(key)

    async def keep(self, key: str, platform: str, body: Mapping[str, Any], owner: str, at: datetime) -> bool:
        """Keep an event until somebody has handled it. False where it is known: kept, or handled."""
        packed = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        statement = self._database.insert(inbox).values(key=key, at=at, platform=platform, body=packed, owner=owner)
        async with self._database.write() as connection:
            new = await connection.scalar(statement.on_conflict_do_nothing().returning(inbox.c.key))
            return new is not None

    async def done(self, key: str, at: datetime) -> None:
        """Note that an event that was kept needs nothing more, and forget what it said."""
        statement = update(inbox).where(inbox.c.key == key, _waiting).values(done_at=at, body=None, owner=None)
        async with self._database.write() as connection:
            await connection.execute(statement)

    async def take_over(self, owner: str, limit: int = 100) -> list[Kept]:
        """Make events whose process is dead the owner's, and return them, oldest first."""
        async with self._database.read() as connection:
            left = [*await connection.scalars(select(inbox.c.key).where(_waiting, is_free(inbox.c.owner)).limit(1))]
        if not left:
            return []
        free = select(inbox.c.key).where(_waiting, is_free(inbox.c.owner)).order_by(inbox.c.at).limit(limit)
        claimed = (
            update(inbox)
            .where(inbox.c.key.in_(free.with_for_update(skip_locked=True)))
            .values(owner=owner)
            .returning(inbox.c.key, inbox.c.platform, inbox.c.body, inbox.c.at)
        )
        async with self._database.write() as connection:
            rows = sorted(await connection.execute(claimed), key=lambda row: (row.at, row.key))
        return [Kept(row.key, row.platform, json.loads(row.body)) for row in rows]

    async def waiting(self) -> int:
        """Return how many events are kept and not handled yet."""
        async with self._database.read() as connection:
            return await connection.scalar(select(func.count()).select_from(inbox).where(_waiting)) or 0

    async def heard_until(self, space_key: str) -> datetime | None:
        """Return until when a space was listened to, about; None if it never was."""
        async with self._database.read() as connection:
            return await connection.scalar(select(heard.c.until).where(heard.c.space_key == space_key))

    async def note_heard(self, space_keys: Iterable[str], until: datetime) -> None:
        """Note that these spaces were listened to until now."""
        rows = [{"space_key": key, "until": until} for key in space_keys]
        if not rows:
            return
        statement = self._database.insert(heard)
        statement = statement.on_conflict_do_update(
            index_elements=[heard.c.space_key], set_={"until": statement.excluded.until}
        )
        async with self._database.write() as connection:
            await connection.execute(statement, rows)

    async def prune(self, before: datetime) -> int:
        """Forget the events that were done before that moment, and return how many they were.

        Platforms deliver again for about a day: keep at least 25 hours.
        """
        old = (inbox.c.at < before) & or_(inbox.c.done_at.is_not(None), inbox.c.body.is_(None))
        async with self._database.write() as connection:
            return (await connection.execute(delete(inbox).where(old))).rowcount
