"""Whom messages name, so that somebody who is forgotten is named by none any more."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Select, delete, or_, select, update

from .database import Database
from .dialect import Dialect, Insert, insert_into
from .postings import STALE, Posted, is_stale, namings, postings


@cache
def _note(dialect: Dialect) -> Insert:
    return insert_into(namings, dialect).on_conflict_do_nothing()


class NamingStore:
    """Which messages name whom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Note that postings name members, beside those whom they tell something: pairs of their ids."""
        rows = [{"posting_id": posting, "member_id": member} for posting, member in pairs]
        if rows:
            async with self._database.write() as connection:
                await connection.execute(_note(self._database.dialect), rows)

    async def forget(self, member_id: int) -> None:
        """Have every message that names a member, or tells them something by name, be drawn without them."""
        naming = select(namings.c.posting_id).where(namings.c.member_id == member_id)
        told = (postings.c.member_id == member_id) & (postings.c.channel != postings.c.spot)
        about = or_(postings.c.id.in_(naming), told)
        messages = select(postings.c.message).where(about, postings.c.message.is_not(None))
        concerned = or_(about, postings.c.message.in_(messages)) & postings.c.gone_at.is_(None)
        async with self._database.write() as connection:
            await connection.execute(update(postings).where(concerned).values(digest=STALE))
            await connection.execute(delete(namings).where(namings.c.member_id == member_id))

    async def of(self, member_id: int) -> list[Posted]:
        """Return what names a member, beside what tells them something."""
        naming = select(namings.c.posting_id).where(namings.c.member_id == member_id)
        return await self._find(select(postings).where(postings.c.id.in_(naming)).order_by(postings.c.id))

    async def stale(self, community_id: int, after: int, limit: int) -> list[Posted]:
        """Return what names somebody who was forgotten, by id: the rows behind `after`."""
        there = (postings.c.community_id == community_id) & is_stale & (postings.c.id > after)
        return await self._find(select(postings).where(there).order_by(postings.c.id).limit(limit))

    async def _find(self, query: Select[Any]) -> list[Posted]:
        async with self._database.read() as connection:
            return [Posted(**row._asdict()) for row in await connection.execute(query)]
