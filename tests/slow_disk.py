"""A disk that takes its time to keep what SQLite has written."""

from __future__ import annotations

import threading
import time
from typing import Any

from sqlalchemy import event

from storage.database import Database

SECONDS = 0.5


def slow_disk(database: Database) -> threading.Event:
    """Have each commit take so long, of connections that are still to be opened; set once the first has begun."""
    committing = threading.Event()

    def told(statement: str) -> None:
        if statement == "COMMIT":
            committing.set()
            time.sleep(SECONDS)

    @event.listens_for(database.engine.sync_engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.run_async(lambda there: there.set_trace_callback(told))

    return committing
