"""SQLite on the spot, for stories: they wait after each statement, and to reach SQLite takes longer than it takes.

Gone around are the thread of aiosqlite and SQLAlchemy's layer for asyncio, which switches back and forth seven times
for each statement. What both are there for, that a slow disk keeps nobody else waiting, is tested in tests/storage and
tests/web. Who waits for a statement still goes on after the others, so that tasks come between each other as they do.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, CursorResult, Engine, PoolProxiedConnection, Transaction, create_engine, event
from sqlalchemy.exc import OperationalError

from storage import sqlite

T = TypeVar("T")

PAUSE = 0.001
"""Seconds between two tries to get a lock that somebody else has, who may be a task of this very thread."""


async def _do(run: Callable[..., T], *facts: Any) -> T:
    """Do it now, and go on after the others; where there are none, at once: a turn of the loop takes its time."""
    loop, until = asyncio.get_running_loop(), 0.0
    while True:
        try:
            result = run(*facts)
        except OperationalError as error:
            until = until or loop.time() + sqlite.LOCK_SECONDS
            if getattr(error.orig, "sqlite_errorcode", 0) != sqlite3.SQLITE_BUSY or loop.time() > until:
                raise
            await asyncio.sleep(PAUSE)
        else:
            if loop._ready:  # type: ignore[attr-defined]
                await asyncio.sleep(0)
            return result


class OnTheSpot:
    """As much of an `AsyncEngine` as storage/ makes use of for SQLite."""

    def __init__(self, url: URL, pragmas: Sequence[str], *, connections: int, begin: str = "") -> None:
        def connect() -> sqlite3.Connection:
            sqlite._keep_private(url.database or "")
            connection = sqlite3.connect(url.database or "", timeout=0, isolation_level=None)
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
            return connection

        how = {} if begin else {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
        driver = url.set(drivername="sqlite")
        self.sync_engine: Engine = create_engine(
            driver, creator=connect, pool_size=connections, hide_parameters=True, **how
        )
        if begin:
            event.listen(self.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begin))

    def connect(self) -> _Connecting:
        return _Connecting(self.sync_engine)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[_Connection]:
        async with self.connect() as connection:
            transaction = await connection.begin()
            try:
                yield connection
            except BaseException:
                await transaction.rollback()
                raise
            await transaction.commit()

    async def dispose(self) -> None:
        self.sync_engine.dispose()


class _Connecting:
    """A connection that is to be opened, by awaiting it or for a block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._opened: _Connection

    def __await__(self) -> Generator[Any, None, _Connection]:
        return self._open().__await__()

    async def _open(self) -> _Connection:
        return _Connection(await _do(self._engine.connect))

    async def __aenter__(self) -> _Connection:
        self._opened = await self
        return self._opened

    async def __aexit__(self, *_: object) -> None:
        await self._opened.close()


class _Ended:
    """What can be committed, undone or closed."""

    def __init__(self, thing: Connection | Transaction) -> None:
        self._thing: Any = thing

    async def commit(self) -> None:
        await _do(self._thing.commit)

    async def rollback(self) -> None:
        await _do(self._thing.rollback)

    async def close(self) -> None:
        await _do(self._thing.close)


class _Connection(_Ended):
    async def begin(self) -> _Ended:
        return _Ended(await _do(self._thing.begin))

    async def begin_nested(self) -> _Ended:
        return _Ended(await _do(self._thing.begin_nested))

    async def get_raw_connection(self) -> _Raw:
        return _Raw(self._thing.connection)

    @property
    def invalidated(self) -> bool:
        return bool(self._thing.invalidated)

    async def invalidate(self) -> None:
        self._thing.invalidate()

    async def execute(self, *asked: Any) -> CursorResult[Any]:
        return await _do(self._thing.execute, *asked)

    async def scalar(self, *asked: Any) -> Any:
        return await _do(self._thing.scalar, *asked)

    async def scalars(self, *asked: Any) -> Any:
        return await _do(self._thing.scalars, *asked)

    async def exec_driver_sql(self, *asked: Any) -> CursorResult[Any]:
        return await _do(self._thing.exec_driver_sql, *asked)

    async def run_sync(self, run: Callable[..., T], *facts: Any) -> T:
        return await _do(run, self._thing, *facts)


class _Raw:
    """A connection of sqlite3's own, and the one cursor that it is asked for."""

    def __init__(self, pooled: PoolProxiedConnection) -> None:
        self._pooled = pooled
        self._rows: list[Any] = []
        self.driver_connection = self

    def cursor(self) -> Self:
        return self

    async def execute(self, statement: str) -> Self:
        self._rows = self._pooled.driver_connection.execute(statement).fetchall()  # type: ignore[union-attr]
        return self

    async def fetchall(self) -> list[Any]:
        return self._rows
