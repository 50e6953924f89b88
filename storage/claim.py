"""One process at a time runs Trellis on a SQLite file.

Two would send and answer beside each other, and wait for each other's locks. What looks at the file for a moment, such
as `trellis dead`, needs no claim.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class DatabaseInUse(Exception):
    """Another process runs Trellis on this file. Its text says so for whoever runs Trellis."""


class FileClaim:
    """A lock on a file of its own beside the database, which the system lets go of when the process ends, however.

    The file itself stays, and says the number of the process that had it last. It is a file of its own because to close
    any file gives up the locks that SQLite holds on it in this process.
    """

    def __init__(self, database: str) -> None:
        self._database = Path(database)
        self._lock: int | None = None

    def take(self) -> None:
        """Claim the file until `release`, or the end of this process. Raises `DatabaseInUse`."""
        if self._lock is not None:
            return
        path = self._database.resolve()
        lock = os.open(path.with_name(f"{path.name}-lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            whose = os.read(lock, 20).decode("ascii", "replace").strip()
            os.close(lock)
            process = f" (process {whose})" if whose.isdigit() else ""
            raise DatabaseInUse(
                f"Trellis already runs on {self._database}{process}: stop it first. "
                "SQLite is for one process; for several, use PostgreSQL."
            ) from None
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        self._lock = lock

    def release(self) -> None:
        """Let go of the claim, if there is one."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
