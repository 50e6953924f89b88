"""Counts what is asked of the database: statements, and commits that had something to keep.

It listens to SQLAlchemy's events for every engine of the process, so it does not matter who opens connections or how
units share them. Everything that is counted goes through here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from greenlet import getcurrent
from sqlalchemy import Connection, Engine, event

_CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")
_WRITES = ("INSERT", "UPDATE", "DELETE")
_BESIDE = {"heartbeat", "refresh"}
"""Tasks that go on whatever people do: what they ask, by the seconds that pass, is no part of an act."""
_ROOT = Path(__file__).parents[1]
_OURS = tuple(f"{_ROOT / part}/" for part in ("bot", "storage"))


@dataclass(frozen=True, slots=True)
class Trip:
    """One trip to the database: in which task, from where in our code, and what was asked."""

    task: str
    place: str
    statement: str


@dataclass(slots=True)
class Count:
    """What was counted while a block ran; `asked` holds each different statement with its last parameters.

    Every trip to the database is a statement, also BEGIN and a savepoint, but not COMMIT and ROLLBACK. A commit counts
    where its transaction wrote a row. What a process does by the minute, whatever people do, does not count. `cpu` is
    in seconds, of this process.
    """

    statements: int = 0
    commits: int = 0
    cpu: float = 0.0
    asked: dict[str, Any] = field(default_factory=dict)
    trips: list[Trip] = field(default_factory=list)


@contextmanager
def counted(*, listed: bool = False) -> Iterator[Count]:
    """Count what all engines do while the block runs; each trip is `listed` only if that is asked for: it takes CPU."""
    count = Count()
    wrote: set[int] = set()

    def execute(
        connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> None:
        task = asyncio.current_task()
        if task and task.get_name() in _BESIDE:
            return
        word = statement.lstrip("( \n").split(None, 1)[0].upper()
        count.statements += 1
        if listed:
            count.trips.append(_trip(statement))
        if word in _CONTROL:
            return
        count.asked[statement] = parameters[0] if many and isinstance(parameters, list) else parameters
        if word in _WRITES or (word == "WITH" and any(f"\n{write} " in statement for write in _WRITES)):
            wrote.add(id(connection.connection.dbapi_connection))

    def commit(connection: Connection) -> None:
        here = id(connection.connection.dbapi_connection)
        if listed:
            count.trips.append(_trip("COMMIT" if here in wrote else "COMMIT of nothing"))
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


def _trip(statement: str) -> Trip:
    """Return a trip with the functions of ours that wait for it, the nearest first: SQLAlchemy asks in a greenlet."""
    task, above = asyncio.current_task(), getcurrent().parent
    frame: FrameType | None = above.gr_frame if above else None
    places = list[str]()
    while frame:
        code = frame.f_code
        if code.co_filename.startswith(_OURS) and not code.co_filename.endswith(("database.py", "sqlite.py")):
            places.append(f"{Path(code.co_filename).stem}.{code.co_name}")
        frame = frame.f_back
    return Trip(task.get_name() if task else "", " < ".join(places[:4]), " ".join(statement.split()))
