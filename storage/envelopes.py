"""What a platform handed over, stored before it is acknowledged: afterwards the platform does not send it again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Integer, Table, Text, delete, select, update

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database

KNOWN = timedelta(hours=26)
"""How long a key stays known: platforms deliver again for up to 25 hours."""

envelopes = Table(
    "envelopes",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("body", WrittenText),
    Column("tries", Integer, nullable=False, server_default="0"),
)


class EnvelopeStore:
    """Envelopes by their key. A body is forgotten as soon as it is done with, the key a day later."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, key: str, body: Mapping[str, Any], at: datetime) -> bool:
        """Store an envelope; say whether it is new: nobody kept that key in the last 26 hours."""
        packed = json.dumps(body, ensure_ascii=False)
        async with self._database.write() as connection:
            await connection.execute(delete(envelopes).where(envelopes.c.at < at - KNOWN))
            statement = self._database.insert(envelopes).values(key=key, at=at, body=packed)
            new = await connection.scalar(statement.on_conflict_do_nothing().returning(envelopes.c.key))
            return new is not None

    async def done(self, key: str) -> None:
        """Forget what was in an envelope."""
        async with self._database.write() as connection:
            await connection.execute(update(envelopes).where(envelopes.c.key == key).values(body=None))

    async def left(self, before: datetime) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Return the envelopes kept before a moment that nobody is done with, oldest first."""
        query = (
            select(envelopes.c.key, envelopes.c.body)
            .where(envelopes.c.at < before, envelopes.c.body.is_not(None))
            .order_by(envelopes.c.at, envelopes.c.key)
        )
        async with self._database.read() as connection:
            return [(row.key, json.loads(row.body)) for row in await connection.execute(query)]

    async def again(self, key: str) -> int:
        """Note that an envelope is tried again, and return how often that makes."""
        counted = update(envelopes).where(envelopes.c.key == key).values(tries=envelopes.c.tries + 1)
        async with self._database.write() as connection:
            return await connection.scalar(counted.returning(envelopes.c.tries)) or 0
