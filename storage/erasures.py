"""Which accounts were erased, kept in a file outside the database: a backup that is restored knows nothing of it.

It says no more than the tombstones do: a hash of an account's key, and when.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from .arrivals import bury, hashed
from .database import Database
from .people import accounts, members, tombstones


class ErasureJournal:
    """The file, one line an erasure: the moment in ISO format and the hash. It is made with the first of them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, erased: Mapping[str, datetime]) -> None:
        """Add erasures, by the hashes of accounts; when this returns, the disk has them.

        They begin on a line of their own, also where the one before was cut off: a disk that was full leaves such.
        """
        lines = "".join(f"{at.isoformat()} {hash_}\n" for hash_, at in erased.items())
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            end = os.fstat(file).st_size
            is_cut = end > 0 and os.pread(file, 1, end - 1) != b"\n"
            left = f"{chr(10) * is_cut}{lines}".encode()
            while left:
                left = left[os.write(file, left) :]
            os.fsync(file)
        finally:
            os.close(file)

    @property
    def takes(self) -> bool:
        """Whether something can be noted, as far as rights and folders tell."""
        return os.access(self.path if self.path.exists() else self.path.parent, os.W_OK) and not self.path.is_dir()

    def read(self) -> dict[str, datetime]:
        """Return when each account was erased last. A line that was cut off by a crash says nothing."""
        erased: dict[str, datetime] = {}
        try:
            lines = self.path.read_text("ascii", "replace").splitlines()
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
        if missing := _later(tombstones, self.read()):
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
        """Return the keys of accounts that stand here although they were erased since: who came later is no such."""
        later = _later(erased, await self.all())
        if not later:
            return []
        async with self._database.read() as connection:
            query = select(accounts.c.key, members.c.joined_at).join(members).order_by(accounts.c.key)
            rows = await connection.execute(query)
            return [row.key for row in rows if (at := later.get(hashed(row.key))) and row.joined_at <= at]

    async def know(self, erased: Mapping[str, datetime]) -> None:
        """Have the database know of erasures without carrying them out: these accounts stand here on purpose."""
        async with self._database.write() as connection:
            await bury(self._database, connection, _later(erased, await self.all()))


def _later(erased: Mapping[str, datetime], known: Mapping[str, datetime]) -> dict[str, datetime]:
    """Return those erasures that are not known, or only one before."""
    return {hash_: at for hash_, at in erased.items() if hash_ not in known or known[hash_] < at}
