"""What somebody was told of that does not go on, so that they are not told again of what they know."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Table, Text, delete, insert, select

from .columns import UtcDateTime, metadata
from .database import Database

troubles = Table(
    "troubles",
    metadata,
    Column("community_id", ForeignKey("communities.id"), primary_key=True),
    Column("what", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)


class TroubleStore:
    """What is known of a community's troubles: what each is, and how far it was told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, community_id: int) -> dict[str, datetime]:
        """Return what is known."""
        query = select(troubles.c.what, troubles.c.at).where(troubles.c.community_id == community_id)
        async with self._database.read() as connection:
            return {row.what: row.at for row in await connection.execute(query)}

    async def keep(self, community_id: int, known: Mapping[str, datetime]) -> None:
        """Know this from now on, and nothing else."""
        rows = [{"community_id": community_id, "what": what, "at": at} for what, at in known.items()]
        async with self._database.write() as connection:
            await connection.execute(delete(troubles).where(troubles.c.community_id == community_id))
            if rows:
                await connection.execute(insert(troubles), rows)
