"""SQLite without its thread, for lives that end between any two statements (tests/simulation.py).

That a slow disk keeps nobody else waiting, which the thread is there for, is tested in tests/storage and tests/web.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from typing import Any

import aiosqlite
from typing_extensions import override

from storage import sqlite

PAUSE = 0.001
"""Seconds between two tries to get a lock that somebody else has."""


class AtOnce(sqlite._Connection):
    """A connection that does on the spot what is put into its queue. Who waits for it goes on after the others.

    Where there are no others, it goes on at once: a turn of the loop takes as long as many a statement.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._tx = _Queue()  # type: ignore[assignment]  # all that is called is put_nowait

    @override
    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        return self._connect().__await__()


class _Queue:
    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, function = item
        if future is None:
            function()
        else:
            self._do(future, function, future.get_loop().time() + sqlite.LOCK_SECONDS)

    def _do(self, future: asyncio.Future[Any], function: Callable[[], Any], until: float) -> None:
        loop = future.get_loop()
        try:
            result = function()
            if isinstance(result, sqlite3.Connection):
                result.execute("PRAGMA busy_timeout = 0")  # whoever has the lock may be a task of this thread
        except Exception as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY and loop.time() < until:
                loop.call_later(PAUSE, self._do, future, function, until)
            else:
                _tell(loop, future, future.set_exception, error)
        else:
            _tell(loop, future, future.set_result, result)


def _tell(loop: Any, future: asyncio.Future[Any], tell: Callable[[Any], None], what: Any) -> None:
    if loop._ready:  # the others
        loop.call_soon(_unless_done, future, tell, what)
    else:
        tell(what)


def _unless_done(future: asyncio.Future[Any], tell: Callable[[Any], None], what: Any) -> None:
    if not future.done():
        tell(what)
