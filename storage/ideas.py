"""Ideas and who wants them.

A vote stays where it was given. An idea that was merged into another points at it, and an idea's voters are all who
voted for it or for what was merged into it, each counted once. So a merge can be undone by removing the pointer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from .columns import UtcDateTime, WrittenText, metadata, names_of
from .database import Database
from .numbers import next_number


class Status(StrEnum):
    """What becomes of an idea. A draft is seen by its author alone."""

    DRAFT = "draft"
    OPEN = "open"
    PLANNED = "planned"
    STARTED = "started"
    SHIPPED = "shipped"
    DECLINED = "declined"
    DUPLICATE = "duplicate"


REMOVED = "(removed)"
"""The title of an idea whose author was forgotten."""

ALIVE = (Status.OPEN, Status.PLANNED, Status.STARTED)
"""The states in which an idea takes votes."""


ideas = Table(
    "ideas",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("number", Integer),
    Column("author_id", ForeignKey("members.id", ondelete="SET NULL"), index=True),
    Column("title", WrittenText, nullable=False),
    Column("details", WrittenText, nullable=False),
    Column("status", names_of(Status), nullable=False),
    Column("note", WrittenText, nullable=False, server_default=""),
    Column("changes", Integer, nullable=False, server_default="0"),
    Column("merged_into", ForeignKey("ideas.id"), index=True),
    Column("status_before", names_of(Status)),
    Column("space", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("added_at", UtcDateTime),
    Column("changed_at", UtcDateTime),
    Column("changed_by_id", ForeignKey("members.id", ondelete="SET NULL")),
    Column("shipped_at", UtcDateTime),
    UniqueConstraint("community_id", "number"),
    Index(None, "community_id", "status"),
    sqlite_autoincrement=True,
)

idea_votes = Table(
    "idea_votes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("idea_id", ForeignKey("ideas.id", ondelete="CASCADE"), nullable=False),
    Column("member_id", ForeignKey("members.id", ondelete="SET NULL"), index=True),
    Column("segment", WrittenText, nullable=False, server_default=""),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("idea_id", "member_id"),
)

idea_follows = Table(
    "idea_follows",
    metadata,
    Column("idea_id", ForeignKey("ideas.id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", ForeignKey("members.id", ondelete="CASCADE"), primary_key=True),
    Column("wanted", Boolean, nullable=False),
    Column("at", UtcDateTime),
)


_prune = delete(ideas).where(ideas.c.status == Status.DRAFT, ideas.c.created_at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class Idea:
    """One idea as it stands. `number` is what members call it, `note` the reason for its status.

    `changes` counts what followers are told, at `changed_at`. `merged_into` is the idea that goes on with its votes,
    and `status_before` what it was until then.
    """

    id: int
    community_id: int
    number: int | None
    author_id: int | None
    title: str
    details: str
    status: Status
    note: str
    changes: int
    merged_into: int | None
    status_before: Status | None
    space: str
    created_at: datetime
    added_at: datetime | None
    changed_at: datetime | None
    changed_by_id: int | None
    shipped_at: datetime | None


class IdeaStore:
    """Every change has a condition: made twice, or too late, it changes nothing and says so."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def draft(
        self, community_id: int, author_id: int, space: str, title: str, details: str, at: datetime
    ) -> Idea:
        """Keep what someone has in mind, until they have seen what is there already."""
        values = {
            "community_id": community_id,
            "author_id": author_id,
            "space": space,
            "title": title,
            "details": details,
            "status": Status.DRAFT,
            "created_at": at,
        }
        async with self._database.write() as connection:
            row = (await connection.execute(insert(ideas).values(values).returning(*ideas.c))).one()
            return Idea(**row._asdict())

    async def add(self, idea_id: int, at: datetime) -> Idea | None:
        """Give a draft its number and open it. Nothing if it is no draft any more."""
        async with self._database.write() as connection:
            opened = await self._change(idea_id, ideas.c.status == Status.DRAFT, status=Status.OPEN, added_at=at)
            if opened is None:
                return None
            number = await next_number(self._database, connection, opened.community_id, "ideas")
            return await self._change(idea_id, number=number)

    async def added_since(self, member_id: int, since: datetime) -> list[datetime]:
        """Return when a member suggested ideas since then."""
        query = select(ideas.c.added_at).where(ideas.c.author_id == member_id, ideas.c.added_at >= since)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def drop(self, idea_id: int) -> bool:
        """Forget a draft; say whether it was one."""
        gone = delete(ideas).where(ideas.c.id == idea_id, ideas.c.status == Status.DRAFT)
        async with self._database.write() as connection:
            return (await connection.execute(gone)).rowcount > 0

    async def prune(self, before: datetime) -> None:
        """Forget the drafts from before that moment: nobody comes back to them."""
        async with self._database.write() as connection:
            await connection.execute(_prune, {"before": before})

    async def get(self, idea_id: int) -> Idea | None:
        """Return the idea of this id."""
        found = await self._find(ideas.c.id == idea_id)
        return found[0] if found else None

    async def by_number(self, community_id: int, number: int) -> Idea | None:
        """Return what members of a community call by this number."""
        found = await self._find(ideas.c.community_id == community_id, ideas.c.number == number)
        return found[0] if found else None

    async def listed(self, community_id: int, statuses: Collection[Status]) -> list[Idea]:
        """Return a community's ideas of these states, the newest first."""
        found = await self._find(ideas.c.community_id == community_id, ideas.c.status.in_(statuses))
        return sorted(found, key=lambda idea: idea.number or 0, reverse=True)

    async def set_status(
        self, idea_id: int, status: Status, note: str, at: datetime, by_id: int | None = None
    ) -> Idea | None:
        """Say what becomes of an idea. Nothing if just that was said already, or it was merged."""
        new = (ideas.c.status != status) | (ideas.c.note != note)
        apart = ideas.c.merged_into.is_(None) & (ideas.c.status != Status.DRAFT)
        facts: dict[str, Any] = {"status": status, "note": note, **_changed(at, by_id)}
        if status is Status.SHIPPED:
            facts["shipped_at"] = func.coalesce(ideas.c.shipped_at, at)
        return await self._change(idea_id, new, apart, **facts)

    async def merge(self, idea_id: int, into_id: int, note: str, at: datetime, by_id: int | None = None) -> Idea | None:
        """Let an idea's votes count for another. Nothing if it was merged before, or the other is part of it."""
        async with self._database.write() as connection:
            both = select(ideas).where(ideas.c.id.in_((idea_id, into_id))).order_by(ideas.c.id)
            rows = {row.id: Idea(**row._asdict()) for row in await connection.execute(both.with_for_update())}
            target = rows.get(into_id)
            if (
                len(rows) < 2
                or target is None
                or target.merged_into
                or rows[idea_id].community_id != target.community_id
            ):
                return None
            return await self._change(
                idea_id,
                ideas.c.merged_into.is_(None),
                ideas.c.number.is_not(None),
                merged_into=into_id,
                status_before=ideas.c.status,
                status=Status.DUPLICATE,
                note=note,
                **_changed(at, by_id),
            )

    async def unmerge(self, idea_id: int, at: datetime, by_id: int | None = None) -> Idea | None:
        """Make a merged idea one of its own again, as it was. Nothing if it is."""
        return await self._change(
            idea_id,
            ideas.c.merged_into.is_not(None),
            merged_into=None,
            status=func.coalesce(ideas.c.status_before, Status.OPEN),
            status_before=None,
            note="",
            **_changed(at, by_id),
        )

    async def root(self, idea: Idea) -> Idea:
        """Return the idea with which this one goes on, at the end of all merges."""
        while idea.merged_into and (into := await self.get(idea.merged_into)):
            idea = into
        return idea

    async def merged(self, idea_id: int) -> list[Idea]:
        """Return all that was merged into an idea, also by way of others."""
        return await self._find(ideas.c.id.in_(select(family(idea_id).c.id)), ideas.c.id != idea_id)

    # Members

    async def written_by(self, member_id: int) -> tuple[list[Idea], list[Idea], list[Idea]]:
        """Return what a member suggested, voted for, and follows."""
        voted = select(idea_votes.c.idea_id).where(idea_votes.c.member_id == member_id)
        follows = select(idea_follows.c.idea_id).where(idea_follows.c.member_id == member_id, idea_follows.c.wanted)
        return (
            await self._find(ideas.c.author_id == member_id),
            await self._find(ideas.c.id.in_(voted)),
            await self._find(ideas.c.id.in_(follows)),
        )

    async def forget(self, member_id: int) -> None:
        """Forget a member's words and choices. That an idea is wanted by so many stays true."""
        own = ideas.c.author_id == member_id
        async with self._database.write() as connection:
            await connection.execute(delete(ideas).where(own, ideas.c.status == Status.DRAFT))
            await connection.execute(update(ideas).where(own).values(title=REMOVED, details=""))
            mine = idea_votes.c.member_id == member_id
            await connection.execute(update(idea_votes).where(mine).values(member_id=None))
            await connection.execute(delete(idea_follows).where(idea_follows.c.member_id == member_id))

    # Within

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Idea]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(ideas).where(*conditions).order_by(ideas.c.id))
            return [Idea(**row._asdict()) for row in rows]

    async def _change(self, idea_id: int, *conditions: ColumnElement[bool], **values: Any) -> Idea | None:
        statement = update(ideas).where(ideas.c.id == idea_id, *conditions).values(**values)
        async with self._database.write() as connection:
            row = (await connection.execute(statement.returning(*ideas.c))).one_or_none()
            return Idea(**row._asdict()) if row else None


def _changed(at: datetime, by_id: int | None) -> dict[str, Any]:
    """Return what is noted of each change: when, by whom, and that there is one more to tell."""
    return {"changed_at": at, "changed_by_id": by_id, "changes": ideas.c.changes + 1}


def family(idea_id: int) -> CTE:
    """Return the ids of an idea and of all that was merged into it, also by way of others."""
    known = select(ideas.c.id).where(ideas.c.id == idea_id).cte("family", recursive=True)
    return known.union(select(ideas.c.id).where(ideas.c.merged_into == known.c.id))
