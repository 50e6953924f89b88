"""One SQL database, SQLite by default and PostgreSQL by address, that behaves the same on both.

Every store of this folder takes a `Database` and opens `read()` or `write()` in each of its public methods. What one
event or one job reads and writes is a `unit()`: one transaction, whatever stores take part in it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

from sqlalchemy import Table, func, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from .address import beside, normalised
from .claim import FileClaim
from .dialect import Dialect, Insert, insert_into
from .postgresql import postgresql_engine
from .sqlite import GroupWriter, Kept, sqlite_engine
from .tables import are_enough, newest
from .timing import time_statements
from .unit import Claim, Unit

log = logging.getLogger(__name__)

_UPGRADE_LOCK = int.from_bytes(b"trellis")
"""The PostgreSQL advisory lock that one upgrading process holds."""

_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")

T = TypeVar("T")

_NONE: Mapping[str, Path] = MappingProxyType({})


class DatabaseDamaged(Exception):
    """The database file cannot be trusted. Its text says so in sentences for whoever runs Trellis."""


class Database:
    """The one way to the data. Make it once at start-up, hand it to the stores, `close()` it at the end.

    `url` is `sqlite:///file.db` (its folder is made when missing) or `postgresql://user:password@host/name`;
    `postgres://`, an explicit driver (`sqlite+aiosqlite`, `postgresql+asyncpg`) and libpq's `sslmode` are
    understood too. Anything else, and SQLite without a file, raises `ValueError`.

    On SQLite there is one writing connection, for which units queue in order (60 s at most) and share commits, and
    readers that it never blocks; a write waits up to 10 s for another process. On PostgreSQL transactions are READ
    COMMITTED: a store that reads a row in order to change it locks it (`with_for_update()`, which SQLite does
    not need and leaves out), or changes it by condition. Never await the network while a unit writes.
    """

    def __init__(self, url: str) -> None:
        self._url = normalised(url)
        self._units: dict[asyncio.Task[Any], Unit] = {}
        self._claim = FileClaim(self._url.database or "") if self.dialect == "sqlite" else None
        if self.dialect == "sqlite":
            Path(self._url.database or "").parent.mkdir(parents=True, exist_ok=True)
            pragmas = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON")
            self._writer = sqlite_engine(self._url, pragmas, connections=2, begin="BEGIN IMMEDIATE")
            self._reader = sqlite_engine(self._url, ("query_only=ON",), connections=4)
            self._group = GroupWriter(self._writer)
            self._readers = Kept(self._reader, 4)
            self._read: Callable[[], AbstractAsyncContextManager[AsyncConnection]] = self._readers.connection
            self._transaction: Callable[[], AbstractAsyncContextManager[AsyncConnection]] = self._group.unit
        else:
            self._writer = postgresql_engine(self._url, {})
            reading = {"default_transaction_read_only": "on"}
            self._reader = postgresql_engine(self._url, reading, isolation_level="AUTOCOMMIT")
            self._transaction, self._read = self._writer.begin, self._reader.connect

    def __repr__(self) -> str:
        return f"Database({self._url.render_as_string(hide_password=True)!r})"

    @property
    def dialect(self) -> Dialect:
        """Which of the two it is."""
        return "sqlite" if self._url.get_backend_name() == "sqlite" else "postgresql"

    @property
    def engine(self) -> AsyncEngine:
        """What writes, for a library that brings a store of its own. Not inside a unit, for which it would wait."""
        return self._writer

    @property
    def is_writing(self) -> bool:
        """Whether this task's unit has its transaction open, and so must not wait for a platform."""
        unit = self.current
        return unit is not None and unit.connection is not None

    async def once(self, key: tuple[str, int], read: Callable[[], Awaitable[T]]) -> T:
        """Return what `read` finds; within a unit it is asked once for each key."""
        unit = self.current
        if unit is None:
            return await read()
        if key not in unit.read:
            unit.read[key] = await read()
        return cast("T", unit.read[key])

    async def once_each(
        self, kind: str, ids: Iterable[int], read: Callable[[list[int]], Awaitable[Mapping[int, T]]]
    ) -> dict[int, T]:
        """Return what `read` finds under some ids; within a unit it is asked once for each."""
        wanted = [*dict.fromkeys(ids)]
        unit = self.current
        if unit is None:
            return {**await read(wanted)} if wanted else {}
        if unread := [id_ for id_ in wanted if (kind, id_) not in unit.read]:
            found = await read(unread)
            unit.read.update(((kind, id_), found.get(id_)) for id_ in unread)
        return {id_: cast("T", one) for id_ in wanted if (one := unit.read[kind, id_]) is not None}

    def remember(self, key: tuple[str, int], value: object) -> None:
        """This unit has just written that: until it ends nobody else changes it. `recall` returns it."""
        unit = self.current
        if unit and unit.connection is not None:
            unit.read[key] = value

    def recall(self, key: tuple[str, int]) -> Any:
        """Return what this unit has written or read under a key; None where it has not."""
        unit = self.current
        return unit.read.get(key) if unit else None

    def forget(self, kind: str = "", id_: int | None = None) -> None:
        """What was read is different now: everything, all of a kind, or that of one id."""
        if unit := self.current:
            for key in [key for key in unit.read if kind in ("", key[0]) and id_ in (None, key[1])]:
                del unit.read[key]

    @property
    def current(self) -> Unit | None:
        """The unit of this task, if it is in one."""
        return self._units.get(_this_task())

    @asynccontextmanager
    async def unit(self, claim: Claim | None = None) -> AsyncIterator[Unit]:
        """Make all that stores read and write inside, in this task, one transaction, opened by the first write.

        When the block ends without an exception and this returns, all of it is on disk; after an exception nothing
        is. A task created inside is on its own: its writes may wait for this transaction to end, so do not await it
        here. Raises `RuntimeError` inside another unit of the same task.
        """
        task = _this_task()
        if task in self._units:
            raise RuntimeError("a unit of work inside another one")
        unit = self._units[task] = Unit(self._transaction, claim)
        try:
            async with unit.under_way():
                yield unit
        finally:
            del self._units[task]
        unit.is_kept()
        if unit.traceless:
            await self.empty_log()

    @asynccontextmanager
    async def read(self, *, kept: bool = False) -> AsyncIterator[AsyncConnection]:
        """Look at the data as it is now, with each statement.

        An attempt to write through it fails. Where this task's unit writes, it looks through that transaction, and
        sees what was written so far; only what is `kept` already, if that is asked for.
        """
        unit = self._units.get(_this_task())
        if unit and unit.connection is not None and not kept:
            yield unit.connection
        else:
            async with self._read() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Write as part of this task's unit or, where there is none, as a unit of its own."""
        if unit := self._units.get(_this_task()):
            yield await unit.begin()
        else:
            async with self.unit() as unit:
                yield await unit.begin()

    async def lock(self, name: str) -> None:
        """Let nobody else take the lock of this name until this task's unit ends. It opens the transaction."""
        async with self.write() as connection:
            if self.dialect == "postgresql":
                await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    def insert(self, table: Table) -> Insert:
        """Return an INSERT that also knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
        return insert_into(table, self.dialect)

    async def leave_no_trace(self) -> None:
        """Have what this task's unit deletes be nowhere on this disk once it is kept; see `empty_log`."""
        async with self.write():
            assert self.current
            self.current.traceless = True

    async def empty_log(self) -> None:
        """Empty SQLite's write-ahead log, in which deleted rows stand until it is written over.

        Nothing is done while another process reads from the log. Call it once a minute too: for that, and for what is
        deleted bit by bit. PostgreSQL recycles its own.
        """
        if self.dialect == "sqlite" and not await self._group.empty_log():
            log.info("the write-ahead log is being read by another process, and so could not be emptied")

    def file_beside(self, name: str) -> Path:
        """Return a path in the folder of the SQLite database; in the working folder for any other, named after it."""
        return beside(self._url, name)

    def time_statements(self, note: Callable[[float], None]) -> None:
        """Call `note` with the seconds that each statement takes, its wait for SQLite's thread included."""
        for engine in (self._reader, self._writer):
            time_statements(engine, note)

    async def ping(self) -> None:
        """Return when the database answers; raise SQLAlchemy's error when it does not."""
        async with self.read() as connection:
            await connection.execute(select(1))

    def claim(self) -> None:
        """On SQLite, let no other process run Trellis on this file until `close()`. Raises `DatabaseInUse`."""
        if self._claim:
            self._claim.take()

    async def integrity(self) -> None:
        """Raise `DatabaseDamaged` when the SQLite file is broken. PostgreSQL looks after its own files.

        It reads the whole file, some hundred megabytes a second: call it once, at start, before `upgrade()`.
        """
        if self.dialect != "sqlite":
            return
        try:
            async with self.read() as connection:
                verdict = (await connection.exec_driver_sql("PRAGMA quick_check(1)")).scalar_one()
        except DatabaseError as error:
            if not getattr(error.orig, "sqlite_errorname", "").startswith(_DAMAGE):
                raise
            verdict = str(error.orig)
        if verdict != "ok":
            raise DatabaseDamaged(
                f"The database file {self._url.database} is damaged ({verdict.splitlines()[-1]}). "
                "Stop Trellis, keep a copy of the file, and put the latest backup in its place."
            )

    async def upgrade(self, others: Mapping[str, Path] = _NONE) -> None:
        """Bring the tables to the newest revision, in one transaction: all of it or nothing.

        `others` are folders with migrations of tables that are not ours, by the name under which they are counted.
        Safe to call in any number of processes at once: one works, the others wait for it. On SQLite, where a table
        that changes is made again and the old one dropped, nothing that points at it goes with it: foreign keys are
        checked at the end instead, and `DatabaseDamaged` says if one leads nowhere. Raises `DatabaseTooNew` where the
        tables are of a newer Trellis that does not suit this one; where it does, ours are left as they are.
        """
        is_current = await self.is_current() or await self._make() or await self.is_current()
        if is_current and not others:
            return
        from .upgrading import upgrade_all

        if self.dialect == "postgresql":
            async with self.write() as connection:
                await connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
                await connection.run_sync(upgrade_all, others, not is_current)
            return
        pragmas = ("journal_mode=WAL", "foreign_keys=OFF", "synchronous=FULL", "secure_delete=ON")
        engine = sqlite_engine(self._url, pragmas, connections=1, begin="BEGIN IMMEDIATE")
        try:
            async with engine.begin() as connection:
                await connection.run_sync(upgrade_all, others, not is_current)
                lost = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).mappings().first()
                if lost:
                    raise DatabaseDamaged(
                        f"The upgrade would leave rows of {lost['table']} that point at no {lost['parent']}."
                    )
        finally:
            await engine.dispose()

    async def revision(self, other: str = "", folder: Path | None = None) -> tuple[str | None, str | None]:
        """Return the revision of the tables (None: there are none) and the newest that is known, of ours or others."""
        from . import upgrading

        async with self.read() as connection:
            return await connection.run_sync(upgrading.current, other), upgrading.newest(other, folder)

    async def is_current(self) -> bool:
        """Say whether our tables need no upgrade. Raises `DatabaseTooNew` where they are too new for this code."""
        async with self.read() as connection:
            return await are_enough(connection, newest())

    async def _make(self) -> bool:
        """Make all tables where there are none; say whether that was so."""
        from .making import make_all

        async with self.write() as connection:
            if self.dialect == "postgresql":
                await connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
            return await connection.run_sync(make_all, newest())

    async def close(self) -> None:
        """Close every connection. The object is of no use afterwards."""
        if self.dialect == "sqlite":
            await self._readers.close()
            await self._group.close()
        await self._reader.dispose()
        await self._writer.dispose()
        if self._claim:
            self._claim.release()


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("The database is only used from inside an asyncio task")
    return task
