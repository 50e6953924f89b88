"""SQLite on the spot, for thousands of calls that come one after the other, so that no task waits for another one.

What stories have (tests/at_once.py) still goes through SQLAlchemy's layer for asyncio, which switches back and forth
seven times for a statement; that takes longer than the statement.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Sequence
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, CursorResult, Engine, PoolProxiedConnection, Transaction, create_engine, event

T = TypeVar("T")


class OnTheSpot:
    """As much of an `AsyncEngine` as storage/database.py makes use of."""

    def __init__(self, url: URL, pragmas: Sequence[str], *, connections: int, begin: str = "") -> None:
        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(url.database or "", isolation_level=None)
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
            return connection

        how = {} if begin else {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
        driver = url.set(drivername="sqlite")
        self.sync_engine: Engine = create_engine(driver, creator=connect, pool_size=connections, **how)
        if begin:
            event.listen(self.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begin))

    def connect(self) -> _Connection:
        return _Connection(self.sync_engine.connect())

    async def dispose(self) -> None:
        self.sync_engine.dispose()


class _Ended:
    """What can be committed, undone or closed."""

    def __init__(self, thing: Connection | Transaction) -> None:
        self._thing: Any = thing

    async def commit(self) -> None:
        self._thing.commit()

    async def rollback(self) -> None:
        self._thing.rollback()

    async def close(self) -> None:
        self._thing.close()


class _Connection(_Ended):
    def __await__(self) -> Generator[None, None, Self]:
        yield from ()
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def begin(self) -> _Ended:
        return _Ended(self._thing.begin())

    async def begin_nested(self) -> _Ended:
        return _Ended(self._thing.begin_nested())

    async def get_raw_connection(self) -> _Raw:
        return _Raw(self._thing.connection)

    async def invalidate(self) -> None:
        self._thing.invalidate()

    async def execute(self, *asked: Any) -> CursorResult[Any]:
        return self._thing.execute(*asked)  # type: ignore[no-any-return]

    async def scalar(self, *asked: Any) -> Any:
        return self._thing.scalar(*asked)

    async def scalars(self, *asked: Any) -> Any:
        return self._thing.scalars(*asked)

    async def exec_driver_sql(self, *asked: Any) -> CursorResult[Any]:
        return self._thing.exec_driver_sql(*asked)  # type: ignore[no-any-return]

    async def run_sync(self, run: Callable[..., T], *facts: Any) -> T:
        return run(self._thing, *facts)


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
