"""What one process at a time may do of all that share a database, and how often something was begun lately.

A lease is a row: who has it, when they last said that they are alive, and a number that grows with each new holder. All
times are the database's own, which every process shares.
"""

from __future__ import annotations

from typing import TypeAlias

from sqlalchemy import Column, ColumnElement, Float, Index, Integer, Row, Table, Text, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .columns import metadata
from .database import Database
from .processes import FREE_SECONDS, Process, database_now, processes

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("beat", Float, nullable=False),
    Column("token", Integer, nullable=False),
)

beginnings = Table(
    "beginnings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("at", Float, nullable=False),
    Index(None, "name", "at"),
)

NOBODY = ""
Held: TypeAlias = Row[tuple[str, str, int, bool]]
"""Who has a lease, on which machine, under which process id, and whether they have been silent for too long."""


class LeaseStore:
    """The leases, in the name of one process."""

    def __init__(self, database: Database, process: Process, free: float = FREE_SECONDS) -> None:
        self._database = database
        self._process = process
        self._free_after = free

    async def take(self, name: str) -> int | None:
        """Take a lease that nobody alive has, and return its new token; None where somebody has it.

        Whoever did not renew it for `free` seconds, or ran on this very machine and is gone, has it no more.
        """
        async with self._database.read() as connection:
            if not self._is_free(await self._look(connection, name)):
                return None
        nobody = {"owner": NOBODY, "host": "", "pid": 0, "beat": 0.0, "token": 0}
        known = self._database.insert(leases).values(name=name, **nobody).on_conflict_do_nothing()
        mine = {"owner": self._process.id, "host": self._process.host, "pid": self._process.pid}
        taking = (
            update(leases)
            .where(leases.c.name == name)
            .values(mine | {"beat": database_now(self._database), "token": leases.c.token + 1})
            .returning(leases.c.token)
        )
        async with self._database.write() as connection:
            await connection.execute(known)
            if not self._is_free(await self._look(connection, name, lock=True)):
                return None
            token: int | None = await connection.scalar(taking)
            return token

    async def renew(self, name: str, token: int) -> int | None:
        """Say that we are alive and go on, and return how many other processes are; None where the lease is lost."""
        others = select(func.count()).where(
            processes.c.beat >= database_now(self._database) - FREE_SECONDS,
            (processes.c.host != self._process.host) | (processes.c.pid != self._process.pid),
        )
        async with self._database.write() as connection:
            renewing = update(leases).where(self._is_ours(name, token)).values(beat=database_now(self._database))
            if not (await connection.execute(renewing)).rowcount:
                return None
            return await connection.scalar(others) or 0

    async def release(self, name: str, token: int) -> None:
        """Let the next one have it at once."""
        async with self._database.write() as connection:
            await connection.execute(update(leases).where(self._is_ours(name, token)).values(owner=NOBODY))

    async def begin(self, name: str, most: int, seconds: float) -> float:
        """Note that something is begun, at most so often in so many seconds, by whichever process; return 0.

        Where that would be once too often nothing is noted, and the seconds are returned until it would not. Half of
        them may begin at once, and the others evenly after them: so whoever waits does not wait for all that time.
        """
        now = database_now(self._database)
        theirs = beginnings.c.name == name
        async with self._database.unit():
            await self._database.lock(f"beginnings/{name}")
            async with self._database.write() as connection:
                await connection.execute(delete(beginnings).where(theirs, beginnings.c.at <= now - seconds))
                ago = select(now - beginnings.c.at).where(theirs).order_by(beginnings.c.at.desc())
                since = [float(one) for one in await connection.scalars(ago)]
                at_once = most // 2
                apart = seconds / (most - at_once) if len(since) >= at_once else 0.0
                if since and since[0] < apart:
                    return max(apart - since[0], 0.01)
                await connection.execute(beginnings.insert().values(name=name, at=now))
                return 0.0

    def _is_ours(self, name: str, token: int) -> ColumnElement[bool]:
        return (leases.c.name == name) & (leases.c.owner == self._process.id) & (leases.c.token == token)

    async def _look(self, connection: AsyncConnection, name: str, *, lock: bool = False) -> Held | None:
        late = leases.c.beat < database_now(self._database) - self._free_after
        query = select(leases.c.owner, leases.c.host, leases.c.pid, late.label("late")).where(leases.c.name == name)
        return (await connection.execute(query.with_for_update() if lock else query)).one_or_none()

    def _is_free(self, row: Held | None) -> bool:
        if row is None or row.owner in (NOBODY, self._process.id) or row.late:
            return True
        return bool(row.host == self._process.host and self._process.outlived(row.pid))
