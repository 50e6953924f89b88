"""Who is signed in to the web page for moderators and admins: links that work once, and sessions.

Of a link and of a session only a digest is kept: what the database holds signs nobody in.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, ForeignKey, Table, Text, delete, insert, select, update

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database

LINK_LIVES = timedelta(minutes=10)
SESSION_LIVES = timedelta(hours=8)
KEY_BYTES = 32
"""How many random bytes a link's key and a session's key have."""

dashboard_links = Table(
    "dashboard_links",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("expires_at", UtcDateTime, nullable=False),
)

dashboard_sessions = Table(
    "dashboard_sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("notice", WrittenText, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody is signed in, with one of their accounts. `notice` is what they read on the next page, once."""

    digest: str
    member_id: int
    community_id: int
    account: str
    begun_at: datetime
    expires_at: datetime
    notice: str


class DashboardStore:
    """Links and sessions of the dashboard."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make_link(self, community_id: int, member_id: int, account: str, at: datetime) -> str:
        """Return the key of a new link; the one that the member had before is good for nothing any more."""
        key = secrets.token_urlsafe(KEY_BYTES)
        facts = {
            "community_id": community_id,
            "account": account,
            "digest": digest_of(key),
            "expires_at": at + LINK_LIVES,
        }
        statement = self._database.insert(dashboard_links).values(member_id=member_id, **facts)
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=[dashboard_links.c.member_id], set_=facts)
            )
        return key

    async def is_good(self, key: str, at: datetime) -> bool:
        """Say whether a link would still sign somebody in. It uses up nothing."""
        query = select(dashboard_links.c.member_id).where(_good(key, at))
        async with self._database.read() as connection:
            return await connection.scalar(query) is not None

    async def link_of(self, member_id: int) -> datetime | None:
        """Return until when the link is good that a member was last given and has not used."""
        query = select(dashboard_links.c.expires_at).where(dashboard_links.c.member_id == member_id)
        async with self._database.read() as connection:
            return await connection.scalar(query)

    async def begin(self, key: str, at: datetime) -> tuple[str, Session] | None:
        """Use up a link: return the key of a new session with the session; None where the link is not good.

        Of two who use the same link at once, one gets a session.
        """
        session_key = secrets.token_urlsafe(KEY_BYTES)
        used = delete(dashboard_links).where(_good(key, at)).returning(*dashboard_links.c)
        async with self._database.write() as connection:
            row = (await connection.execute(used)).one_or_none()
            if row is None:
                return None
            session = Session(
                digest_of(session_key), row.member_id, row.community_id, row.account, at, at + SESSION_LIVES, ""
            )
            values = {column.name: getattr(session, column.name) for column in dashboard_sessions.c}
            await connection.execute(insert(dashboard_sessions).values(values))
            return session_key, session

    async def find(self, session_key: str, at: datetime) -> Session | None:
        """Return the session of this key, unless it is over."""
        mine = dashboard_sessions.c.digest == digest_of(session_key)
        query = select(dashboard_sessions).where(mine, dashboard_sessions.c.expires_at > at)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
            return Session(**row._asdict()) if row else None

    async def notify(self, digest: str, words: str) -> None:
        """Put down what the person of a session reads on the next page; "" once they have read it."""
        mine = dashboard_sessions.c.digest == digest
        async with self._database.write() as connection:
            await connection.execute(update(dashboard_sessions).where(mine).values(notice=words))

    async def end(self, digest: str) -> None:
        """End a session."""
        async with self._database.write() as connection:
            await connection.execute(delete(dashboard_sessions).where(dashboard_sessions.c.digest == digest))

    async def prune(self, at: datetime) -> None:
        """Forget links and sessions that are over."""
        async with self._database.write() as connection:
            for table in (dashboard_links, dashboard_sessions):
                await connection.execute(delete(table).where(table.c.expires_at <= at))

    async def of(self, member_id: int) -> list[Session]:
        """Return the sessions of a member, also those that are over and not yet cleared away; the oldest first."""
        theirs = dashboard_sessions.c.member_id == member_id
        query = select(dashboard_sessions).where(theirs).order_by(dashboard_sessions.c.begun_at)
        async with self._database.read() as connection:
            return [Session(**row._asdict()) for row in await connection.execute(query)]

    async def forget(self, member_id: int) -> None:
        """End a member's sessions, and make their link good for nothing."""
        async with self._database.write() as connection:
            for table in (dashboard_links, dashboard_sessions):
                await connection.execute(delete(table).where(table.c.member_id == member_id))


def digest_of(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _good(key: str, at: datetime) -> ColumnElement[bool]:
    return (dashboard_links.c.digest == digest_of(key)) & (dashboard_links.c.expires_at > at)
