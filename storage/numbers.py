"""What members call a thing: numbers that count up in each community, without gaps."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from .columns import metadata
from .database import Database
from .dialect import Dialect, insert_into

counters = Table(
    "counters",
    metadata,
    Column("community_id", ForeignKey("communities.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)


async def next_number(database: Database, connection: AsyncConnection, community_id: int, name: str) -> int:
    """Return the next number of that name; it is used up if the open transaction commits."""
    return (await next_numbers(database, connection, community_id, name, 1))[0]


async def next_numbers(
    database: Database, connection: AsyncConnection, community_id: int, name: str, count: int
) -> range:
    """Return the next so many numbers of that name; they are used up if the open transaction commits."""
    first = {"community_id": community_id, "name": name, "value": count}
    last = int((await connection.execute(_count(database.dialect), first)).scalar_one())
    return range(last - count + 1, last + 1)


@cache
def _count(dialect: Dialect) -> ReturningInsert[Any]:
    statement = insert_into(counters, dialect)
    counted = {"value": counters.c.value + statement.excluded.value}
    return statement.on_conflict_do_update(
        index_elements=[counters.c.community_id, counters.c.name], set_=counted
    ).returning(counters.c.value)


async def last_number(connection: AsyncConnection, community_id: int, name: str) -> int:
    """Return the last number of that name that was used up; 0 if none was."""
    mine = (counters.c.community_id == community_id) & (counters.c.name == name)
    return await connection.scalar(select(counters.c.value).where(mine)) or 0
