"""Counts what is asked of the database: statements, and commits that had something to keep.

It listens to SQLAlchemy's events for every engine of the process, so it does not matter who opens connections or how
units share them. Everything that is counted goes through here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

_CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")
_WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(slots=True)
class Count:
    """What was counted while a block ran; `asked` holds each different statement with its last parameters.

    Every trip to the database is a statement, also BEGIN and a savepoint, but not COMMIT and ROLLBACK. A commit counts
    where its transaction wrote a row. `cpu` is in seconds, of this process.
    """

    statements: int = 0
    commits: int = 0
    cpu: float = 0.0
    asked: dict[str, Any] = field(default_factory=dict)


@contextmanager
def counted() -> Iterator[Count]:
    """Count what all engines do while the block runs."""
    count = Count()
    wrote: set[int] = set()

    def execute(
        connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> None:
        word = statement.lstrip("( \n").split(None, 1)[0].upper()
        count.statements += 1
        if word in _CONTROL:
            return
        count.asked[statement] = parameters[0] if many and isinstance(parameters, list) else parameters
        if word in _WRITES or (word == "WITH" and any(f"\n{write} " in statement for write in _WRITES)):
            wrote.add(id(connection.connection.dbapi_connection))

    def commit(connection: Connection) -> None:
        here = id(connection.connection.dbapi_connection)
        count.commits += here in wrote
        wrote.discard(here)

    def rollback(connection: Connection) -> None:
        wrote.discard(id(connection.connection.dbapi_connection))

    listeners = (("before_cursor_execute", execute), ("commit", commit), ("rollback", rollback))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    began = time.process_time()
    try:
        yield count
    finally:
        count.cpu = time.process_time() - began
        for name, listener in listeners:
            event.remove(Engine, name, listener)
