"""What one process at a time may do, of all that share a database.

A lease is a row: who has it, when they last said that they are alive, and a number that grows with each new holder. All
times are the database's own, which every process shares.
"""

from __future__ import annotations

from typing import TypeAlias

from sqlalchemy import Column, Float, Integer, Row, Select, Table, Text, select, update

from .columns import metadata
from .database import Database
from .processes import FREE_SECONDS, Process, database_now

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

NOBODY = ""
Held: TypeAlias = Row[tuple[str, str, str, int, bool]]
"""A lease, who has it, on which machine, under which process id, and whether they have been silent for too long."""


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
        looking = self._rows.where(leases.c.name == name)
        async with self._database.read() as connection:
            row = (await connection.execute(looking)).one_or_none()
        if row and not self._is_free(row):
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
            if not self._is_free((await connection.execute(looking.with_for_update())).one()):
                return None
            token: int | None = await connection.scalar(taking)
            return token

    async def release(self, name: str, token: int) -> None:
        """Let the next one have it at once."""
        is_ours = (leases.c.name == name) & (leases.c.owner == self._process.id) & (leases.c.token == token)
        async with self._database.write() as connection:
            await connection.execute(update(leases).where(is_ours).values(owner=NOBODY))

    async def held(self, name: str) -> dict[str, str]:
        """Return who has the lease of this name, and those whose names begin with it and a stroke, if they live."""
        within = (leases.c.name == name) | leases.c.name.startswith(f"{name}/", autoescape=True)
        async with self._database.read() as connection:
            rows = [*await connection.execute(self._rows.where(within))]
        me = self._process.id
        return {row.name: row.owner for row in rows if not self._is_free(row) or (row.owner == me and not row.late)}

    @property
    def _rows(self) -> Select[tuple[str, str, str, int, bool]]:
        late = (leases.c.beat < database_now(self._database) - self._free_after).label("late")
        return select(leases.c.name, leases.c.owner, leases.c.host, leases.c.pid, late)

    def _is_free(self, row: Held) -> bool:
        """Say whether we may take a lease: it is nobody's, or was ours, or who had it is silent or gone."""
        return row.owner in (NOBODY, self._process.id) or row.late or self.is_gone(row.host, row.pid)

    def is_gone(self, host: str, pid: int) -> bool:
        """Say whether a process ran on this very machine and is over."""
        return host == self._process.host and self._process.outlived(pid)
