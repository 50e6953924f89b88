"""Which messages the store knows: asked of every message that somebody deletes, without asking the database.

Columns that hold such keys say so (`info=message_keys()`). A filter of fixed size in memory (a Bloom filter) never
misses one that it was told of, and now and then takes another one for known: 2 of 100 once it holds a million.
"""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import Column, func, select

from .columns import metadata
from .database import Database

BITS = 1 << 23
"""The size of the filter: one megabyte."""
HASHES = 4
PAGE = 500
"""How many ids are read at once."""
OVERLAP = 1000
"""How many ids are read again each time: their rows may have been kept late, or learnt of their message late."""

_BY = "message_keys_by"


def message_keys(by: str = "id") -> dict[str, str]:
    """Return the `info` of a column that holds the keys of messages; `by` names the column whose numbers grow."""
    return {_BY: by}


class KnownMessages:
    """The messages that some table names. Until they have been read once, every message may be one of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._filter = bytearray(BITS // 8)
        self._read_to: dict[Column[Any], int] = {}
        self._is_read = False
        self._reading = asyncio.Lock()

    def add(self, key: str) -> None:
        """Know a message from now on, by its key. What a posting has for one (a calendar's entry, a role) is none."""
        for byte, bit in _places(key) if key.count("/") > 1 else ():
            self._filter[byte] |= bit

    def __contains__(self, key: str) -> bool:
        return not self._is_read or all(self._filter[byte] & bit for byte, bit in _places(key))

    async def refresh(self) -> None:
        """Read what was written since the last time, here or in another process."""
        async with self._reading:
            for table in metadata.tables.values():
                for column in table.columns:
                    if by := column.info.get(_BY):
                        await self._read(column, table.c[by])
            self._is_read = True

    async def _read(self, column: Column[Any], number: Column[Any]) -> None:
        async with self._database.read() as connection:
            last = await connection.scalar(select(func.max(number))) or 0
        for after in range(self._read_to.get(column, 0), last, PAGE):
            page = select(column).where(number > after, number <= after + PAGE, column.is_not(None))
            async with self._database.read() as connection:
                for key in await connection.scalars(page):
                    self.add(key)
        self._read_to[column] = max(last - OVERLAP, 0)


def _places(key: str) -> list[tuple[int, int]]:
    """Return where the filter has the bits of a message: the byte and the bit in it, for each hash.

    Where in its space a message stands is left out: of a reaction on Slack it cannot be told at once.
    """
    platform, space, *_, id_ = key.split("/")
    hashed = hash((platform, space, id_))
    first, step = hashed & 0xFFFFFFFF, hashed >> 32 | 1
    spots = [(first + number * step) % BITS for number in range(HASHES)]
    return [(spot >> 3, 1 << (spot & 7)) for spot in spots]
