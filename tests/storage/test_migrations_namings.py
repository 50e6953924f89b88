"""A database from before it was known whom messages name."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.database import Database
from storage.members import MemberStore
from storage.namings import NamingStore
from storage.postings import PostingStore

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO members (id, community_id, name, folded_name, joined_at) VALUES (5, 1, 'Mia', 'mia', :now)",
    "INSERT INTO postings (id, community_id, kind, subject_id, key, spot, member_id, channel, message, digest, at)"
    " VALUES"
    " (1, 1, 'idea', 7, 'news', 'member/5', 5, 'slack/T1/C1', 'slack/T1/C1/1', 'x', :now),"
    " (2, 1, 'idea', 7, 'card', 'slack/T1', NULL, 'slack/T1/C1', 'slack/T1/C1/2', 'x', :now)",
)


async def test_what_told_somebody_by_name_can_be_drawn_without_them(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0025", ROWS, now=NOW))
    await database.upgrade()
    postings, namings = PostingStore(database), NamingStore(database)
    assert [row.draw for row in await postings.of("idea", 7)] == [None, None]
    await namings.forget(5)
    await MemberStore(database).erase(5, NOW)
    assert [row.id for row in await namings.stale(1, 0, 10)] == [1]
    await database.close()
