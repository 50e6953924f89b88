"""Databases as they were at an earlier revision, for what migrations make of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from alembic import command
from sqlalchemy import Connection, text

from storage.upgrading import alembic_config


def as_it_was(revision: str, rows: Sequence[str], **given: datetime) -> Callable[[Connection], None]:
    """Return what makes the tables of a revision with some rows, whose statements may name the moments `given`."""

    def begin(connection: Connection) -> None:
        command.upgrade(alembic_config(connection), revision)
        for statement in rows:
            named = {name: at for name, at in given.items() if f":{name}" in statement}
            connection.execute(text(statement), named)

    return begin
