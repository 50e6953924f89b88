"""What is to be said or done on a platform: rows written in the unit that decides it, and carried out after it.

One row is one message or one other act. The process that wrote it owns it and carries it out at once; what a dead
process owned is taken over. What a platform answered is recorded together with the row's removal.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from .columns import UtcDateTime, WrittenText, compact_json, metadata
from .database import Database
from .processes import is_free

ERROR_LIMIT = 1000
"""How much of an error is kept, in characters."""
BEHIND = "it stands behind what has to be tried again"
"""Why an item waits that was not tried itself."""
LEFT = "a process that is gone had it in hand"
"""What an item has for an error that was taken over: it may have been carried out."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("act", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("posting_id", ForeignKey("postings.id", ondelete="CASCADE"), unique=True),
    Column("member_id", ForeignKey("members.id"), index=True),
    Column("payload", WrittenText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("owner", Text),
    Column("last_error", WrittenText),
    Column("failed_at", UtcDateTime),
    sqlite_autoincrement=True,
)
_alive = outbox.c.failed_at.is_(None)
Index("ix_outbox_due_at", outbox.c.due_at, outbox.c.id, sqlite_where=_alive, postgresql_where=_alive)
_dead = outbox.c.failed_at.is_not(None)
Index("ix_outbox_dead", outbox.c.failed_at, outbox.c.id, sqlite_where=_dead, postgresql_where=_dead)


@dataclass(frozen=True, slots=True)
class Item:
    """One row.

    `act` says what is to be done with `payload`; items of one `lane` are carried out in their order. `posting_id` is
    what it makes stand or look different, `member_id` the person it is for. After `until` it is of no use any more.
    `attempts` counts failures of our own making. It is `inherited` where a process that is gone had it in hand, or this
    one does not know any more what became of it.
    """

    act: str
    lane: str
    payload: Mapping[str, Any]
    at: datetime
    due_at: datetime
    community_id: int
    posting_id: int | None = None
    member_id: int | None = None
    until: datetime | None = None
    attempts: int = 0
    last_error: str | None = None
    failed_at: datetime | None = None
    id: int = field(default=0)
    inherited: bool = False

    @property
    def may_be_done(self) -> bool:
        """Whether somebody began to carry it out, and may have: what only waits was left alone."""
        return self.inherited or self.last_error not in (None, BEHIND)


@dataclass(frozen=True, slots=True)
class Stuck:
    """So many items of one lane that could not be carried out, with the error of the last try, and since when."""

    lane: str
    error: str
    number: int
    since: datetime


_COLUMNS = [column for column in outbox.c if column.name != "owner"]
_next = select(func.min(outbox.c.due_at)).where(_alive)
_free = (
    select(outbox.c.id, outbox.c.owner)
    .where(
        _alive,
        outbox.c.due_at <= bindparam("now"),
        is_free(outbox.c.owner) | (outbox.c.owner == bindparam("mine")),
    )
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_replace = delete(outbox).where(outbox.c.posting_id.in_(bindparam("ids", expanding=True)))
_finish = (
    delete(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)), outbox.c.owner == bindparam("mine"))
    .returning(outbox.c.id)
)
_failed = select(*_COLUMNS).where(_dead).order_by(outbox.c.failed_at, outbox.c.id)
_failed_of = _failed.where(outbox.c.community_id == bindparam("community"))
"""What is asked most often is written once: to write it down takes longer than to ask it."""


