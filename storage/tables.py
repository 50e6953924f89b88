"""Of which revision the tables are, and whether this code can work with them.

Migrations expand first: they add what older code does not know and does without, so that processes of the version
before go on while one of the next has upgraded. What takes away or renames something comes in a later version, and
notes with `no_older_than` which code can still work with what is left. A process that is older does not start.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Table, Text, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection

from .columns import metadata

MIGRATIONS = Path(__file__).parent / "migrations/versions"
LOWEST = "0041"
"""The oldest code that can work with our tables, by the newest revision that it knows; as the migrations leave it."""

compatibility = Table("compatibility", metadata, Column("lowest", Text, primary_key=True))


class DatabaseTooNew(Exception):
    """The tables are of a newer Trellis, with which this one cannot work. Its text says so in a sentence."""


def newest() -> str:
    """Return the newest revision of our tables that this code knows, by its file."""
    return max(file.name[:4] for file in MIGRATIONS.glob("[0-9]*.py"))


async def version(connection: AsyncConnection) -> str | None:
    """Return the revision of our tables, without Alembic, which takes long to read; None where there are none."""
    try:
        current: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    except DatabaseError:
        return None
    return current


async def are_enough(connection: AsyncConnection, known: str) -> bool:
    """Say whether code that knows `known` needs no upgrade: the tables are of that revision, or a newer one that suits.

    Raises `DatabaseTooNew` where that does not suit.
    """
    current = await version(connection)
    if current is None or current <= known:
        return current == known
    lowest = await connection.scalar(select(compatibility.c.lowest))
    if lowest is None or known < lowest:
        raise DatabaseTooNew(
            f"The database is of a newer Trellis: its tables are at revision {current}, this one knows {known} and "
            f"would have to know {lowest or current}. Start that one, or put a backup from before its upgrade in place."
        )
    return True
