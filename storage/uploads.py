"""Files that members handed over in forms, as long as something shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    bindparam,
    delete,
    exists,
    insert,
    select,
)
from sqlalchemy.sql.dml import Delete
from sqlalchemy.sql.expression import false, or_

from .columns import UtcDateTime, metadata
from .database import Database

uploads = Table(
    "uploads",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    sqlite_autoincrement=True,
)

MOST_UNUSED = 5
"""So many files of a member are kept that nothing shows yet: the newest."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a member handed over: its `size` in bytes, and as its `kind` how its name ends."""

    id: int
    community_id: int
    member_id: int
    kind: str
    size: int
    at: datetime

    @property
    def name(self) -> str:
        """A name for it: the one that it had is its owner's own affair."""
        return f"picture-{self.id}.{self.kind}"


_FACTS = tuple(column for column in uploads.c if column.name != "content")


class UploadStore:
    """What members handed over. A column shows a file by a foreign key that becomes NULL when the file goes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, community_id: int, member_id: int, kind: str, content: bytes, at: datetime) -> int:
        """Keep a file; return its id. Of those of theirs that nothing shows, the oldest make room."""
        values = {"community_id": community_id, "member_id": member_id, "kind": kind, "at": at}
        async with self._database.write() as connection:
            statement = insert(uploads).values(**values, content=content, size=len(content))
            id_ = int((await connection.execute(statement.returning(uploads.c.id))).scalar_one())
            mine = (uploads.c.member_id == member_id) & ~_shown()
            newest = select(uploads.c.id).where(mine).order_by(uploads.c.id.desc()).limit(MOST_UNUSED)
            await connection.execute(delete(uploads).where(mine, uploads.c.id.not_in(newest.scalar_subquery())))
            return id_

    async def get(self, upload_id: int, member_id: int) -> Upload | None:
        """Return a member's own file."""
        return next(iter(await self._find(uploads.c.id == upload_id, uploads.c.member_id == member_id)), None)

    async def of(self, member_id: int) -> list[Upload]:
        """Return all files of a member, oldest first."""
        return await self._find(uploads.c.member_id == member_id)

    async def content(self, upload_id: int) -> tuple[str, bytes] | None:
        """Return the name of a file and what is in it."""
        found = await self._find(uploads.c.id == upload_id)
        query = select(uploads.c.content).where(uploads.c.id == upload_id)
        async with self._database.read() as connection:
            content = await connection.scalar(query) if found else None
            return (found[0].name, content) if content else None

    async def forget(self, member_id: int) -> None:
        """Remove what a member handed over, wherever it is shown."""
        async with self._database.write() as connection:
            await connection.execute(delete(uploads).where(uploads.c.member_id == member_id))

    async def prune(self, before: datetime) -> None:
        """Remove what was handed over before a moment and is shown by nothing."""
        async with self._database.write() as connection:
            await connection.execute(_prune(len(metadata.tables)), {"before": before})

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Upload]:
        query = select(*_FACTS).where(*conditions).order_by(uploads.c.id)
        async with self._database.read() as connection:
            return [Upload(**row._asdict()) for row in await connection.execute(query)]


@cache
def _prune(_: int) -> Delete:
    """Return what forgets files that nothing shows, for as many tables as there are: a cog may bring one more."""
    return delete(uploads).where(uploads.c.at < bindparam("before"), ~_shown())


def _shown() -> ColumnElement[bool]:
    """Say whether a row of any table shows a file."""
    return or_(false(), *(exists().where(column == uploads.c.id) for column in _shown_by()))


def _shown_by() -> Iterator[Column[Any]]:
    """Return the columns that show files. The stores of all tables have to be imported."""
    for table in metadata.tables.values():
        for column in table.columns:
            if any(key.target_fullname == "uploads.id" for key in column.foreign_keys):
                yield column