class OutboxStore:
    """What is still to be said and done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, items: Sequence[Item], owner: str) -> list[Item]:
        """Write items, in their order, and return them with their ids."""
        if not items:
            return []
        rows = [
            {
                "community_id": item.community_id,
                "act": item.act,
                "lane": item.lane,
                "posting_id": item.posting_id,
                "member_id": item.member_id,
                "payload": compact_json(item.payload),
                "at": item.at,
                "due_at": item.due_at,
                "until": item.until,
                "owner": owner,
            }
            for item in items
        ]
        # SQLite numbers rows as they are given. SQLAlchemy does not rely on that, and would insert them one by one.
        given = self._database.dialect == "postgresql"
        async with self._database.write() as connection:
            written = [_item(row) for row in await connection.execute(_add(given=given), rows)]
        return sorted(written, key=lambda item: item.id)

    async def replace(self, posting_ids: Collection[int]) -> None:
        """Drop what was to be done for these postings: something newer takes its place."""
        if posting_ids:
            async with self._database.write() as connection:
                await connection.execute(_replace, {"ids": [*posting_ids]})

    async def take_over(
        self, owner: str, now: datetime, known: Collection[int], limit: int = 500, but: Collection[int] = ()
    ) -> list[Item]:
        """Return due items that nobody alive carries, made the owner's, and its own that are not `known` to it.

        Oldest first: by when they are due, then by when they were written. `but` are communities that have to wait.
        """
        free = _free.where(outbox.c.community_id.not_in(but)) if but else _free
        asked = {"now": now, "mine": owner, "limit": limit + len(known)}
        async with self._database.read() as connection:
            found = [(row.id, row.owner) for row in await connection.execute(free, asked) if row.id not in known]
        left = dict(found[:limit])
        if not left:
            return []
        due = [_alive, outbox.c.due_at <= now]
        if but:
            due.append(outbox.c.community_id.not_in(but))
        ours = is_free(outbox.c.owner) | (outbox.c.owner == owner)
        locked = select(outbox.c.id).where(outbox.c.id.in_(left), *due, ours).with_for_update(skip_locked=True)
        tried = func.coalesce(func.nullif(outbox.c.last_error, BEHIND), LEFT)
        taken = {"owner": owner, "last_error": case((outbox.c.owner != owner, tried), else_=outbox.c.last_error)}
        claimed = update(outbox).where(outbox.c.id.in_(locked)).values(taken).returning(*_COLUMNS)
        async with self._database.write() as connection:
            items = sorted((_item(row) for row in await connection.execute(claimed)), key=lambda item: item.id)
        return [replace(item, inherited=left[item.id] not in (None, owner)) for item in items]

    async def finish(self, ids: Collection[int], owner: str) -> set[int]:
        """Remove items that are done, those that are still the owner's, and return the ids of these."""
        if not ids:
            return set()
        async with self._database.write() as connection:
            return {*await connection.scalars(_finish, {"ids": [*ids], "mine": owner})}

    async def retry(self, item: Item, owner: str, error: str, at: datetime, *, counted: bool) -> None:
        """Try an item again at a moment; what is not `counted` was nobody's fault here."""
        changes = {"due_at": at, "attempts": outbox.c.attempts + int(counted), "last_error": error[:ERROR_LIMIT]}
        await self._change(item, owner, **changes)

    async def put_off(self, item: Item, owner: str, at: datetime) -> None:
        """Carry an item out at a later moment: the person it is for sleeps."""
        await self._change(item, owner, due_at=at)

    async def hold(self, lane: str, owner: str, until: datetime) -> None:
        """Have what is due in a lane wait: something before it has to be tried again."""
        waiting = (outbox.c.lane == lane) & (outbox.c.owner == owner) & (outbox.c.due_at < until) & _alive
        held = {"due_at": until, "last_error": func.coalesce(outbox.c.last_error, BEHIND)}
        async with self._database.write() as connection:
            await connection.execute(update(outbox).where(waiting).values(held))

    async def set_aside(self, item: Item, owner: str, error: str, at: datetime) -> None:
        """Make an item a dead letter: it keeps its content, for a person to look at."""
        changes = {"attempts": outbox.c.attempts + 1, "last_error": error[:ERROR_LIMIT], "failed_at": at}
        await self._change(item, owner, **changes)

    async def hasten(self, space: str, now: datetime) -> int:
        """Have what waits for a place of a space be tried again at once; return how many items."""
        waiting = (
            outbox.c.lane.startswith(f"{space}/", autoescape=True)
            & (outbox.c.due_at > now)
            & outbox.c.last_error.is_not(None)
            & _alive
        )
        async with self._database.read() as connection:
            ids = [*await connection.scalars(select(outbox.c.id).where(waiting))]
        if ids:
            async with self._database.write() as connection:
                await connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(due_at=now))
        return len(ids)

    async def lose_channel(self, channel: str, now: datetime) -> None:
        """Note that a channel is no more, for what is to be said in it: it goes elsewhere, if it can."""
        inside = ((outbox.c.lane == channel) | outbox.c.lane.startswith(f"{channel}:", autoescape=True)) & _alive
        async with self._database.read() as connection:
            items = [_item(row) for row in await connection.execute(select(*_COLUMNS).where(inside))]
        for item in items:
            values = {"payload": compact_json({**item.payload, "gone": True}), "due_at": now}
            async with self._database.write() as connection:
                await connection.execute(update(outbox).where(outbox.c.id == item.id).values(values))

    async def is_of(self, item: Item, owner: str) -> bool:
        """Say whether an item is still the owner's."""
        query = select(outbox.c.id).where(outbox.c.id == item.id, outbox.c.owner == owner)
        async with self._database.read() as connection:
            return await connection.scalar(query) is not None

    async def release(self, owner: str, but: Collection[int] = ()) -> None:
        """Leave everything that is the owner's to the others, `but` what it may have carried out as it is."""
        theirs = (outbox.c.owner == owner) & outbox.c.id.not_in(but)
        async with self._database.write() as connection:
            await connection.execute(update(outbox).where(theirs).values(owner=None))

    async def next_due(self, after: datetime | None = None) -> datetime | None:
        """Return when an item comes due next, `after` a moment or at all, also one that is being carried out."""
        query = _next if after is None else _next.where(outbox.c.due_at > after)
        async with self._database.read() as connection:
            moment: datetime | None = await connection.scalar(query)
            return moment

    async def waiting(self, since: datetime) -> list[Item]:
        """Return what was written before a moment and still waits, oldest first; at most 1000 items."""
        query = select(*_COLUMNS).where(_alive, outbox.c.at <= since).order_by(outbox.c.at, outbox.c.id).limit(1000)
        async with self._database.read() as connection:
            return [_item(row) for row in await connection.execute(query)]

    async def stuck(self, community_id: int, *, but: str = "") -> list[Stuck]:
        """Return what of a community could not be carried out and is tried again, by no fault of ours.

        What answers a person does not count, nor what has a nonce that begins with `but`.
        """
        async with self._database.read() as connection:
            found = await connection.execute(_stuck(but), {"community": community_id})
            return [Stuck(row.lane, row.last_error, row.number, row.at) for row in found]

    async def dead(self, community_id: int | None = None) -> list[Item]:
        """Return the dead letters of one community or of all; the oldest first."""
        query = _failed if community_id is None else _failed_of
        async with self._database.read() as connection:
            return [_item(row) for row in await connection.execute(query, {"community": community_id})]

    async def replay(self, item_id: int) -> bool:
        """Make a dead letter due again at once, however late, its attempts counted from 0. False when it is not one."""
        dead = (outbox.c.id == item_id) & _dead
        fresh = {"failed_at": None, "attempts": 0, "owner": None, "until": None}
        async with self._database.write() as connection:
            return (await connection.execute(update(outbox).where(dead).values(fresh))).rowcount > 0

    async def drop(self, item_id: int) -> bool:
        """Forget a dead letter. False when it is not one."""
        dead = (outbox.c.id == item_id) & _dead
        async with self._database.write() as connection:
            return (await connection.execute(delete(outbox).where(dead))).rowcount > 0

    async def of_member(self, member_id: int) -> list[Item]:
        """Return what is still to be said to a member, dead letters included."""
        query = select(*_COLUMNS).where(outbox.c.member_id == member_id).order_by(outbox.c.id)
        async with self._database.read() as connection:
            return [_item(row) for row in await connection.execute(query)]

    async def in_lanes(self, lanes: Collection[str]) -> list[Item]:
        """Return what is still to be done in these lanes, dead letters included."""
        query = select(*_COLUMNS).where(outbox.c.lane.in_(lanes)).order_by(outbox.c.id)
        async with self._database.read() as connection:
            return [_item(row) for row in await connection.execute(query)] if lanes else []

    async def rewrite(self, item: Item) -> None:
        """Have an item say something else."""
        change = update(outbox).where(outbox.c.id == item.id).values(payload=compact_json(item.payload))
        async with self._database.write() as connection:
            await connection.execute(change)

    async def forget(self, member_id: int) -> None:
        """Remove what is to be said to a member, dead letters included."""
        async with self._database.write() as connection:
            await connection.execute(delete(outbox).where(outbox.c.member_id == member_id))

    async def _change(self, item: Item, owner: str, **values: Any) -> None:
        held = (outbox.c.id == item.id) & (outbox.c.owner == owner)
        async with self._database.write() as connection:
            await connection.execute(update(outbox).where(held).values(**values))


@cache
def _stuck(but: str) -> Select[Any]:
    theirs = (outbox.c.community_id == bindparam("community")) & (outbox.c.attempts == 0) & (outbox.c.act != "answer")
    noted = outbox.c.payload.startswith(f'{{"nonce":"{but}', autoescape=True)
    return (
        select(outbox.c.lane, outbox.c.last_error, func.count().label("number"), func.min(outbox.c.at).label("at"))
        .where(theirs, _alive, outbox.c.last_error.is_not(None), *([~noted] if but else ()))
        .group_by(outbox.c.lane, outbox.c.last_error)
        .order_by(func.min(outbox.c.id))
    )


@cache
def _add(*, given: bool) -> ReturningInsert[Any]:
    return insert(outbox).returning(*_COLUMNS, sort_by_parameter_order=given)


def _item(row: Any) -> Item:
    return Item(**row._asdict() | {"payload": json.loads(row.payload)})
