"""What Trellis owes: messages that are to stand, and do not, and nobody knows why."""

from __future__ import annotations

from sqlalchemy import select

from storage.database import Database
from storage.postings import postings


async def unsaid(database: Database) -> list[str]:
    """Return what was to be posted, does not stand, and of which it is not noted why not. Nothing may be in hand."""
    query = select(postings).where(postings.c.message.is_(None), postings.c.gone_at.is_(None))
    async with database.read() as connection:
        return [f"{row.kind} {row.subject_id}, {row.key} {row.spot}" for row in await connection.execute(query)]
