"""What was brought in from a platform's export: which imports there were, how far each came, and whom it touched.

Rows that an import wrote name it (`questions.import_id`, `replies.import_id`, `kudos.import_id`), so that it can be
undone. `past` writes those and `undoing` removes them; here is what is known of an import itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.sql.expression import false

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database
from .people import tombstones

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("space", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("name", WrittenText, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("reached", Integer, nullable=False, server_default="0"),
    Column("counts", Text, nullable=False, server_default="{}"),
    UniqueConstraint("community_id", "space", "fingerprint"),
    sqlite_autoincrement=True,
)

import_people = Table(
    "import_people",
    metadata,
    Column("import_id", ForeignKey("imports.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True, index=True),
    Column("made", Boolean, nullable=False, server_default=false()),
    Column("joined_at", UtcDateTime),
    Column("joined_before", UtcDateTime),
)
"""Whom an import touched: whether it `made` their row, and since when they were here by it, and `before` it."""

presence_hours = Table(
    "presence_hours",
    metadata,
    Column("import_id", ForeignKey("imports.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True, index=True),
    Column("hour", Integer, primary_key=True),
    Column("messages", Integer, nullable=False),
)
"""When people were around: so many messages in each hour of the week, 0 being Monday, midnight to one o'clock UTC."""

import_solutions = Table(
    "import_solutions",
    metadata,
    Column("import_id", ForeignKey("imports.id"), primary_key=True),
    Column("question_id", ForeignKey("questions.id"), primary_key=True, index=True),
)
"""The questions of an earlier import of which a later one told what solved them."""


@dataclass(frozen=True, slots=True)
class Import:
    """One export that was, or is being, read. `reached` is how many of its conversations are done.

    `counts` says what came of it, by name. `fingerprint` tells the export and how it was to be read from any other.
    """

    id: int
    community_id: int
    space: str
    source: str
    name: str
    fingerprint: str
    started_at: datetime
    finished_at: datetime | None
    reached: int
    counts: dict[str, int]


class ImportStore:
    """Which imports there are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, community_id: int, space: str, source: str, name: str, fingerprint: str, at: datetime
    ) -> Import:
        """Return the import of this export into this space, which may have been begun or done before."""
        facts = {"community_id": community_id, "space": space, "fingerprint": fingerprint}
        statement = self._database.insert(imports).values(**facts, source=source, name=name, started_at=at)
        async with self._database.write() as connection:
            await connection.execute(statement.on_conflict_do_nothing())
            same = [imports.c[column] == value for column, value in facts.items()]
            return (await self._find(*same))[0]

    async def get(self, import_id: int) -> Import | None:
        """Return the import of this id."""
        found = await self._find(imports.c.id == import_id)
        return found[0] if found else None

    async def all(self) -> list[Import]:
        """Return all imports, the oldest first."""
        return await self._find()

    async def finish(self, import_id: int, counts: dict[str, int], at: datetime) -> None:
        """Note that all of it is done, and what came of it."""
        await self._set(import_id, finished_at=at, counts=json.dumps(counts))

    async def restart(self, import_id: int) -> None:
        """Note that it is not done, because it is being undone: what is gone can be imported again."""
        await self._set(import_id, finished_at=None, reached=0)

    async def reopen_others(self, import_id: int) -> None:
        """Note of later imports of the same space that they are not done, if they left out what was here already.

        What was here may have come by the import that is undone now: with it gone, they have something to bring.
        """
        undone = await self.get(import_id)
        if undone:
            same = (imports.c.community_id == undone.community_id) & (imports.c.space == undone.space)
            for other in await self._find(same, imports.c.id > import_id):
                if other.counts.get("here already"):
                    await self.restart(other.id)

    async def forget(self, import_id: int) -> None:
        """Remove an import to which nothing belongs any more."""
        async with self._database.write() as connection:
            await connection.execute(delete(imports).where(imports.c.id == import_id))

    async def erased(self) -> frozenset[str]:
        """Return the hashes of all accounts whose members were erased."""
        async with self._database.read() as connection:
            return frozenset(await connection.scalars(select(tombstones.c.account_hash)))

    async def hours_of(self, member_id: int) -> dict[int, int]:
        """Return when a member was around: how many messages by the hour of the week, in UTC.

        Of exports that overlap, the one that says most of an hour counts.
        """
        most = func.max(presence_hours.c.messages).label("messages")
        query = select(presence_hours.c.hour, most).where(presence_hours.c.member_id == member_id)
        async with self._database.read() as connection:
            rows = await connection.execute(query.group_by(presence_hours.c.hour).order_by(presence_hours.c.hour))
            return {row.hour: row.messages for row in rows}

    async def naming(self, member_id: int) -> list[datetime]:
        """Return when the exports were imported in which somebody was found."""
        query = select(imports.c.started_at).join(import_people).where(import_people.c.member_id == member_id)
        async with self._database.read() as connection:
            return [*await connection.scalars(query.order_by(imports.c.started_at))]

    async def forget_member(self, member_id: int) -> None:
        """Remove what imports told of a member: when they were around, and since when they were here."""
        async with self._database.write() as connection:
            for table in (presence_hours, import_people):
                await connection.execute(delete(table).where(table.c.member_id == member_id))

    async def _set(self, import_id: int, **values: Any) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(imports).where(imports.c.id == import_id).values(**values))

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Import]:
        async with self._database.read() as connection:
            return [
                _read(row)
                for row in await connection.execute(select(imports).where(*conditions).order_by(imports.c.id))
            ]


def _read(row: Row[Any]) -> Import:
    return Import(**{**row._asdict(), "counts": json.loads(row.counts)})
