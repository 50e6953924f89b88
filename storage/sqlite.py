"""SQLite through aiosqlite: one hop to its thread for a statement, and one commit for units that wait for each other.

A commit is FULL: when it returns, the disk has it. That costs milliseconds, so units that queue share one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import Any, Self

import aiosqlite
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction, create_async_engine

from .away import Conflict

log = logging.getLogger(__name__)

LOCK_SECONDS = 10
"""How long SQLite waits for another process to let go of the file."""
LOG_SECONDS = 1
"""How long to wait for another process that reads from the log, while it is to be emptied."""
QUEUE_SECONDS = 60
"""How long a task queues for a connection before it gives up: no less than the person it works for is patient."""
GROUP, GROUP_SECONDS = 64, 0.02
"""How many units share a commit at most, and for how long the first of them waits for more than are queueing."""


class _Cursor:
    """A cursor that executes and fetches in one hop, as SQLAlchemy's adapter for asyncio drivers expects one."""

    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        return await self._run("execute", statement, parameters)

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Self:
        return await self._run("executemany", statement, parameters)

    async def _run(self, how: str, statement: str, parameters: Sequence[Any]) -> Self:
        self.description, self.rowcount, self.lastrowid, self._rows = await self._connection._execute(  # type: ignore[no-untyped-call]
            _whole, self._connection._conn, how, statement, parameters
        )
        return self

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        """Do nothing: the real cursor is closed already."""


def _whole(connection: sqlite3.Connection, how: str, statement: str, parameters: Sequence[Any]) -> tuple[Any, ...]:
    """Run a statement to its end, in SQLite's thread."""
    cursor = getattr(connection, how)(statement, parameters)
    try:
        rows = cursor.fetchall() if cursor.description else ()
        return cursor.description, cursor.rowcount, cursor.lastrowid, rows
    finally:
        cursor.close()


class _Connection(aiosqlite.Connection):
    """aiosqlite's connection with our cursor. aiosqlite's own takes four hops for a SELECT."""

    def cursor(self) -> _Cursor:  # type: ignore[override]
        return _Cursor(self)


