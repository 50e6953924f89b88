"""Work that is due at a moment: one row per piece of work, which outlives restarts and is shared by replicas.

The row is the truth. Whoever runs jobs claims them for a while (a lease), and afterwards finishes or fails
exactly the claim it holds; one that was lost in between (taken over, put again, cancelled) changes nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Update,
    delete,
    func,
    or_,
    select,
    union_all,
    update,
)

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database

CALL_LIMIT = 200
"""The longest packed call, in characters."""

ERROR_LIMIT = 1000
"""How much of an error is kept, in characters."""

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id")),
    Column("key", Text, unique=True),
    Column("call", String(CALL_LIMIT), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("lease_until", UtcDateTime),
    Column("last_error", WrittenText),
    Column("failed_at", UtcDateTime),
    Column("version", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
_alive = jobs.c.failed_at.is_(None)
Index("ix_jobs_due_at", jobs.c.due_at, sqlite_where=_alive, postgresql_where=_alive)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work as it stood when read. `attempts` counts the claims since it was put or replayed.

    `version` changes with every claim, put, failure and replay: it is what fences `finish` and `fail`.
    """

    id: int
    community_id: int | None
    key: str | None
    call: str
    due_at: datetime
    attempts: int
    lease_until: datetime | None
    last_error: str | None
    failed_at: datetime | None
    version: int


class JobStore:
    """What is to be done, and who is at it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self,
        call: str,
        due_at: datetime,
        community_id: int | None = None,
        key: str | None = None,
        *,
        unless_due: datetime | None = None,
    ) -> None:
        """Plan a call of at most 200 characters (`ValueError` above). It runs at or soon after `due_at`.

        A `key` names the work: putting it again replaces the call and its moment and starts anew, also while
        the earlier one is running (which then no longer owns the row), and after it failed for good. Only what
        was due by `unless_due` already, and has not failed for good, is left as it is.
        """
        if len(call) > CALL_LIMIT:
            raise ValueError(f"A call has at most {CALL_LIMIT} characters, this one {len(call)}: {call[:40]}...")
        fresh = {
            "call": call,
            "due_at": due_at,
            "community_id": community_id,
            "attempts": 0,
            "lease_until": None,
            "last_error": None,
            "failed_at": None,
        }
        statement = self._database.insert(jobs).values(key=key, **fresh)
        replaced = None if unless_due is None else or_(jobs.c.due_at > unless_due, jobs.c.failed_at.is_not(None))
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[jobs.c.key], set_=fresh | {"version": jobs.c.version + 1}, where=replaced
                )
            )

    async def cancel(self, key: str) -> bool:
        """Forget the work of this key; False when there is none. What already runs is not interrupted."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(jobs).where(jobs.c.key == key))).rowcount > 0

    async def next_due(self, *, but: Collection[str] = ()) -> datetime | None:
        """Return when `claim` can next return something: when work comes due, or a lease runs out.

        Work whose packed call is among `but` does not count.
        """
        alive = select(jobs).where(_alive, jobs.c.call.not_in(but)).subquery()
        moments = union_all(
            select(func.min(alive.c.due_at).label("at")).where(alive.c.lease_until.is_(None)),
            select(func.min(alive.c.lease_until)),
        ).subquery()
        async with self._database.read() as connection:
            moment: datetime | None = await connection.scalar(select(func.min(moments.c.at)))
            return moment

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[Job]:
        """Take up to `limit` due jobs, the longest due first. Until `now + lease` nobody else gets them.

        A job whose lease ran out is taken again: its `attempts` tells how often that happened.
        """
        due = (
            select(jobs.c.id)
            .where(_alive, jobs.c.due_at <= now, or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now))
            .order_by(jobs.c.due_at, jobs.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with self._database.write() as connection:
            ids = (await connection.scalars(due)).all()
            if not ids:
                return []
            rows = await connection.execute(
                update(jobs)
                .where(jobs.c.id.in_(ids))
                .values(attempts=jobs.c.attempts + 1, version=jobs.c.version + 1, lease_until=now + lease)
                .returning(*jobs.c)
            )
            return sorted((Job(**row._asdict()) for row in rows), key=lambda job: (job.due_at, job.id))

    async def finish(self, job: Job) -> bool:
        """Take done work off the list. False, and nothing happens, when this claim no longer holds."""
        async with self._database.write() as connection:
            held = delete(jobs).where(jobs.c.id == job.id, jobs.c.version == job.version)
            return (await connection.execute(held)).rowcount > 0

    async def fail(self, job: Job, error: str, retry_at: datetime | None, at: datetime | None = None) -> bool:
        """Try again at `retry_at`, or, with None, set the work aside as a dead letter that failed `at` (now).

        The first 1000 characters of `error` are kept. False, and nothing happens, when this claim no longer
        holds.
        """
        change = _changed(job.id).where(jobs.c.version == job.version).values(last_error=error[:ERROR_LIMIT])
        if retry_at is None:
            change = change.values(failed_at=at or datetime.now(UTC))
        else:
            change = change.values(due_at=retry_at)
        async with self._database.write() as connection:
            return (await connection.execute(change)).rowcount > 0

    async def dead(self, community_id: int | None = None) -> list[Job]:
        """Return the dead letters of one community or, for whoever runs Trellis, of all; the oldest first."""
        query = select(jobs).where(jobs.c.failed_at.is_not(None)).order_by(jobs.c.failed_at, jobs.c.id)
        if community_id is not None:
            query = query.where(jobs.c.community_id == community_id)
        async with self._database.read() as connection:
            return [Job(**row._asdict()) for row in await connection.execute(query)]

    async def replay(self, job_id: int) -> bool:
        """Make a dead letter due again at once, its attempts counted anew. False when it is not one."""
        change = _changed(job_id).where(jobs.c.failed_at.is_not(None)).values(failed_at=None, attempts=0)
        async with self._database.write() as connection:
            return (await connection.execute(change)).rowcount > 0


def _changed(job_id: int) -> Update:
    """Return an UPDATE that ends whatever claim there is."""
    return update(jobs).where(jobs.c.id == job_id).values(lease_until=None, version=jobs.c.version + 1)
