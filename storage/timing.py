"""How long the database takes for each statement."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

_BEGAN = "began"


def time_statements(engine: AsyncEngine, note: Callable[[float], None]) -> None:
    """Call `note` with the seconds that each statement took, those included for which it waited for SQLite's thread."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def begin(connection: Connection, *_: Any) -> None:
        connection.info[_BEGAN] = perf_counter()

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def end(connection: Connection, *_: Any) -> None:
        note(perf_counter() - connection.info[_BEGAN])
