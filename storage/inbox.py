"""Events that arrived, by the id that their platform gave them, so that each of them is handled once.

An event is marked as done by the unit that handles it. One that cannot be asked for again, and whose unit takes long,
is kept here before it is acknowledged: whatever happens to this process, another one handles it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from .columns import UtcDateTime, WrittenText, compact_json, metadata
from .database import Database
from .dialect import Dialect, Insert, insert_into
from .people import accounts, spaces
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
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", UtcDateTime),
    Column("last_error", WrittenText),
    Column("failed_at", UtcDateTime),
    Index(None, "at"),
)
_waiting = inbox.c.body.is_not(None) & inbox.c.failed_at.is_(None)
Index("ix_inbox_waiting", inbox.c.at, sqlite_where=_waiting, postgresql_where=_waiting)
_dead = inbox.c.failed_at.is_not(None)
_gone = {"done_at": inbox.c.failed_at, "failed_at": None, "body": None, "last_error": None}
"""What a dead letter becomes that is forgotten: it stays known as handled."""
Index("ix_inbox_dead", inbox.c.failed_at, inbox.c.key, sqlite_where=_dead, postgresql_where=_dead)

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


@dataclass(frozen=True, slots=True)
class Dead(Kept):
    """An event that could not be handled, and was set aside `failed_at`."""

    at: datetime
    attempts: int
    last_error: str
    failed_at: datetime


def _starts(column: ColumnElement[str], with_: ColumnElement[str]) -> ColumnElement[bool]:
    return func.substr(column, 1, func.length(with_)) == with_


_failed = select(*(inbox.c[one.name] for one in fields(Dead))).where(_dead).order_by(inbox.c.failed_at, inbox.c.key)
_failed_of = _failed.where(
    exists().where(spaces.c.community_id == bindparam("community"), _starts(inbox.c.key, spaces.c.key + "/"))
)
_prune = delete(inbox).where(
    inbox.c.at < bindparam("before"), or_(inbox.c.done_at.is_not(None), inbox.c.body.is_(None))
)


@cache
def _note_heard(dialect: Dialect) -> Insert:
    noting = insert_into(heard, dialect)
    return noting.on_conflict_do_update(index_elements=[heard.c.space_key], set_={"until": noting.excluded.until})


@cache
def _take(dialect: Dialect) -> ReturningInsert[Any]:
    done = insert_into(inbox, dialect)
    changes = {"done_at": done.excluded.done_at, "body": None, "owner": None}
    return done.on_conflict_do_update(
        index_elements=[inbox.c.key], set_=changes, where=inbox.c.done_at.is_(None)
    ).returning(inbox.c.key)


class InboxStore:
    """Which events are handled, and which are still to be; and until when each space was listened to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, key: str, at: datetime) -> None:
        """Mark an event as done, in the unit that handles it, and forget what was kept of it. Raises `Handled`.

        On PostgreSQL it is marked as the last of all. Where the unit waits for others, the event can be kept until
        then: its row is nobody's. SQLite has one writer, for whom all others wait.
        """
        unit = self._database.current
        if unit is None or self._database.dialect == "sqlite":
            await self._mark(key, at)
            return
        await self._database.lock(f"inbox/{key}")
        if await self.is_done(key):
            raise Handled(key)
        unit.at_last(partial(self._mark, key, at))

    async def _mark(self, key: str, at: datetime) -> None:
        async with self._database.write() as connection:
            done = {"key": key, "at": at, "done_at": at}
            taken = await connection.scalar(_take(self._database.dialect), done)
        if taken is None:
            raise Handled(key)

    async def keep(self, key: str, platform: str, body: Mapping[str, Any], owner: str, at: datetime) -> bool:
        """Keep an event until somebody has handled it. False where it is known: kept, or handled."""
        packed = compact_json(body)
        statement = self._database.insert(inbox).values(key=key, at=at, platform=platform, body=packed, owner=owner)
        async with self._database.write() as connection:
            new = await connection.scalar(statement.on_conflict_do_nothing().returning(inbox.c.key))
            return new is not None

    async def done(self, key: str, at: datetime) -> None:
        """Note that an event that was kept needs nothing more, and forget what it said."""
        kept = (inbox.c.key == key) & inbox.c.body.is_not(None)
        statement = update(inbox).where(kept).values(done_at=at, body=None, owner=None, failed_at=None)
        async with self._database.write() as connection:
            await connection.execute(statement)

    async def failed(self, key: str, why: str, at: datetime, pause: timedelta, attempts: int) -> None:
        """Note that an event that was kept could not be handled: anybody may try again after a while.

        After so many attempts it is a dead letter.
        """
        async with self._database.write() as connection:
            query = select(inbox.c.attempts).where(inbox.c.key == key, _waiting).with_for_update()
            tried = await connection.scalar(query)
            if tried is None:
                return
            changes: dict[str, Any] = {"attempts": tried + 1, "owner": None, "last_error": why[:1000]}
            changes |= {"failed_at": at} if tried + 1 >= attempts else {"due_at": at + pause * 4**tried}
            await connection.execute(update(inbox).where(inbox.c.key == key).values(changes))

    async def take_over(self, owner: str, now: datetime, in_hand: Collection[str] = (), limit: int = 100) -> list[Kept]:
        """Make events that nobody alive handles the owner's, and return them, oldest first.

        With them come its own that are not `in_hand`: whether they were kept was not known when they were handled.
        """
        free = is_free(inbox.c.owner) | ((inbox.c.owner == owner) & inbox.c.key.not_in(in_hand))
        due = _waiting & free & or_(inbox.c.due_at.is_(None), inbox.c.due_at <= now)
        async with self._database.read() as connection:
            if await connection.scalar(select(inbox.c.key).where(due).limit(1)) is None:
                return []
        chosen = select(inbox.c.key).where(due).order_by(inbox.c.at).limit(limit)
        claimed = (
            update(inbox)
            .where(inbox.c.key.in_(chosen.with_for_update(skip_locked=True)))
            .values(owner=owner)
            .returning(inbox.c.key, inbox.c.platform, inbox.c.body, inbox.c.at)
        )
        async with self._database.write() as connection:
            rows = sorted(await connection.execute(claimed), key=lambda row: (row.at, row.key))
        return [Kept(row.key, row.platform, json.loads(row.body)) for row in rows]

    async def is_done(self, key: str) -> bool:
        """Say whether an event was handled."""
        query = select(inbox.c.key).where(inbox.c.key == key, inbox.c.done_at.is_not(None))
        async with self._database.read() as connection:
            return await connection.scalar(query) is not None

    async def dead(self, community_id: int | None = None) -> list[Dead]:
        """Return the events that could not be handled, of one community or of all; the oldest first."""
        query = _failed if community_id is None else _failed_of
        async with self._database.read() as connection:
            rows = await connection.execute(query, {"community": community_id})
            return [Dead(**row._asdict() | {"body": json.loads(row.body)}) for row in rows]

    async def replay(self, key: str) -> bool:
        """Have an event that could not be handled tried again. False when it is no such one."""
        dead = (inbox.c.key == key) & _dead
        async with self._database.write() as connection:
            fresh = update(inbox).where(dead).values(failed_at=None, attempts=0, due_at=None, owner=None)
            return (await connection.execute(fresh)).rowcount > 0

    async def drop(self, key: str) -> bool:
        """Forget what was kept of an event that could not be handled. False when it is no such one."""
        dead = (inbox.c.key == key) & _dead
        async with self._database.write() as connection:
            done = update(inbox).where(dead).values(_gone)
            return (await connection.execute(done)).rowcount > 0

    async def forget(self, member_id: int) -> None:
        """Forget what was kept of events that could not be handled and tell of one of a member's accounts.

        What of theirs is still to be handled forgets itself: nobody erased is heard any more.
        """
        id_ = func.substr(accounts.c.key, func.length(accounts.c.space_key) + 2)
        theirs = (accounts.c.member_id == member_id) & _starts(inbox.c.key, accounts.c.space_key + "/")
        about = exists().where(theirs, inbox.c.body.contains(id_))
        async with self._database.write() as connection:
            await connection.execute(update(inbox).where(_dead, about).values(_gone))

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
        async with self._database.write() as connection:
            await connection.execute(_note_heard(self._database.dialect), rows)

    async def prune(self, before: datetime) -> int:
        """Forget the events that were done before that moment, and return how many they were.

        Platforms deliver again for about a day: keep at least 25 hours.
        """
        async with self._database.write() as connection:
            return (await connection.execute(_prune, {"before": before})).rowcount
