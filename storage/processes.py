"""Which processes of Trellis are alive: each beats, and what one that is dead had claimed is free for the others.

Beats go by the database's clock, which all processes share and no test moves.
"""

from __future__ import annotations

import os
import platform
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, ColumnElement, Float, Integer, Table, Text, delete, func, select, update

from .columns import metadata
from .database import Database

BEAT_SECONDS, FREE_SECONDS = 5.0, 20.0
"""How often a process beats, and after how long without a beat what it had claimed is free."""

processes = Table(
    "processes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("beat", Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Process:
    """One run of Trellis. `id` is never used again."""

    id: str
    host: str
    pid: int

    @classmethod
    def this(cls) -> Process:
        """Return a new name for the process that runs."""
        return cls(secrets.token_hex(8), _machine(), os.getpid())

    def outlived(self, pid: int) -> bool:
        """Say whether what ran under a number on this machine is over. Ours is: whoever had it before us is."""
        return pid == self.pid or not _is_running(pid)


class ProcessStore:
    """Who is alive."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def are_several(self) -> bool:
        """Whether there may be others: SQLite is for one process alone."""
        return self._database.dialect == "postgresql"

    async def begin(self, process: Process) -> None:
        """Note that a process begins."""
        values = {"id": process.id, "host": process.host, "pid": process.pid, "beat": database_now(self._database)}
        async with self._database.write() as connection:
            await connection.execute(self._database.insert(processes).values(values))

    async def beat(self, process: Process) -> bool:
        """Note that a process is alive. False where the others took it for dead: what it had claimed is theirs."""
        beating = update(processes).where(processes.c.id == process.id).values(beat=database_now(self._database))
        async with self._database.write() as connection:
            return (await connection.execute(beating)).rowcount > 0

    async def end(self, process: Process) -> None:
        """Note that a process is over: what it had claimed is free at once."""
        async with self._database.write() as connection:
            await connection.execute(delete(processes).where(processes.c.id == process.id))

    async def bury(self, process: Process) -> bool:
        """Forget the dead as `process` sees them, and say whether there were any.

        Those are the ones without a beat for `FREE_SECONDS`, and the ones that ran on this very machine under a
        process id that is gone, or is ours now.
        """
        others = select(processes).where(processes.c.id != process.id)
        late = processes.c.beat < database_now(self._database) - FREE_SECONDS
        async with self._database.read() as connection:
            here = [*await connection.execute(others.where(processes.c.host == process.host))]
            silent = [*await connection.scalars(select(processes.c.id).where(processes.c.id != process.id, late))]
        dead = {*silent, *(row.id for row in here if process.outlived(row.pid))}
        if not dead:
            return False
        async with self._database.write() as connection:
            await connection.execute(delete(processes).where(processes.c.id.in_(dead)))
        return True


def database_now(database: Database) -> ColumnElement[float]:
    """Return the database's own time, in seconds since 1970."""
    if database.dialect == "sqlite":
        return (func.julianday("now") - 2440587.5) * 86400.0
    return func.date_part("epoch", func.clock_timestamp(), type_=Float())


def is_free(owner: Column[str]) -> ColumnElement[bool]:
    """Return the condition that a claim is nobody's, or of a process that is not alive."""
    return owner.is_(None) | owner.not_in(select(processes.c.id))


def _machine() -> str:
    """Return a name for all that shares our process ids: this machine since it was booted, or this container.

    A name of a machine alone is not enough: containers may share one, and each counts its processes from 1.
    """
    parts = [platform.node()]
    with suppress(OSError):
        parts += [Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip(), os.readlink("/proc/self/ns/pid")]
    return "/".join(parts)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True  # this is no Linux
    return state not in ("Z", "X")  # it is dead, and whoever started it has not heard of it yet
