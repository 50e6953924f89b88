"""What the two databases call differently in SQL."""

from typing import Literal, TypeAlias

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Dialect: TypeAlias = Literal["sqlite", "postgresql"]
Insert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert_into(table: Table, dialect: Dialect) -> Insert:
    """Return an INSERT that also knows `on_conflict_do_nothing` and `on_conflict_do_update`.

    What is asked often is made of it once, in a function with a cache: to put it together takes as long as asking.
    """
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
