"""Which accounts were erased, kept in a file outside the database: a backup that is restored knows nothing of it.

It says no more than the tombstones do: a hash of an account's key, and when.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from .arrivals import hashed
from .database import Database
from .people import accounts, tombstones


class ErasureJournal:
    """The file, one line an erasure: the moment in ISO format and the hash. It is made with the first of them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, erased: Mapping[str, datetime]) -> None:
        """Add erasures, by the hashes of accounts; when this returns, the disk has them."""
        lines = "".join(f"{at.isoformat()} {hash_}\n" for hash_, at in erased.items())
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, lines.encode())
            os.fsync(file)
        finally:
            os.close(file)

    def read(self) -> dict[str, datetime]:
        """Return when each account was erased last. A line that was cut off by a crash says nothing."""
        erased: dict[str, datetime] = {}
        try:
            lines = self.path.read_text("ascii").splitlines()
        except FileNotFoundError:
            return erased
        for line in lines:
            when, _, hash_ = line.partition(" ")
            try:
                at = datetime.fromisoformat(when)
            except ValueError:
                continue
            if len(hash_) == 64 and at.tzinfo:
                erased[hash_] = max(at, erased.get(hash_, at))
        return erased

    def note_missing(self, tombstones: Mapping[str, datetime]) -> None:
        """Add what the database knows and the file does not: it was made anew, or a crash came between the two."""
        known = self.read()
        missing = {hash_: at for hash_, at in tombstones.items() if hash_ not in known or known[hash_] < at}
        if missing:
            self.note(missing)


class Tombstones:
    """Which accounts the database knows to be erased."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[str, datetime]:
        """Return when each was erased, by the hash of its key."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(tombstones.c.account_hash, tombstones.c.erased_at))
            return {row.account_hash: row.erased_at for row in rows}

    async def missing(self, erased: Mapping[str, datetime]) -> list[str]:
        """Return the keys of accounts that stand here although they were erased since."""
        known = await self.all()
        later = {hash_ for hash_, at in erased.items() if hash_ not in known or known[hash_] < at}
        async with self._database.read() as connection:
            keys = await connection.scalars(select(accounts.c.key).order_by(accounts.c.key))
            return [key for key in keys if hashed(key) in later]