def sqlite_engine(url: URL, pragmas: Sequence[str], *, connections: int, begin: str = "") -> AsyncEngine:
    """Return an engine of at most so many connections, each with these pragmas.

    Transactions start with `begin`: Python's own start only at the first write, after the reads on which it depends,
    and so lose updates. Without it each statement stands for itself.
    """

    async def connect() -> aiosqlite.Connection:
        def open_file() -> sqlite3.Connection:
            _keep_private(url.database or "")
            return sqlite3.connect(url.database or "", timeout=LOCK_SECONDS, isolation_level=None)

        connection = _Connection(open_file, iter_chunk_size=64)
        connection._thread.daemon = True  # as SQLAlchemy does it: a program that fails can end
        return await connection

    engine = create_async_engine(
        url,
        async_creator=connect,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=QUEUE_SECONDS,
        pool_reset_on_return="rollback" if begin else None,
        hide_parameters=True,  # what members wrote or chose is in no error, and so in no log
        **({} if begin else {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}),
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    if begin:

        @event.listens_for(engine.sync_engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine


def _keep_private(path: str) -> None:
    """Let nobody but its owner read a database, which is made if it is missing, nor what SQLite writes beside it.

    SQLite makes the other files with the rights of the first. A file that exists is never opened here: to close it
    again would give up the locks that SQLite holds on it in this process.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    for file in (path, f"{path}-wal", f"{path}-shm"):
        try:
            if stat.S_IMODE(os.stat(file).st_mode) & 0o077:
                os.chmod(file, 0o600)
        except FileNotFoundError:
            continue
        except PermissionError:
            log.warning("%s is not ours, and others on this machine may read it: have its owner chmod it to 600", file)


class Kept:
    """Connections that stay open: to take one from SQLAlchemy's pool and give it back takes as long as a statement.

    A connection with which something went wrong goes back to the pool, which knows whether it is of any use.
    """

    def __init__(self, engine: AsyncEngine, most: int) -> None:
        self._engine = engine
        self._free: list[AsyncConnection] = []
        self._room = asyncio.Semaphore(most)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection. Raises `TimeoutError` where there is none for too long."""
        async with asyncio.timeout(QUEUE_SECONDS) if self._room.locked() else nullcontext():
            await self._room.acquire()
        try:
            connection = self._free.pop() if self._free else await self._engine.connect()
            try:
                yield connection
            except BaseException:
                await asyncio.shield(connection.close())
                raise
            self._free.append(connection)
        finally:
            self._room.release()

    async def close(self) -> None:
        """Close those that nobody has."""
        while self._free:
            await self._free.pop().close()


class _Group:
    """Units of one transaction that are committed together: the first as it is, each other one in a savepoint."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.units = 1
        self.until = asyncio.get_running_loop().time() + GROUP_SECONDS
        self.committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class GroupWriter:
    """The one writing connection: units take turns on it, in order, and share commits."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._group: _Group | None = None

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction; when the block has ended without an error and this returns, the disk has all of it.

        An exception in the block undoes it alone. If the commit fails, every unit of the group raises its error.
        Raises `TimeoutError` where its turn does not come.
        """
        await self._enter()
        opening = asyncio.ensure_future(self._open())
        try:
            group, savepoint = await asyncio.shield(opening)
        except asyncio.CancelledError:
            await asyncio.shield(self._take_back(opening))
            raise
        try:
            yield group.connection
        except BaseException as error:
            await asyncio.shield(self._leave(group, savepoint, error))
            raise
        ending = asyncio.ensure_future(self._leave(group, savepoint))
        try:
            await asyncio.shield(ending)
            await asyncio.shield(group.committed)
        except asyncio.CancelledError:  # it ends all the same, and a look at what became of it has to find that
            await asyncio.wait([ending])
            if not ending.exception():
                await asyncio.wait([group.committed])
            raise

    async def empty_log(self) -> bool:
        """Move all that is committed from the write-ahead log into the file, and cut the log to nothing.

        Say whether that was possible: not while another process reads from the log, or writes.
        """
        async with self._turn:
            if self._group:
                await self._commit(self._group)
            self._connection = self._connection or await self._engine.connect()
            try:
                pooled = await self._connection.get_raw_connection()  # without the transaction that would be in the way
                cursor = pooled.driver_connection.cursor()  # type: ignore[union-attr]
                ((patience,),) = await (await cursor.execute("PRAGMA busy_timeout")).fetchall()
                await cursor.execute(f"PRAGMA busy_timeout = {min(patience, LOG_SECONDS * 1000)}")
                ((is_busy, *_),) = await (await cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")).fetchall()
                await cursor.execute(f"PRAGMA busy_timeout = {patience}")
            except BaseException:
                await asyncio.shield(self._drop())
                raise
            return not is_busy

    async def _enter(self) -> None:
        self._waiting += 1
        must_wait = self._waiting > 1 or self._turn.locked()
        try:
            async with asyncio.timeout(QUEUE_SECONDS) if must_wait else nullcontext():
                await self._turn.acquire()
        except BaseException:
            self._waiting -= 1
            if not self._waiting and self._group and not self._turn.locked():  # the others count on it to commit
                await asyncio.shield(self._commit_late())
            raise
        self._waiting -= 1

    async def _commit_late(self) -> None:
        async with self._turn:
            if self._group:
                await self._commit(self._group)

    async def _open(self) -> tuple[_Group, AsyncTransaction | None]:
        """Begin a group, or join it with a savepoint: to undo the first unit is to undo all there is."""
        try:
            if self._group is None:
                self._connection = self._connection or await self._engine.connect()
                self._group = _Group(self._connection)
                _ = await self._group.connection.begin()
                return self._group, None
            self._group.units += 1
            return self._group, await self._group.connection.begin_nested()
        except BaseException as error:
            await self._abandon(error)
            self._turn.release()
            raise

    async def _take_back(self, opening: asyncio.Future[tuple[_Group, AsyncTransaction | None]]) -> None:
        """End a unit whose task was cancelled while it was opened."""
        group, savepoint = await opening
        await self._leave(group, savepoint, asyncio.CancelledError())

    async def _leave(self, group: _Group, savepoint: AsyncTransaction | None, why: BaseException | None = None) -> None:
        """End a unit, undo it if there is a `why`, and commit the group unless another unit joins it now.

        Some errors, such as a full disk, have ended the whole transaction already. So has a statement that was cut off
        because its task was cancelled: SQLAlchemy gives up the connection then.
        """
        try:
            if why and savepoint is None:
                await group.connection.rollback()
                self._group = None
                return
            if savepoint:
                await (savepoint.rollback() if why else savepoint.commit())
            if why and group.connection.invalidated:
                await self._abandon(why)
                return
            full = group.units >= GROUP or asyncio.get_running_loop().time() > group.until
            if full or not self._waiting:
                await self._commit(group)
        except BaseException as error:
            await self._abandon(why or error)
            if why is None:
                raise
        finally:
            self._turn.release()

    async def _commit(self, group: _Group) -> None:
        self._group = None
        try:
            await group.connection.commit()
        except BaseException as error:
            await self._fail(group, error)
        else:
            group.committed.set_result(None)

    async def _abandon(self, error: BaseException) -> None:
        """The transaction cannot go on: nothing of its group is kept."""
        group, self._group = self._group, None
        if group:
            await self._fail(group, error)

    async def _fail(self, group: _Group, error: BaseException) -> None:
        """Give up a group, and the connection: nobody knows in what state it is."""
        if not isinstance(error, Exception):  # it is for one of them alone, and the others can be done again
            error = Conflict("", None, error, hide_parameters=True)
        group.committed.set_exception(error)
        group.committed.exception()  # those who wait raise it; where nobody does, it is raised elsewhere
        await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            await connection.invalidate()
            await connection.close()

    async def close(self) -> None:
        """Close the connection. Whoever writes next opens another one."""
        async with self._turn:
            if self._group:
                await self._commit(self._group)
            await self._drop()
