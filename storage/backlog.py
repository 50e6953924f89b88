"""How much is due and not done yet, for those who watch Trellis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all

from .columns import UtcDateTime
from .database import Database
from .inbox import inbox
from .jobs import jobs
from .outbox import outbox


@dataclass(frozen=True, slots=True)
class Queue:
    """So much is due, since then at the longest."""

    depth: int
    oldest: timedelta


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is due in each queue (`jobs`, `outbox`, `inbox`), and how much was set aside."""

    queues: Mapping[str, Queue]
    dead: int

    @property
    def oldest(self) -> timedelta:
        """How long the longest has been due."""
        return max((queue.oldest for queue in self.queues.values()), default=timedelta())


class BacklogStore:
    """Reads all queues together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, now: datetime) -> Backlog:
        """Return what is due by now. It reads what waits, and nothing of what is done."""
        waits = {
            "jobs": (jobs.c.due_at, jobs.c.failed_at.is_(None) & (jobs.c.due_at <= now)),
            "outbox": (outbox.c.due_at, outbox.c.failed_at.is_(None) & (outbox.c.due_at <= now)),
            "inbox": (inbox.c.at, inbox.c.body.is_not(None) & inbox.c.failed_at.is_(None)),
        }
        asides = (jobs.c.failed_at, outbox.c.failed_at, inbox.c.failed_at)
        parts = [_counted(name, since, condition) for name, (since, condition) in waits.items()]
        parts += [_counted("dead", column, column.is_not(None)) for column in asides]
        async with self._database.read() as connection:
            rows = [*await connection.execute(union_all(*parts))]
        queues = {
            row.name: Queue(row.depth, max(now - row.since, timedelta()) if row.since else timedelta())
            for row in rows
            if row.name in waits
        }
        return Backlog(queues, sum(row.depth for row in rows if row.name == "dead"))


def _counted(name: str, since: ColumnElement[datetime], condition: ColumnElement[bool]) -> Select[str, int, datetime]:
    oldest = func.min(since, type_=UtcDateTime).label("since")
    return select(literal(name).label("name"), func.count().label("depth"), oldest).where(condition)
