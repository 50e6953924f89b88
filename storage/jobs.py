"""Work that is due at a moment: one row per piece of work, which outlives restarts and is shared by replicas.

The row is the truth, and its lock is the claim: whoever does a job takes the row away in the transaction that keeps
what the job did. So it is done once, also when two processes began it, and a process that dies has done nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database
from .dialect import Dialect, Insert, insert_into

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
    Column("last_error", WrittenText),
    Column("failed_at", UtcDateTime),
    Column("version", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
_alive = jobs.c.failed_at.is_(None)
Index("ix_jobs_due_at", jobs.c.due_at, jobs.c.id, sqlite_where=_alive, postgresql_where=_alive)
_FRESH = ("call", "due_at", "community_id", "attempts", "last_error", "failed_at")
"""What putting a job says of it."""
_next = select(func.min(jobs.c.due_at)).where(_alive)
_due = (
    select(jobs)
    .where(_alive, jobs.c.due_at <= bindparam("now"))
    .order_by(jobs.c.due_at, jobs.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_take = delete(jobs).where(jobs.c.id == bindparam("job"), jobs.c.version == bindparam("as_read"))
_late = select(func.count(), func.min(jobs.c.due_at, type_=UtcDateTime)).where(
    _alive, jobs.c.community_id == bindparam("community"), jobs.c.due_at < bindparam("before")
)
_dead = jobs.c.failed_at.is_not(None)
Index("ix_jobs_dead", jobs.c.failed_at, jobs.c.id, sqlite_where=_dead, postgresql_where=_dead)
_failed = select(jobs).where(_dead).order_by(jobs.c.failed_at, jobs.c.id)
_failed_of = _failed.where(jobs.c.community_id == bindparam("community"))
"""What is asked most often is written once: to write it down takes longer than to ask it."""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work as it stood when read. `attempts` counts the failures since it was put or replayed.

    `version` changes whenever it is put, fails or is replayed: what was read before then can no longer be taken.
    """

    id: int
    community_id: int | None
    key: str | None
    call: str
    due_at: datetime
    attempts: int
    last_error: str | None
    failed_at: datetime | None
    version: int


class Taken(Exception):
    """Somebody else has done this, or is about to."""


class JobStore:
    """What is to be done."""

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

        A `key` names the work: putting it again replaces the call and its moment and starts over, also while the
        earlier one is running (which then cannot be kept), and after it failed for good. Only what was due by
        `unless_due` already, and has not failed for good, is left as it is.
        """
        if len(call) > CALL_LIMIT:
            raise ValueError(f"A call has at most {CALL_LIMIT} characters, this one {len(call)}: {call[:40]}...")
        put = _put(self._database.dialect, unless_due=unless_due is not None)
        fresh = {"call": call, "due_at": due_at, "community_id": community_id, "attempts": 0}
        row = {"key": key, "last_error": None, "failed_at": None, **fresh}
        async with self._database.write() as connection:
            await connection.execute(put, row if unless_due is None else row | {"unless_due": unless_due})

    async def cancel(self, key: str) -> bool:
        """Forget the work of this key; False when there is none. What already runs is not kept."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(jobs).where(jobs.c.key == key))).rowcount > 0

    async def next_due(self, *, but: Collection[str] = ()) -> datetime | None:
        """Return when work comes due next. Work whose packed call is among `but` does not count."""
        query = _next.where(jobs.c.call.not_in(but)) if but else _next
        async with self._database.read() as connection:
            moment: datetime | None = await connection.scalar(query)
            return moment

    async def due(self, now: datetime, limit: int, but: Collection[int] = ()) -> list[Job]:
        """Return up to `limit` due jobs, the longest due first, without those of the ids `but`."""
        query = _due.where(jobs.c.id.not_in(but)) if but else _due
        async with self._database.read() as connection:
            return [Job(**row._asdict()) for row in await connection.execute(query, {"now": now, "limit": limit})]

    async def overdue(self, community_id: int, before: datetime) -> tuple[int, datetime | None]:
        """Return how many jobs of a community were due before a moment and are not done, and since when."""
        async with self._database.read() as connection:
            number, since = (await connection.execute(_late, {"community": community_id, "before": before})).one()
            return number, since

    async def take(self, job: Job) -> None:
        """Take a job off the list, together with what it did. Raises `Taken` where it is not as it was read."""
        async with self._database.write() as connection:
            if not (await connection.execute(_take, {"job": job.id, "as_read": job.version})).rowcount:
                raise Taken(f"job {job.id}")

    async def fail(
        self, job: Job, error: str, retry_at: datetime | None, at: datetime, *, counted: bool = True
    ) -> bool:
        """Try again at `retry_at`, or, with None, set the work aside as a dead letter that failed `at`.

        The first 1000 characters of `error` are kept. What is not `counted` was nobody's fault here. False, and
        nothing happens, when the job is not as it was read.
        """
        failed = {"due_at": retry_at} if retry_at else {"failed_at": at}
        change = (
            update(jobs)
            .where(_held(job))
            .values(
                last_error=error[:ERROR_LIMIT],
                attempts=job.attempts + int(counted),
                version=jobs.c.version + 1,
                **failed,
            )
        )
        async with self._database.write() as connection:
            return (await connection.execute(change)).rowcount > 0

    async def dead(self, community_id: int | None = None) -> list[Job]:
        """Return the dead letters of one community or, for whoever runs Trellis, of all; the oldest first."""
        query = _failed if community_id is None else _failed_of
        async with self._database.read() as connection:
            return [Job(**row._asdict()) for row in await connection.execute(query, {"community": community_id})]

    async def replay(self, job_id: int) -> bool:
        """Make a dead letter due again at once, its attempts counted from 0. False when it is not one."""
        dead = (jobs.c.id == job_id) & _dead
        change = update(jobs).where(dead).values(failed_at=None, attempts=0, version=jobs.c.version + 1)
        async with self._database.write() as connection:
            return (await connection.execute(change)).rowcount > 0

    async def drop(self, job_id: int) -> bool:
        """Forget a dead letter. False when it is not one."""
        dead = (jobs.c.id == job_id) & _dead
        async with self._database.write() as connection:
            return (await connection.execute(delete(jobs).where(dead))).rowcount > 0


@cache
def _put(dialect: Dialect, *, unless_due: bool) -> Insert:
    """Return what puts a job, in place of another one of its key, `unless_due`: which is not due by then."""
    fresh = insert_into(jobs, dialect)
    changes = {name: fresh.excluded[name] for name in _FRESH} | {"version": jobs.c.version + 1}
    late = (jobs.c.due_at > bindparam("unless_due")) | jobs.c.failed_at.is_not(None)
    return fresh.on_conflict_do_update(index_elements=[jobs.c.key], set_=changes, where=late if unless_due else None)


def _held(job: Job) -> ColumnElement[bool]:
    return (jobs.c.id == job.id) & (jobs.c.version == job.version)
