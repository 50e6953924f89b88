"""What members call a thing: numbers that count up in each community, without gaps."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database
from .questions import counters


async def next_number(database: Database, connection: AsyncConnection, community_id: int, name: str) -> int:
    """Return the next number of that name; it is used up if the open transaction commits."""
    counted = (
        database.insert(counters)
        .values(community_id=community_id, name=name, value=1)
        .on_conflict_do_update(
            index_elements=[counters.c.community_id, counters.c.name], set_={"value": counters.c.value + 1}
        )
        .returning(counters.c.value)
    )
    return int((await connection.execute(counted)).scalar_one())
