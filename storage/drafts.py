"""What people typed into forms, kept for a while so that nothing is lost when something is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, delete, insert, select

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database

drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("call", Text, nullable=False),
    Column("answers", WrittenText, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that a member was typing into: the call that it answers, and the answers by field."""

    id: int
    member_id: int
    call: str
    answers: Mapping[str, str]
    at: datetime


class DraftStore:
    """Unfinished forms."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, member_id: int, call: str, answers: Mapping[str, str], at: datetime) -> int:
        """Keep what was typed; return the id under which its author gets it back."""
        packed = json.dumps(dict(answers), ensure_ascii=False)
        values = {"member_id": member_id, "call": call, "answers": packed, "at": at}
        async with self._database.write() as connection:
            rows = await connection.execute(insert(drafts).values(values).returning(drafts.c.id))
            return int(rows.scalar_one())

    async def get(self, draft_id: int, member_id: int) -> Draft | None:
        """Return a member's own draft."""
        return next((draft for draft in await self.of(member_id) if draft.id == draft_id), None)

    async def of(self, member_id: int) -> list[Draft]:
        """Return all drafts of a member, oldest first."""
        query = select(drafts).where(drafts.c.member_id == member_id).order_by(drafts.c.id)
        async with self._database.read() as connection:
            return [
                Draft(**row._asdict() | {"answers": json.loads(row.answers)}) for row in await connection.execute(query)
            ]

    async def forget(self, member_id: int) -> None:
        """Remove what a member typed."""
        async with self._database.write() as connection:
            await connection.execute(delete(drafts).where(drafts.c.member_id == member_id))

    async def prune(self, before: datetime) -> int:
        """Forget what was typed before a moment; return how many drafts that were."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(drafts).where(drafts.c.at < before))).rowcount
