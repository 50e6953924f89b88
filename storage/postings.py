"""What stands on platforms because of the store: one row for each message, or for each person whom a message tells.

A row is written together with the outbox item that makes it true. `message` is known once the platform has it; `digest`
is how it should look. So what stands is compared with what should, without asking a platform.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    case,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from .columns import UtcDateTime, metadata
from .database import Database
from .dialect import Dialect, insert_into
from .known_messages import message_keys

DELETED, LATE, IMPOSSIBLE, LOST = "deleted", "late", "impossible", "lost"
"""Why a posting does not stand: somebody deleted it, it was too late to be of use, no place could take it, or the
thread in which it stood, or was to stand, was deleted. What stands itself and is `LOST` had a thread before."""
LEFT, OPTED_OUT, RESTING, ASLEEP = "left", "opted out", "resting", "asleep"
"""Why somebody was not told or asked in the end: they left or were erased, said that they do not want it, are away or
snoozed, or sleep."""
STALE = "stale"
"""What a posting has for a digest while it names somebody who was forgotten: it is drawn again, also if said once."""
THREADLESS = ""
"""What a posting has for a thread where there can be none, or is to be none: somebody deleted the second one, too."""

postings = Table(
    "postings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("spot", Text, nullable=False),
    Column("member_id", ForeignKey("members.id"), index=True),
    Column("channel", Text, nullable=False),
    Column("message", Text, index=True, info=message_keys()),
    Column("thread", Text, index=True),
    Column("digest", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("gone_at", UtcDateTime),
    Column("why", Text, nullable=False, server_default=""),
    Column("draw", Text),
    UniqueConstraint("kind", "subject_id", "key", "spot"),
    Index(None, "channel"),
    Index(None, "at"),
    sqlite_autoincrement=True,
)
_of_thing = (
    select(postings)
    .where(postings.c.kind == bindparam("thing"), postings.c.subject_id == bindparam("number"))
    .order_by(postings.c.id)
)
_among = select(postings).where(postings.c.id.in_(bindparam("ids", expanding=True))).order_by(postings.c.id)
_look = update(postings).where(postings.c.id.in_(bindparam("ids", expanding=True))).values(digest=bindparam("wanted"))
_record = (
    update(postings)
    .where(postings.c.id == bindparam("posting"))
    .values(
        {
            name: func.coalesce(bindparam(f"new_{name}", type_=postings.c[name].type), postings.c[name])
            for name in ("message", "thread", "channel", "gone_at", "why")
        }
    )
)
_record_one = _record.returning(*postings.c)
_placeless = text(f"why IN ('{IMPOSSIBLE}', '{LOST}')")
Index(
    "ix_postings_placeless",
    postings.c.community_id,
    postings.c.id,
    sqlite_where=_placeless,
    postgresql_where=_placeless,
)
namings = Table(
    "namings",
    metadata,
    Column("posting_id", ForeignKey("postings.id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True, index=True),
)
"""Whom messages name beside those whom they tell something."""
_prune = delete(postings).where(
    postings.c.kind == bindparam("thing"),
    postings.c.at < bindparam("before"),
    ~select(namings.c.member_id).where(namings.c.posting_id == postings.c.id).exists(),
    ~(postings.c.member_id.is_not(None) & (postings.c.channel != postings.c.spot)),
)
is_stale = text(f"digest = '{STALE}'")
Index(
    "ix_postings_stale",
    postings.c.community_id,
    postings.c.id,
    sqlite_where=is_stale,
    postgresql_where=is_stale,
)


@dataclass(frozen=True, slots=True)
class Posted:
    """One message that stands or is to stand for a thing: `kind` and `subject_id` name the thing, `key` the message.

    `spot` is where it stands, once in each: a space's key, or `member/ID` for one person. `channel` is the key of the
    place, `message` and `thread` are known once it stands; `thread` may be `THREADLESS`. `gone_at` is when somebody
    deleted it, or when it turned out that it cannot stand there, and `why` says which. `draw` is the packed call that
    draws once more what belongs to no tracked thing.
    """

    id: int
    community_id: int
    kind: str
    subject_id: int
    key: str
    spot: str
    member_id: int | None
    channel: str
    message: str | None
    thread: str | None
    digest: str
    at: datetime
    gone_at: datetime | None
    why: str = ""
    draw: str | None = None

    @property
    def stands(self) -> bool:
        """Whether the platform has it."""
        return self.message is not None and self.gone_at is None

    @property
    def waits(self) -> bool:
        """Whether it is still to be posted."""
        return self.message is None and self.gone_at is None


@dataclass(frozen=True, slots=True)
class Result:
    """What a platform answered to a posting: where it stands now, or that it cannot (`gone_at`)."""

    posting_id: int
    message: str | None = None
    thread: str | None = None
    channel: str | None = None
    gone_at: datetime | None = None
    why: str | None = None


class PostingStore:
    """What stands where."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, kind: str, subject_id: int) -> list[Posted]:
        """Return what stands for a thing, oldest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(_of_thing, {"thing": kind, "number": subject_id})
            return [Posted(**row._asdict()) for row in rows]

    async def of_many(self, kind: str, subject_ids: Collection[int], key: str) -> dict[int, list[Posted]]:
        """Return the postings of one key of several things, by the thing's id."""
        found: dict[int, list[Posted]] = {}
        about = (postings.c.kind == kind) & postings.c.subject_id.in_(subject_ids) & (postings.c.key == key)
        for row in await self._find(about) if subject_ids else ():
            found.setdefault(row.subject_id, []).append(row)
        return found

    async def by_message(self, message: str) -> list[Posted]:
        """Return the postings that this message is: several where it names several people."""
        return await self._find(postings.c.message == message)

    async def by_thread(self, thread: str, kind: str | None = None) -> list[Posted]:
        """Return the postings under which this thread hangs."""
        found = await self._find(postings.c.thread == thread)
        return [row for row in found if kind in (None, row.kind)]

    async def of_member(self, member_id: int) -> list[Posted]:
        """Return what told a member something, directly or by name."""
        return await self._find(postings.c.member_id == member_id)

    async def told(self, kind: str, subject_id: int, key: str) -> set[int]:
        """Return the ids of those who were told something, or are about to be."""
        name = (postings.c.kind == kind) & (postings.c.subject_id == subject_id) & (postings.c.key == key)
        return {row.member_id for row in await self._find(name) if row.member_id}

    async def get_many(self, ids: Collection[int]) -> dict[int, Posted]:
        """Return postings by their ids."""
        if not ids:
            return {}
        async with self._database.read() as connection:
            return {row.id: Posted(**row._asdict()) for row in await connection.execute(_among, {"ids": [*ids]})}

    async def add(self, rows: Sequence[Mapping[str, Any]]) -> list[Posted]:
        """Note what is to stand, and return it with ids, in order; rows that are there already are left out."""
        if not rows:
            return []
        async with self._database.write() as connection:
            added = {}
            for row in await connection.execute(_add(self._database.dialect), [{**row} for row in rows]):
                added[row.kind, row.subject_id, row.key, row.spot] = Posted(**row._asdict())
        return [added[name] for row in rows if (name := _name(row)) in added]

    async def look(self, digests: Mapping[int, str]) -> None:
        """Note how postings are to look from now on."""
        for digest in {*digests.values()}:
            ids = [id_ for id_, wanted in digests.items() if wanted == digest]
            async with self._database.write() as connection:
                await connection.execute(_look, {"ids": ids, "wanted": digest})

    async def record(self, results: Iterable[Result]) -> list[Posted]:
        """Note what platforms answered, and return the rows as they are now."""
        rows: list[dict[str, Any]] = [
            {
                "posting": result.posting_id,
                "new_message": result.message,
                "new_thread": result.thread,
                "new_channel": result.channel,
                "new_gone_at": result.gone_at,
                "new_why": result.why,
            }
            for result in results
        ]
        if not rows:
            return []
        async with self._database.write() as connection:
            if len(rows) == 1:
                return [Posted(**row._asdict()) for row in await connection.execute(_record_one, rows[0])]
            await connection.execute(_record, rows)
            return [*(await self.get_many([row["posting"] for row in rows])).values()]

    async def lose(self, message: str, at: datetime) -> list[Posted]:
        """Note that somebody deleted a message, and return the rows that it was."""
        gone = (postings.c.message == message) & postings.c.gone_at.is_(None)
        return await self._lose(gone, at)

    async def lose_thread(self, thread: str, at: datetime) -> list[Posted]:
        """Note that a thread of ours is gone with all that stood in it, and return the rows that this concerns.

        The message under which it hung may have another one, once.
        """
        again = case((postings.c.why == LOST, THREADLESS), else_=None)
        change = update(postings).where(postings.c.thread == thread).values(thread=again, why=LOST)
        async with self._database.write() as connection:
            roots = [Posted(**row._asdict()) for row in await connection.execute(change.returning(*postings.c))]
            inside = postings.c.gone_at.is_(None) | (postings.c.why == IMPOSSIBLE)
            within = (postings.c.channel == thread) & inside
            return [*roots, *(await self._lose(within, at, LOST) if roots else ())]

    async def lose_channel(self, channel: str, at: datetime) -> None:
        """Note that a channel is gone with all that stood in it and in its threads."""
        threads = select(postings.c.thread).where(postings.c.channel == channel, postings.c.thread.is_not(None))
        inside = (postings.c.channel == channel) | postings.c.channel.in_(threads)
        lost = inside & (postings.c.gone_at.is_(None) | (postings.c.why == IMPOSSIBLE))
        async with self._database.write() as connection:
            await connection.execute(update(postings).where(lost).values(gone_at=at, why=LOST))

    async def placeless(self, community_id: int, since: datetime, after: int, limit: int) -> list[Posted]:
        """Return what lost its place since then, or found none, by id: the rows behind `after`."""
        lost = (postings.c.community_id == community_id) & (postings.c.gone_at >= since)
        query = select(postings).where(lost, _placeless, postings.c.id > after).order_by(postings.c.id).limit(limit)
        async with self._database.read() as connection:
            return [Posted(**row._asdict()) for row in await connection.execute(query)]

    async def _lose(self, condition: Any, at: datetime, why: str = DELETED) -> list[Posted]:
        change = update(postings).where(condition).values(gone_at=at, why=why).returning(*postings.c)
        async with self._database.write() as connection:
            return [Posted(**row._asdict()) for row in await connection.execute(change)]

    async def move(self, kind: str, from_id: int, to_id: int) -> None:
        """Make what stands for one thing stand for another one of the kind, as far as that has nothing there."""
        taken = postings.alias("taken")
        same = (taken.c.key == postings.c.key) & (taken.c.spot == postings.c.spot)
        there = select(taken.c.id).where(taken.c.kind == kind, taken.c.subject_id == to_id, same).exists()
        moving = (postings.c.kind == kind) & (postings.c.subject_id == from_id) & ~there
        async with self._database.write() as connection:
            await connection.execute(update(postings).where(moving).values(subject_id=to_id))

    async def forget(self, ids: Collection[int]) -> None:
        """Remove rows, so that what they stood for may be posted again."""
        if ids:
            async with self._database.write() as connection:
                await connection.execute(delete(postings).where(postings.c.id.in_(ids)))

    async def forget_refused(self, kind: str, subject_id: int) -> None:
        """Remove the rows of a thing that no place took, so that they may be posted again."""
        thing = (postings.c.kind == kind) & (postings.c.subject_id == subject_id)
        refused = thing & (postings.c.why == IMPOSSIBLE) & postings.c.message.is_(None)
        async with self._database.write() as connection:
            await connection.execute(delete(postings).where(refused))

    async def forget_member(self, member_id: int) -> None:
        """Remove what was said to a member alone, and no longer say of any other message that it tells them something.

        What names them there stays until it is drawn without their name.
        """
        own = postings.c.member_id == member_id
        there = is_stale & postings.c.message.is_not(None)
        async with self._database.write() as connection:
            await connection.execute(delete(postings).where(own, postings.c.channel == postings.c.spot, ~there))
            await connection.execute(update(postings).where(own).values(member_id=None))

    async def prune(self, kind: str, before: datetime) -> int:
        """Forget what was posted under a kind before that moment, and return how many rows: it would be said again.

        What names somebody is not forgotten, so that they can be.
        """
        async with self._database.write() as connection:
            return (await connection.execute(_prune, {"thing": kind, "before": before})).rowcount

    async def _find(self, condition: Any) -> list[Posted]:
        query = select(postings).where(condition).order_by(postings.c.id)
        async with self._database.read() as connection:
            return [Posted(**row._asdict()) for row in await connection.execute(query)]


@cache
def _add(dialect: Dialect) -> ReturningInsert[Any]:
    return insert_into(postings, dialect).on_conflict_do_nothing().returning(*postings.c)


def _name(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["kind"], row["subject_id"], row["key"], row["spot"]
