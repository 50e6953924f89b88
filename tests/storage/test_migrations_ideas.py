"""Ideas of a living database, as they were before they became tracked things."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.database import Database
from storage.idea_votes import IdeaVoteStore
from storage.postings import PostingStore

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO members (id, community_id, name, folded_name, joined_at) VALUES (5, 1, 'Mia', 'mia', :now),"
    " (9, 1, 'Noah', 'noah', :now)",
    "INSERT INTO ideas (id, community_id, number, title, details, status, space, created_at)"
    " VALUES (7, 1, 1, 'A dark theme', '', 'open', 'slack/T1', :now)",
    "INSERT INTO idea_votes (idea_id, member_id, at) VALUES (7, 5, :now), (7, 9, :now)",
    "INSERT INTO idea_follows (idea_id, member_id, wanted) VALUES (7, 5, TRUE)",
    "INSERT INTO idea_cards (idea_id, space, message, thread) VALUES (7, 'slack/T1', 'slack/T1/C1/5', 'slack/T1/C1:5')",
    "INSERT INTO deliveries (key, channel, message, created_at) VALUES"
    " ('idea/7/change/1/5', 'slack/T1/D5', 'slack/T1/D5/1', :now),"
    " ('idea/7/change/2/named/5-9', 'slack/T1/C1', 'slack/T1/C1/6', :now)",
)


async def test_where_ideas_stand_and_who_was_told_is_known(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0012", ROWS, now=NOW))
    await database.upgrade()
    votes = IdeaVoteStore(database)
    assert await votes.segments(7) == {"": 2} and await votes.followers(7, NOW) == [5, 9]
    assert [(row.key, row.spot, row.message, row.member_id) for row in await PostingStore(database).of("idea", 7)] == [
        ("card", "slack/T1", "slack/T1/C1/5", None),
        ("change/1", "member/5", "slack/T1/D5/1", 5),
        ("change/2", "member/5", "slack/T1/C1/6", 5),
        ("change/2", "member/9", "slack/T1/C1/6", 9),
    ]
    await database.close()
