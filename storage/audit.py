"""Who did what, for the moderators of a community to look up."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id")),
    Column("at", UtcDateTime, nullable=False),
    Column("member_id", ForeignKey("members.id", ondelete="SET NULL"), index=True),
    Column("action", Text, nullable=False),
    Column("subject", WrittenText, nullable=False),
    Column("detail", WrittenText, nullable=False),
    Index(None, "community_id", "at"),
    sqlite_autoincrement=True,
)
_prune = delete(audit).where(
    or_(audit.c.community_id == bindparam("community"), audit.c.community_id.is_(None)),
    audit.c.at < bindparam("before"),
)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing done. `member_id` is None when Trellis did it, or when the member has been erased since."""

    id: int
    community_id: int | None
    at: datetime
    member_id: int | None
    action: str
    subject: str
    detail: str


class AuditStore:
    """What was done, in the order it was done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        community_id: int | None,
        at: datetime,
        member_id: int | None,
        action: str,
        *,
        subject: str = "",
        detail: str = "",
    ) -> None:
        """Note an action (a short name of ours), what it was done to, and details in words.

        Without a community it is what was done to one that is no more.
        """
        async with self._database.write() as connection:
            await connection.execute(
                insert(audit).values(
                    community_id=community_id,
                    at=at,
                    member_id=member_id,
                    action=action,
                    subject=subject,
                    detail=detail,
                )
            )

    async def of(self, member_id: int) -> list[dict[str, str]]:
        """Return what a member did, for that member to read."""
        query = select(audit).where(audit.c.member_id == member_id).order_by(audit.c.at, audit.c.id)
        async with self._database.read() as connection:
            return [
                {"at": row.at.isoformat(), "action": row.action, "subject": row.subject, "detail": row.detail}
                for row in await connection.execute(query)
            ]

    async def forget(self, member_id: int) -> None:
        """Keep what was done, but neither who did it nor its details in words."""
        theirs = update(audit).where(audit.c.member_id == member_id)
        async with self._database.write() as connection:
            await connection.execute(theirs.values(member_id=None, detail=""))

    async def recent(
        self,
        community_id: int | None,
        limit: int,
        *,
        member_id: int | None = None,
        action: str = "",
        since: datetime | None = None,
        before: int | None = None,
    ) -> list[AuditEntry]:
        """Return the latest entries of a community, or of those that are no more; the newest first.

        They may be of one member, of one action or of a family of them (`poll` of `poll.reworded`), from a moment on,
        and older than the entry of the id `before`: so one page follows another whatever is added meanwhile.
        """
        query = select(audit).where(audit.c.community_id == community_id)
        if member_id is not None:
            query = query.where(audit.c.member_id == member_id)
        if action:
            query = query.where(or_(audit.c.action == action, audit.c.action.startswith(f"{action}.", autoescape=True)))
        if since is not None:
            query = query.where(audit.c.at >= since)
        if before is not None:
            last = select(audit.c.at).where(audit.c.id == before, audit.c.community_id == community_id)
            query = query.where(tuple_(audit.c.at, audit.c.id) < tuple_(last.scalar_subquery(), before))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(audit.c.at.desc(), audit.c.id.desc()).limit(limit))
            return [AuditEntry(**row._asdict()) for row in rows]

    async def prune(self, community_id: int, before: datetime) -> None:
        """Forget what was done in a community before a moment, and to those that are no more."""
        async with self._database.write() as connection:
            await connection.execute(_prune, {"community": community_id, "before": before})
